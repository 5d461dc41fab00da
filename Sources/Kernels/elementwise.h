// The operations of elementwise programs: d[i] = op(a[i], b[i], c[i]) for i < n. d may be a, b or c.

typedef void Operation(E *d, const E *a, const E *b, const E *c, ptrdiff_t n);

// An operation given by an expression in vectors x, y, z. The last lanes go through the same expression, so that an
// element's bits do not depend on its place.
#define VECTOR_OPERATION(name, load_y, load_z, expression)                              \
  NOINLINE void name(E *d, const E *a, const E *b, const E *c, ptrdiff_t n) {           \
    ptrdiff_t i = 0;                                                                    \
    for (; i + VL <= n; i += VL) {                                                      \
      const V x = load(a + i);                                                          \
      load_y(const V y = load(b + i));                                                  \
      load_z(const V z = load(c + i));                                                  \
      store(d + i, expression);                                                         \
    }                                                                                   \
    if (i < n) {                                                                        \
      const V x = load_part(a + i, n - i);                                              \
      load_y(const V y = load_part(b + i, n - i));                                      \
      load_z(const V z = load_part(c + i, n - i));                                      \
      store_part(d + i, expression, n - i);                                             \
    }                                                                                   \
  }
#define PRESENT(declaration) declaration
#define ABSENT(declaration)

// An operation given by an expression in scalars x, y.
#define SCALAR_UNARY_OPERATION(name, expression)                                        \
  NOINLINE void name(E *d, const E *a, const E *b, const E *c, ptrdiff_t n) {           \
    for (ptrdiff_t i = 0; i < n; i++) {                                                 \
      const E x = a[i];                                                                 \
      d[i] = expression;                                                                \
    }                                                                                   \
  }
#define SCALAR_BINARY_OPERATION(name, expression)                                       \
  NOINLINE void name(E *d, const E *a, const E *b, const E *c, ptrdiff_t n) {           \
    for (ptrdiff_t i = 0; i < n; i++) {                                                 \
      const E x = a[i], y = b[i];                                                       \
      d[i] = expression;                                                                \
    }                                                                                   \
  }
#if ELEMENT_BYTES == 4
#define LIBM(name) name##f
#else
#define LIBM(name) name
#endif

#define ZERO splat(0)
#define ONE splat(1)
#define TRUTH(mask) ((mask) ? ONE : ZERO)

// Integer q and remainder with a = q b + remainder, remainder of b's sign (Python's // and %).
INLINE E floor_mod_of(E a, E b) {
  const E remainder = LIBM(fmod)(a, b);
  return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
}
INLINE E floor_div_of(E a, E b) {
  if (b == 0) return a / b;
  E remainder = LIBM(fmod)(a, b);
  E quotient = (a - remainder) / b;
  if (remainder != 0 && (remainder < 0) != (b < 0)) quotient -= 1;
  return LIBM(nearbyint)(quotient);
}

#define UNARY(name, value) VECTOR_OPERATION(op_##name, ABSENT, ABSENT, value)
#define BINARY(name, value) VECTOR_OPERATION(op_##name, PRESENT, ABSENT, value)
#define TERNARY(name, value) VECTOR_OPERATION(op_##name, PRESENT, PRESENT, value)
#define SCALAR_UNARY(name, value) SCALAR_UNARY_OPERATION(op_##name, value)
#define SCALAR_BINARY(name, value) SCALAR_BINARY_OPERATION(op_##name, value)
#include "operations.h"

static Operation *const operations[EBB_OP_COUNT] = {
#define EACH(name, value) [EBB_##name] = op_##name,
#include "operations.h"
};
