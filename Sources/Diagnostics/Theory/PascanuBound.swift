public import EbbLinearAlgebra

/// The bound by the largest singular value of the recurrent weights of a network h' = φ(W h + …) (Pascanu, Mikolov &
/// Bengio 2013, section 2.1).
///
/// ‖∂hₜ₊₁/∂hₜ‖ = ‖diag(φ') W‖ ≤ γ σ₁, where γ bounds |φ'|. So gradients vanish at least as fast as (γ σ₁)ᵏ if γ σ₁ < 1,
/// for any inputs and any loss at the end; they can explode only if γ σ₁ > 1, but need not.
public struct PascanuBound: Sendable, Hashable {
  /// σ₁, the largest singular value of W.
  public var largestSingularValue: Double
  /// γ, the largest |φ'|: 1 for tanh, ¼ for a sigmoid.
  public var derivativeBound: Double

  /// A bound; by default of tanh.
  public init(largestSingularValue: Double, derivativeBound: Double = 1) {
    self.largestSingularValue = largestSingularValue
    self.derivativeBound = derivativeBound
  }

  /// - Throws: `LinearAlgebraError` if the matrix is not finite.
  public init(recurrentWeights: Matrix, derivativeBound: Double = 1) throws(LinearAlgebraError) {
    self.init(
      largestSingularValue: try recurrentWeights.singularValues().first ?? 0, derivativeBound: derivativeBound)
  }

  /// γ σ₁, the upper bound of the factor per step back.
  public var factor: Double { derivativeBound * largestSingularValue }

  /// Whether gradients must vanish: the sufficient condition σ₁ < 1/γ.
  public var mustVanish: Bool { factor < 1 }
  /// Whether gradients could explode: the necessary condition σ₁ > 1/γ.
  public var canExplode: Bool { factor > 1 }

  /// An upper bound of ‖dL/dhₜ‖ for t = 1 … T, for a loss that reads only the last state: the last value times (γ
  /// σ₁)^(T−t).
  public func gradientNorms(length: Int, last: Double = 1) -> [Double] {
    exponential(factor, length: length, last: last)
  }
}
