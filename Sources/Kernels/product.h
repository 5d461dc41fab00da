// C[r, n] = init[r, n] + Σ_k A[r, k] W[k, n].
//
// A tile of C stays in registers while k runs over all of A's lanes. Panels of W are the outer loop, so that a panel
// stays in the nearest cache that holds it while all rows pass.

// Where a tile starts: row r, panel p, vector v of each panel.
typedef struct {
  const ebb_product *q;
  ptrdiff_t depth;  // K
  ptrdiff_t r, p, v;
} ProductTile;

// Rows r ..< r + rows, vectors v ..< v + vectors of each of the panels p ..< p + panels. The three counts are literals
// at each call, so that the tile lives in registers.
INLINE void product_tile(const int rows, const int panels, const int vectors, const ProductTile *at) {
  V tile[MOST_TILE_VECTORS];
  const ebb_product *q = at->q;
  const ebb_rows a = q->a;
  const ptrdiff_t w_panel = at->depth * L;
  const E *w = (const E *)q->w + at->p * w_panel + at->v * VL;

  if (q->init) {
    const E *init = (const E *)q->init + at->p * q->init_panel + at->r * q->init_row + at->v * VL;
    UNROLL for (int i = 0; i < rows; i++)
      UNROLL for (int j = 0; j < panels; j++)
        UNROLL for (int u = 0; u < vectors; u++)
          tile[(i * panels + j) * vectors + u] = load(init + j * q->init_panel + i * q->init_row + u * VL);
  } else {
    UNROLL for (int i = 0; i < rows * panels * vectors; i++) tile[i] = splat(0);
  }

  for (ptrdiff_t ap = 0; ap < a.panels; ap++) {
    const E *scales = (const E *)a.base + ap * a.panel + at->r * a.row;
    const ptrdiff_t lanes = a.lanes[ap];
    for (ptrdiff_t k = 0; k < lanes; k++) {
      V weights[MOST_TILE_VECTORS];
      UNROLL for (int j = 0; j < panels; j++)
        UNROLL for (int u = 0; u < vectors; u++) weights[j * vectors + u] = load(w + j * w_panel + u * VL);
      UNROLL for (int i = 0; i < rows; i++) {
        const V scale = splat(scales[i * a.row + k]);
        UNROLL for (int j = 0; j < panels * vectors; j++)
          tile[i * panels * vectors + j] = madd(scale, weights[j], tile[i * panels * vectors + j]);
      }
      w += L;
    }
  }

  E *c = (E *)q->c + at->p * q->c_panel + at->r * q->c_row + at->v * VL;
  const ptrdiff_t c_panel = q->c_panel, c_row = q->c_row;
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < panels; j++)
      UNROLL for (int u = 0; u < vectors; u++)
        store(c + j * c_panel + i * c_row + u * VL, tile[(i * panels + j) * vectors + u]);
}

// A tile of 1 … TILE_ROWS rows of a part of one panel.
NOINLINE void product_rows(int rows, const ProductTile *at) {
  switch (rows) {
    case 1: product_tile(1, 1, TILE_VECTORS, at); break;
    case 2: product_tile(2, 1, TILE_VECTORS, at); break;
    case 3: product_tile(3, 1, TILE_VECTORS, at); break;
    case 4: product_tile(4, 1, TILE_VECTORS, at); break;
#if TILE_ROWS > 4
    case 5: product_tile(5, 1, TILE_VECTORS, at); break;
    case 6: product_tile(6, 1, TILE_VECTORS, at); break;
#endif
#if TILE_ROWS > 6
    case 7: product_tile(7, 1, TILE_VECTORS, at); break;
    case 8: product_tile(8, 1, TILE_VECTORS, at); break;
#endif
  }
}

// Few rows give few chains of additions, each as slow as one addition after the other; so take whole panels, and
// several of them at once. Gives the number of panels done.
NOINLINE ptrdiff_t product_few_rows(ptrdiff_t rows, ptrdiff_t panels, const ProductTile *at) {
  switch (rows) {
    case 1:
      if (panels >= PANELS_OF_1_ROW) {
        product_tile(1, PANELS_OF_1_ROW, PV, at);
        return PANELS_OF_1_ROW;
      }
#if PANELS_OF_1_ROW > 2
      if (panels >= 2) {  // half as many chains still hide most of the latency; one panel's would not
        product_tile(1, 2, PV, at);
        return 2;
      }
#endif
      break;
#if FEW_ROWS > 1
    case 2:
      if (panels < PANELS_OF_2_ROWS) break;
      product_tile(2, PANELS_OF_2_ROWS, PV, at);
      return PANELS_OF_2_ROWS;
#endif
#if FEW_ROWS > 2
    case 3:
      if (panels < PANELS_OF_3_ROWS) break;
      product_tile(3, PANELS_OF_3_ROWS, PV, at);
      return PANELS_OF_3_ROWS;
#endif
  }
  return 0;
}

static void product(const ebb_product *q) {
  ProductTile at = {q, 0, 0, 0, 0};
  for (ptrdiff_t p = 0; p < q->a.panels; p++) at.depth += q->a.lanes[p];

  if (q->rows <= FEW_ROWS) {
    ptrdiff_t done;
    while ((done = product_few_rows(q->rows, q->n_panels - at.p, &at)) > 0) at.p += done;
  }
  // Blocks of rows are cut evenly: 9 rows are 5 and 4, as 8 and 1 would run the last one alone.
  const ptrdiff_t blocks = (q->rows + TILE_ROWS - 1) / TILE_ROWS;
  for (; at.p < q->n_panels; at.p++)
    for (at.v = 0; at.v < PV; at.v += TILE_VECTORS) {
      at.r = 0;
      for (ptrdiff_t left = blocks; left > 0; left--) {
        const int rows = (int)((q->rows - at.r + left - 1) / left);
        product_rows(rows, &at);
        at.r += rows;
      }
    }
}
