// C[r, n] = init[r, n] + Σ_k A[r, k] W[k, n].
//
// A tile of C stays in registers while k runs over all of A's lanes. Panels of W are the outer loop, so that a panel
// stays in the nearest cache that holds it while all rows pass.

// Where a tile starts: row r, panel p.
typedef struct {
  const ebb_product *q;
  ptrdiff_t depth;  // K
  ptrdiff_t r, p;
  const E *next_init;  // of the tile that comes next, or NULL
} ProductTile;

// The numbers at which the next tile starts, and those that this one will overwrite, have often left all caches: let them
// come while the sum runs.
INLINE void fetch_ahead(const int rows, const ProductTile *at) {
  const ebb_product *q = at->q;
  const E *c = (const E *)q->c + at->p * q->c_panel + at->r * q->c_row;
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < L; j += 64 / ELEMENT_BYTES) {
      __builtin_prefetch(c + i * q->c_row + j, 1);
      if (at->next_init) __builtin_prefetch(at->next_init + i * q->init_row + j);
    }
}

// Rows r ..< r + rows of the panels p ..< p + panels. The counts are literals at each call, so that the tile lives in
// registers.
INLINE void product_tile(const int rows, const int panels, const ProductTile *at) {
  V tile[MOST_TILE_VECTORS];
  const ebb_product *q = at->q;
  const ebb_rows a = q->a;
  const int width = panels * PV;
  const ptrdiff_t w_panel = at->depth * L;
  const E *w = (const E *)q->w + at->p * w_panel;

  if (q->init) {
    const E *init = (const E *)q->init + at->p * q->init_panel + at->r * q->init_row;
    UNROLL for (int i = 0; i < rows; i++)
      UNROLL for (int j = 0; j < width; j++)
        tile[i * width + j] = load(init + j / PV * q->init_panel + i * q->init_row + j % PV * VL);
  } else {
    UNROLL for (int i = 0; i < rows * width; i++) tile[i] = splat(0);
  }

  if (rows > FEW_ROWS) fetch_ahead(rows, at);

  for (ptrdiff_t ap = 0; ap < a.panels; ap++) {
    const E *from = (const E *)a.base + ap * a.panel + at->r * a.row;
    const ptrdiff_t lanes = a.lanes[ap];
    ptrdiff_t k = 0;
    if (rows == 1)  // one row does little with each of its numbers: get several at once
      for (; k + SPLATS <= lanes; k += SPLATS) {
        const V numbers = load_for_splats(from + k);
        UNROLL for (int i = 0; i < SPLATS; i++) {
          const V scale = splat_of(numbers, i, from + k);
          UNROLL for (int j = 0; j < width; j++)
            tile[j] = madd(scale, load(w + j / PV * w_panel + j % PV * VL), tile[j]);
          w += L;
        }
      }
    for (; k < lanes; k++) {
      add_to_tile(rows, panels, tile, from + k, a.row, w, w_panel);
      w += L;
    }
  }

  E *c = (E *)q->c + at->p * q->c_panel + at->r * q->c_row;
  const ptrdiff_t c_panel = q->c_panel, c_row = q->c_row;
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < width; j++) store(c + j / PV * c_panel + i * c_row + j % PV * VL, tile[i * width + j]);
}

NOINLINE void product_block(int rows, ptrdiff_t panels, const ProductTile *at) {
  switch (rows * 10 + panels) {
    case 11: product_tile(1, 1, at); break;
#if PANELS_OF_FEW_ROWS > 1
    case 12: product_tile(1, 2, at); break;
    case 13: product_tile(1, 3, at); break;
#endif
#if TILE_ROWS > 1
    case 21: product_tile(2, 1, at); break;
    case 31: product_tile(3, 1, at); break;
#endif
#if FEW_ROWS > 1
    case 22: product_tile(2, 2, at); break;
    case 23: product_tile(2, 3, at); break;
    case 32: product_tile(3, 2, at); break;
    case 33: product_tile(3, 3, at); break;
#endif
#if TILE_ROWS > 3
    case 41: product_tile(4, 1, at); break;
    case 51: product_tile(5, 1, at); break;
    case 61: product_tile(6, 1, at); break;
    case 71: product_tile(7, 1, at); break;
    case 81: product_tile(8, 1, at); break;
#endif
  }
}

// Few rows give few chains of additions, each as slow as one addition after the other; so take several panels at once.
// No more than hide the latency: the fewer there are, the more of W do alternating directions find again.
INLINE void product_of_few_rows(ProductTile *at, const int is_reversed) {
  const ebb_product *q = at->q;
  const int most = PANELS_OF_FEW_ROWS;
  ptrdiff_t panels;
  for (ptrdiff_t left = q->n_panels; left > 0; left -= panels) {
    panels = most > 1 && left == most + 1 ? left : min_of(left, most);  // a single one would be left
    at->p = is_reversed ? left - panels : q->n_panels - left;
    product_block((int)q->rows, panels, at);
  }
}

INLINE void product_of_many_rows(ProductTile *at, const int is_reversed) {
  const ebb_product *q = at->q;
  const Blocks rows = cut_evenly(q->rows, TILE_ROWS);
  const ptrdiff_t step = is_reversed ? -1 : 1;
  at->p = is_reversed ? q->n_panels - 1 : 0;
  for (ptrdiff_t left = q->n_panels; left > 0; left--, at->p += step) {
    const E *init = q->init ? (const E *)q->init + at->p * q->init_panel : NULL;
    at->r = 0;
    for (ptrdiff_t i = 0; i < rows.blocks; i++) {
      const int block = block_length(&rows, i);
      const int is_last = i + 1 == rows.blocks;
      at->next_init = NULL;
      if (init && !is_last) at->next_init = init + (at->r + block) * q->init_row;
      if (init && is_last && left > 1) at->next_init = init + step * q->init_panel;
      product_block(block, 1, at);
      at->r += block;
    }
  }
}

INLINE void product_in_order(const ebb_product *q, const int is_reversed) {
  ProductTile at = {.q = q};
  for (ptrdiff_t p = 0; p < q->a.panels; p++) at.depth += q->a.lanes[p];
  if (q->rows <= FEW_ROWS)
    product_of_few_rows(&at, is_reversed);
  else
    product_of_many_rows(&at, is_reversed);
}

static void product(const ebb_product *q) { product_in_order(q, 0); }
static void product_reversed(const ebb_product *q) { product_in_order(q, 1); }
