public import EbbRecording

/// A read-out at every step, without a state: y = g(W x + b).
public struct Dense: RecurrentCell {
  /// The features of y.
  public var units: Int
  /// g.
  public var activation: Activation
  /// Whether there is b.
  public var hasBias: Bool

  /// A read-out of `units` features.
  public init(units: Int, activation: Activation = .identity, hasBias: Bool = true) {
    self.units = units
    self.activation = activation
    self.hasBias = hasBias
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    activation(scope.affine("dense", [x], units, bias: hasBias ? .zeros : nil))
  }
}
