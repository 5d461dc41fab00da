// C[k, n] (+)= Σ_r A[r, k] B[r, n].
//
// A tile of C stays in registers while r runs over all rows.

// Where a tile starts: a lane of a panel of A, a vector of a panel of B, and their element of C.
typedef struct {
  const ebb_outer *q;
  const E *a, *b;
  E *c;
  ptrdiff_t lanes;  // lanes of B's panel in use from b on
} OuterTile;

// Lanes a[0 ..< rows] × vectors of B; the count is a literal at each call, so that the tile lives in registers.
INLINE void outer_tile(const int rows, const OuterTile *at) {
  V tile[MOST_TILE_VECTORS];
  const E *a = at->a, *b = at->b;
  const ptrdiff_t a_row = at->q->a.row, b_row = at->q->b.row;
  UNROLL for (int i = 0; i < rows * TILE_VECTORS; i++) tile[i] = splat(0);
  for (ptrdiff_t left = at->q->rows; left > 0; left--) {
    V columns[TILE_VECTORS];
    UNROLL for (int u = 0; u < TILE_VECTORS; u++) columns[u] = load(b + u * VL);
    UNROLL for (int i = 0; i < rows; i++) {
      const V scale = splat(a[i]);
      UNROLL for (int u = 0; u < TILE_VECTORS; u++)
        tile[i * TILE_VECTORS + u] = madd(scale, columns[u], tile[i * TILE_VECTORS + u]);
    }
    a += a_row;
    b += b_row;
  }

  E *c = at->c;
  const ptrdiff_t ldc = at->q->ldc;
  if (at->lanes < TILE_VECTORS * VL) {  // the panel ends within the tile: neighbours in C are not ours to touch
    E dense[MOST_TILE_VECTORS * VL];
    UNROLL for (int i = 0; i < rows * TILE_VECTORS; i++) store(dense + i * VL, tile[i]);
    for (int i = 0; i < rows; i++)
      for (ptrdiff_t j = 0; j < at->lanes; j++) {
        E *to = c + i * ldc + j;
        const E sum = dense[i * TILE_VECTORS * VL + j];
        *to = at->q->add ? *to + sum : sum;
      }
  } else if (at->q->add) {
    UNROLL for (int i = 0; i < rows; i++)
      UNROLL for (int u = 0; u < TILE_VECTORS; u++) {
        E *to = c + i * ldc + u * VL;
        store(to, load(to) + tile[i * TILE_VECTORS + u]);
      }
  } else {
    UNROLL for (int i = 0; i < rows; i++)
      UNROLL for (int u = 0; u < TILE_VECTORS; u++) store(c + i * ldc + u * VL, tile[i * TILE_VECTORS + u]);
  }
}

NOINLINE void outer_rows(int rows, const OuterTile *at) {
  switch (rows) {
    case 1: outer_tile(1, at); break;
    case 2: outer_tile(2, at); break;
    case 3: outer_tile(3, at); break;
    case 4: outer_tile(4, at); break;
#if TILE_ROWS > 4
    case 5: outer_tile(5, at); break;
    case 6: outer_tile(6, at); break;
#endif
#if TILE_ROWS > 6
    case 7: outer_tile(7, at); break;
    case 8: outer_tile(8, at); break;
#endif
  }
}

static void outer(const ebb_outer *q) {
  E *columns = q->c;
  for (ptrdiff_t bp = 0; bp < q->b.panels; bp++) {
    const ptrdiff_t b_lanes = q->b.lanes[bp];
    for (ptrdiff_t j = 0; j < b_lanes; j += TILE_VECTORS * VL) {
      OuterTile at = {q, NULL, (const E *)q->b.base + bp * q->b.panel + j, columns + j, b_lanes - j};
      for (ptrdiff_t ap = 0; ap < q->a.panels; ap++) {
        at.a = (const E *)q->a.base + ap * q->a.panel;
        ptrdiff_t lanes = q->a.lanes[ap];
        for (ptrdiff_t left = (lanes + TILE_ROWS - 1) / TILE_ROWS; left > 0; left--) {
          const int rows = (int)((lanes + left - 1) / left);
          outer_rows(rows, &at);
          at.a += rows;
          at.c += rows * q->ldc;
          lanes -= rows;
        }
      }
    }
    columns += b_lanes;
  }
}
