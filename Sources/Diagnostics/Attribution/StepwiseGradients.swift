internal import Foundation

/// dL/dW split by the step at which it arises: dL/dW = Σ_t dL/dW_t, where W_t is W as step t uses it.
///
/// Backpropagation through time adds up the terms of this sum (Werbos 1990). The contributions show which steps a
/// network learns from; a sum much shorter than its terms shows how far they cancel.
public struct StepwiseGradients: Sendable, Hashable {
  /// The gradients of one parameter.
  public struct Parameter: Sendable, Hashable {
    /// The parameter's name.
    public var name: String
    /// ‖dL/dW_t‖ (Frobenius), summed over the samples before the norm, for each step t = 1 … T.
    public var norms: [Double]
    /// The norm of the contribution from outside of time: an initial state, or after the last step.
    public var restNorm: Double
    /// ‖dL/dW‖, computed by itself.
    public var totalNorm: Double
    /// ‖Σ_t dL/dW_t + rest − dL/dW‖ / (Σ_t ‖dL/dW_t‖ + ‖rest‖): the rounding error of the split.
    ///
    /// Relative to the terms, because their sum may be 0, as for parameters that the loss does not depend on.
    public var discrepancy: Double
    /// For each lag k = 0 … T − 1, ‖Σ_s ∂L_s/∂W_{s−k}‖: the losses' gradient to the use of W k steps earlier. Empty if
    /// not requested.
    public var lagNorms: [Double]
    /// The same discrepancy for the sum over all lags; 0 without lags.
    public var lagDiscrepancy: Double
  }

  /// The parameters in the order of their first use.
  public var parameters: [Parameter]
  /// The parameter of this name, if there is one.
  public subscript(name: String) -> Parameter? { parameters.first { $0.name == name } }
}

extension StepwiseGradients.Parameter {
  /// Σ_t ‖dL/dW_t‖ / ‖Σ_t dL/dW_t‖, at least 1: how far the contributions of the steps cancel. Nil for a sum of 0.
  public var cancellation: Double? {
    totalNorm > 0 ? termNorms / totalNorm : nil
  }

  /// Σ_t ‖dL/dW_t‖ + ‖rest‖
  var termNorms: Double { norms.reduce(restNorm, +) }
}
