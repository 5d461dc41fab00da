// Reductions over the lanes of each row, and over the rows of each lane. A panel of one lane may be a single number:
// nothing beside it is read.

INLINE V sum_of(V a, V b) { return a + b; }
// The greater one; NaN if either is NaN.
INLINE V max_of(V a, V b) { return ((a >= b) | (a != a)) ? a : b; }

typedef V (*Combine)(V, V);

// Lane by lane over the panels, then the L partial results pairwise: j with j + L/2, then j + L/4, ….
INLINE E reduce_row(const ebb_rows *a, ptrdiff_t r, E neutral, Combine combine) {
  V partial[PV];
  UNROLL for (int v = 0; v < PV; v++) partial[v] = splat(neutral);
  for (ptrdiff_t p = 0; p < a->panels; p++) {
    const E *lanes = (const E *)a->base + p * a->panel + r * a->row;
    const ptrdiff_t used = a->lanes[p];
    UNROLL for (int v = 0; v < PV; v++) {
      const V x = used == 1 ? splat(*lanes) : load(lanes + v * VL);
      partial[v] = combine(partial[v], used == L ? x : lanes_below(used, v * VL) ? x : splat(neutral));
    }
  }
  UNROLL for (int half = PV / 2; half > 0; half /= 2)
    UNROLL for (int v = 0; v < half; v++) partial[v] = combine(partial[v], partial[v + half]);
  UNROLL for (int half = VL / 2; half > 0; half /= 2) {
    V upper = partial[0];
    for (int j = 0; j < half; j++) upper[j] = partial[0][j + half];
    partial[0] = combine(partial[0], upper);
  }
  return partial[0][0];
}

INLINE void reduce_rows(const ebb_row_reduction *q, E neutral, Combine combine) {
  for (ptrdiff_t r = 0; r < q->rows; r++) ((E *)q->out)[r * q->out_row] = reduce_row(&q->a, r, neutral, combine);
}

static void row_sum(const ebb_row_reduction *q) { reduce_rows(q, 0, sum_of); }
static void row_max(const ebb_row_reduction *q) { reduce_rows(q, -(E)INFINITY, max_of); }

static void row_argmax(const ebb_row_reduction *q) {
  for (ptrdiff_t r = 0; r < q->rows; r++) {
    const E greatest = reduce_row(&q->a, r, -(E)INFINITY, max_of);
    ptrdiff_t index = 0;
    for (ptrdiff_t p = 0; p < q->a.panels; p++) {
      const E *lanes = (const E *)q->a.base + p * q->a.panel + r * q->a.row;
      const ptrdiff_t used = q->a.lanes[p];
      ptrdiff_t j = 0;
      while (j < used && !(lanes[j] == greatest || (lanes[j] != lanes[j] && greatest != greatest))) j++;
      index += j;
      if (j < used) break;
      if (p + 1 == q->a.panels) index = 0;
    }
    ((E *)q->out)[r * q->out_row] = (E)index;
  }
}

// One panel: its rows in ascending order, in one chain for each lane.
INLINE void reduce_columns(const ebb_column_reduction *q, E neutral, Combine combine) {
  E *out = q->out;
  for (ptrdiff_t p = 0; p < q->a.panels; p++) {
    const E *lanes = (const E *)q->a.base + p * q->a.panel;
    const ptrdiff_t used = q->a.lanes[p];
    V result[PV];
    UNROLL for (int v = 0; v < PV; v++) result[v] = splat(neutral);
    if (used == 1) {
      for (ptrdiff_t r = 0; r < q->rows; r++) result[0] = combine(result[0], splat(lanes[r * q->a.row]));
    } else {
      for (ptrdiff_t r = 0; r < q->rows; r++)
        UNROLL for (int v = 0; v < PV; v++) result[v] = combine(result[v], load(lanes + r * q->a.row + v * VL));
    }
    UNROLL for (int v = 0; v < PV; v++) {
      const ptrdiff_t left = used - v * VL;
      if (left <= 0) continue;
      E *to = out + v * VL;
      V total = result[v];
      if (q->add) total = combine(left >= VL ? load(to) : load_part(to, left), total);
      store_up_to(to, total, left);
    }
    out += used;
  }
}

static void column_sum(const ebb_column_reduction *q) { reduce_columns(q, 0, sum_of); }
static void column_max(const ebb_column_reduction *q) { reduce_columns(q, -(E)INFINITY, max_of); }
