public import EbbLinearAlgebra
internal import Foundation

/// ∂s_T/∂sₜ = J_T ⋯ Jₜ₊₁: how the last states depend on earlier ones, over all paths through the states.
public struct EndToEndJacobian: Sendable, Hashable {
  /// The matrix up to a power of two, which keeps products of any length in range.
  public private(set) var mantissa: Matrix
  /// The power of two: the matrix is mantissa · 2^exponent.
  public private(set) var exponent = 0

  /// The identity: of no step.
  init(size: Int) { mantissa = .identity(size) }

  /// The matrix itself. Entries beyond the range of Float64 are infinite or 0.
  public var matrix: Matrix { mantissa.scaled(byPowerOfTwo: exponent) }

  /// ln σ₁ ≥ ln σ₂ ≥ …; −∞ for a direction that is lost.
  ///
  /// Each product rounds, so values below ε σ₁ are noise. `Diagnostics.lyapunovSpectrum` resolves all directions.
  public func logSingularValues() throws(LinearAlgebraError) -> [Double] {
    try mantissa.singularValues().map { log($0) + Double(exponent) * log(2) }
  }

  /// J · self, for one more step at the end.
  mutating func advance(by jacobian: Matrix) { multiply { jacobian * $0 } }
  /// The product of later steps · this.
  mutating func advance(by later: EndToEndJacobian) {
    advance(by: later.mantissa)
    exponent += later.exponent
  }
  /// self · J, for one more step at the beginning.
  mutating func extend(by jacobian: Matrix) { multiply { $0 * jacobian } }

  private mutating func multiply(_ product: (Matrix) -> Matrix) {
    mantissa = product(mantissa)
    let largest = mantissa.maximumNorm
    guard largest > 0, largest.isFinite else { return }
    let shift = Int(largest.exponent)
    mantissa = mantissa.scaled(byPowerOfTwo: -shift)
    exponent += shift
  }
}

extension StepJacobians {
  /// ∂s_u/∂sₜ: the states after step u with respect to the states after step t; s₀ is the initial state.
  ///
  /// - Parameters:
  ///   - t: In 0 … u.
  ///   - u: In t … T; by default T.
  ///   - sample: From 0.
  public func endToEnd(from t: Int = 0, to u: Int? = nil, sample: Int = 0) -> EndToEndJacobian {
    let last = u ?? length
    precondition(t >= 0 && t <= last && last <= length, "from step \(t) to step \(last) of \(length)")
    var product = EndToEndJacobian(size: space.size)
    for step in t..<last { product.advance(by: jacobian(at: step + 1, sample: sample)) }
    return product
  }

  /// ln of the singular values of ∂s_T/∂sₜ for t = 0 … T − 1, largest first: how much of a change at each step remains
  /// at the end.
  ///
  /// - Throws: `LinearAlgebraError` if a Jacobian is not finite.
  public func endToEndLogSingularValues(sample: Int = 0) throws(LinearAlgebraError) -> [[Double]] {
    var product = EndToEndJacobian(size: space.size)
    var values: [[Double]] = []
    for step in (0..<length).reversed() {
      product.extend(by: jacobian(at: step + 1, sample: sample))
      values.append(try product.logSingularValues())
    }
    return values.reversed()
  }
}
