// exp and tanh by tables of sixteen numbers, for instruction sets on which one instruction looks up sixteen floats in a
// register. Tests/KernelsTests/make_tables.py made the tables.

// table[index mod 16] in each lane.
INLINE V look_up(const E *table, V index) { return (V)_mm512_permutexvar_ps((__m512i)index, (__m512)load(table)); }

// 2^(j/16), and what rounding took from it.
static const E power[16] = {
    1.0f, 1.04427378f, 1.09050773f, 1.13878863f, 1.18920712f, 1.24185781f, 1.29683955f, 1.35425555f, 1.41421356f,
    1.47682615f, 1.54221083f, 1.61049033f, 1.68179283f, 1.75625216f, 1.83400809f, 1.91520656f,
};
static const E power_rest[16] = {
    0.0f, 4.83347014e-08f, -1.30775402e-08f, 5.38622214e-08f, 3.79763539e-08f, 4.49683815e-08f, -4.01899938e-08f,
    -1.0123349e-08f, 2.42032342e-08f, -4.5008987e-08f, 8.07090469e-09f, 9.8362172e-09f, -2.47553273e-08f,
    -9.23577034e-09f, -1.12392781e-08f, 9.84532845e-09f,
};

// Adding 1.5 · 2^(MANTISSA - 4) rounds to sixteenths, of which the sum's four lowest bits say how many.
#define TO_SIXTEENTHS splat((E)(1.5 * (1 << (MANTISSA - 4))))

// exp(x) = 2^n 2^(j/16) exp(r) with n + j/16 nearest to x / ln 2, for x <= EXP_HIGHEST.
INLINE V exp_in_range(V x) {
  const V shifted = madd(x, splat(LOG2_E), TO_SIXTEENTHS), sixteenths = shifted - TO_SIXTEENTHS;
  const V r = madd(-sixteenths, splat(LN2_LOW), madd(-sixteenths, splat(LN2_HIGH), x));
  const V q = madd(madd(r, splat(0.166669592f), splat(0.500009775f)), r * r, r);  // exp(r) - 1 for |r| <= ln 2 / 32
  const V p = look_up(power, shifted);
  return scale_by_power(p + madd(p, q, look_up(power_rest, shifted)), sixteenths, x < splat(EXP_LOWEST));
}

// |x| + 3/4 in the octaves from 1/2 to 16, four parts each, named by the two lowest bits of the exponent and the two
// highest of the mantissa: from 5/4 on, and of the first octave the last two parts, from 0 and from 1/8.
static const E tanh_centre[16] = {
    1.49399996f, 2.00020003f, 2.46399999f, 2.977f, 3.68919992f, 4.72959995f, 5.85960007f, 6.76100016f, 8.31760025f,
    9.25f, 0.0f, 0.188225001f, 0.354499996f, 0.617799997f, 0.881200016f, 1.12810004f,
};
// tanh(centre + u) = Σ c_k u^k. tanh(centre) is nearly a float, and where the centre is 0, tanh u = u q(u), q(0) = 1.
static const E tanh_c[7][16] = {
    {
        0.904058099f, 0.96404171f, 0.985622168f, 0.994822562f, 0.998751581f, 0.999844074f, 0.999983728f, 0.999997318f,
        0.999999881f, 1.0f, 0.0f, 0.186033204f, 0.340360314f, 0.549594402f, 0.707019985f, 0.810368001f,
    },
    {
        0.182678849f, 0.0706235617f, 0.0285489447f, 0.0103280731f, 0.00249531516f, 0.00031183369f, 3.25438341e-05f,
        5.3646022e-06f, 2.3884175e-07f, 0.0f, 1.0f, 0.965391636f, 0.884154856f, 0.697946012f, 0.500122726f, 0.34330371f,
    },
    {
        -0.165152505f, -0.0680840611f, -0.028138455f, -0.0102745844f, -0.0024920071f, -0.00031177231f, -3.25480578e-05f,
        -5.36593006e-06f, -2.3940396e-07f, 0.0f, -4.02173761e-08f, -0.179594904f, -0.300931096f, -0.383587152f,
        -0.353596836f, -0.278202325f,
    },
    {
        0.0884278715f, 0.0420970917f, 0.0182173848f, 0.00677842507f, 0.0016561033f, 0.000207577003f, 2.16939625e-05f,
        3.57271938e-06f, 1.56275334e-07f, 0.0f, -0.333328813f, -0.288377315f, -0.19229348f, -0.021838896f,
        0.0832943618f, 0.11101038f,
    },
    {
        -0.0248748977f, -0.0178882238f, -0.00857728999f, -0.00331955636f, -0.000827001699f, -0.00010390384f,
        -1.07555843e-05f, -1.77504148e-06f, -7.61956471e-08f, 0.0f, -0.000165905833f, 0.113522105f, 0.165723592f,
        0.139844924f, 0.058997903f, 0.00277151703f,
    },
    {
        -0.00335233985f, 0.00470695738f, 0.00302107842f, 0.00128075271f, 0.000337274978f, 4.31838525e-05f,
        4.4001581e-06f, 7.44608144e-07f, 3.72408877e-08f, 0.0f, 0.13600181f, 0.0946342722f, 0.0274443757f,
        -0.0532132424f, -0.0582639389f, -0.0316082463f,
    },
    {
        0.0072379671f, -0.000107746484f, -0.000718949363f, -0.000376531738f, -9.90257613e-05f, -1.377027e-05f,
        -1.85306681e-06f, -2.75433848e-07f, -1.40288572e-08f, 0.0f, -0.0195795577f, -0.0618009791f, -0.0687568709f,
        -0.0245996695f, 0.0123065608f, 0.0186051726f,
    },
};

INLINE V tanh_of(V x) {
  V magnitude = __builtin_elementwise_abs(x);
  magnitude = magnitude > splat(TANH_HIGHEST) ? splat(TANH_HIGHEST) : magnitude;
  const V part = (V)((U)(magnitude + splat(0.75f)) >> (MANTISSA - 2));
  const V u = magnitude - look_up(tanh_centre, part);
  V y = look_up(tanh_c[6], part);
  UNROLL for (int k = 5; k >= 0; k--) y = madd(y, u, look_up(tanh_c[k], part));
  return __builtin_elementwise_copysign(y, x);
}
