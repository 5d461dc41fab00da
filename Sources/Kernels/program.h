// Elementwise programs, run tile by tile: each tile's registers stay in L1, and each instruction is one call a tile.

enum {
  TILE_ELEMENTS = 2048 / ELEMENT_BYTES,  // most elements of a tile: a dozen registers fit L1, calls cost little
  BURST_BYTES = 32768,                   // for all registers of a tile that stays in L1 for several steps
  SCRATCH_BYTES = 131072,                // for all registers that do not live in the operands' own memory
  IN_PLACE_WIDTH = 64,                   // a row this wide is worth a tile of its own if that saves copying operands
};

typedef enum {
  IN_PLACE,  // the tile is contiguous in the operand's memory
  HELD,      // the same for several tiles: copied to scratch before the first of them
  COPIED,    // copied to scratch before each tile and back after it
} Residence;

// The iteration space in its simplest form, and how it is cut: a tile has several indices in the middle only if it has
// all rows of each.
typedef struct {
  ptrdiff_t outer, middle, rows, width;
  ptrdiff_t tile_middle, tile_rows, tile_width;
} Space;

INLINE ptrdiff_t stored_bytes(const ebb_operand *x) {
  return x->other ? (ptrdiff_t)sizeof(Other) : (ptrdiff_t)sizeof(E);
}

INLINE Residence residence(const ebb_operand *x, const Space *s) {
  const int rows_follow = s->tile_rows == 1 || x->row == s->width;
  const int middles_follow = s->tile_middle == 1 || x->middle == s->rows * s->width;
  if (!x->other && x->lane && rows_follow && middles_follow) return IN_PLACE;
  const int in_all_rows = x->row == 0 || s->tile_rows == s->rows;
  const int in_all_lanes = !x->lane || s->tile_width == s->width;
  return in_all_rows && in_all_lanes && !x->writes ? HELD : COPIED;
}

// The same for rows of a panel, the most frequent ones.
INLINE void read_panel_tile(E *tile, const ebb_operand *x, const E *at, ptrdiff_t rows) {
  for (ptrdiff_t r = 0; r < rows; r++, at += x->row, tile += L)
    UNROLL for (int v = 0; v < PV; v++) store(tile + v * VL, x->lane ? load(at + v * VL) : splat(*at));
}

// The same for one row of whole vectors in all rows of the tile, such as a vector that meets every row of a matrix.
INLINE void repeat_row(E *tile, const E *at, ptrdiff_t rows, ptrdiff_t width) {
  for (ptrdiff_t j = 0; j < width; j += VL) {
    const V x = load(at + j);
    for (ptrdiff_t r = 0; r < rows; r++) store(tile + r * width + j, x);
  }
}

// tile[rows][width] = the operand's elements from `at` on.
NOINLINE void read_tile(E *tile, const ebb_operand *x, const char *at, ptrdiff_t rows, ptrdiff_t width) {
  const ptrdiff_t step = x->row * stored_bytes(x);
  if (width == L && !x->other) {
    read_panel_tile(tile, x, (const E *)at, rows);
    return;
  }
  if (x->lane && x->row == 0 && !x->other && width % VL == 0) {
    repeat_row(tile, (const E *)at, rows, width);
    return;
  }
  for (ptrdiff_t r = 0; r < rows; r++, at += step, tile += width) {
    if (!x->lane) {
      const E value = x->other ? (E) * (const Other *)at : *(const E *)at;
      for (ptrdiff_t j = 0; j < width; j++) tile[j] = value;
    } else if (x->other) {
      for (ptrdiff_t j = 0; j < width; j++) tile[j] = (E)((const Other *)at)[j];
    } else if (width == 1) {
      *tile = *(const E *)at;
    } else {
      op_COPY(tile, (const E *)at, tile, tile, width);
    }
  }
}

// The operand's elements from `at` on = tile[rows][width].
NOINLINE void write_tile(const E *tile, const ebb_operand *x, char *at, ptrdiff_t rows, ptrdiff_t width) {
  const ptrdiff_t step = x->row * stored_bytes(x);
  for (ptrdiff_t r = 0; r < rows; r++, at += step, tile += width) {
    if (x->other) {
      for (ptrdiff_t j = 0; j < width; j++) ((Other *)at)[j] = (Other)tile[j];
    } else if (width == 1) {
      *(E *)at = *tile;
    } else {
      op_COPY((E *)at, tile, tile, tile, width);
    }
  }
}

// Merges axes where that changes no address, so that tiles become as large as can be.
static void simplify(Space *s, ebb_operand *x, int operands) {
  if (s->width == 1) {  // a column: its rows are the lanes
    int contiguous = s->rows > 1;
    for (int i = 0; i < operands; i++) contiguous &= x[i].row == 0 || x[i].row == 1;
    if (contiguous) {
      for (int i = 0; i < operands; i++) {
        x[i].lane = (uint8_t)x[i].row;
        x[i].row = 0;
      }
      s->width = s->rows;
      s->rows = 1;
    }
  }
  int middles = s->middle > 1;
  if (s->rows > 1)
    for (int i = 0; i < operands; i++) middles &= x[i].middle == s->rows * x[i].row;
  if (middles) {
    if (s->rows == 1)
      for (int i = 0; i < operands; i++) x[i].row = x[i].middle;
    s->rows *= s->middle;
    s->middle = 1;
  }
  int outers = s->outer > 1 && s->middle == 1;
  if (s->rows > 1)
    for (int i = 0; i < operands; i++) outers &= x[i].outer == s->rows * x[i].row;
  if (outers) {
    if (s->rows == 1)
      for (int i = 0; i < operands; i++) x[i].row = x[i].outer;
    s->rows *= s->outer;
    s->outer = 1;
  }
  if (s->width == 1)
    for (int i = 0; i < operands; i++) x[i].lane = 1;
}

// As few pieces of n as have at most `most` each, of one length but for the last.
INLINE ptrdiff_t even_piece(ptrdiff_t n, ptrdiff_t most) {
  const ptrdiff_t pieces = (n + min_of(n, most) - 1) / min_of(n, most);
  return (n + pieces - 1) / pieces;
}

static void cut(Space *s, const ebb_operand *x, int operands, ptrdiff_t most) {
  s->tile_width = min_of(s->width, most);
  s->tile_rows = even_piece(s->rows, most / s->tile_width);
  const ptrdiff_t whole = s->rows * s->width;
  s->tile_middle = whole <= most ? even_piece(s->middle, most / whole) : 1;
  for (int i = 0; i < operands; i++) {
    if (!x[i].lane || x[i].other) continue;
    if (s->width >= IN_PLACE_WIDTH && s->tile_rows > 1 && x[i].row != s->width && x[i].row != 0) s->tile_rows = 1;
    const int rows_follow = s->rows == 1 || x[i].row == s->width;
    if (whole >= IN_PLACE_WIDTH && rows_follow && x[i].middle != whole && x[i].middle != 0) s->tile_middle = 1;
  }
  if (s->tile_rows < s->rows) s->tile_middle = 1;
}

INLINE void run(const ebb_program *p, E *const *registers, ptrdiff_t n) {
  const ebb_instruction *end = p->instructions + p->count;
  for (const ebb_instruction *it = p->instructions; it != end; it++)
    operations[it->op](registers[it->dst], registers[it->a], registers[it->b], registers[it->c], n);
}

// Whether a single row of an operand is contiguous in memory, in the width of the program.
INLINE int is_in_place(const ebb_operand *x, ptrdiff_t width) { return (x->lane || width == 1) && !x->other; }

// Where an operand lies in the steps of a burst: index + k · by, in a ring of mask + 1 places or, with mask −1, anywhere.
INLINE ptrdiff_t place(const ebb_steps *s, ptrdiff_t step) { return ((s->index + step * s->by) & s->mask) * s->stride; }

// A single row that fits one tile, or a single number, as in a step with one sample: nothing to merge and to cut.
static void program_of_one_tile(const ebb_program *p, const ebb_operand *operands, const ebb_steps *steps, ptrdiff_t count,
                                E *scratch, ptrdiff_t width) {
  E *registers[EBB_MAX_OPERANDS + EBB_MAX_TEMPORARIES];
  const ptrdiff_t capacity = (width + L - 1) / L * L;
  for (int i = 0; i < p->operands + p->temporaries; i++) {
    if (i < p->operands && is_in_place(&operands[i], width)) continue;
    registers[i] = scratch;
    scratch += capacity;
  }
  for (ptrdiff_t k = 0; k < count; k++) {
    int written_back = 0;
    for (int i = 0; i < p->operands; i++) {
      const ebb_operand *x = &operands[i];
      char *from = (char *)x->base + (steps ? place(&steps[i], k) : 0);
      if (is_in_place(x, width))
        registers[i] = (E *)from;
      else if (x->reads)
        read_tile(registers[i], x, from, 1, width);
      written_back |= x->writes && !is_in_place(x, width);
    }
    run(p, registers, width);
    for (int i = 0; written_back && i < p->operands; i++) {
      const ebb_operand *x = &operands[i];
      if (x->writes && !is_in_place(x, width))
        write_tile(registers[i], x, (char *)x->base + (steps ? place(&steps[i], k) : 0), 1, width);
    }
  }
}

// Where the tiles of an operand lie, in bytes, and how they move from step to step: NULL if they stay.
typedef struct {
  ptrdiff_t outer, middle, row, lane;
  char *base;
  const ebb_steps *steps;
  int index;
} Track;

typedef struct {
  Track tracks[EBB_MAX_OPERANDS];
  int count;
} Tracks;

#define EACH_TRACK(t, list) (const Track *t = (list).tracks; t != (list).tracks + (list).count; t++)

INLINE void add_track(Tracks *list, Track t) { list->tracks[list->count++] = t; }

// The bytes from where it lies at the first step.
INLINE ptrdiff_t moved(const Track *t, ptrdiff_t step) { return t->steps ? place(t->steps, step) - place(t->steps, 0) : 0; }

INLINE char *at(const Track *t, ptrdiff_t o, ptrdiff_t m, ptrdiff_t r, ptrdiff_t j) {
  return t->base + o * t->outer + m * t->middle + r * t->row + j * t->lane;
}

static void read_tiles(E *tile, const ebb_operand *x, const Track *t, const char *from, ptrdiff_t middles, ptrdiff_t rows,
                       ptrdiff_t width) {
  for (ptrdiff_t m = 0; m < middles; m++) read_tile(tile + m * rows * width, x, from + m * t->middle, rows, width);
}

static void write_tiles(const E *tile, const ebb_operand *x, const Track *t, char *to, ptrdiff_t middles, ptrdiff_t rows,
                        ptrdiff_t width) {
  for (ptrdiff_t m = 0; m < middles; m++) write_tile(tile + m * rows * width, x, to + m * t->middle, rows, width);
}

static void program_of_tiles(const ebb_program *p, ebb_operand *operands, const ebb_steps *steps, ptrdiff_t count, Space s,
                             E *scratch, ptrdiff_t most) {
  E *registers[EBB_MAX_OPERANDS + EBB_MAX_TEMPORARIES];
  // What has to be done for an outer index, for a tile, and for a step of it, is listed once.
  Tracks held, still, moving, copied;
  held.count = still.count = moving.count = copied.count = 0;  // an initializer would clear kilobytes at each call
  simplify(&s, operands, p->operands);
  cut(&s, operands, p->operands, most);

  const ptrdiff_t capacity = (s.tile_middle * s.tile_rows * s.tile_width + L - 1) / L * L;
  for (int i = 0; i < p->operands; i++) {
    const ebb_operand *x = &operands[i];
    const ptrdiff_t bytes = stored_bytes(x);
    const ebb_steps *own = count > 1 && steps[i].stride != 0 ? &steps[i] : NULL;
    const Track track = {x->outer * bytes, x->middle * bytes, x->row * bytes, x->lane ? bytes : 0, x->base, own, i};
    switch (residence(x, &s)) {
      case IN_PLACE:
        add_track(own ? &moving : &still, track);
        continue;
      case HELD:
        if (x->reads) add_track(own ? &copied : &held, track);
        break;
      case COPIED:
        add_track(&copied, track);
        break;
    }
    registers[i] = scratch;
    scratch += capacity;
  }
  for (int i = 0; i < p->temporaries; i++, scratch += capacity) registers[p->operands + i] = scratch;

  for (ptrdiff_t o = 0; o < s.outer; o++) {
    for (ptrdiff_t m = 0; m < s.middle; m += s.tile_middle) {
      const ptrdiff_t middles = min_of(s.tile_middle, s.middle - m);
      for EACH_TRACK (t, held)
        if (t->middle != 0 || (m == 0 && (t->outer != 0 || o == 0)))
          read_tiles(registers[t->index], &operands[t->index], t, at(t, o, m, 0, 0), middles, s.tile_rows, s.tile_width);
      for (ptrdiff_t r = 0; r < s.rows; r += s.tile_rows) {
        const ptrdiff_t rows = min_of(s.tile_rows, s.rows - r);
        for (ptrdiff_t j = 0; j < s.width; j += s.tile_width) {
          const ptrdiff_t width = min_of(s.tile_width, s.width - j);
          for EACH_TRACK (t, still) registers[t->index] = (E *)at(t, o, m, r, j);
          for (ptrdiff_t k = 0; k < count; k++) {
            for EACH_TRACK (t, moving) registers[t->index] = (E *)(at(t, o, m, r, j) + moved(t, k));
            for EACH_TRACK (t, copied) {
              const ebb_operand *x = &operands[t->index];
              const char *from = at(t, o, m, r, j) + moved(t, k);
              if (x->reads) read_tiles(registers[t->index], x, t, from, middles, rows, width);
            }
            run(p, registers, middles * rows * width);
            for EACH_TRACK (t, copied) {
              const ebb_operand *x = &operands[t->index];
              char *to = at(t, o, m, r, j) + moved(t, k);
              if (x->writes) write_tiles(registers[t->index], x, t, to, middles, rows, width);
            }
          }
        }
      }
    }
  }
}

static void program_burst(const ebb_program *p, const ebb_operand *operands, const ebb_steps *steps, ptrdiff_t count,
                          ebb_space space) {
  if (space.outer <= 0 || space.middle <= 0 || space.rows <= 0 || space.width <= 0 || count <= 0) return;
  _Alignas(64) char scratch[SCRATCH_BYTES];
  const ptrdiff_t registers = p->operands + p->temporaries;
  const ptrdiff_t fitting = (count > 1 ? BURST_BYTES : SCRATCH_BYTES) / (ptrdiff_t)sizeof(E) / registers / L * L;
  const ptrdiff_t most = fitting < L ? L : min_of(fitting, TILE_ELEMENTS);
  if (space.outer == 1 && space.middle == 1 && space.rows == 1 && space.width <= most) {
    program_of_one_tile(p, operands, steps, count, (E *)scratch, space.width);
    return;
  }
  ebb_operand first[EBB_MAX_OPERANDS];
  memcpy(first, operands, (size_t)p->operands * sizeof *operands);
  for (int i = 0; steps && i < p->operands; i++) first[i].base = (char *)first[i].base + place(&steps[i], 0);
  const Space whole = {space.outer, space.middle, space.rows, space.width, 0, 0, 0};
  program_of_tiles(p, first, steps, count, whole, (E *)scratch, most);
}

static void program(const ebb_program *p, const ebb_operand *operands, ebb_space space) {
  program_burst(p, operands, NULL, 1, space);
}
