// Uniform random numbers by Philox4x32-10 (Salmon et al. 2011), several vectors at once, so that none waits for its own
// products.
//
//     (c₀, c₁, c₂, c₃) ← (hi(M₁ c₂) ⊕ c₁ ⊕ k₀, lo(M₁ c₂), hi(M₀ c₀) ⊕ c₃ ⊕ k₁, lo(M₀ c₀)),    k ← k + W,    ten times
//     u = (c₀ 2²¹ + ⌊c₁ / 2¹¹⌋) / 2⁵³
//
// Each word of 32 bits has a lane of 64, so that a product of two is one multiplication of lanes. What is left in the
// upper halves is never cleared: a multiplication takes the lower halves alone.

typedef uint64_t Words __attribute__((ext_vector_type(VECTOR_BYTES / 8)));
typedef double Units __attribute__((ext_vector_type(VECTOR_BYTES / 8)));
// The numbers in the kernels' type: those of 32 bits are rounded once.
typedef E Numbers __attribute__((ext_vector_type(VECTOR_BYTES / 8)));

enum {
  WORD_LANES = VECTOR_BYTES / 8,
  WORD_VECTORS = 4,
};

INLINE Words lower(Words x) { return x & 0xFFFFFFFFu; }

// The double of an integer below 2³²: 2⁵² + x, less 2⁵².
INLINE Units double_of(Words x) { return (Units)(x | 0x4330000000000000u) - 0x1p52; }

// The numbers from the block first + i on.
INLINE void uniform_vectors(const int vectors, const ebb_uniforms *q, ptrdiff_t i, Numbers *u) {
  Words element;
  for (int lane = 0; lane < WORD_LANES; lane++) element[lane] = (uint64_t)lane;
  Words c0[WORD_VECTORS], c1[WORD_VECTORS], c2[WORD_VECTORS], c3[WORD_VECTORS];
  UNROLL for (int v = 0; v < vectors; v++) {
    c0[v] = (Words)((uint64_t)q->counter[0]);
    c1[v] = (Words)((uint64_t)q->counter[1]);
    c2[v] = (Words)((uint64_t)q->counter[2]);
    c3[v] = element + (uint64_t)(q->first + (uint32_t)i + (uint32_t)(v * WORD_LANES));
  }
  uint32_t k0 = q->key[0], k1 = q->key[1];
  UNROLL for (int round = 0; round < 10; round++) {
    UNROLL for (int v = 0; v < vectors; v++) {
      const Words a = lower(c0[v]) * 0xD2511F53u, b = lower(c2[v]) * 0xCD9E8D57u;
      c0[v] = (b >> 32) ^ c1[v] ^ (uint64_t)k0;
      c2[v] = (a >> 32) ^ c3[v] ^ (uint64_t)k1;
      c1[v] = b;
      c3[v] = a;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  // Both products are exact, and so is their sum of 53 bits.
  UNROLL for (int v = 0; v < vectors; v++)
    u[v] = __builtin_convertvector(
        double_of(lower(c0[v])) * 0x1p-32 + double_of(lower(c1[v]) >> 11) * 0x1p-53, Numbers);
}

static void uniforms(const ebb_uniforms *q) {
  E *out = q->out;
  Numbers u[WORD_VECTORS];
  ptrdiff_t i = 0;
  for (; i + WORD_VECTORS * WORD_LANES <= q->count; i += WORD_VECTORS * WORD_LANES) {
    uniform_vectors(WORD_VECTORS, q, i, u);
    memcpy(out + i, u, sizeof u);
  }
  for (; i < q->count; i += WORD_LANES) {
    uniform_vectors(1, q, i, u);
    memcpy(out + i, u, sizeof(E) * (size_t)min_of(WORD_LANES, q->count - i));
  }
}
