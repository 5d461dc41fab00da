public import EbbRecording

/// The simple recurrent network (Elman 1990):
///
///     h' = g(W [h, x] + b)
public struct SimpleRNN: RecurrentCell {
  public var units: Int
  public var activation: Activation

  public init(units: Int, activation: Activation = .tanh) {
    self.units = units
    self.activation = activation
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    return h.next(activation(scope.affine("recurrent", [h, x], units)))
  }
}
