public import EbbLinearAlgebra

/// The effect of a step on small changes of the states.
public struct StepSpectrum: Sendable, Hashable {
  /// Largest first: the factors by which a change of the states can grow in one step.
  public var singularValues: [Double]
  /// By decreasing modulus: the growth factors if the step were repeated.
  public var eigenvalues: [ComplexNumber]
  /// The number of singular values above n ε σ₁: the directions that survive the step.
  public var rank: Int

  /// The largest modulus of an eigenvalue.
  public var spectralRadius: Double { eigenvalues.first?.modulus ?? 0 }
  /// σ₁ / σₙ; infinite if the step collapses a direction.
  public var conditionNumber: Double {
    guard let largest = singularValues.first, let smallest = singularValues.last else { return 1 }
    return smallest == 0 ? .infinity : largest / smallest
  }

  /// - Throws: `LinearAlgebraError` if the Jacobian is not finite.
  public init(_ jacobian: Matrix) throws(LinearAlgebraError) {
    singularValues = try jacobian.singularValues()
    eigenvalues = try jacobian.eigenvalues()
    rank = Matrix.rank(singularValues, tolerance: .ulpOfOne * Double(jacobian.rows))
  }
}

extension StepJacobians {
  /// The spectrum of Jₜ for t = 1 … T.
  ///
  /// - Throws: `LinearAlgebraError` if a Jacobian is not finite.
  public func spectra(sample: Int = 0) throws(LinearAlgebraError) -> [StepSpectrum] {
    try concurrentMap(length, threads: threads) { step throws(LinearAlgebraError) in
      try StepSpectrum(jacobian(at: step + 1, sample: sample))
    }
  }
}
