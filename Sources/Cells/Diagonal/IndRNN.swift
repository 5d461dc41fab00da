public import EbbRecording

/// The independently recurrent network: each unit reads only its own state (Li et al., CVPR 2018, section 3):
///
///     h' = g(W x + u ⊙ h + b)
///
/// So the gradient of one unit through k steps is a product of k numbers, ∏ u g'(…), without matrices. The paper keeps
/// |u| ≤ γ^(1/T) in training; here u is initially uniform on [0, 1) and unconstrained.
public struct IndRNN: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// g.
  public var activation: Activation

  /// A layer of `units` features.
  public init(units: Int, activation: Activation = .relu) {
    self.units = units
    self.activation = activation
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let recurrent = scope.parameter("recurrent", [units], .between(0, 1))
    return h.next(activation(scope.affine("input", [x], units) + recurrent * h))
  }
}
