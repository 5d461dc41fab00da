internal import Foundation

/// dL/dW split by the step at which it arose: dL/dW = Σ_t dL/dW_t, where W_t is W as step t uses it.
///
/// With shared weights the terms of this sum are what backpropagation through time adds up (Werbos 1990). Which steps
/// contribute tells where a network learns from; how far the sum is shorter than its terms tells how they cancel.
public struct StepwiseGradients: Sendable, Hashable {
  /// The gradients of one parameter.
  public struct Parameter: Sendable, Hashable {
    /// The parameter's name.
    public var name: String
    /// ‖dL/dW_t‖ (Frobenius), summed over the samples before the norm, for each step t = 1 … T.
    public var norms: [Double]
    /// The norm of what is used outside of time: as an initial state, or after the last step.
    public var restNorm: Double
    /// ‖dL/dW‖, computed by itself.
    public var totalNorm: Double
    /// ‖Σ_t dL/dW_t + rest − dL/dW‖ / (Σ_t ‖dL/dW_t‖ + ‖rest‖): what rounding leaves of the difference.
    ///
    /// Relative to the terms, because their sum may be 0: so it is for parameters that the loss does not depend on.
    public var discrepancy: Double
    /// For each lag k = 0 … T − 1, ‖Σ_s ∂L_s/∂W_{s−k}‖: what the losses say to the use of W k steps before them. Empty
    /// where it was not asked for.
    public var lagNorms: [Double]
    /// The same of the sum over all lags; 0 without lags.
    public var lagDiscrepancy: Double
  }

  /// The parameters in the order of their first use.
  public var parameters: [Parameter]
  /// The parameter of this name, if there is one.
  public subscript(name: String) -> Parameter? { parameters.first { $0.name == name } }
}

extension StepwiseGradients.Parameter {
  /// Σ_t ‖dL/dW_t‖ / ‖Σ_t dL/dW_t‖, at least 1: how much the contributions of the steps cancel. Nil for a sum of 0.
  public var cancellation: Double? {
    totalNorm > 0 ? termNorms / totalNorm : nil
  }

  /// Σ_t ‖dL/dW_t‖ + ‖rest‖
  var termNorms: Double { norms.reduce(restNorm, +) }
}
