// Random numbers by Philox4x32-10 (Salmon et al. 2011), several vectors at once, so that none waits for its own
// products.
//
//     (c₀, c₁, c₂, c₃) ← (hi(M₁ c₂) ⊕ c₁ ⊕ k₀, lo(M₁ c₂), hi(M₀ c₀) ⊕ c₃ ⊕ k₁, lo(M₀ c₀)),    k ← k + W,    ten times
//     u = (c₀ 2²¹ + ⌊c₁ / 2¹¹⌋) / 2⁵³,    v of c₂ and c₃ alike,    z = √(−2 ln(1 − u)) cos(2π v)
//
// Each word of 32 bits has a lane of 64, so that a product of two is one multiplication of lanes. What is left in the
// upper halves is never cleared: a multiplication takes the lower halves alone.
//
// Only c₃ differs between the numbers of a call. So the products of the first round are the same for all of them, and so
// is one of each of the next two; for u the last round needs one. That leaves 15 of 20.

typedef uint64_t Words __attribute__((ext_vector_type(VECTOR_BYTES / 8)));
typedef uint32_t Halves __attribute__((ext_vector_type(VECTOR_BYTES / 4)));
typedef double Units __attribute__((ext_vector_type(VECTOR_BYTES / 8)));
// The numbers in the kernels' type: those of 32 bits are rounded once.
typedef E Numbers __attribute__((ext_vector_type(VECTOR_BYTES / 8)));

enum {
  WORD_LANES = VECTOR_BYTES / 8,
  WORD_VECTORS = 8,
};

#define PHILOX_M0 0xD2511F53u
#define PHILOX_M1 0xCD9E8D57u
#define PHILOX_W0 0x9E3779B9u
#define PHILOX_W1 0xBB67AE85u

INLINE Words lower(Words x) { return x & 0xFFFFFFFFu; }

// What is the same for all numbers of a call, in each lane: in memory, from where operations take it as an operand.
typedef struct {
  Words c2;                // of round 1, but for c₃
  Words c0;                // of round 2, but for hi(M₁ c₂)
  Words c0_3, c1_3, c2_3;  // of round 3: c₀ but for c₁, c₁, c₂ but for hi(M₀ c₀)
  Words k0[10], k1[10];    // of each round
} SameWords;

INLINE Words words(uint32_t x) { return (Words)((uint64_t)x); }

INLINE void same_words(const ebb_draw *q, SameWords *same) {
  uint32_t k0[10] = {q->key[0]}, k1[10] = {q->key[1]};
  UNROLL for (int round = 1; round < 10; round++) {
    k0[round] = k0[round - 1] + PHILOX_W0;
    k1[round] = k1[round - 1] + PHILOX_W1;
  }
  UNROLL for (int round = 0; round < 10; round++) {
    same->k0[round] = words(k0[round]);
    same->k1[round] = words(k1[round]);
  }
  const uint64_t a1 = (uint64_t)q->counter[0] * PHILOX_M0, b1 = (uint64_t)q->counter[2] * PHILOX_M1;
  const uint32_t c0 = (uint32_t)(b1 >> 32) ^ q->counter[1] ^ k0[0];
  same->c2 = words((uint32_t)(a1 >> 32) ^ k1[0]);
  const uint64_t a2 = (uint64_t)c0 * PHILOX_M0;
  const uint32_t c2 = (uint32_t)(a2 >> 32) ^ (uint32_t)a1 ^ k1[1];
  same->c0 = words((uint32_t)b1 ^ k0[1]);
  const uint64_t b3 = (uint64_t)c2 * PHILOX_M1;
  same->c0_3 = words((uint32_t)(b3 >> 32) ^ k0[2]);
  same->c1_3 = words((uint32_t)b3);
  same->c2_3 = words((uint32_t)a2 ^ k1[2]);
}

// A double with these upper halves and x's lower ones.
INLINE Units under(Halves x, uint32_t upper) {
  const Halves all = (Halves)(upper);
#if ISA_AVX512
  return (Units)__builtin_shufflevector(x, all, 0, 17, 2, 19, 4, 21, 6, 23, 8, 25, 10, 27, 12, 29, 14, 31);
#elif ISA_AVX2
  return (Units)__builtin_shufflevector(x, all, 0, 9, 2, 11, 4, 13, 6, 15);
#else
  return (Units)__builtin_shufflevector(x, all, 0, 5, 2, 7);
#endif
}

// The blocks from `element` on, whose c₃ it is.
INLINE void blocks(const int vectors, const SameWords *same, uint32_t element, Words *c0, Words *c1, Words *c2,
                   Words *c3) {
  Words lanes;
  for (int lane = 0; lane < WORD_LANES; lane++) lanes[lane] = (uint64_t)lane;
  UNROLL for (int v = 0; v < vectors; v++) {
    const Words first = lanes + words(element + (uint32_t)(v * WORD_LANES));
    const Words b = lower(first ^ same->c2) * PHILOX_M1;
    const Words a = lower((b >> 32) ^ same->c0) * PHILOX_M0;
    c0[v] = b ^ same->c0_3;
    c1[v] = same->c1_3;
    c2[v] = (a >> 32) ^ same->c2_3;
    c3[v] = a;
  }
  UNROLL for (int round = 3; round < 10; round++)
    UNROLL for (int v = 0; v < vectors; v++) {
      const Words a = lower(c0[v]) * PHILOX_M0, b = lower(c2[v]) * PHILOX_M1;
      c0[v] = (b >> 32) ^ (c1[v] ^ same->k0[round]);
      c2[v] = (a >> 32) ^ (c3[v] ^ same->k1[round]);
      c1[v] = b;
      c3[v] = a;
    }
}

// 2²⁰ + a / 2³² and 1/2 + ⌊b / 2¹¹⌋ / 2⁵³ are written down as doubles. The difference is exact, and so is the sum of 53
// bits.
INLINE Units unit(Words a, Words b) {
  return (under((Halves)a, 0x41300000u) - 0x100000.8p0) + under((Halves)b >> 11, 0x3FE00000u);
}

INLINE void uniform_vectors(const int vectors, const SameWords *same, uint32_t element, Numbers *u) {
  Words c0[WORD_VECTORS], c1[WORD_VECTORS], c2[WORD_VECTORS], c3[WORD_VECTORS];
  blocks(vectors, same, element, c0, c1, c2, c3);
  UNROLL for (int v = 0; v < vectors; v++) u[v] = __builtin_convertvector(unit(c0[v], c1[v]), Numbers);
}

// What does not fit in registers lies on the stack, and vectors that cross lines of the cache there take twice as long.
#if ISA_AVX512 || ISA_AVX2
__attribute__((force_align_arg_pointer))
#endif
NOINLINE void uniform_run(const SameWords *same, uint32_t first, ptrdiff_t count, E *out) {
  Numbers u[WORD_VECTORS];
  ptrdiff_t i = 0;
  for (; i + WORD_VECTORS * WORD_LANES <= count; i += WORD_VECTORS * WORD_LANES) {
    uniform_vectors(WORD_VECTORS, same, first + (uint32_t)i, u);
    memcpy(out + i, u, sizeof u);
  }
  if (i + WORD_VECTORS / 2 * WORD_LANES <= count) {
    uniform_vectors(WORD_VECTORS / 2, same, first + (uint32_t)i, u);
    memcpy(out + i, u, sizeof u / 2);
    i += WORD_VECTORS / 2 * WORD_LANES;
  }
  for (; i < count; i += WORD_LANES) {
    uniform_vectors(1, same, first + (uint32_t)i, u);
    memcpy(out + i, u, sizeof(E) * (size_t)min_of(WORD_LANES, count - i));
  }
}

static void uniforms(const ebb_draw *q) {
  SameWords same;
  same_words(q, &same);
  uniform_run(&same, q->first, q->count, q->out);
}

// The logarithm and the cosine are those of the C library, number by number, so that the bits are those of a stream.
#if ISA_AVX512 || ISA_AVX2
__attribute__((force_align_arg_pointer))
#endif
NOINLINE void normal_run(const SameWords *same, uint32_t first, ptrdiff_t count, E *out) {
  enum { VECTORS = WORD_VECTORS / 2, NUMBERS = VECTORS * WORD_LANES };
  for (ptrdiff_t i = 0; i < count; i += NUMBERS) {
    Words c0[WORD_VECTORS], c1[WORD_VECTORS], c2[WORD_VECTORS], c3[WORD_VECTORS];
    blocks(VECTORS, same, first + (uint32_t)i, c0, c1, c2, c3);
    Units u[VECTORS], v[VECTORS];
    UNROLL for (int k = 0; k < VECTORS; k++) {
      u[k] = unit(c0[k], c1[k]);
      v[k] = unit(c2[k], c3[k]);
    }
    double radius[NUMBERS], turn[NUMBERS];
    memcpy(radius, u, sizeof u);
    memcpy(turn, v, sizeof v);
    const ptrdiff_t left = min_of(NUMBERS, count - i);
    for (ptrdiff_t j = 0; j < left; j++)
      out[i + j] = (E)(sqrt(-2 * log(1 - radius[j])) * cos(0x1.921fb54442d18p2 * turn[j]));
  }
}

static void normals(const ebb_draw *q) {
  SameWords same;
  same_words(q, &same);
  normal_run(&same, q->first, q->count, q->out);
}
