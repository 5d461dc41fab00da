// C[k, n] (+)= Σ_r A[r, k] B[r, n].

// Lanes k ..< k + rows of a panel of A, vectors v ..< v + vectors of a panel of B, of which `lanes` lanes are in use;
// the counts are literals at each call.
INLINE void outer_tile(const int rows, const int vectors, const ebb_outer *q, const E *a, const E *b, ptrdiff_t lanes,
                       E *c) {
  V tile[24];
  UNROLL for (int i = 0; i < rows * vectors; i++) tile[i] = splat(0);
  for (ptrdiff_t r = 0; r < q->rows; r++) {
    V columns[8];
    UNROLL for (int u = 0; u < vectors; u++) columns[u] = load(b + u * VL);
    UNROLL for (int i = 0; i < rows; i++) {
      const V scale = splat(a[i]);
      UNROLL for (int u = 0; u < vectors; u++)
        tile[i * vectors + u] = madd(scale, columns[u], tile[i * vectors + u]);
    }
    a += q->a.row;
    b += q->b.row;
  }
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int u = 0; u < vectors; u++) {
      E *to = c + i * q->ldc + u * VL;
      const ptrdiff_t used = lanes - u * VL;
      if (used >= VL)
        store(to, q->add ? load(to) + tile[i * vectors + u] : tile[i * vectors + u]);
      else if (used > 0)
        store_part(to, q->add ? load_part(to, used) + tile[i * vectors + u] : tile[i * vectors + u], used);
    }
}

static void outer(const ebb_outer *q) {
  E *columns = q->c;
  for (ptrdiff_t bp = 0; bp < q->b.panels; bp++) {
    const ptrdiff_t b_lanes = q->b.lanes[bp];
    for (ptrdiff_t v = 0; v * VL < b_lanes; v += TILE_VECTORS) {
      const E *b = (const E *)q->b.base + bp * q->b.panel + v * VL;
      E *c = columns + v * VL;
      for (ptrdiff_t ap = 0; ap < q->a.panels; ap++) {
        const E *a = (const E *)q->a.base + ap * q->a.panel;
        const ptrdiff_t a_lanes = q->a.lanes[ap];
        ptrdiff_t k = 0;
        for (; k + TILE_ROWS <= a_lanes; k += TILE_ROWS)
          outer_tile(TILE_ROWS, TILE_VECTORS, q, a + k, b, b_lanes - v * VL, c + k * q->ldc);
        for (; k < a_lanes; k++) outer_tile(1, TILE_VECTORS, q, a + k, b, b_lanes - v * VL, c + k * q->ldc);
        c += a_lanes * q->ldc;
      }
    }
    columns += b_lanes;
  }
}
