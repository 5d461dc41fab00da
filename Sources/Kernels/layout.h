// Between dense matrices and panels.

// Weights that are contiguous along k are transposed in blocks of 4 × 4, which every instruction set does in registers,
// and 16 deep, so that a line of memory is read once.
typedef E Four __attribute__((ext_vector_type(4)));
typedef Four UnalignedFour __attribute__((aligned(ELEMENT_BYTES), may_alias));
enum { PACK_DEPTH = 16 };

// out[k][j] = in[j][k] for 4 × 4 elements.
INLINE void transpose_4x4(const E *in, ptrdiff_t in_row, E *out, ptrdiff_t out_row) {
  const Four a = *(const UnalignedFour *)in, b = *(const UnalignedFour *)(in + in_row);
  const Four c = *(const UnalignedFour *)(in + 2 * in_row), d = *(const UnalignedFour *)(in + 3 * in_row);
  const Four ab01 = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab23 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Four cd01 = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd23 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *(UnalignedFour *)out = __builtin_shufflevector(ab01, cd01, 0, 1, 4, 5);
  *(UnalignedFour *)(out + out_row) = __builtin_shufflevector(ab01, cd01, 2, 3, 6, 7);
  *(UnalignedFour *)(out + 2 * out_row) = __builtin_shufflevector(ab23, cd23, 0, 1, 4, 5);
  *(UnalignedFour *)(out + 3 * out_row) = __builtin_shufflevector(ab23, cd23, 2, 3, 6, 7);
}

// out[k][j] = w[k * k_stride + j * n_stride] for `depth` k and lanes from ..< lanes; zero from there on.
INLINE void pack_lanes(const E *w, ptrdiff_t k_stride, ptrdiff_t n_stride, ptrdiff_t depth, ptrdiff_t from,
                       ptrdiff_t lanes, E *out) {
  for (ptrdiff_t k = 0; k < depth; k++) {
    for (ptrdiff_t j = from; j < lanes; j++) out[k * L + j] = w[k * k_stride + j * n_stride];
    for (ptrdiff_t j = lanes; j < L; j++) out[k * L + j] = 0;
  }
}

static void pack_transposed(const E *w, ptrdiff_t n_stride, ptrdiff_t depth, ptrdiff_t lanes, E *out) {
  const ptrdiff_t whole_lanes = lanes / 4 * 4, whole_depth = depth / 4 * 4;
  for (ptrdiff_t k0 = 0; k0 < whole_depth; k0 += PACK_DEPTH) {
    const ptrdiff_t k1 = min_of(k0 + PACK_DEPTH, whole_depth);
    for (ptrdiff_t j = 0; j < whole_lanes; j += 4)
      for (ptrdiff_t k = k0; k < k1; k += 4) transpose_4x4(w + k + j * n_stride, n_stride, out + k * L + j, L);
    pack_lanes(w + k0, 1, n_stride, k1 - k0, whole_lanes, lanes, out + k0 * L);
  }
  pack_lanes(w + whole_depth, 1, n_stride, depth - whole_depth, 0, lanes, out + whole_depth * L);
}

static void pack_rows(const E *w, ptrdiff_t k_stride, ptrdiff_t depth, E *out) {
  for (ptrdiff_t k = 0; k < depth; k++)
    UNROLL for (int v = 0; v < PV; v++) store(out + k * L + v * VL, load(w + k * k_stride + v * VL));
}

static void pack(const ebb_pack *q) {
  const E *w = q->w;
  E *out = q->out;
  for (ptrdiff_t p = 0; p < q->n_panels; p++) {
    const ptrdiff_t lanes = q->n_lanes[p];
    if (q->n_stride == 1 && lanes == L)
      pack_rows(w, q->k_stride, q->k, out);
    else if (q->k_stride == 1)
      pack_transposed(w, q->n_stride, q->k, lanes, out);
    else
      pack_lanes(w, q->k_stride, q->n_stride, q->k, 0, lanes, out);
    w += lanes * q->n_stride;
    out += q->k * L;
  }
}

static void to_panels(const ebb_to_panels *q) {
  const E *dense = q->dense;
  for (ptrdiff_t p = 0; p < q->panels; p++) {
    const ptrdiff_t lanes = q->lanes[p];
    E *panel = (E *)q->base + p * q->panel;
    for (ptrdiff_t r = 0; r < q->rows; r++) {
      memcpy(panel + r * q->row, dense + r * q->ld, (size_t)lanes * sizeof(E));
      memset(panel + r * q->row + lanes, 0, (size_t)(L - lanes) * sizeof(E));
    }
    dense += lanes;
  }
}

static void from_panels(const ebb_from_panels *q) {
  E *dense = q->dense;
  for (ptrdiff_t p = 0; p < q->a.panels; p++) {
    const ptrdiff_t lanes = q->a.lanes[p];
    const E *panel = (const E *)q->a.base + p * q->a.panel;
    for (ptrdiff_t r = 0; r < q->rows; r++)
      memcpy(dense + r * q->ld, panel + r * q->a.row, (size_t)lanes * sizeof(E));
    dense += lanes;
  }
}
