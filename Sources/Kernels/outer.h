// C[k, n] (+)= Σ_r A[r, k] B[r, n].
//
// A tile of C stays in registers while r runs over all rows.

enum { NEAR_BYTES = 128 * 1024 };  // a part of the second-level cache of any processor

// Where a tile starts: a lane of a panel of A, a panel of B, and their element of C.
typedef struct {
  const ebb_outer *q;
  const E *a, *b;
  E *c;
  ptrdiff_t lanes;  // lanes of B's panel in use
} OuterTile;

// Lanes a[0 ..< rows] × a panel of B; the count is a literal at each call, so that the tile lives in registers.
INLINE void outer_tile(const int rows, const OuterTile *at) {
  V tile[MOST_TILE_VECTORS];
  const E *a = at->a, *b = at->b;
  const ptrdiff_t a_row = at->q->a.row, b_row = at->q->b.row;
  E *c = at->c;
  const ptrdiff_t ldc = at->q->ldc;
  UNROLL for (int i = 0; i < rows * PV; i++) tile[i] = splat(0);
  if (at->q->add)  // C may have left the nearer caches: let it come while the sum runs
    UNROLL for (int i = 0; i < rows; i++)
      UNROLL for (int j = 0; j < L; j += 64 / ELEMENT_BYTES) __builtin_prefetch(c + i * ldc + j, 1);
  if (at->lanes == 1) {  // may be a single number: nothing beside it is read
    for (ptrdiff_t left = at->q->rows; left > 0; left--) {
      UNROLL for (int i = 0; i < rows; i++) tile[i * PV] = madd(splat(a[i]), splat(*b), tile[i * PV]);
      a += a_row;
      b += b_row;
    }
  } else {
    for (ptrdiff_t left = at->q->rows; left > 0; left--) {
      add_to_tile(rows, 1, tile, a, 1, b, 0);
      a += a_row;
      b += b_row;
    }
  }

  if (at->lanes < L) {  // neighbours in C are not ours to touch
    E dense[MOST_TILE_VECTORS * VL];
    UNROLL for (int i = 0; i < rows * PV; i++) store(dense + i * VL, tile[i]);
    for (int i = 0; i < rows; i++)
      for (ptrdiff_t j = 0; j < at->lanes; j++) {
        E *to = c + i * ldc + j;
        const E sum = dense[i * L + j];
        *to = at->q->add ? *to + sum : sum;
      }
  } else if (at->q->add) {
    UNROLL for (int i = 0; i < rows; i++)
      UNROLL for (int v = 0; v < PV; v++) {
        E *to = c + i * ldc + v * VL;
        store(to, load(to) + tile[i * PV + v]);
      }
  } else {
    UNROLL for (int i = 0; i < rows; i++)
      UNROLL for (int v = 0; v < PV; v++) store(c + i * ldc + v * VL, tile[i * PV + v]);
  }
}

NOINLINE void outer_block(int rows, const OuterTile *at) {
  switch (rows) {
    case 1: outer_tile(1, at); break;
#if TILE_ROWS > 1
    case 2: outer_tile(2, at); break;
    case 3: outer_tile(3, at); break;
#endif
#if TILE_ROWS > 3
    case 4: outer_tile(4, at); break;
    case 5: outer_tile(5, at); break;
    case 6: outer_tile(6, at); break;
    case 7: outer_tile(7, at); break;
    case 8: outer_tile(8, at); break;
#endif
  }
}

// Panels from ..< to of A by all of B, from row c of C on. Gives the row of C after them.
INLINE E *outer_panels(const ebb_outer *q, ptrdiff_t from, ptrdiff_t to, E *c) {
  E *columns = c;
  OuterTile at = {.q = q};
  for (ptrdiff_t bp = 0; bp < q->b.panels; bp++) {
    at.b = (const E *)q->b.base + bp * q->b.panel;
    at.c = columns;
    at.lanes = q->b.lanes[bp];
    for (ptrdiff_t ap = from; ap < to; ap++) {
      at.a = (const E *)q->a.base + ap * q->a.panel;
      const Blocks lanes = cut_evenly(q->a.lanes[ap], TILE_ROWS);
      for (ptrdiff_t i = 0; i < lanes.blocks; i++) {
        const int block = block_length(&lanes, i);
        outer_block(block, &at);
        at.a += block;
        at.c += block * q->ldc;
      }
    }
    columns += at.lanes;
  }
  for (ptrdiff_t ap = from; ap < to; ap++) c += q->a.lanes[ap] * q->ldc;
  return c;
}

static void outer(const ebb_outer *q) {
  // So many panels of A stay in the second-level cache while all of B passes.
  const ptrdiff_t fitting = NEAR_BYTES / EBB_PANEL_BYTES / (q->rows > 0 ? q->rows : 1);
  const ptrdiff_t group = fitting > 0 ? fitting : 1;
  E *c = q->c;
  for (ptrdiff_t from = 0; from < q->a.panels; from += group)
    c = outer_panels(q, from, min_of(from + group, q->a.panels), c);
}
