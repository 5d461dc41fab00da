extension Matrix {
  /// e^A = Σ Aᵏ / k!, by scaling and squaring of a Padé approximant (Higham 2005):
  ///
  ///     e^A = (e^(A / 2ˢ))^(2ˢ)      e^X ≈ q(X)⁻¹ p(X)
  ///
  /// The order of the approximant is the least of 3, 5, 7, 9 and 13 whose error is below rounding for ‖A‖₁; where none
  /// is, A is scaled for order 13. Entries that leave the range of Float64 are infinite or NaN.
  ///
  /// - Throws: `LinearAlgebraError.notSquare` or `.notFinite`.
  public func exponential() throws(LinearAlgebraError) -> Matrix {
    try requireSquare()
    try requireFinite()
    // Sums of the largest entries would overflow.
    let (reduced, exponent) = scaledToSafeRange(limit: 900)
    let norm = reduced.oneNorm
    if exponent <= 0, let approximant = Padé.all.first(where: { norm <= $0.radius || exponent < 0 }) {
      return try approximant.value(at: self)
    }
    let squarings = exponent + Int((norm / Padé.last.radius).exponent) + 1
    var result = try Padé.last.value(at: scaled(byPowerOfTwo: -squarings))
    for _ in 0..<squarings { result = result * result }
    return result
  }
}

/// A diagonal Padé approximant of the exponential function: p(X) = Σ bₖ Xᵏ and q(X) = p(−X).
private struct Padé {
  /// The largest ‖X‖₁ at which its backward error is below 2⁻⁵³ (Higham 2005, table 2.3).
  let radius: Double
  /// The numbers bₖ.
  let coefficients: [Double]

  static let all = [
    Padé(radius: 1.495585217958292e-2, coefficients: [120, 60, 12, 1]),
    Padé(radius: 2.539398330063230e-1, coefficients: [30240, 15120, 3360, 420, 30, 1]),
    Padé(
      radius: 9.504178996162932e-1, coefficients: [17_297_280, 8_648_640, 1_995_840, 277_200, 25_200, 1512, 56, 1]),
    Padé(
      radius: 2.097847961257068,
      coefficients: [
        17_643_225_600, 8_821_612_800, 2_075_673_600, 302_702_400, 30_270_240, 2_162_160, 110_880, 3960, 90, 1,
      ]),
    last,
  ]
  static let last = Padé(
    radius: 5.371920351148152,
    coefficients: [
      64_764_752_532_480_000, 32_382_376_266_240_000, 7_771_770_303_897_600, 1_187_353_796_428_800,
      129_060_195_264_000, 10_559_470_521_600, 670_442_572_800, 33_522_128_640, 1_323_241_920, 40_840_800, 960_960,
      16_380, 182, 1,
    ])

  /// q(X)⁻¹ p(X) from the sums of even and of odd powers, V and U: p = V + U and q = V − U.
  func value(at x: Matrix) throws(LinearAlgebraError) -> Matrix {
    // I, X², X⁴ and X⁶; higher powers are these times X⁶.
    let square = x * x
    var powers = [Matrix.identity(x.rows), square]
    while powers.count < min(coefficients.count / 2, 4) { powers.append(powers[powers.count - 1] * square) }
    func sum(of coefficients: ArraySlice<Double>, from first: Int) -> Matrix {
      zip(coefficients, powers[first...]).reduce(Matrix(rows: x.rows, columns: x.rows)) { $0 + $1.0 * $1.1 }
    }
    func sum(from first: Int) -> Matrix {
      let own = stride(from: first, to: coefficients.count, by: 2).map { coefficients[$0] }
      let low = sum(of: own.prefix(4), from: 0)
      return own.count > 4 ? low + powers[3] * sum(of: own.dropFirst(4), from: 1) : low
    }
    let (even, odd) = (sum(from: 0), x * sum(from: 1))
    return try LUFactorization(even - odd).solution(of: even + odd)
  }
}
