// Operations on lines of numbers: the place of the greatest, running sums, entries at given places, orders.
//
// Lines that lie side by side are lanes of vectors; else a line is taken by itself, or several of them in turn. Each
// result is one chain over its line, or exact, so neither rows nor lanes can change its bits.

INLINE ptrdiff_t place_of(const ebb_places *at, ptrdiff_t k) { return at->table ? at->table[k] : k * at->step; }

// ---- The greatest ------------------------------------------------------------------------------------------------------

// Whether x comes before the greatest so far: it is greater, or the first NaN.
INLINE M exceeds(V x, V greatest) { return (x > greatest) | ((x != x) & (greatest == greatest)); }

// The lines of `vectors` vectors of lanes, of which `lanes` are left.
INLINE void argmax_lanes(const int vectors, const ebb_argmax *q, const E *a, double *out, ptrdiff_t lanes) {
  V greatest[4];
  M place[4];
  UNROLL for (int v = 0; v < vectors; v++) {
    greatest[v] = load_within(a + place_of(&q->a_k, 0) + v * VL, lanes - v * VL);
    place[v] = (M){0};
  }
  for (ptrdiff_t k = 1; k < q->count; k++) {
    const E *from = a + place_of(&q->a_k, k);
    UNROLL for (int v = 0; v < vectors; v++) {
      const V x = load_within(from + v * VL, lanes - v * VL);
      const M is_greater = exceeds(x, greatest[v]);
      greatest[v] = is_greater ? x : greatest[v];
      place[v] = is_greater ? (M)((I)k) : place[v];
    }
  }
  UNROLL for (int v = 0; v < vectors; v++)
    for (ptrdiff_t j = 0; j < min_of(VL, lanes - v * VL); j++) out[(v * VL + j) * q->out_lane] = (double)place[v][j];
}

// One line in runs of numbers that are side by side: each lane keeps the greatest of its own and its place. Where all are
// -∞, no lane finds one, and the place is 0.
INLINE double argmax_line(const ebb_argmax *q, const E *a) {
  const I nowhere = (I)((Bits)~(Bits)0 >> 1);
  V greatest = splat(-(E)INFINITY);
  M place = (M)(nowhere), lane = {0};
  UNROLL for (int j = 0; j < VL; j++) lane[j] = j;
  for (ptrdiff_t first = 0; first < q->count; first += q->run) {
    const E *from = a + place_of(&q->a_k, first);
    const ptrdiff_t count = min_of(q->run, q->count - first);
    for (ptrdiff_t k = 0; k < count; k += VL) {
      const V x = load_within(from + k, count - k);
      const M is_greater = exceeds(x, greatest) & lanes_below(min_of(count - k, VL), 0);
      greatest = is_greater ? x : greatest;
      place = is_greater ? lane + (M)((I)(first + k)) : place;
    }
  }
  // Of the lanes the greatest, of equal ones the first, pairwise.
  UNROLL for (int half = VL / 2; half > 0; half /= 2) {
    V x = greatest;
    M at = place;
    for (int j = 0; j < half; j++) {
      x[j] = greatest[j + half];
      at[j] = place[j + half];
    }
    const M is_equal = (x == greatest) | ((x != x) & (greatest != greatest));
    const M is_first = exceeds(x, greatest) | (is_equal & (at < place));
    greatest = is_first ? x : greatest;
    place = is_first ? at : place;
  }
  return place[0] == nowhere ? 0 : (double)place[0];
}

NOINLINE double argmax_numbers(const ebb_argmax *q, const E *a) {
  E best = a[place_of(&q->a_k, 0)];
  ptrdiff_t found = 0;
  for (ptrdiff_t k = 1; k < q->count; k++) {
    const E x = a[place_of(&q->a_k, k)];
    if (x > best || (x != x && best == best)) best = x, found = k;
  }
  return (double)found;
}

static void argmax(const ebb_argmax *q) {
  for (ptrdiff_t r = 0; r < q->rows; r++) {
    const E *a = (const E *)q->a + r * q->a_row;
    double *out = q->out + r * q->out_row;
    if (q->count == 0) {
      for (ptrdiff_t j = 0; j < q->lanes; j++) out[j * q->out_lane] = 0;
    } else if (q->a_lane == 1 && q->lanes > 1) {
      ptrdiff_t j = 0;
      for (; q->lanes - j > VL; j += 4 * VL) argmax_lanes(4, q, a + j, out + j * q->out_lane, q->lanes - j);
      if (j < q->lanes) argmax_lanes(1, q, a + j, out + j * q->out_lane, q->lanes - j);
    } else {
      for (ptrdiff_t j = 0; j < q->lanes; j++)
        out[j * q->out_lane] = q->run > 1 ? argmax_line(q, a + j * q->a_lane) : argmax_numbers(q, a + j * q->a_lane);
    }
  }
}

// ---- Running sums: y[k] = a[k] y[k - 1] + b[k] -----------------------------------------------------------------------------

INLINE E madd_number(E a, E b, E c) {
#if HAS_FMA
  return LIBM(fma)(a, b, c);
#else
  return a * b + c;
#endif
}

// The lines of `vectors` vectors of lanes; their factors are numbers, or lie side by side too.
INLINE void accumulate_lanes(const int vectors, const int has_factors, const ebb_accumulation *q, const E *a,
                             const E *b, E *y, ptrdiff_t lanes) {
  V sum[4];
  for (ptrdiff_t k = 0; k < q->count; k++) {
    const E *factors = a + place_of(&q->a_k, k), *terms = b + place_of(&q->b_k, k);
    E *to = y + place_of(&q->y_k, k);
    UNROLL for (int v = 0; v < vectors; v++) {
      const V term = load_within(terms + v * VL, lanes - v * VL);
      if (k == 0) {
        sum[v] = term;
      } else {
        sum[v] = madd(has_factors ? load_within(factors + v * VL, lanes - v * VL) : splat(*factors), sum[v], term);
      }
      store_up_to(to + v * VL, sum[v], lanes - v * VL);
    }
  }
}

INLINE void accumulate_side_by_side(const int has_factors, const ebb_accumulation *q, const E *a, const E *b, E *y) {
  ptrdiff_t j = 0;
  for (; q->lanes - j > VL; j += 4 * VL)
    accumulate_lanes(4, has_factors, q, a + (has_factors ? j : 0), b + j, y + j, q->lanes - j);
  if (j < q->lanes) accumulate_lanes(1, has_factors, q, a + (has_factors ? j : 0), b + j, y + j, q->lanes - j);
}

// One line of each of these rows: a chain alone would wait for its last sum, so they take turns.
INLINE void accumulate_rows(const int rows, const ebb_accumulation *q, const E *a, const E *b, E *y) {
  E sum[8];
  for (ptrdiff_t k = 0; k < q->count; k++) {
    const E *factors = a + place_of(&q->a_k, k), *terms = b + place_of(&q->b_k, k);
    E *to = y + place_of(&q->y_k, k);
    UNROLL for (int r = 0; r < rows; r++) {
      const E term = terms[r * q->b_row];
      sum[r] = k == 0 ? term : madd_number(factors[r * q->a_row], sum[r], term);
      to[r * q->y_row] = sum[r];
    }
  }
}

static void accumulate(const ebb_accumulation *q) {
  const E *a = q->a, *b = q->b;
  E *y = q->y;
  if (q->lanes > 1 && q->b_lane == 1 && q->y_lane == 1 && (q->a_lane == 1 || q->a_lane == 0)) {
    for (ptrdiff_t r = 0; r < q->rows; r++, a += q->a_row, b += q->b_row, y += q->y_row) {
      if (q->a_lane)
        accumulate_side_by_side(1, q, a, b, y);
      else
        accumulate_side_by_side(0, q, a, b, y);
    }
    return;
  }
  for (ptrdiff_t j = 0; j < q->lanes; j++, a += q->a_lane, b += q->b_lane, y += q->y_lane) {
    ptrdiff_t r = 0;
    for (; r + 8 <= q->rows; r += 8) accumulate_rows(8, q, a + r * q->a_row, b + r * q->b_row, y + r * q->y_row);
    for (; r < q->rows; r++) accumulate_rows(1, q, a + r * q->a_row, b + r * q->b_row, y + r * q->y_row);
  }
}

// ---- Entries at given places ---------------------------------------------------------------------------------------------

// Ids are turned into places so many at a time; those that are the same for all rows once.
enum { CHOSEN = 256 };

// The places that the ids from `first` on choose in a row of the indexed value; -1 for an id that is outside.
INLINE void choose(const ebb_entries *q, const double *ids, const ptrdiff_t *places, ptrdiff_t first, ptrdiff_t count,
                   ptrdiff_t *chosen) {
  // Vectors that gather are slower than numbers, one after the other.
#pragma clang loop vectorize(disable)
  for (ptrdiff_t j = 0; j < count; j++) {
    const double id = ids[q->id_places[first + j]];
    const int is_inside = id >= 0 && id < (double)q->entries;
    chosen[j] = is_inside ? places[q->first[first + j] + (ptrdiff_t)id * q->inner] : -1;
  }
}

static void gather_entries(const ebb_entries *q) {
  ptrdiff_t chosen[CHOSEN];
  for (ptrdiff_t first = 0; first < q->count; first += CHOSEN) {
    const ptrdiff_t count = min_of(CHOSEN, q->count - first);
    for (ptrdiff_t r = 0; r < q->rows; r++) {
      if (r == 0 || q->id_row) choose(q, q->ids + r * q->id_row, q->a_places, first, count, chosen);
      const E *a = (const E *)q->a + r * q->a_row;
      E *out = (E *)q->out + r * q->out_row;
      for (ptrdiff_t j = 0; j < count; j++) out[q->out_places[first + j]] = chosen[j] < 0 ? 0 : a[chosen[j]];
    }
  }
}

// The values of each entry in ascending order.
static void scatter_entries(const ebb_entries *q) {
  ptrdiff_t chosen[CHOSEN];
  for (ptrdiff_t r = 0; r < q->rows; r++)
    for (ptrdiff_t j = 0; j < q->features; j++) ((E *)q->out)[r * q->out_row + q->out_places[j]] = 0;
  for (ptrdiff_t first = 0; first < q->count; first += CHOSEN) {
    const ptrdiff_t count = min_of(CHOSEN, q->count - first);
    for (ptrdiff_t r = 0; r < q->rows; r++) {
      if (r == 0 || q->id_row) choose(q, q->ids + r * q->id_row, q->out_places, first, count, chosen);
      const E *a = (const E *)q->a + r * q->a_row;
      E *out = (E *)q->out + r * q->out_row;
      for (ptrdiff_t j = 0; j < count; j++)
        if (chosen[j] >= 0) out[chosen[j]] += a[q->a_places[first + j]];
    }
  }
}

// ---- Orders ----------------------------------------------------------------------------------------------------------------

// A number as an integer of the same order, and its place. -0 equals 0, and all NaN are one that is greater than all
// numbers.
typedef struct {
  Bits key, place;
} Ranked;

INLINE Bits key_of(E x) {
  if (x != x) return ~(Bits)0;
  const E number = x + 0;
  const Bits sign = (Bits)1 << (8 * sizeof(Bits) - 1);
  Bits bits;
  memcpy(&bits, &number, sizeof bits);
  return bits & sign ? ~bits : bits | sign;
}

enum { SHORT_ORDER = 8 };

// Equal keys keep their order.
INLINE void sort_short(Ranked *items, ptrdiff_t count) {
  for (ptrdiff_t i = 1; i < count; i++) {
    const Ranked item = items[i];
    ptrdiff_t at = i;
    for (; at > 0 && item.key < items[at - 1].key; at--) items[at] = items[at - 1];
    items[at] = item;
  }
}

INLINE void merge(const Ranked *left, ptrdiff_t lefts, const Ranked *right, ptrdiff_t rights, Ranked *out) {
  while (lefts > 0 && rights > 0) {
    const int is_right = right->key < left->key;
    *out++ = is_right ? *right : *left;
    right += is_right;
    rights -= is_right;
    left += !is_right;
    lefts -= !is_right;
  }
  memcpy(out, lefts > 0 ? left : right, (size_t)(lefts + rights) * sizeof(Ranked));
}

// Runs of eight by insertion, then twice as many at a time. Gives back where the items lie at the end.
INLINE const Ranked *sort(Ranked *items, Ranked *other, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i += SHORT_ORDER) sort_short(items + i, min_of(SHORT_ORDER, count - i));
  for (ptrdiff_t width = SHORT_ORDER; width < count; width *= 2) {
    for (ptrdiff_t i = 0; i < count; i += 2 * width) {
      const ptrdiff_t lefts = min_of(width, count - i), rights = min_of(width, count - i - lefts);
      merge(items + i, lefts, items + i + lefts, rights, other + i);
    }
    Ranked *const sorted = other;
    other = items;
    items = sorted;
  }
  return items;
}

static void argsort(const ebb_order *q) {
  Ranked *const room = q->room;
  for (ptrdiff_t r = 0; r < q->rows; r++) {
    const E *a = (const E *)q->a + r * q->a_row;
    double *out = q->out + r * q->out_row;
    for (ptrdiff_t line = 0; line < q->lines; line++) {
      const ptrdiff_t first = line / q->inner * q->count * q->inner + line % q->inner;
      for (ptrdiff_t k = 0; k < q->count; k++) {
        const Bits key = key_of(a[q->a_places[first + k * q->inner]]);
        room[k] = (Ranked){q->descending ? ~key : key, (Bits)k};
      }
      const Ranked *sorted = sort(room, room + q->count, q->count);
      for (ptrdiff_t k = 0; k < q->count; k++) out[q->out_places[first + k * q->inner]] = (double)sorted[k].place;
    }
  }
}
