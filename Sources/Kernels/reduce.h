// Reductions over the lanes of each row, and over the rows of each lane. A panel of one lane may be a single number:
// nothing beside it is read.

#if ELEMENT_BYTES == 4
#define LARGEST_EXPONENT 126
#define LEAST_SUM_OF_SQUARES 0x1p-100f
#else
#define LARGEST_EXPONENT 1022
#define LEAST_SUM_OF_SQUARES 0x1p-960
#endif

INLINE V sum_of(V a, V b) { return a + b; }
// The greater one; NaN if either is NaN.
INLINE V max_of(V a, V b) { return ((a >= b) | (a != a)) ? a : b; }

typedef V (*Combine)(V, V);

// What is done to each number before.
INLINE V same_of(V x, E scale) { (void)scale; return x; }
INLINE V magnitude_of(V x, E scale) { (void)scale; return __builtin_elementwise_abs(x); }
INLINE V scaled_of(V x, E scale) { return x * splat(scale); }
INLINE V square_of(V x, E scale) { (void)scale; return x * x; }
INLINE V scaled_square_of(V x, E scale) { return square_of(x * splat(scale), 1); }

typedef V (*Prepare)(V x, E scale);

// Whether the numbers that are reduced are a's, or products a b: a literal at each call.
enum { PLAIN = 0, PRODUCT = 1 };

// Lane by lane over the panels, then the L partial results pairwise: j with j + L/2, then j + L/4, …. A product is
// rounded before it is added, as if it had been stored.
INLINE E reduce_row(const ebb_row_reduction *q, ptrdiff_t r, const int is_product, E neutral, Combine combine,
                    Prepare prepare, E scale) {
  V partial[PV];
  UNROLL for (int v = 0; v < PV; v++) partial[v] = splat(neutral);
  const E *a = (const E *)q->a.base + r * q->a.row;
  const E *b = is_product ? (const E *)q->b + r * q->b_row : a;
  for (ptrdiff_t p = 0; p < q->a.panels; p++) {
    const ptrdiff_t used = q->a.lanes[p];
    if (used == L) {
      UNROLL for (int v = 0; v < PV; v++) {
        V x = load(a + v * VL);
        if (is_product) x *= load(b + v * VL);
        partial[v] = combine(partial[v], prepare(x, scale));
      }
    } else if (used > 1) {
      UNROLL for (int v = 0; v < PV; v++) {
        V x = load(a + v * VL);
        if (is_product) x *= load(b + v * VL);
        partial[v] = combine(partial[v], lanes_below(used, v * VL) ? prepare(x, scale) : splat(neutral));
      }
    } else {
      V x = splat(*a);
      if (is_product) x *= splat(*b);
      partial[0] = combine(partial[0], lanes_below(used, 0) ? prepare(x, scale) : splat(neutral));
    }
    a += q->a.panel;
    if (is_product) b += q->b_panel;
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

INLINE void reduce_rows(const ebb_row_reduction *q, const int is_product, E neutral, Combine combine) {
  for (ptrdiff_t r = 0; r < q->rows; r++)
    ((E *)q->out)[r * q->out_row] = reduce_row(q, r, is_product, neutral, combine, same_of, 1);
}

static void row_sum(const ebb_row_reduction *q) {
  if (q->b)
    reduce_rows(q, PRODUCT, 0, sum_of);
  else
    reduce_rows(q, PLAIN, 0, sum_of);
}
static void row_max(const ebb_row_reduction *q) { reduce_rows(q, PLAIN, -(E)INFINITY, max_of); }

INLINE ptrdiff_t lane_count(const ebb_rows *a) {
  ptrdiff_t count = 0;
  for (ptrdiff_t p = 0; p < a->panels; p++) count += a->lanes[p];
  return count;
}

// The mean of a row whose sum is not finite: Σ x / 2ᵏ over n / 2ᵏ, with 2ᵏ ≥ n.
NOINLINE E mean_of_large_row(const ebb_row_reduction *q, ptrdiff_t r, E n) {
  const E scale = LIBM(ldexp)(1, -(LIBM(ilogb)(n) + 1));
  const E sum = q->b ? reduce_row(q, r, PRODUCT, 0, sum_of, scaled_of, scale)
                     : reduce_row(q, r, PLAIN, 0, sum_of, scaled_of, scale);
  return sum / (n * scale);
}

INLINE void mean_rows(const ebb_row_reduction *q, const int is_product) {
  const E n = (E)lane_count(&q->a);
  for (ptrdiff_t r = 0; r < q->rows; r++) {
    const E sum = reduce_row(q, r, is_product, 0, sum_of, same_of, 1);
    ((E *)q->out)[r * q->out_row] = sum - sum == 0 ? sum / n : mean_of_large_row(q, r, n);
  }
}

static void row_mean(const ebb_row_reduction *q) {
  if (q->b)
    mean_rows(q, PRODUCT);
  else
    mean_rows(q, PLAIN);
}

// The norm of a row whose squares leave the range: 2ᵉ √Σ (x / 2ᵉ)², with 2ᵉ near the largest magnitude, but so that
// both 2ᵉ and 2⁻ᵉ are normal numbers (Blue 1978).
NOINLINE E norm_of_extreme_row(const ebb_row_reduction *q, ptrdiff_t r) {
  const E largest = reduce_row(q, r, PLAIN, 0, max_of, magnitude_of, 1);
  if (!(largest > 0) || largest - largest != 0) return largest;
  int e = LIBM(ilogb)(largest);
  e = e > LARGEST_EXPONENT ? LARGEST_EXPONENT : e < -LARGEST_EXPONENT ? -LARGEST_EXPONENT : e;
  const E sum = reduce_row(q, r, PLAIN, 0, sum_of, scaled_square_of, LIBM(ldexp)(1, -e));
  return __builtin_elementwise_sqrt(sum) * LIBM(ldexp)(1, e);
}

static void row_norm(const ebb_row_reduction *q) {
  for (ptrdiff_t r = 0; r < q->rows; r++) {
    const E sum = reduce_row(q, r, PLAIN, 0, sum_of, square_of, 1);
    // What smaller squares lost is nothing beside a sum of that size; what overflowed is infinite.
    const int is_safe = sum >= LEAST_SUM_OF_SQUARES && sum - sum == 0;
    ((E *)q->out)[r * q->out_row] = is_safe ? __builtin_elementwise_sqrt(sum) : norm_of_extreme_row(q, r);
  }
}

// sum + x, with what rounding has taken from the sum so far in *rest (Kahan 1965); of an infinite sum nothing.
INLINE V add_with_rest(V sum, V x, V *rest) {
  const V y = x - *rest;
  const V total = sum + y;
  const V lost = (total - sum) - y;
  *rest = lost - lost == splat(0) ? lost : splat(0);
  return total;
}

// One panel: its rows in ascending order, in one chain for each lane.
INLINE void reduce_columns(const ebb_column_reduction *q, E neutral, Combine combine) {
  E *out = q->out, *rest = q->rest;
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
      V lost = splat(0);
      if (q->add) {
        const V before = left >= VL ? load(to) : load_part(to, left);
        if (rest) lost = left >= VL ? load(rest + v * VL) : load_part(rest + v * VL, left);
        total = rest ? add_with_rest(before, total, &lost) : combine(before, total);
      }
      store_up_to(to, total, left);
      if (rest) store_up_to(rest + v * VL, lost, left);
    }
    out += used;
    if (rest) rest += used;
  }
}

static void column_sum(const ebb_column_reduction *q) { reduce_columns(q, 0, sum_of); }
static void column_max(const ebb_column_reduction *q) { reduce_columns(q, -(E)INFINITY, max_of); }
