// The vector type of this instance, and the few operations on it that are not plain C.

// The private names of a translation unit that holds one instance: E element, V vector, I and M their integers.
#if ELEMENT_BYTES == 4
typedef float E;
typedef double Other;
typedef int32_t I;
typedef uint32_t Bits;
#elif ELEMENT_BYTES == 8
typedef double E;
typedef float Other;
typedef int64_t I;
typedef uint64_t Bits;
#endif

#if ISA_AVX512
#define VECTOR_BYTES 64
#elif ISA_AVX2
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

#if ISA_BASELINE
#define HAS_FMA 0
#else
#define HAS_FMA 1
#endif

enum {
  VL = VECTOR_BYTES / ELEMENT_BYTES,     // lanes of a vector
  L = EBB_PANEL_BYTES / ELEMENT_BYTES,   // lanes of a panel
  PV = EBB_PANEL_BYTES / VECTOR_BYTES,   // vectors of a panel
};

// The tile of results held in registers: TILE_ROWS rows of a whole panel; for at most FEW_ROWS rows of a product, of
// PANELS_OF_FEW_ROWS panels.
#if ISA_AVX512
#define TILE_ROWS 8
#define FEW_ROWS 3
#define PANELS_OF_FEW_ROWS 2
#elif ISA_AVX2 || ISA_NEON
#define TILE_ROWS 3
#define FEW_ROWS 1
#define PANELS_OF_FEW_ROWS 2
#else
#define TILE_ROWS 1
#define FEW_ROWS 1
#define PANELS_OF_FEW_ROWS 1
#endif
#define MOST_TILE_VECTORS 24

typedef E V __attribute__((ext_vector_type(VECTOR_BYTES / ELEMENT_BYTES)));
typedef I M __attribute__((ext_vector_type(VECTOR_BYTES / ELEMENT_BYTES)));
typedef V UnalignedV __attribute__((aligned(ELEMENT_BYTES), may_alias));

#define INLINE static inline __attribute__((always_inline))
#define NOINLINE static __attribute__((noinline))
#define UNROLL _Pragma("clang loop unroll(full)")

INLINE ptrdiff_t min_of(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

INLINE V splat(E x) { return (V)(x); }
INLINE V load(const E *p) { return *(const UnalignedV *)p; }
INLINE void store(E *p, V x) { *(UnalignedV *)p = x; }

// Lanes first + 0, first + 1, … that are below n: all bits set; the others: none.
INLINE M lanes_below(ptrdiff_t n, ptrdiff_t first) {
  static const I numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  M index;
  memcpy(&index, numbers, sizeof index);
  return index < (M)((I)(n - first));
}

// The first n < VL lanes; load_part gives zero in the others. Neither touches memory beyond.
#if ISA_AVX512
#if ELEMENT_BYTES == 4
INLINE V load_part(const E *p, ptrdiff_t n) { return (V)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p); }
INLINE void store_part(E *p, V x, ptrdiff_t n) { _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)x); }
#else
INLINE V load_part(const E *p, ptrdiff_t n) { return (V)_mm512_maskz_loadu_pd((__mmask8)((1u << n) - 1), p); }
INLINE void store_part(E *p, V x, ptrdiff_t n) { _mm512_mask_storeu_pd(p, (__mmask8)((1u << n) - 1), (__m512d)x); }
#endif
#elif ISA_AVX2
#if ELEMENT_BYTES == 4
INLINE V load_part(const E *p, ptrdiff_t n) { return (V)_mm256_maskload_ps(p, (__m256i)lanes_below(n, 0)); }
INLINE void store_part(E *p, V x, ptrdiff_t n) { _mm256_maskstore_ps(p, (__m256i)lanes_below(n, 0), (__m256)x); }
#else
INLINE V load_part(const E *p, ptrdiff_t n) { return (V)_mm256_maskload_pd(p, (__m256i)lanes_below(n, 0)); }
INLINE void store_part(E *p, V x, ptrdiff_t n) { _mm256_maskstore_pd(p, (__m256i)lanes_below(n, 0), (__m256d)x); }
#endif
#else
INLINE V load_part(const E *p, ptrdiff_t n) {
  E lanes[VL] = {0};
  for (ptrdiff_t i = 0; i < n; i++) lanes[i] = p[i];
  return load(lanes);
}
INLINE void store_part(E *p, V x, ptrdiff_t n) {
  E lanes[VL];
  store(lanes, x);
  for (ptrdiff_t i = 0; i < n; i++) p[i] = lanes[i];
}
#endif

// The first n lanes, 0 <= n; all of them where n >= VL.
INLINE void store_up_to(E *p, V x, ptrdiff_t n) {
  if (n >= VL)
    store(p, x);
  else if (n > 0)
    store_part(p, x, n);
}

// a b + c: rounded once, or twice on the baseline.
INLINE V madd(V a, V b, V c) {
#if HAS_FMA
  return __builtin_elementwise_fma(a, b, c);
#else
  return a * b + c;
#endif
}
