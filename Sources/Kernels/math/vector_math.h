// Exponential and logarithmic functions on vectors, free of branches, over the whole range: denormals, infinities, NaN.
// The polynomials are minimax fits made for this file, their coefficients rounded one after the other.

typedef Bits U __attribute__((ext_vector_type(VECTOR_BYTES / ELEMENT_BYTES)));

#if ELEMENT_BYTES == 4
enum { MANTISSA = 23, BIAS = 127 };
#define LN2_HIGH 0.693145751953125f  // 16 bits: a multiple by an exponent is exact
#define LN2_LOW 1.428606765330187e-06f
#define INV_LN2_HIGH 1.44287109375f  // 12 bits
#define INV_LN2_LOW -1.760528539e-4f
#define HIGH_HALF 0xfffff000u
#define SMALLEST_NORMAL 0x1p-126f
#define EXP_LOWEST -104.5f  // exp gives 0 below
#define EXP_HIGHEST 89.0f   // exp gives infinity
#define EXPM1_LOWEST -20.0f  // expm1 gives -1 here and below
#define TANH_HIGHEST 10.0f  // tanh gives 1 here and above
#else
enum { MANTISSA = 52, BIAS = 1023 };
#define LN2_HIGH 0.69314718056011770  // 41 bits
#define LN2_LOW -1.7239444525614835e-13
#define INV_LN2_HIGH 1.44269504072144627571  // 32 bits
#define INV_LN2_LOW 1.67517131648865118353e-10
#define HIGH_HALF 0xffffffff00000000u
#define SMALLEST_NORMAL 0x1p-1022
#define EXP_LOWEST -746.0
#define EXP_HIGHEST 710.0
#define EXPM1_LOWEST -40.0
#define TANH_HIGHEST 20.0
#endif
#define LOG2_E (E)1.4426950408889634
#define SQRT_HALF (E)0.70710678118654752
#define INFINITE splat((E)INFINITY)

// Adding 1.5 · 2^MANTISSA leaves no bits for a fraction: the sum's low bits are the nearest integer, in two's
// complement, and subtracting it again gives that integer as a float. For |x| < 2^(MANTISSA - 1).
#define TO_INTEGER splat((E)(1.5 * (1ull << MANTISSA)))

// 2^n for the integer n in the low bits of `shifted` = n + TO_INTEGER, where 2^n is normal.
INLINE V power_of_two(V shifted) { return (V)(((U)shifted << MANTISSA) + (U)splat(1)); }

// x · 2^n for integers n, rounded once, also where the result is denormal; 0 where it vanishes. Zeros are frequent, as the
// weights of what is masked out, and are put in place: rounding to one takes some processors a hundred cycles.
INLINE V scale_by_power(V x, V n, M vanishes) {
#if ISA_AVX512 && ELEMENT_BYTES == 4
  return (V)_mm512_maskz_scalef_ps(_mm512_movepi32_mask((__m512i)~vanishes), (__m512)x, (__m512)n);
#elif ISA_AVX512
  return (V)_mm512_maskz_scalef_pd(_mm512_movepi64_mask((__m512i)~vanishes), (__m512d)x, (__m512d)n);
#else
  n = vanishes ? splat(0) : n;
  const V shifted_half = madd(n, splat((E)0.5), TO_INTEGER);
  const V half = shifted_half - TO_INTEGER;
  const V scaled = x * power_of_two(shifted_half) * power_of_two((n - half) + TO_INTEGER);
  return vanishes ? splat(0) : scaled;
#endif
}

// x = n ln 2 + r with an integer n and |r| <= ln 2 / 2; r = high - low, where high is exact.
typedef struct {
  V n, shifted, high, low, r;
} Reduced;
INLINE Reduced reduce_by_ln2(V x) {
  const V shifted = madd(x, splat(LOG2_E), TO_INTEGER);
  const V n = shifted - TO_INTEGER;
  const V high = madd(-n, splat(LN2_HIGH), x), low = n * splat(LN2_LOW);
  return (Reduced){n, shifted, high, low, high - low};
}

// (exp(r) - 1 - r) / r² for |r| <= ln 2 / 2.
INLINE V exp_polynomial(V r) {
#if ELEMENT_BYTES == 4
  V q = splat(0.000197642439f);
  q = madd(q, r, splat(0.00139323424f));
  q = madd(q, r, splat(0.00833354332f));
  q = madd(q, r, splat(0.0416664928f));
  q = madd(q, r, splat(0.166666657f));
  return madd(q, r, splat(0.5f));
#else
  V q = splat(2.0893432661621033e-9);
  q = madd(q, r, splat(2.5108708976836157e-8));
  q = madd(q, r, splat(2.7557330914790186e-7));
  q = madd(q, r, splat(2.755724510434211e-6));
  q = madd(q, r, splat(2.4801587277730002e-5));
  q = madd(q, r, splat(0.00019841269885373321));
  q = madd(q, r, splat(0.0013888888888894039));
  q = madd(q, r, splat(0.0083333333333217904));
  q = madd(q, r, splat(0.041666666666666685));
  q = madd(q, r, splat(0.16666666666666677));
  return madd(q, r, splat(0.5));
#endif
}

// exp(x) - 1 = 2^n (exp(r) - 1) + (2^n - 1), for x where 2^n is normal.
INLINE V expm1_in_range(V x) {
  const Reduced y = reduce_by_ln2(x);
  const V power = power_of_two(y.shifted);
  const V tail = madd(exp_polynomial(y.r), y.r * y.r, -y.low);
  return madd(power, y.high + tail, power - splat(1));
}

#if ISA_AVX512 && ELEMENT_BYTES == 4
#include "table_math.h"
#else

// exp(x) = 2^n exp(r), for x <= EXP_HIGHEST.
INLINE V exp_in_range(V x) {
  const Reduced y = reduce_by_ln2(x);
  return scale_by_power(madd(exp_polynomial(y.r), y.r * y.r, y.r) + splat(1), y.n, x < splat(EXP_LOWEST));
}

// tanh|x| = t / (t + 2) with t = exp(2|x|) - 1, then the sign of x. What rounding takes from t + 2 =: d changes the
// quotient q by -q lost / d, and 1 / d = (1 - q) / 2.
INLINE V tanh_of(V x) {
  V magnitude = __builtin_elementwise_abs(x);
  magnitude = magnitude > splat(TANH_HIGHEST) ? splat(TANH_HIGHEST) : magnitude;
  const V t = expm1_in_range(magnitude + magnitude);
  const V d = t + splat(2), lost = t < splat(2) ? t - (d - splat(2)) : splat(0);
  const V q = t / d;
  return __builtin_elementwise_copysign(madd(q * lost, madd(q, splat((E)0.5), splat((E)-0.5)), q), x);
}

#endif

INLINE V exp_of(V x) { return exp_in_range(x > splat(EXP_HIGHEST) ? splat(EXP_HIGHEST) : x); }

// exp(-|x|)
INLINE V exp_of_negative_magnitude(V x) { return exp_in_range(-__builtin_elementwise_abs(x)); }

// For |x| so small that expm1(x) = x, r may have lost the sign of zero; above the range exp(x) - 1 = exp(x).
INLINE V expm1_of(V x) {
  const V highest = splat(EXP_HIGHEST - 2);
  V y = x < splat(EXPM1_LOWEST) ? splat(EXPM1_LOWEST) : x;
  y = y > highest ? highest : y;
  y = expm1_in_range(y);
  y = __builtin_elementwise_abs(x) < splat(SMALLEST_NORMAL) ? x : y;
  return x > highest ? exp_of(x) : y;
}

// With e = exp(-|x|), which does not overflow: a / (1 + e), where a is 1 for x >= 0 and e for x < 0. What rounding took
// from 1 + e and from the quotient q leaves a - q (1 + e), of which a - q is exact; 1 / (1 + e) is q for x >= 0 and
// 1 - q for x < 0.
INLINE V sigmoid_of(V x) {
  const V e = exp_of_negative_magnitude(x);
  const M negative = x < splat(0);
  const V a = negative ? e : splat(1), q = a / (splat(1) + e);
  return madd(madd(-q, e, a - q), negative ? splat(1) - q : q, q);
}

// x = 2^n m with m from √½ to √2, for positive finite x.
typedef struct {
  V n, m;
} Split;
INLINE Split split_exponent(V x) {
  const M tiny = x < splat(SMALLEST_NORMAL);
  x = tiny ? x * splat((E)(1ull << (MANTISSA + 1))) : x;
  const U root = (U)splat(SQRT_HALF);
  const U bits = (U)x - root + (U)splat(1);  // the exponent of x / √½, as a biased one
  const V integer = splat((E)(1ull << MANTISSA));
  const V biased = (V)((bits >> MANTISSA) | (U)integer) - integer;
  const U fraction = (((U)1) << MANTISSA) - (U)1;
  return (Split){biased - (tiny ? splat((E)(BIAS + MANTISSA + 1)) : splat((E)BIAS)), (V)((bits & fraction) + root)};
}

// R(s²) with log((1 + s) / (1 - s)) = 2s + s R(s²), for z = s² where (1 + s) / (1 - s) is from √½ to √2.
INLINE V log_polynomial(V z) {
#if ELEMENT_BYTES == 4
  V p = splat(0.242788538f);
  p = madd(p, z, splat(0.284987926f));
  p = madd(p, z, splat(0.400009722f));
  return madd(p, z, splat(0.666666627f));
#else
  V p = splat(0.14798247448742752);
  p = madd(p, z, splat(0.15313833223544368));
  p = madd(p, z, splat(0.18183572316974986));
  p = madd(p, z, splat(0.22222198429627046));
  p = madd(p, z, splat(0.28571428743681204));
  p = madd(p, z, splat(0.39999999999409369));
  return madd(p, z, splat(0.66666666666667351));
#endif
}

// log(2^n (1 + f)) + c for f from √½ - 1 to √2 - 1 and a small correction c.
//
// With s = f / (2 + f): log(1 + f) = log((1 + s) / (1 - s)) = 2s + s R(s²) = f - f²/2 + s (f²/2 + R).
INLINE V log_sum(V n, V f, V c) {
  const V s = f / (splat(2) + f), z = s * s;
  const V half_square = splat((E)0.5) * f * f;
  const V low = madd(s, madd(log_polynomial(z), z, half_square), madd(n, splat(LN2_LOW), c));
  return madd(n, splat(LN2_HIGH), f - (half_square - low));
}

// A logarithm's result for positive finite x, its limits and NaN elsewhere.
INLINE V log_or_special(V x, V result) {
  const V special = x == splat(0) ? -INFINITE : x < splat(0) ? splat((E)NAN) : x;
  return ((x > splat(0)) & (x < INFINITE)) ? result : special;
}

INLINE V log_of(V x) {
  const Split y = split_exponent(x);
  return log_or_special(x, log_sum(y.n, y.m - splat(1), splat(0)));
}

// log2(2^n (1 + f)) = n + (high + low) / ln 2 with high + low = log(1 + f), as in log_sum. high keeps half of the bits, and
// 1 / ln 2 is INV_LN2_HIGH + INV_LN2_LOW, so that the product of the high parts is exact; what rounding takes from its sum
// with n is added to the low parts. So a power of two has an integer.
INLINE V log2_of(V x) {
  const Split y = split_exponent(x);
  const V f = y.m - splat(1), s = f / (splat(2) + f), z = s * s;
  const V half_square = splat((E)0.5) * f * f;
  const V high = (V)((U)(f - half_square) & HIGH_HALF);
  const V low = madd(s, madd(log_polynomial(z), z, half_square), (f - high) - half_square);
  const V product = high * splat(INV_LN2_HIGH), sum = y.n + product;
  const V lost = (y.n - sum) + product;
  const V rest = madd(low + high, splat(INV_LN2_LOW), low * splat(INV_LN2_HIGH));
  return log_or_special(x, sum + (rest + lost));
}

// log(1 + x): with u = 1 + x rounded, log(u) + (x - (u - 1)) / u; where 1 + x needs no splitting, f = x itself.
INLINE V log1p_of(V x) {
  const V u = splat(1) + x;
  const V lost = x > splat(1) ? splat(1) - (u - x) : x - (u - splat(1));
  const Split y = split_exponent(u);
  const M direct = (x > splat(SQRT_HALF - 1)) & (x < splat((E)0.41421356));
  const V n = direct ? splat(0) : y.n;
  const V f = direct ? x : y.m - splat(1);
  const V c = direct ? splat(0) : lost / u;
  V result = log_sum(n, f, c);
  result = __builtin_elementwise_abs(x) < splat(SMALLEST_NORMAL) ? x : result;
  const V special = x == splat(-1) ? -INFINITE : x < splat(-1) ? splat((E)NAN) : x;
  return ((x > splat(-1)) & (x < INFINITE)) ? result : special;
}

// log(1 + exp(x)) = max(x, 0) + log(1 + e) with e = exp(-|x|), where 1 + e is 1 (1 + e) or 2 (1 + (e - 1) / 2). What
// rounding takes from e - 1, below e = 1/2, changes the logarithm by half of it over (1 + e) / 2, which is near 0.73.
INLINE V softplus_of(V x) {
  const V e = exp_of_negative_magnitude(x);
  const M direct = e < splat((E)0.41421356);
  const V below = e - splat(1), lost = e - (below + splat(1));
  const V n = direct ? splat(0) : splat(1);
  const V f = direct ? e : below * splat((E)0.5);
  const V c = direct ? splat(0) : lost * splat((E)0.685);
  return (x < splat(0) ? splat(0) : x) + log_sum(n, f, c);
}

#if ELEMENT_BYTES == 4
// The error function, with polynomials P and Q that were fitted to the least maximal error (Lawson's algorithm, in double
// precision):
//
//     erf(x) = x + x P(x²)                            for |x| <= 15/16
//     erf(x) = ±(1 - exp(-|x| - |x| Q(|x|)))          beyond, and ±1 from 4 on
INLINE V erf_of(V x) {
  const V s = x * x;
  V p = splat(0x1.5bfc32p-14f);
  p = madd(p, s, splat(-0x1.aa06bcp-11f));
  p = madd(p, s, splat(0x1.54c2d0p-8f));
  p = madd(p, s, splat(-0x1.b80e30p-6f));
  p = madd(p, s, splat(0x1.ce2e06p-4f));
  p = madd(p, s, splat(-0x1.812742p-2f));
  p = madd(p, s, splat(0x1.06eba8p-3f));
  const V magnitude = __builtin_elementwise_abs(x);
  const V t = magnitude < splat(4) ? magnitude : splat(4);
  V q = splat(0x1.8ef9b2p-17f);
  q = madd(q, t, splat(-0x1.596c4cp-12f));
  q = madd(q, t, splat(0x1.e0f674p-9f));
  q = madd(q, t, splat(-0x1.8641a8p-6f));
  q = madd(q, t, splat(0x1.b36b78p-4f));
  q = madd(q, t, splat(0x1.452d3ep-1f));
  q = madd(q, t, splat(0x1.077e1ep-3f));
  const V beyond = splat(1) - exp_of_negative_magnitude(madd(q, t, t));
  return magnitude > splat(0.9375f) ? __builtin_elementwise_copysign(beyond, x) : madd(x, p, x);
}
#endif
