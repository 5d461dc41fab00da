// Elementwise programs, run tile by tile: each tile's registers stay in L1, and each instruction is one call a tile.

enum {
  TILE_ELEMENTS = 2048 / ELEMENT_BYTES,  // most elements of a tile: a dozen registers fit L1, calls cost little
  SCRATCH_BYTES = 131072,                // for all registers that do not live in the operands' own memory
  IN_PLACE_WIDTH = 64,                   // a row this wide is worth a tile of its own if that saves copying operands
};

typedef enum {
  IN_PLACE,  // the tile is contiguous in the operand's memory
  HELD,      // the same for all tiles of an outer index, or of all of them: copied to scratch once
  COPIED,    // copied to scratch before each tile and back after it
} Residence;

// The iteration space in its simplest form, and how it is cut.
typedef struct {
  ptrdiff_t outer, rows, width;
  ptrdiff_t tile_rows, tile_width;
} Space;

INLINE ptrdiff_t stored_bytes(const ebb_operand *x) {
  return x->other ? (ptrdiff_t)sizeof(Other) : (ptrdiff_t)sizeof(E);
}

INLINE Residence residence(const ebb_operand *x, const Space *s) {
  if (!x->other && x->lane && (s->tile_rows == 1 || x->row == s->width)) return IN_PLACE;
  const int in_all_rows = x->row == 0 || s->tile_rows == s->rows;
  const int in_all_lanes = !x->lane || s->tile_width == s->width;
  return in_all_rows && in_all_lanes && !x->writes ? HELD : COPIED;
}

// The same for rows of a panel, the most frequent ones.
INLINE void read_panel_tile(E *tile, const ebb_operand *x, const E *at, ptrdiff_t rows) {
  for (ptrdiff_t r = 0; r < rows; r++, at += x->row, tile += L)
    UNROLL for (int v = 0; v < PV; v++) store(tile + v * VL, x->lane ? load(at + v * VL) : splat(*at));
}

// tile[rows][width] = the operand's elements from `at` on.
NOINLINE void read_tile(E *tile, const ebb_operand *x, const char *at, ptrdiff_t rows, ptrdiff_t width) {
  const ptrdiff_t step = x->row * stored_bytes(x);
  if (width == L && !x->other) {
    read_panel_tile(tile, x, (const E *)at, rows);
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
  int merges = s->outer > 1;
  if (s->rows > 1)
    for (int i = 0; i < operands; i++) merges &= x[i].outer == s->rows * x[i].row;
  if (merges) {
    if (s->rows == 1)
      for (int i = 0; i < operands; i++) x[i].row = x[i].outer;
    s->rows *= s->outer;
    s->outer = 1;
  }
  if (s->width == 1)
    for (int i = 0; i < operands; i++) x[i].lane = 1;
}

static void cut(Space *s, const ebb_operand *x, int operands, ptrdiff_t most) {
  s->tile_width = min_of(s->width, most);
  const ptrdiff_t fitting = min_of(s->rows, most / s->tile_width), tiles = (s->rows + fitting - 1) / fitting;
  s->tile_rows = (s->rows + tiles - 1) / tiles;
  if (s->tile_rows > 1 && s->width >= IN_PLACE_WIDTH)
    for (int i = 0; i < operands; i++)
      if (x[i].lane && !x[i].other && x[i].row != s->width && x[i].row != 0) s->tile_rows = 1;
}

INLINE void run(const ebb_program *p, E *const *registers, ptrdiff_t n) {
  const ebb_instruction *end = p->instructions + p->count;
  for (const ebb_instruction *it = p->instructions; it != end; it++)
    operations[it->op](registers[it->dst], registers[it->a], registers[it->b], registers[it->c], n);
}

// The address of an operand's element.
INLINE char *address(const ebb_operand *x, ptrdiff_t o, ptrdiff_t r, ptrdiff_t j) {
  return (char *)x->base + (o * x->outer + r * x->row + (x->lane ? j : 0)) * stored_bytes(x);
}

// Whether a single row of an operand is contiguous in memory, in the width of the program.
INLINE int is_in_place(const ebb_operand *x, ptrdiff_t width) { return (x->lane || width == 1) && !x->other; }

// A single row that fits one tile, or a single number, as in a step with one sample: nothing to merge and to cut.
static void program_of_one_tile(const ebb_program *p, const ebb_operand *operands, E *scratch, ptrdiff_t width) {
  E *registers[EBB_MAX_OPERANDS + EBB_MAX_TEMPORARIES];
  const ptrdiff_t capacity = (width + L - 1) / L * L;
  int written_back = 0;
  for (int i = 0; i < p->operands; i++) {
    const ebb_operand *x = &operands[i];
    if (is_in_place(x, width)) {
      registers[i] = x->base;
      continue;
    }
    registers[i] = scratch;
    scratch += capacity;
    if (x->reads) read_tile(registers[i], x, x->base, 1, width);
    written_back |= x->writes;
  }
  for (int i = 0; i < p->temporaries; i++, scratch += capacity) registers[p->operands + i] = scratch;
  run(p, registers, width);
  if (!written_back) return;
  for (int i = 0; i < p->operands; i++) {
    const ebb_operand *x = &operands[i];
    if (x->writes && !is_in_place(x, width)) write_tile(registers[i], x, x->base, 1, width);
  }
}

static void program_of_tiles(const ebb_program *p, ebb_operand *operands, Space s, E *scratch, ptrdiff_t most) {
  Residence where[EBB_MAX_OPERANDS];
  E *registers[EBB_MAX_OPERANDS + EBB_MAX_TEMPORARIES];
  simplify(&s, operands, p->operands);
  cut(&s, operands, p->operands, most);

  const ptrdiff_t capacity = (s.tile_rows * s.tile_width + L - 1) / L * L;
  for (int i = 0; i < p->operands; i++) {
    where[i] = residence(&operands[i], &s);
    if (where[i] == IN_PLACE) continue;
    registers[i] = scratch;
    scratch += capacity;
  }
  for (int i = 0; i < p->temporaries; i++, scratch += capacity) registers[p->operands + i] = scratch;

  for (ptrdiff_t o = 0; o < s.outer; o++) {
    for (int i = 0; i < p->operands; i++) {
      const ebb_operand *x = &operands[i];
      if (where[i] == HELD && x->reads && (o == 0 || x->outer != 0))
        read_tile(registers[i], x, address(x, o, 0, 0), s.tile_rows, s.tile_width);
    }
    for (ptrdiff_t r = 0; r < s.rows; r += s.tile_rows) {
      const ptrdiff_t rows = min_of(s.tile_rows, s.rows - r);
      for (ptrdiff_t j = 0; j < s.width; j += s.tile_width) {
        const ptrdiff_t width = min_of(s.tile_width, s.width - j);
        for (int i = 0; i < p->operands; i++) {
          const ebb_operand *x = &operands[i];
          if (where[i] == IN_PLACE)
            registers[i] = (E *)address(x, o, r, j);
          else if (where[i] == COPIED && x->reads)
            read_tile(registers[i], x, address(x, o, r, j), rows, width);
        }
        run(p, registers, rows * width);
        for (int i = 0; i < p->operands; i++) {
          const ebb_operand *x = &operands[i];
          if (where[i] == COPIED && x->writes) write_tile(registers[i], x, address(x, o, r, j), rows, width);
        }
      }
    }
  }
}

static void program(const ebb_program *p, const ebb_operand *operands, ptrdiff_t outer, ptrdiff_t rows,
                    ptrdiff_t width) {
  if (outer <= 0 || rows <= 0 || width <= 0) return;
  _Alignas(64) char scratch[SCRATCH_BYTES];
  const ptrdiff_t registers = p->operands + p->temporaries, fitting = SCRATCH_BYTES / (ptrdiff_t)sizeof(E);
  const ptrdiff_t most = registers * TILE_ELEMENTS <= fitting ? TILE_ELEMENTS : fitting / registers / L * L;
  if (outer == 1 && rows == 1 && width <= most) {
    program_of_one_tile(p, operands, (E *)scratch, width);
    return;
  }
  ebb_operand simplified[EBB_MAX_OPERANDS];
  memcpy(simplified, operands, (size_t)p->operands * sizeof *operands);
  program_of_tiles(p, simplified, (Space){outer, rows, width, 0, 0}, (E *)scratch, most);
}
