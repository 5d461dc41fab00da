// What products and outer products have in common: a tile of sums that stays in registers.

// A length cut into blocks of at most so many, evenly: 9 by 8 are 5 and 4, as 8 and 1 would do the last one alone.
typedef struct {
  ptrdiff_t blocks;
  ptrdiff_t longer;  // the first so many blocks have one more than
  int shortest;
} Blocks;

INLINE Blocks cut_evenly(ptrdiff_t length, const int most) {
  const ptrdiff_t blocks = (length + most - 1) / most;
  if (blocks <= 1) return (Blocks){blocks, 0, (int)length};
  return (Blocks){blocks, length % blocks, (int)(length / blocks)};
}

INLINE int block_length(const Blocks *cut, ptrdiff_t i) { return cut->shortest + (i < cut->longer); }

// tile[i][j][v] += scales[i · scale_stride] · (vector v of w in panel j). The counts are literals at each call. What
// there is more of, rows or vectors, is loaded as it is needed, so that it takes one register.
INLINE void add_to_tile(const int rows, const int panels, V *tile, const E *scales, ptrdiff_t scale_stride, const E *w,
                        ptrdiff_t w_panel) {
  const int width = panels * PV;
  if (rows < width) {
    V factors[TILE_ROWS];
    UNROLL for (int i = 0; i < rows; i++) factors[i] = splat(scales[i * scale_stride]);
    UNROLL for (int j = 0; j < width; j++) {
      const V weights = load(w + j / PV * w_panel + j % PV * VL);
      UNROLL for (int i = 0; i < rows; i++) tile[i * width + j] = madd(factors[i], weights, tile[i * width + j]);
    }
  } else {
    V weights[MOST_TILE_VECTORS];
    UNROLL for (int j = 0; j < width; j++) weights[j] = load(w + j / PV * w_panel + j % PV * VL);
    UNROLL for (int i = 0; i < rows; i++) {
      const V factor = splat(scales[i * scale_stride]);
      UNROLL for (int j = 0; j < width; j++) tile[i * width + j] = madd(factor, weights[j], tile[i * width + j]);
    }
  }
}

// SPLATS numbers from p on, each to be repeated in all lanes by `splat_of`.
//
// A product of one row on AVX-512 is limited by its loads: so four numbers are loaded at once, and one shuffle repeats
// each. NEON's multiply-adds take a lane as it is. On AVX2 a load that repeats a number costs the least.
#if ISA_AVX512
enum { SPLATS = 4 };
INLINE V load_for_splats(const E *p) {
  typedef E Quad __attribute__((ext_vector_type(4), aligned(ELEMENT_BYTES), may_alias));
  const Quad q = *(const Quad *)p;
#if ELEMENT_BYTES == 4
  V lanes = __builtin_shufflevector(q, q, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
#else
  V lanes = __builtin_shufflevector(q, q, 0, 1, 2, 3, 0, 1, 2, 3);
#endif
  __asm__("" : "+v"(lanes));  // else the compiler would load each number from memory again
  return lanes;
}
#define QUAD(i) i, i, i, i
#if ELEMENT_BYTES == 4
#define REPEATED(x, u) __builtin_shufflevector(x, x, QUAD(u), QUAD(4 + u), QUAD(8 + u), QUAD(12 + u))
#else
#define REPEATED(x, u) __builtin_shufflevector(x, x, QUAD(u), QUAD(4 + u))
#endif
INLINE V splat_of(V lanes, const int u, const E *p) {
  switch (u) {
    case 0: return REPEATED(lanes, 0);
    case 1: return REPEATED(lanes, 1);
    case 2: return REPEATED(lanes, 2);
    default: return REPEATED(lanes, 3);
  }
}
#elif ISA_NEON
enum { SPLATS = VL };
INLINE V load_for_splats(const E *p) { return load(p); }
INLINE V splat_of(V lanes, const int u, const E *p) { return splat(lanes[u]); }
#else
enum { SPLATS = 4 };
INLINE V load_for_splats(const E *p) { return splat(0); }
INLINE V splat_of(V lanes, const int u, const E *p) { return splat(p[u]); }
#endif
