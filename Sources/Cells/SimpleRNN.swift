public import EbbRecording

/// The simple recurrent network (Elman 1990):
///
///     h' = g(W [h, x] + b)
///
/// With ReLU and an identity matrix it is the IRNN (Le, Jaitly & Hinton 2015, "The Initialization Trick"); with a
/// matrix of a given gain, the network of Saxe, McClelland & Ganguli (2014):
///
/// ```swift
/// SimpleRNN(units: 64, activation: .relu, recurrent: .identity(), input: .normal(deviation: 0.001))
/// SimpleRNN(units: 64, recurrent: .orthogonal(gain: 1.1))
/// ```
public struct SimpleRNN: RecurrentCell {
  /// The features of the state and the output.
  public var units: Int
  /// g.
  public var activation: Activation
  /// The initialiser of the rows of W that multiply h; nil for a random orthogonal matrix.
  public var recurrent: Initializer?
  /// The initialiser of the rows of W that multiply x; nil for Glorot's uniform distribution.
  public var input: Initializer?
  /// Whether there is b.
  public var hasBias: Bool

  /// A network of `units` features.
  public init(
    units: Int, activation: Activation = .tanh, recurrent: Initializer? = nil, input: Initializer? = nil,
    hasBias: Bool = true
  ) {
    self.units = units
    self.activation = activation
    self.recurrent = recurrent
    self.input = input
    self.hasBias = hasBias
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let isStandard = recurrent == nil && input == nil
    let weights = isStandard ? [] : [recurrent ?? .orthogonal(), input ?? .glorotUniform]
    let bias: Initializer? = hasBias ? .zeros : nil
    return h.next(activation(scope.affine("recurrent", [h, x], units, weights: weights, bias: bias)))
  }
}
