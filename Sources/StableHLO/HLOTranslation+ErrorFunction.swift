internal import EbbGraph

/// 2/√π ∫₀ˣ exp(−t²) dt by rational functions (Cody, "Rational Chebyshev approximations for the error function",
/// Mathematics of Computation 23, 1969): to a few units in the last place of a Float64.
extension HLOTranslation {
  mutating func errorFunction(_ x: HLOValue, _ name: String?) -> HLOValue {
    // Beyond 6 it is 1.
    let size = writer.apply("minimum", writer.apply("abs", x), writer.number(6, x.element))
    let square = writer.apply("multiply", size, size)
    // |x| ≤ 0.46875: x R(x²)
    let near = writer.apply("multiply", x, quotient(square, Self.nearNumerator, Self.nearDenominator))
    // Else 1 − exp(−x²) R(|x|)
    let decay = writer.apply("exponential", writer.apply("negate", square))
    let rest = writer.apply("multiply", decay, quotient(size, Self.farNumerator, Self.farDenominator))
    let far = writer.apply(
      "multiply", writer.apply("sign", x), writer.apply("subtract", writer.number(1, x.element), rest))
    let isNear = writer.compare("LE", size, writer.number(0.46875, x.element))
    return writer.select(isNear, near, far, named: name ?? "erf")
  }

  /// P(x) / Q(x), the coefficients from the highest power down.
  private mutating func quotient(_ x: HLOValue, _ numerator: [Double], _ denominator: [Double]) -> HLOValue {
    writer.apply("divide", polynomial(x, numerator), polynomial(x, denominator))
  }

  /// By Horner's rule.
  private mutating func polynomial(_ x: HLOValue, _ coefficients: [Double]) -> HLOValue {
    var sum = writer.number(coefficients[0], x.element)
    for coefficient in coefficients.dropFirst() {
      sum = writer.apply("add", writer.apply("multiply", sum, x), writer.number(coefficient, x.element))
    }
    return sum
  }

  private static let nearNumerator = [
    1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2,
    3.20937758913846947e3,
  ]
  private static let nearDenominator = [
    1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3,
  ]
  private static let farNumerator = [
    2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1,
    2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
    1.23033935479799725e3,
  ]
  private static let farDenominator = [
    1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
    3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
  ]
}
