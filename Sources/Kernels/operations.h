// The operations of elementwise programs, each once: its name and its value. Who includes this file says what a line becomes,
// by a macro for each kind of line or by EACH for all of them; they are gone behind it.
#ifdef EACH
#define UNARY(name, value) EACH(name, value)
#define BINARY(name, value) EACH(name, value)
#define TERNARY(name, value) EACH(name, value)
#define SCALAR_UNARY(name, value) EACH(name, value)
#define SCALAR_BINARY(name, value) EACH(name, value)
#endif

// of a
UNARY(COPY, x)
UNARY(NEGATE, -x)
UNARY(ABS, __builtin_elementwise_abs(x))
UNARY(SIGN, x > ZERO ? ONE : x < ZERO ? -ONE : x)  // 1, -1; zeros and NaN give themselves
UNARY(RELU, x <= ZERO ? ZERO : x)                  // max(a, 0); NaN stays NaN
UNARY(EXP, exp_of(x))
UNARY(EXPM1, expm1_of(x))
UNARY(LOG, log_of(x))
UNARY(LOG1P, log1p_of(x))
UNARY(LOG2, log2_of(x))
UNARY(SQRT, __builtin_elementwise_sqrt(x))
UNARY(RECIPROCAL, ONE / x)
UNARY(TANH, tanh_of(x))
UNARY(SIGMOID, sigmoid_of(x))    // 1 / (1 + exp(-a))
UNARY(SOFTPLUS, softplus_of(x))  // log(1 + exp(a))
SCALAR_UNARY(SIN, LIBM(sin)(x))
SCALAR_UNARY(COS, LIBM(cos)(x))
#if ELEMENT_BYTES == 4
UNARY(ERF, erf_of(x))
#else
SCALAR_UNARY(ERF, LIBM(erf)(x))
#endif
UNARY(FLOOR, __builtin_elementwise_floor(x))
UNARY(TRUNC, __builtin_elementwise_trunc(x))  // towards zero
UNARY(SQUARE, x * x)
UNARY(NOT, TRUTH(x == ZERO))
UNARY(IS_FINITE, TRUTH(x - x == ZERO))
UNARY(ONE_MINUS, ONE - x)

// of a and b
BINARY(ADD, x + y)
BINARY(SUB, x - y)
BINARY(MUL, x * y)
BINARY(DIV, x / y)
BINARY(MAX, ((x >= y) | (x != x)) ? x : y)  // NaN if either is NaN; a if they are equal
BINARY(MIN, ((x <= y) | (x != x)) ? x : y)
SCALAR_BINARY(POW, LIBM(pow)(x, y))
SCALAR_BINARY(ATAN2, LIBM(atan2)(x, y))  // the angle of the point (b, a)
SCALAR_BINARY(FLOOR_DIV, floor_div_of(x, y))  // the integer q with a = q b + floor_mod(a, b)
SCALAR_BINARY(FLOOR_MOD, floor_mod_of(x, y))  // the exact remainder with the sign of b
BINARY(AND, TRUTH((x != ZERO) & (y != ZERO)))
BINARY(OR, TRUTH((x != ZERO) | (y != ZERO)))
BINARY(XOR, TRUTH((x != ZERO) ^ (y != ZERO)))
BINARY(EQ, TRUTH(x == y))
BINARY(NE, TRUTH(x != y))
BINARY(LT, TRUTH(x < y))
BINARY(LE, TRUTH(x <= y))
BINARY(GT, TRUTH(x > y))
BINARY(GE, TRUTH(x >= y))
BINARY(TANH_GRADIENT, x * madd(-y, y, ONE))        // a (1 - b b): adjoint a, b = tanh(x)
BINARY(SIGMOID_GRADIENT, x * (y * (ONE - y)))      // a b (1 - b): adjoint a, b = sigmoid(x)

// of a, b and c; rounded once where there is FMA hardware, twice on the baseline
TERNARY(SELECT, x != ZERO ? y : z)  // a != 0 ? b : c
TERNARY(FMA, madd(x, y, z))         // a b + c
TERNARY(FNMA, madd(-x, y, z))       // c - a b
TERNARY(FMS, madd(x, y, -z))        // a b - c

#undef EACH
#undef UNARY
#undef SCALAR_UNARY
#undef BINARY
#undef SCALAR_BINARY
#undef TERNARY
