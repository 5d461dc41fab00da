"""Prints the tables of Sources/Kernels/math/table_math.h. Needs mpmath and numpy."""

import textwrap

import numpy as np
from mpmath import cos, exp, fabs, log, lu_solve, matrix, mp, mpf, pi, tanh

mp.dps = 40


def single(x):
    return mpf(float(np.float32(float(x))))


def fitted(f, low, high, degree, known):
    """Coefficients of a polynomial near f on [low, high], the first of them known: least squares at Chebyshev points."""
    width, count, points = high - low, degree + 1 - len(known), 24
    A, b = matrix(points, count), matrix(points, 1)
    for i in range(points):
        u = (low + high) / 2 + width / 2 * cos(pi * (2 * i + 1) / (2 * points))
        b[i] = f(u) - sum(c * u**k for k, c in enumerate(known))
        for k in range(count):
            A[i, k] = (u / width) ** (k + len(known))
    return known + [c / width ** (k + len(known)) for k, c in enumerate(lu_solve(A, b))]


def rounded(f, low, high, degree, known):
    """The same with coefficients of single precision: each is fitted anew when those before it have been rounded."""
    while len(known) <= degree:
        known = known + [single(fitted(f, low, high, degree, known)[len(known)])]
    return known


def centre_near(middle, width):
    """Near the middle, the number whose tanh is nearest to one of single precision."""
    candidates = [single(middle + k * width / 5000) for k in range(-600, 601)]
    return min(candidates, key=lambda x: fabs(tanh(x) - single(tanh(x))))


def tanh_piece(low, high):
    if low == 0:  # tanh u = u q(u) with q(0) = 1
        return mpf(0), [mpf(0)] + rounded(lambda u: tanh(u) / u, mpf(10) ** -9, high, 5, [mpf(1)])
    if low > 9.1:  # nothing of 1 - tanh is left
        return low, [mpf(1)] + 6 * [mpf(0)]
    centre = centre_near((low + high) / 2, high - low)
    first = single(tanh(centre))
    return centre, rounded(lambda u: tanh(centre + u), low - centre, high - centre, 6, [first])


def show(name, values):
    numbers = ["%.9g" % float(v) for v in values]
    text = ", ".join((n if "." in n or "e" in n else n + ".0") + "f" for n in numbers)
    print(f"{name}: {{", *textwrap.wrap(text, 112), "}", sep="\n    ")


pieces = [None] * 16
# |x| + 3/4 lies in the octaves from 1/2 to 16, four parts each. The two lowest bits of the exponent and the two highest
# ones of the mantissa name a part: the first octave uses its last two parts, the last octave its first two.
for octave in range(-1, 4):
    for part in range(4):
        low, high = (mpf(2) ** octave * (1 + mpf(p) / 4) - mpf(3) / 4 for p in (part, part + 1))
        if low >= 0 and low < 10:
            bits = int(np.float32(float(low + mpf(3) / 4)).view(np.int32))
            pieces[bits >> 21 & 15] = tanh_piece(low, min(high, mpf(10)))

show("centres", [centre for centre, _ in pieces])
for k in range(7):
    show(f"coefficients of u^{k}", [coefficients[k] for _, coefficients in pieces])

powers = [mpf(2) ** (mpf(j) / 16) for j in range(16)]
show("2^(j/16)", powers)
show("what rounding took from them", [p - single(p) for p in powers])
half = log(2) / 32
show("(exp(r) - 1 - r) / r^2", rounded(lambda r: (exp(r) - 1 - r) / r**2, -half, half, 1, []))
