// C[r, n] = init[r, n] + Σ_k A[r, k] W[k, n].

// Rows r ..< r + rows, vectors v ..< v + vectors of panels p ..< p + panels. The three counts are literals at each
// call, so that the tile lives in registers.
INLINE void product_tile(const int rows, const int panels, const int vectors, const ebb_product *q, ptrdiff_t depth,
                         ptrdiff_t r, ptrdiff_t p, ptrdiff_t v) {
  V tile[24];
  const ptrdiff_t w_panel = depth * L;
  const E *w = (const E *)q->w + p * w_panel + v * VL;
  const E *init = q->init ? (const E *)q->init + p * q->init_panel + r * q->init_row + v * VL : NULL;
  E *c = (E *)q->c + p * q->c_panel + r * q->c_row + v * VL;

  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < panels; j++)
      UNROLL for (int u = 0; u < vectors; u++)
        tile[(i * panels + j) * vectors + u] =
            init ? load(init + j * q->init_panel + i * q->init_row + u * VL) : splat(0);

  for (ptrdiff_t ap = 0; ap < q->a.panels; ap++) {
    const E *a = (const E *)q->a.base + ap * q->a.panel + r * q->a.row;
    const ptrdiff_t lanes = q->a.lanes[ap];
    for (ptrdiff_t k = 0; k < lanes; k++) {
      V weights[8];
      UNROLL for (int j = 0; j < panels; j++)
        UNROLL for (int u = 0; u < vectors; u++) weights[j * vectors + u] = load(w + j * w_panel + u * VL);
      UNROLL for (int i = 0; i < rows; i++) {
        const V scale = splat(a[i * q->a.row + k]);
        UNROLL for (int j = 0; j < panels * vectors; j++)
          tile[i * panels * vectors + j] = madd(scale, weights[j], tile[i * panels * vectors + j]);
      }
      w += L;
    }
  }

  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < panels; j++)
      UNROLL for (int u = 0; u < vectors; u++)
        store(c + j * q->c_panel + i * q->c_row + u * VL, tile[(i * panels + j) * vectors + u]);
}

static void product(const ebb_product *q) {
  ptrdiff_t depth = 0;
  for (ptrdiff_t p = 0; p < q->a.panels; p++) depth += q->a.lanes[p];
  for (ptrdiff_t p = 0; p < q->n_panels; p++)
    for (ptrdiff_t v = 0; v < PV; v += TILE_VECTORS) {
      ptrdiff_t r = 0;
      for (; r + TILE_ROWS <= q->rows; r += TILE_ROWS) product_tile(TILE_ROWS, 1, TILE_VECTORS, q, depth, r, p, v);
      for (; r < q->rows; r++) product_tile(1, 1, TILE_VECTORS, q, depth, r, p, v);
    }
}
