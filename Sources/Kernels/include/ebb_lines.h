// The operations on lines of numbers, along a dimension or an axis: the place of the greatest, running sums, entries at
// given places, orders. Strides and places are in elements.
#ifndef EBB_LINES_H
#define EBB_LINES_H

#include <stddef.h>

#pragma clang assume_nonnull begin

/// Where number k of a line lies, in elements from its first one: table[k], or k · step without a table.
typedef struct {
  const ptrdiff_t *_Nullable table;
  ptrdiff_t step;
} ebb_places;

/// out[r, j] = the least k at which a[r, j, k] is greatest, in double precision for either type; a NaN counts as greatest.
/// No k: 0. Lines j whose numbers lie side by side (a_lane = 1) are taken as vectors, else numbers of a line that do.
typedef struct {
  const void *a;
  ptrdiff_t a_row, a_lane;
  ebb_places a_k;
  ptrdiff_t run;    // numbers of a line that lie side by side: run · m + i, for i < run, is i elements behind run · m
  double *out;
  ptrdiff_t out_row, out_lane;
  ptrdiff_t rows;
  ptrdiff_t lanes;  // lines
  ptrdiff_t count;  // numbers of a line
} ebb_argmax;

/// y[r, j, k] = a[r, j, k] · y[r, j, k - 1] + b[r, j, k], in one chain of multiply-adds over ascending k. The first y is the
/// first b, and the first a is not used.
typedef struct {
  const void *a;
  ptrdiff_t a_row, a_lane;
  ebb_places a_k;
  const void *b;
  ptrdiff_t b_row, b_lane;
  ebb_places b_k;
  void *y;  // overlaps neither
  ptrdiff_t y_row, y_lane;
  ebb_places y_k;
  ptrdiff_t rows;
  ptrdiff_t lanes;  // lines
  ptrdiff_t count;  // numbers of a line
} ebb_accumulation;

/// Entries of rows at given places. With id = ids[r, f] for each of `count` features f:
///
///     gather_entries:   out[r, f] = a[r, first[f] + id · inner], or 0 where id is not one of 0 ..< entries
///     scatter_entries:  out[r, first[f] + id · inner] += a[r, f], f ascending, from 0
///
/// Here a feature stands for its place, in elements from the row's start.
typedef struct {
  const void *a;
  ptrdiff_t a_row;
  const ptrdiff_t *a_places;
  const double *ids;
  ptrdiff_t id_row;  // 0: the same for all rows
  const ptrdiff_t *id_places;
  void *out;         // overlaps neither
  ptrdiff_t out_row;
  const ptrdiff_t *out_places;
  const ptrdiff_t *first;
  ptrdiff_t rows;
  ptrdiff_t count;
  ptrdiff_t features;  // of out
  ptrdiff_t entries, inner;
} ebb_entries;

/// The order of each line of a row, in double precision for either type: out holds the k of its least number, of the next
/// …; equal numbers keep their order, and a NaN counts as greatest. Line l has the features
/// l / inner · count · inner + l mod inner + k · inner.
typedef struct {
  const void *a;
  ptrdiff_t a_row;
  const ptrdiff_t *a_places;
  double *out;
  ptrdiff_t out_row;
  const ptrdiff_t *out_places;
  ptrdiff_t rows, lines, count, inner;
  int descending;  // the greatest first
  void *room;      // for 4 · count elements, 16 bytes aligned
} ebb_order;

#pragma clang assume_nonnull end

#endif
