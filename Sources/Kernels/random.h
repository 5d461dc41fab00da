// Uniform random numbers by Philox4x32-10 (Salmon et al. 2011), as many at once as a vector has lanes of 64 bits.
//
//     (c₀, c₁, c₂, c₃) ← (hi(M₁ c₂) ⊕ c₁ ⊕ k₀, lo(M₁ c₂), hi(M₀ c₀) ⊕ c₃ ⊕ k₁, lo(M₀ c₀)),    k ← k + W,    ten times
//     u = (c₀ 2²¹ + ⌊c₁ / 2¹¹⌋) / 2⁵³
//
// Each word of 32 bits has a lane of its own, so that a product of two is one multiplication of lanes.

typedef uint64_t Words __attribute__((ext_vector_type(VECTOR_BYTES / 8)));
typedef double Units __attribute__((ext_vector_type(VECTOR_BYTES / 8)));
// The numbers in the kernels' type: those of 32 bits are rounded once.
typedef E Numbers __attribute__((ext_vector_type(VECTOR_BYTES / 8)));

static void uniforms(const ebb_uniforms *q) {
  const ptrdiff_t lanes = VECTOR_BYTES / 8;
  E *out = q->out;
  const Words low = (Words)(0xFFFFFFFFu);
  Words element;
  for (int lane = 0; lane < lanes; lane++) element[lane] = (uint64_t)lane;
  for (ptrdiff_t i = 0; i < q->count; i += lanes) {
    Words c0 = (Words)((uint64_t)q->counter[0]), c1 = (Words)((uint64_t)q->counter[1]);
    Words c2 = (Words)((uint64_t)q->counter[2]), c3 = (element + (uint64_t)(q->first + (uint32_t)i)) & low;
    uint32_t k0 = q->key[0], k1 = q->key[1];
    UNROLL for (int round = 0; round < 10; round++) {
      const Words a = c0 * 0xD2511F53u, b = c2 * 0xCD9E8D57u;
      c0 = (b >> 32) ^ c1 ^ k0;
      c2 = (a >> 32) ^ c3 ^ k1;
      c1 = b & low;
      c3 = a & low;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    const Numbers u =
        __builtin_convertvector(__builtin_convertvector((c0 << 21) | (c1 >> 11), Units) * 0x1p-53, Numbers);
    if (q->count - i >= lanes) {
      memcpy(out + i, &u, sizeof u);
    } else {
      for (ptrdiff_t lane = 0; lane < q->count - i; lane++) out[i + lane] = u[lane];
    }
  }
}
