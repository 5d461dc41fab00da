// Products and reductions of values with any strides: of matrices that differ from sample to sample.
//
// Each result is one chain over ascending k, or, where k is contiguous in both factors, VL chains that are added
// pairwise. Which of the two it is depends on strides alone, so neither rows nor columns can change the bits.

// A run of k, cut as the features of a value are: whole panels, then the rest of one.
typedef struct {
  ptrdiff_t panels, lanes, last;
} Run;

INLINE ptrdiff_t run_lanes(const Run *run, ptrdiff_t p) { return p + 1 < run->panels ? run->lanes : run->last; }

// Vector v of a row of `lanes` numbers, of which no other is read.
INLINE V load_within(const E *p, ptrdiff_t lanes) {
  return lanes >= VL ? load(p) : lanes > 0 ? load_part(p, lanes) : splat(0);
}

// ---- Columns side by side: C[i, j] for a panel of columns j, in a tile ----------------------------------------------

typedef struct {
  const E *a, *b;
  E *c;
  ptrdiff_t a_row, a_k, a_panel, b_k, b_panel, c_row;
  ptrdiff_t lanes;  // of the panel of columns
  Run k;
  int add;
} ContractionTile;

INLINE void contract_tile(const int rows, const ContractionTile *at) {
  V tile[MOST_TILE_VECTORS];
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int v = 0; v < PV; v++)
      tile[i * PV + v] = at->add ? load_within(at->c + i * at->c_row + v * VL, at->lanes - v * VL) : splat(0);
  for (ptrdiff_t p = 0; p < at->k.panels; p++) {
    const E *a = at->a + p * at->a_panel, *b = at->b + p * at->b_panel;
    const ptrdiff_t count = run_lanes(&at->k, p);
    if (at->lanes == L) {
      for (ptrdiff_t k = 0; k < count; k++) add_to_tile(rows, 1, tile, a + k * at->a_k, at->a_row, b + k * at->b_k, 0);
    } else {
      for (ptrdiff_t k = 0; k < count; k++) {
        V row[PV];
        UNROLL for (int v = 0; v < PV; v++) row[v] = load_within(b + k * at->b_k + v * VL, at->lanes - v * VL);
        UNROLL for (int i = 0; i < rows; i++) {
          const V factor = splat(a[k * at->a_k + i * at->a_row]);
          UNROLL for (int v = 0; v < PV; v++) tile[i * PV + v] = madd(factor, row[v], tile[i * PV + v]);
        }
      }
    }
  }
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int v = 0; v < PV; v++)
      store_up_to(at->c + i * at->c_row + v * VL, tile[i * PV + v], at->lanes - v * VL);
}

NOINLINE void contract_block(int rows, const ContractionTile *at) {
  switch (rows) {
    case 1: contract_tile(1, at); break;
#if TILE_ROWS > 1
    case 2: contract_tile(2, at); break;
    case 3: contract_tile(3, at); break;
#endif
#if TILE_ROWS > 3
    case 4: contract_tile(4, at); break;
    case 5: contract_tile(5, at); break;
    case 6: contract_tile(6, at); break;
    case 7: contract_tile(7, at); break;
    case 8: contract_tile(8, at); break;
#endif
  }
}

// One row: a panel alone would wait for its last sum, so four take turns.
enum { ROW_PANELS = 8 / PV > 0 ? 8 / PV : 1 };

INLINE void contract_row(const int panels, const ContractionTile *at, ptrdiff_t b_column, ptrdiff_t c_column) {
  V tile[ROW_PANELS * PV];
  UNROLL for (int j = 0; j < panels * PV; j++)
    tile[j] = at->add ? load(at->c + j / PV * c_column + j % PV * VL) : splat(0);
  for (ptrdiff_t p = 0; p < at->k.panels; p++) {
    const E *a = at->a + p * at->a_panel, *b = at->b + p * at->b_panel;
    const ptrdiff_t count = run_lanes(&at->k, p);
    for (ptrdiff_t k = 0; k < count; k++) {
      const V factor = splat(a[k * at->a_k]);
      UNROLL for (int j = 0; j < panels * PV; j++)
        tile[j] = madd(factor, load(b + k * at->b_k + j / PV * b_column + j % PV * VL), tile[j]);
    }
  }
  UNROLL for (int j = 0; j < panels * PV; j++) store(at->c + j / PV * c_column + j % PV * VL, tile[j]);
}

INLINE void contract_columns(const ebb_contraction *q) {
  ContractionTile at = {.a_row = q->a_row, .a_k = q->a_k, .a_panel = q->a_k_panel, .b_k = q->b_k,
                        .b_panel = q->b_k_panel, .c_row = q->c_row, .lanes = L,
                        .k = {q->k_panels, q->k_lanes, q->k_last}, .add = q->add};
  ptrdiff_t panel = 0;
  if (q->rows == 1) {
    at.a = q->a;
    for (; panel + ROW_PANELS < q->panels; panel += ROW_PANELS) {
      at.b = (const E *)q->b + panel * q->b_panel;
      at.c = (E *)q->c + panel * q->c_panel;
      contract_row(ROW_PANELS, &at, q->b_panel, q->c_panel);
    }
  }
  for (; panel < q->panels; panel++) {
    at.lanes = panel + 1 < q->panels ? L : q->last;
    at.a = q->a;
    at.b = (const E *)q->b + panel * q->b_panel;
    at.c = (E *)q->c + panel * q->c_panel;
    const Blocks rows = cut_evenly(q->rows, TILE_ROWS);
    for (ptrdiff_t i = 0; i < rows.blocks; i++) {
      const int block = block_length(&rows, i);
      contract_block(block, &at);
      at.a += block * q->a_row;
      at.c += block * q->c_row;
    }
  }
}

// ---- k side by side: scalar products --------------------------------------------------------------------------------

INLINE E sum_of_lanes(V x) {
  UNROLL for (int half = VL / 2; half > 0; half /= 2) {
    V upper = x;
    for (int j = 0; j < half; j++) upper[j] = x[j + half];
    x = x + upper;
  }
  return x[0];
}

// C[i, j] for rows × columns scalar products, whose chains take turns.
INLINE void dot_tile(const int rows, const int columns, const ebb_contraction *q, const E *a, const E *b, E *c,
                     ptrdiff_t b_column, ptrdiff_t c_column) {
  V tile[8];
  UNROLL for (int i = 0; i < rows * columns; i++) tile[i] = splat(0);
  const Run run = {q->k_panels, q->k_lanes, q->k_last};
  for (ptrdiff_t p = 0; p < run.panels; p++) {
    const ptrdiff_t count = run_lanes(&run, p);
    const E *ap = a + p * q->a_k_panel, *bp = b + p * q->b_k_panel;
    for (ptrdiff_t k = 0; k < count; k += VL) {
      const ptrdiff_t left = count - k;
      V right[8];
      UNROLL for (int j = 0; j < columns; j++) right[j] = load_within(bp + j * b_column + k, left);
      UNROLL for (int i = 0; i < rows; i++) {
        const V x = load_within(ap + i * q->a_row + k, left);
        UNROLL for (int j = 0; j < columns; j++) tile[i * columns + j] = madd(x, right[j], tile[i * columns + j]);
      }
    }
  }
  UNROLL for (int i = 0; i < rows; i++)
    UNROLL for (int j = 0; j < columns; j++) {
      E *to = c + i * q->c_row + j * c_column;
      const E sum = sum_of_lanes(tile[i * columns + j]);
      *to = q->add ? *to + sum : sum;
    }
}

// A column j is a lane of a panel.
INLINE void dot_rows(const ebb_contraction *q, const int columns, const E *b, E *c) {
  const E *a = q->a;
  ptrdiff_t i = 0;
  if (columns == 1)
    for (; i + 8 <= q->rows; i += 8) dot_tile(8, 1, q, a + i * q->a_row, b, c + i * q->c_row, q->b_lane, q->c_lane);
  for (; i + 4 <= q->rows; i += 4) dot_tile(4, columns, q, a + i * q->a_row, b, c + i * q->c_row, q->b_lane, q->c_lane);
  for (; i < q->rows; i++) dot_tile(1, columns, q, a + i * q->a_row, b, c + i * q->c_row, q->b_lane, q->c_lane);
}

INLINE void contract_dots(const ebb_contraction *q) {
  for (ptrdiff_t p = 0; p < q->panels; p++) {
    const ptrdiff_t lanes = p + 1 < q->panels ? L : q->last;
    const E *b = (const E *)q->b + p * q->b_panel;
    E *c = (E *)q->c + p * q->c_panel;
    ptrdiff_t j = 0;
    for (; j + 2 <= lanes; j += 2) dot_rows(q, 2, b + j * q->b_lane, c + j * q->c_lane);
    if (j < lanes) dot_rows(q, 1, b + j * q->b_lane, c + j * q->c_lane);
  }
}

// ---- Neither ----------------------------------------------------------------------------------------------------------

NOINLINE void contract_numbers(const ebb_contraction *q) {
  const Run run = {q->k_panels, q->k_lanes, q->k_last};
  for (ptrdiff_t p = 0; p < q->panels; p++) {
    const ptrdiff_t lanes = p + 1 < q->panels ? L : q->last;
    for (ptrdiff_t i = 0; i < q->rows; i++)
      for (ptrdiff_t j = 0; j < lanes; j++) {
        const E *a = (const E *)q->a + i * q->a_row;
        const E *b = (const E *)q->b + p * q->b_panel + j * q->b_lane;
        E *c = (E *)q->c + i * q->c_row + p * q->c_panel + j * q->c_lane;
        E sum = q->add ? *c : 0;
        for (ptrdiff_t kp = 0; kp < run.panels; kp++)
          for (ptrdiff_t k = 0; k < run_lanes(&run, kp); k++) {
            const E x = a[kp * q->a_k_panel + k * q->a_k], y = b[kp * q->b_k_panel + k * q->b_k];
#if HAS_FMA
            sum = LIBM(fma)(x, y, sum);
#else
            sum = x * y + sum;
#endif
          }
        *c = sum;
      }
  }
}

// Columns that are contiguous in C alone: a copy of B has them so too, panel by panel, for all rows.
NOINLINE void contract_packed(const ebb_contraction *q) {
  const Run run = {q->k_panels, q->k_lanes, q->k_last};
  const ptrdiff_t depth = (run.panels - 1) * run.lanes + run.last;
  for (ptrdiff_t p = 0; p < q->panels; p++) {
    const ptrdiff_t lanes = p + 1 < q->panels ? L : q->last;
    for (ptrdiff_t kp = 0; kp < run.panels; kp++) {
      const E *b = (const E *)q->b + p * q->b_panel + kp * q->b_k_panel;
      E *to = (E *)q->packed + (p * depth + kp * run.lanes) * L;
      const ptrdiff_t count = run_lanes(&run, kp);
      if (q->b_k == 1)
        pack_transposed(b, q->b_lane, count, lanes, to);
      else
        pack_lanes(b, q->b_k, q->b_lane, count, 0, lanes, to);
    }
  }
  ebb_contraction columns = *q;
  columns.b = q->packed;
  columns.b_lane = 1;
  columns.b_k = L;
  columns.b_k_panel = run.lanes * L;
  columns.b_panel = depth * L;
  contract_columns(&columns);
}

static void contract(const ebb_contraction *q) {
  if (q->rows <= 0 || q->panels <= 0) return;
  if (q->b_lane == 1 && q->c_lane == 1)
    contract_columns(q);
  else if (q->packed && q->c_lane == 1)
    contract_packed(q);
  else if (q->a_k == 1 && q->b_k == 1)
    contract_dots(q);
  else
    contract_numbers(q);
}

// ---- Reductions over an axis ------------------------------------------------------------------------------------------

// One panel of results, each of them one chain over k.
INLINE void reduce_panel(const int vectors, const ebb_axis_reduction *q, const E *a, E *out, ptrdiff_t lanes, E neutral,
                         Combine combine) {
  V tile[4];
  UNROLL for (int v = 0; v < vectors; v++) tile[v] = q->add ? load_within(out + v * VL, lanes - v * VL) : splat(neutral);
  for (ptrdiff_t k = 0; k < q->count; k++)
    UNROLL for (int v = 0; v < vectors; v++)
      tile[v] = combine(tile[v], load_within(a + k * q->a_k + v * VL, lanes - v * VL));
  UNROLL for (int v = 0; v < vectors; v++) store_up_to(out + v * VL, tile[v], lanes - v * VL);
}

// One number: VL chains over k, combined pairwise.
INLINE E reduce_run(const E *a, ptrdiff_t count, E neutral, Combine combine) {
  V partial[4];
  UNROLL for (int v = 0; v < 4; v++) partial[v] = splat(neutral);
  ptrdiff_t k = 0;
  for (; k + 4 * VL <= count; k += 4 * VL)
    UNROLL for (int v = 0; v < 4; v++) partial[v] = combine(partial[v], load(a + k + v * VL));
  for (int v = 0; k < count; k += VL, v++) {
    const ptrdiff_t left = count - k;
    const V x = load_within(a + k, left);
    partial[v] = combine(partial[v], left >= VL ? x : lanes_below(left, 0) ? x : splat(neutral));
  }
  V sum = combine(combine(partial[0], partial[2]), combine(partial[1], partial[3]));
  UNROLL for (int half = VL / 2; half > 0; half /= 2) {
    V upper = sum;
    for (int j = 0; j < half; j++) upper[j] = sum[j + half];
    sum = combine(sum, upper);
  }
  return sum[0];
}

INLINE void reduce_axis(const ebb_axis_reduction *q, E neutral, Combine combine) {
  for (ptrdiff_t r = 0; r < q->rows; r++)
    for (ptrdiff_t p = 0; p < q->panels; p++) {
      const ptrdiff_t lanes = p + 1 < q->panels ? L : q->last;
      const E *a = (const E *)q->a + r * q->a_row + p * q->a_panel;
      E *out = (E *)q->out + r * q->out_row + p * q->out_panel;
      if (q->a_lane == 1 && q->out_lane == 1) {
        const int vectors = PV < 4 ? PV : 4;
        for (ptrdiff_t j = 0; j < lanes; j += vectors * VL)
          reduce_panel(vectors, q, a + j, out + j, lanes - j, neutral, combine);
      } else {
        for (ptrdiff_t j = 0; j < lanes; j++) {
          const E *from = a + j * q->a_lane;
          E *to = out + j * q->out_lane;
          V result;
          if (q->a_k == 1) {
            result = splat(reduce_run(from, q->count, neutral, combine));
          } else {
            result = splat(neutral);
            for (ptrdiff_t k = 0; k < q->count; k++) result = combine(result, splat(from[k * q->a_k]));
          }
          *to = (q->add ? combine(splat(*to), result) : result)[0];
        }
      }
    }
}

static void axis_sum(const ebb_axis_reduction *q) { reduce_axis(q, 0, sum_of); }
static void axis_max(const ebb_axis_reduction *q) { reduce_axis(q, -(E)INFINITY, max_of); }

// ---- Other places -----------------------------------------------------------------------------------------------------

// Rows of at most a vector of numbers that are side by side: the mask is the same for all.
INLINE void move_short_rows(const ebb_rearrangement *q, const E *a, E *out, ptrdiff_t lanes) {
  if (lanes == VL) {
    for (ptrdiff_t r = 0; r < q->rows; r++) store(out + r * q->out_row, load(a + r * q->a_row));
  } else if (lanes * ELEMENT_BYTES == 16) {
    for (ptrdiff_t r = 0; r < q->rows; r++) memcpy(out + r * q->out_row, a + r * q->a_row, 16);
  } else {
    for (ptrdiff_t r = 0; r < q->rows; r++) store_part(out + r * q->out_row, load_part(a + r * q->a_row, lanes), lanes);
  }
}

static void rearrange(const ebb_rearrangement *q) {
  for (ptrdiff_t p = 0; p < q->panels; p++) {
    const ptrdiff_t lanes = p + 1 < q->panels ? q->lanes : q->last;
    const E *a = (const E *)q->a + p * q->a_panel;
    E *out = (E *)q->out + p * q->out_panel;
    if (q->a_lane == 1 && q->out_lane == 1) {
      ptrdiff_t j = 0;
      for (; lanes - j > VL; j += VL)
        for (ptrdiff_t r = 0; r < q->rows; r++) store(out + r * q->out_row + j, load(a + r * q->a_row + j));
      move_short_rows(q, a + j, out + j, lanes - j);
    } else {
      for (ptrdiff_t r = 0; r < q->rows; r++)
        for (ptrdiff_t j = 0; j < lanes; j++) out[r * q->out_row + j * q->out_lane] = a[r * q->a_row + j * q->a_lane];
    }
  }
}
