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
#define UNARY(name, expression) VECTOR_OPERATION(name, ABSENT, ABSENT, expression)
#define BINARY(name, expression) VECTOR_OPERATION(name, PRESENT, ABSENT, expression)
#define TERNARY(name, expression) VECTOR_OPERATION(name, PRESENT, PRESENT, expression)

// An operation given by an expression in scalars x, y.
#define SCALAR_UNARY(name, expression)                                                  \
  NOINLINE void name(E *d, const E *a, const E *b, const E *c, ptrdiff_t n) {           \
    for (ptrdiff_t i = 0; i < n; i++) {                                                 \
      const E x = a[i];                                                                 \
      d[i] = expression;                                                                \
    }                                                                                   \
  }
#define SCALAR_BINARY(name, expression)                                                 \
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

UNARY(op_copy, x)
UNARY(op_negate, -x)
UNARY(op_abs, __builtin_elementwise_abs(x))
UNARY(op_sign, x > ZERO ? ONE : x < ZERO ? -ONE : x)
UNARY(op_relu, x <= ZERO ? ZERO : x)
UNARY(op_exp, exp_of(x))
UNARY(op_expm1, expm1_of(x))
UNARY(op_log, log_of(x))
UNARY(op_log1p, log1p_of(x))
UNARY(op_sqrt, __builtin_elementwise_sqrt(x))
UNARY(op_reciprocal, ONE / x)
UNARY(op_tanh, tanh_of(x))
UNARY(op_sigmoid, sigmoid_of(x))
UNARY(op_softplus, softplus_of(x))
SCALAR_UNARY(op_sin, LIBM(sin)(x))
SCALAR_UNARY(op_cos, LIBM(cos)(x))
SCALAR_UNARY(op_erf, LIBM(erf)(x))
UNARY(op_floor, __builtin_elementwise_floor(x))
UNARY(op_trunc, __builtin_elementwise_trunc(x))
UNARY(op_square, x * x)
UNARY(op_not, TRUTH(x == ZERO))
UNARY(op_is_finite, TRUTH(x - x == ZERO))
UNARY(op_one_minus, ONE - x)

BINARY(op_add, x + y)
BINARY(op_sub, x - y)
BINARY(op_mul, x * y)
BINARY(op_div, x / y)
BINARY(op_max, ((x >= y) | (x != x)) ? x : y)
BINARY(op_min, ((x <= y) | (x != x)) ? x : y)
SCALAR_BINARY(op_pow, LIBM(pow)(x, y))
SCALAR_BINARY(op_floor_div, floor_div_of(x, y))
SCALAR_BINARY(op_floor_mod, floor_mod_of(x, y))
BINARY(op_and, TRUTH((x != ZERO) & (y != ZERO)))
BINARY(op_or, TRUTH((x != ZERO) | (y != ZERO)))
BINARY(op_xor, TRUTH((x != ZERO) ^ (y != ZERO)))
BINARY(op_eq, TRUTH(x == y))
BINARY(op_ne, TRUTH(x != y))
BINARY(op_lt, TRUTH(x < y))
BINARY(op_le, TRUTH(x <= y))
BINARY(op_gt, TRUTH(x > y))
BINARY(op_ge, TRUTH(x >= y))
BINARY(op_tanh_gradient, x * madd(-y, y, ONE))
BINARY(op_sigmoid_gradient, x * (y * (ONE - y)))

TERNARY(op_select, x != ZERO ? y : z)
TERNARY(op_fma, madd(x, y, z))
TERNARY(op_fnma, madd(-x, y, z))
TERNARY(op_fms, madd(x, y, -z))

static Operation *const operations[EBB_OP_COUNT] = {
    [EBB_COPY] = op_copy,
    [EBB_NEGATE] = op_negate,
    [EBB_ABS] = op_abs,
    [EBB_SIGN] = op_sign,
    [EBB_RELU] = op_relu,
    [EBB_EXP] = op_exp,
    [EBB_EXPM1] = op_expm1,
    [EBB_LOG] = op_log,
    [EBB_LOG1P] = op_log1p,
    [EBB_SQRT] = op_sqrt,
    [EBB_RECIPROCAL] = op_reciprocal,
    [EBB_TANH] = op_tanh,
    [EBB_SIGMOID] = op_sigmoid,
    [EBB_SOFTPLUS] = op_softplus,
    [EBB_SIN] = op_sin,
    [EBB_COS] = op_cos,
    [EBB_ERF] = op_erf,
    [EBB_FLOOR] = op_floor,
    [EBB_TRUNC] = op_trunc,
    [EBB_SQUARE] = op_square,
    [EBB_NOT] = op_not,
    [EBB_IS_FINITE] = op_is_finite,
    [EBB_ONE_MINUS] = op_one_minus,
    [EBB_ADD] = op_add,
    [EBB_SUB] = op_sub,
    [EBB_MUL] = op_mul,
    [EBB_DIV] = op_div,
    [EBB_MAX] = op_max,
    [EBB_MIN] = op_min,
    [EBB_POW] = op_pow,
    [EBB_FLOOR_DIV] = op_floor_div,
    [EBB_FLOOR_MOD] = op_floor_mod,
    [EBB_AND] = op_and,
    [EBB_OR] = op_or,
    [EBB_XOR] = op_xor,
    [EBB_EQ] = op_eq,
    [EBB_NE] = op_ne,
    [EBB_LT] = op_lt,
    [EBB_LE] = op_le,
    [EBB_GT] = op_gt,
    [EBB_GE] = op_ge,
    [EBB_TANH_GRADIENT] = op_tanh_gradient,
    [EBB_SIGMOID_GRADIENT] = op_sigmoid_gradient,
    [EBB_SELECT] = op_select,
    [EBB_FMA] = op_fma,
    [EBB_FNMA] = op_fnma,
    [EBB_FMS] = op_fms,
};
