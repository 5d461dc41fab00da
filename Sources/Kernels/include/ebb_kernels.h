// The compute kernels of Ebb: matrix products, layout changes, reductions and elementwise programs, for float and
// double, for each instruction set, chosen at run time.
//
// Layout. Values are indexed by rows (batch, or time × batch) and lanes (features). Lanes are cut into panels of
// L = EBB_PANEL_BYTES / sizeof(element) lanes: 32 floats or 16 doubles, the same for every instruction set. Lane j of
// panel p of row r lies at
//
//     base[p * panel + r * row + j]                                        (strides in elements, of any size or sign)
//
// which covers the panel-major layout (row = L, panel = rows * L) and the row-major one (panel = L, row = padded
// width). Panel p has lanes[p] <= L lanes in use. The others are padding: the memory exists, its content is arbitrary,
// it may be overwritten, and it never influences a lane in use. No alignment beyond the element's own is required
// (64 bytes is faster).
//
// What is touched. A kernel loads and stores nothing but the panels, with their padding, of the rows that it is called
// for. What it reads as a panel of one lane is that number alone: a value of one feature has its rows side by side, and
// beside one lie others, which another thread may be writing. Execution tells from this which calls may run at once, so
// it holds also for loads whose result is dropped; `init` and `c` of a product are whole panels always.
//
// Bits. Within one instruction set each result is a function of its own inputs only: it does not depend on the number
// of rows in the call, on how rows, panels or lanes are split between calls, nor on padding. Different instruction
// sets may give different bits. No kernel assumes finite values, and none flushes subnormal numbers by itself: the thread
// decides (`ebb_underflow_abruptly`).
//
// No kernel allocates, locks or keeps state. A kernel uses at most 160 KB of stack.
#ifndef EBB_KERNELS_H
#define EBB_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "ebb_lines.h"

#pragma clang assume_nonnull begin

#define EBB_PANEL_BYTES 128
#define EBB_MAX_OPERANDS 64
#define EBB_MAX_TEMPORARIES 64

// ---- Underflow ------------------------------------------------------------------------------------------------------

/// From now on subnormal results and operands count as 0 on this thread.
///
/// @return The state before, for `ebb_restore_underflow`.
uint64_t ebb_underflow_abruptly(void);
/// Underflow is again as it was then.
void ebb_restore_underflow(uint64_t before);

// ---- Instruction sets -----------------------------------------------------------------------------------------------

typedef enum {
  EBB_BASELINE,  // what every processor of the architecture has: SSE2 on x86-64, plain code elsewhere; no FMA
  EBB_AVX2,      // AVX2 and FMA
  EBB_AVX512,    // AVX-512 F, VL and DQ
  EBB_NEON,      // AArch64
} ebb_isa;

// Tells the processor that this thread looks for a change of memory again and again.
static inline void ebb_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// 1 if this build has kernels for the instruction set and this processor can run them, else 0.
int ebb_isa_available(ebb_isa isa);

/// The fastest instruction set available here.
ebb_isa ebb_isa_best(void);

/// "baseline", "avx2", "avx512" or "neon".
const char *ebb_isa_name(ebb_isa isa);

// ---- Products -------------------------------------------------------------------------------------------------------

/// A value to be read: panels of lanes, for each row.
typedef struct {
  const void *base;       // lane 0 of panel 0 of row 0
  ptrdiff_t panel;        // elements from a panel to the next one
  ptrdiff_t row;          // elements from a row to the next one
  const uint16_t *lanes;  // lanes in use, for each panel
  ptrdiff_t panels;       // number of panels
} ebb_rows;

/// C[r, n] = init[r, n] + Σ_k A[r, k] · W[k, n], k ascending over A's lanes in use: one chain of fused multiply-adds
/// for each element of C, starting at init (multiply, then add, on the baseline). Whole panels of C are written.
typedef struct {
  ebb_rows a;
  const void *w;               // packed by `pack`: [n_panels][K][L], K = Σ a.lanes
  const void *_Nullable init;  // lane 0 of panel 0 of row 0 of the chain's start; NULL: zeros; may equal c
  ptrdiff_t init_panel;        // elements from a panel of init to the next one
  ptrdiff_t init_row;          // elements from a row of init to the next one; 0: one row for all (a bias)
  void *c;                     // lane 0 of panel 0 of row 0 of the result; overlaps neither A nor W
  ptrdiff_t c_panel;           // elements from a panel of C to the next one
  ptrdiff_t c_row;             // elements from a row of C to the next one
  ptrdiff_t rows;              // rows of A, init and C
  ptrdiff_t n_panels;          // panels of W, init and C
} ebb_product;

/// C[k, n] = (add ? C[k, n] : 0) + Σ_r A[r, k] · B[r, n], r ascending, in one chain that starts at zero and is then
/// added to C. Here k and n count lanes in use only: C is a dense matrix. Only elements that belong to lanes in use
/// are written, so neighbours of C may be written by other threads.
typedef struct {
  ebb_rows a;      // gives the rows k of C
  ebb_rows b;      // gives the columns n of C
  ptrdiff_t rows;  // length of the sum
  void *c;         // the element for the first lanes of A and B; overlaps neither
  ptrdiff_t ldc;   // elements from a row of C to the next one
  int add;         // 0: overwrite C
} ebb_outer;

// ---- Layout ---------------------------------------------------------------------------------------------------------

/// Packs a weight matrix for `product`: out[p][k][j] = W[k, n], n = j + Σ of n_lanes before p. Padding lanes get zero.
typedef struct {
  const void *w;            // element (0, 0)
  ptrdiff_t k_stride;       // elements from (k, n) to (k + 1, n); usually this or n_stride is 1
  ptrdiff_t n_stride;       // elements from (k, n) to (k, n + 1)
  ptrdiff_t k;              // number of rows of W
  const uint16_t *n_lanes;  // lanes in use, for each panel of columns
  ptrdiff_t n_panels;       // number of panels
  void *out;                // [n_panels][k][L]
} ebb_pack;

/// Dense rows to panels. Padding lanes get zero.
typedef struct {
  const void *dense;      // [rows][Σ lanes]
  ptrdiff_t ld;           // elements from a dense row to the next one
  void *base;             // the panels, as in ebb_rows
  ptrdiff_t panel;
  ptrdiff_t row;
  const uint16_t *lanes;
  ptrdiff_t panels;
  ptrdiff_t rows;         // number of rows
} ebb_to_panels;

/// Panels to dense rows.
typedef struct {
  ebb_rows a;
  void *dense;     // [rows][Σ lanes]
  ptrdiff_t ld;    // elements from a dense row to the next one
  ptrdiff_t rows;  // number of rows
} ebb_from_panels;

// ---- Reductions -----------------------------------------------------------------------------------------------------

/// out[r * out_row] = the reduction of the lanes in use of row r; with `b`, which only row_sum and row_mean take, that of
/// the products a b, each rounded before it is added: the same bits as of products in memory. b may equal a.
///
/// row_sum: lane j of all panels ascending, then the L partial sums pairwise: j with j + L/2, then j + L/4, ….
/// row_mean: the same sum divided by the number of lanes in use; where the sum is not finite, that of numbers which are
/// less by a power of two, so that of finite numbers the mean is finite.
/// row_norm: √Σ x², the squares added as in row_sum; where Σ x² is not finite or below 2^-100 (double: 2^-960), of numbers
/// that were brought near 1 by a power of two. So the norm is right from the smallest denormal to the largest number.
/// row_max: NaN if there is one. No lanes: -∞.
typedef struct {
  ebb_rows a;
  const void *_Nullable b;  // lane 0 of panel 0 of row 0 of the other factor, with a's lanes; NULL: there is none
  ptrdiff_t b_panel;        // elements from a panel of b to the next one
  ptrdiff_t b_row;          // elements from a row of b to the next one; 0: one row for all
  ptrdiff_t rows;           // number of rows
  void *out;
  ptrdiff_t out_row;        // elements from a result to the next one
} ebb_row_reduction;

/// out[n] = the reduction over rows of lane n (n counts lanes in use), r ascending in one chain, from zero for a sum
/// and from -∞ for a maximum (NaN if there is one); with `add`, that result is then combined with what out held.
/// A sum with `rest` keeps there what rounding took from it and adds it with the next one (Kahan 1965), so that the
/// error does not grow with the number of calls.
typedef struct {
  ebb_rows a;
  ptrdiff_t rows;  // number of rows
  void *out;       // dense: Σ lanes elements; no others are written
  void *_Nullable rest;  // of a sum that goes on over several calls: Σ lanes elements; NULL to add plainly
  int add;         // 0: overwrite out
} ebb_column_reduction;

// ---- Products and reductions with any strides -------------------------------------------------------------------------

/// C[i, j] = (add ? C[i, j] : 0) + Σ_k A[i, k] · B[k, j], of numbers at any places: matrices that differ from sample to
/// sample, scalar products, sums over an axis. All strides are in elements, and may be 0.
///
/// The columns j are `panels` panels of L lanes, the last of `last` lanes; k runs over `k_panels` panels of `k_lanes`
/// numbers, the last of `k_last`. No other number is touched.
///
/// If the columns are contiguous in B and C, each C[i, j] is one chain of multiply-adds over ascending k that starts
/// at 0 or C. So it is if they are contiguous in C and there is room to write B in that order first. Else, if k is
/// contiguous in A and B, it is one chain for each lane of a vector, added pairwise; else one chain of numbers.
typedef struct {
  const void *a;  // A[0, 0]
  ptrdiff_t a_row, a_k, a_k_panel;
  const void *b;  // B[0, 0]
  ptrdiff_t b_k, b_k_panel, b_lane, b_panel;
  void *c;        // C[0, 0]; overlaps neither
  ptrdiff_t c_row, c_lane, c_panel;
  ptrdiff_t rows;
  ptrdiff_t panels, last;
  ptrdiff_t k_panels, k_lanes, k_last;
  int add;
  void *_Nullable packed;  // room for B, k × panels × L
} ebb_contraction;

/// out[r, j] = the reduction over k of a[r, j, k]; with `add`, combined with what out held. The columns j are `panels`
/// panels of L lanes, the last of `last` lanes; no other number is touched. A maximum is NaN if there is one. Ascending
/// k in one chain, or, where k but not j is contiguous, in chains of vectors combined pairwise.
typedef struct {
  const void *a;
  ptrdiff_t a_row, a_lane, a_panel, a_k;
  void *out;
  ptrdiff_t out_row, out_lane, out_panel;
  ptrdiff_t rows;
  ptrdiff_t panels, last;
  ptrdiff_t count;  // numbers that are reduced to one
  int add;
} ebb_axis_reduction;

/// out[r, j] = a[r, j], at any places. The columns j are `panels` panels of `lanes` numbers, at most L, the last of
/// `last`; no other number is touched. out overlaps a nowhere.
typedef struct {
  const void *a;
  ptrdiff_t a_row, a_lane, a_panel;
  void *out;
  ptrdiff_t out_row, out_lane, out_panel;
  ptrdiff_t rows;
  ptrdiff_t panels, lanes, last;
} ebb_rearrangement;

// ---- Random numbers -------------------------------------------------------------------------------------------------

/// out[i] is a random number of the block of Philox4x32-10 under this key at the counter (c₀, c₁, c₂, first + i).
///
/// uniforms: uniform on [0, 1), 53 bits of the first two words.
/// normals: √(−2 ln(1 − u)) cos(2π v) of two such numbers, the second of the other words (Box & Muller 1958), with the
/// logarithm and the cosine of the C library in double precision.
///
/// In single precision it is that number, rounded.
typedef struct {
  uint32_t key[2];
  uint32_t counter[3];
  uint32_t first;
  ptrdiff_t count;
  void *out;
} ebb_draw;

// ---- Elementwise programs -------------------------------------------------------------------------------------------

/// The operations of elementwise programs, on registers a, b, c. Truth values are 0 and 1; any value but 0 counts as
/// true (NaN too).
///
/// Accuracy. Single arithmetic operations, comparisons and roundings are correctly rounded. The greatest distance to
/// the true value that was seen, in units in the last place, over the whole range with denormals and infinities
/// (x86-64; float: with AVX-512 and on the baseline exp, expm1, tanh, sigmoid and softplus at every bit pattern,
/// the others at every 11th and 23rd, with AVX2 all at every 101st; double: 4 · 10⁷ values a function with
/// AVX-512 and on the baseline):
///
///              exp   expm1   log   log1p   tanh   sigmoid   softplus   sin, cos   erf
///     float   0.96    1.52  0.83    0.84   1.96      1.50       1.65       0.57  1.13
///     double  0.98    1.59  0.80    0.85   1.96      1.47       1.66       0.52  1.18
///
/// log2 is within 0.83 in both (AVX2 and baseline; every 23rd bit pattern, 1.6 · 10⁷ doubles). float's erf is within 1.00
/// with AVX-512 and AVX2 and 1.13 on the baseline (every 101st bit pattern).
///
/// With AVX-512, which looks numbers up in tables, float's exp is within 0.78 and its tanh within 1.00.
///
/// sin, cos, pow, atan2, the two floor operations and double's erf call the C library for each lane; the others are free of
/// branches.
///
/// The operations, each with its value, are in operations.h.
#pragma clang assume_nonnull end
typedef enum {
#define EACH(name, value) EBB_##name,
#include "../operations.h"
  EBB_OP_COUNT,
} ebb_op;
#pragma clang assume_nonnull begin

/// The operation's name in operations.h.
const char *ebb_op_name(ebb_op operation);

/// One operation: dst = op(a, b, c). Registers 0 ..< operands are the operands (a written one must have `writes` set),
/// then come the temporaries. Registers that the operation does not use must be 0. dst may be a, b or c.
typedef struct {
  uint16_t op, dst, a, b, c;
} ebb_instruction;

typedef struct {
  const ebb_instruction *instructions;  // run in this order for each element
  int count;                            // number of instructions
  int operands;                         // number of operands, at most EBB_MAX_OPERANDS
  int temporaries;                      // number of temporaries, at most EBB_MAX_TEMPORARIES
} ebb_program;

/// What a program runs over: outer × middle × rows × width elements.
typedef struct {
  ptrdiff_t outer, middle, rows, width;
} ebb_space;

/// An operand of a program: element (o, m, r, j) of its space lies at base[o * outer + m * middle + r * row + j * lane],
/// strides in elements of the stored type. Memory that is written must not overlap another operand's, unless both are
/// the same elements in the same places and of the same type, and every instruction that reads the one comes before the
/// first that writes the other (or is that instruction). A written operand must not repeat elements (a stride of 0 needs
/// a length of 1).
typedef struct {
  void *base;
  ptrdiff_t outer;
  ptrdiff_t middle;
  ptrdiff_t row;
  uint8_t lane;    // 1: lanes are contiguous; 0: one value for all lanes
  uint8_t other;   // 1: stored in the other float type (double for a float program and vice versa)
  uint8_t reads;   // 1: the program needs what memory holds
  uint8_t writes;  // 1: the program changes it
} ebb_operand;

/// Where an operand lies at the steps k = 0, 1, … of a burst: its base + stride · ((index + k · by) & mask).
typedef struct {
  ptrdiff_t stride;  // bytes from an index to the next one; 0: the same place at every step
  ptrdiff_t index;   // at the first step
  ptrdiff_t by;      // 1, or −1 in a sweep that runs back
  ptrdiff_t mask;    // places of a ring − 1; −1: each index has its own place
} ebb_steps;

// ---- The tables -----------------------------------------------------------------------------------------------------

typedef struct {
  void (*product)(const ebb_product *);
  /// The same bits, computed from the last panel to the first. Weights that are used again and again, each time in the
  /// other direction, are found partly in a cache that they do not fit in.
  void (*product_reversed)(const ebb_product *);
  void (*outer)(const ebb_outer *);
  void (*pack)(const ebb_pack *);
  void (*to_panels)(const ebb_to_panels *);
  void (*from_panels)(const ebb_from_panels *);
  void (*row_sum)(const ebb_row_reduction *);
  void (*row_mean)(const ebb_row_reduction *);
  void (*row_max)(const ebb_row_reduction *);
  void (*row_norm)(const ebb_row_reduction *);
  void (*column_sum)(const ebb_column_reduction *);
  void (*column_max)(const ebb_column_reduction *);
  void (*contract)(const ebb_contraction *);
  void (*axis_sum)(const ebb_axis_reduction *);
  void (*axis_max)(const ebb_axis_reduction *);
  void (*rearrange)(const ebb_rearrangement *);
  void (*argmax)(const ebb_argmax *);
  void (*accumulate)(const ebb_accumulation *);
  void (*gather_entries)(const ebb_entries *);
  void (*scatter_entries)(const ebb_entries *);
  void (*argsort)(const ebb_order *);
  /// The same for float and double.
  void (*uniforms)(const ebb_draw *);
  void (*normals)(const ebb_draw *);
  /// Runs the program on each element of the space; touches no memory outside it.
  void (*program)(const ebb_program *, const ebb_operand *operands, ebb_space);
  /// The same for some steps: tile by tile, and each tile through all steps, so that what stays in its place from step to
  /// step, or is read again at the next one, stays in the nearest cache. Bases are those of index 0. An element may read
  /// what earlier steps wrote for the same element (o, m, r, j), and nothing else that they wrote.
  void (*program_burst)(const ebb_program *, const ebb_operand *operands, const ebb_steps *steps, ptrdiff_t count, ebb_space);
} ebb_kernels;

/// The kernels of an instruction set for float (bytes = 4) or double (bytes = 8); NULL if not available here.
const ebb_kernels *_Nullable ebb_kernels_for(ebb_isa isa, int bytes);

#pragma clang assume_nonnull end

#endif
