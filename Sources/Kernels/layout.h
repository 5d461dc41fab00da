// Between dense matrices and panels.

// out[k][0 ..< L] = the lanes w[k * k_stride + j * n_stride] and zeros after them.
INLINE void pack_panel(const E *w, ptrdiff_t k_stride, ptrdiff_t n_stride, ptrdiff_t depth, ptrdiff_t lanes, E *out) {
  for (ptrdiff_t k = 0; k < depth; k++)
    for (ptrdiff_t j = 0; j < L; j++) out[k * L + j] = j < lanes ? w[k * k_stride + j * n_stride] : 0;
}

static void pack(const ebb_pack *q) {
  const E *w = q->w;
  E *out = q->out;
  for (ptrdiff_t p = 0; p < q->n_panels; p++) {
    pack_panel(w, q->k_stride, q->n_stride, q->k, q->n_lanes[p], out);
    w += q->n_lanes[p] * q->n_stride;
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
