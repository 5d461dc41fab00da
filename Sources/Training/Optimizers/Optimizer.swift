public import EbbTensors

/// A rule for updating parameters from their gradients.
///
/// An optimizer is a value that holds only its settings. Its state between steps is an `OptimizerState`, also a value,
/// so that training can be saved and resumed bit for bit.
public protocol Optimizer: Sendable, Hashable {
  /// The factor η of each step.
  var learningRate: Double { get set }
  /// The weight decay, which is applied apart from `update`.
  var weightDecay: WeightDecay { get }
  /// The names of the values kept for each number of a parameter, initially zero; empty for none.
  var slots: [String] { get }
  /// Identifies the meaning of the state: the rule, and its variants that keep different values. By default the name of
  /// the type.
  var kind: String { get }
  /// The kind and the form of weight decay, for messages and checkpoints.
  var name: String { get }
  /// The problem with the rule's own settings and what would be right; nil if there is none. A trainer throws it.
  var settingProblem: String? { get }

  /// The rule: changes a parameter's numbers along its gradient.
  ///
  /// - Parameters:
  ///   - values: The parameter's numbers, in row-major order.
  ///   - gradient: dL/dθ for each of them, after clipping.
  ///   - slots: The optimizer's state, in the order of the property `slots`; each as long as the values.
  ///   - step: The number of this update: 1, 2, …
  func descend<Scalar: BinaryFloatingPoint & UpdateNumber>(
    _ values: inout [Scalar], gradient: [Scalar], slots: inout [[Scalar]], step: Int)
  /// The rule for parameters of Float32: a requirement, so that it is compiled for this type.
  func update(_ values: inout [Float], gradient: [Float], slots: inout [[Float]], step: Int)
  /// The rule for parameters of Float64.
  func update(_ values: inout [Double], gradient: [Double], slots: inout [[Double]], step: Int)
}

/// The state of an optimizer.
public struct OptimizerState: Hashable, Sendable {
  /// The kind of the optimizer that owns it; nil before the first update, and for files without it.
  public var kind: String?
  /// How many updates this optimizer made.
  public var step: Int
  /// For each parameter its slots, in the order of the optimizer's `slots`, each with the parameter's shape.
  public var slots: [String: [Tensor]]

  /// A state; by default of an optimizer before its first update.
  public init(kind: String? = nil, step: Int = 0, slots: [String: [Tensor]] = [:]) {
    self.kind = kind
    self.step = step
    self.slots = slots
  }
}

extension Optimizer {
  @inlinable
  public func update(_ values: inout [Float], gradient: [Float], slots: inout [[Float]], step: Int) {
    descend(&values, gradient: gradient, slots: &slots, step: step)
  }

  @inlinable
  public func update(_ values: inout [Double], gradient: [Double], slots: inout [[Double]], step: Int) {
    descend(&values, gradient: gradient, slots: &slots, step: step)
  }

  public var weightDecay: WeightDecay { .none }
  public var settingProblem: String? { nil }
  public var kind: String { "\(Self.self)" }
  public var name: String {
    switch weightDecay {
    case .none: kind
    case .l2: kind + ", L2 weight decay"
    case .decoupled: kind + ", decoupled weight decay"
    }
  }

  /// One update of all parameters that have a gradient and are not frozen by their group.
  ///
  /// The state of an optimizer of another kind is discarded: this one starts at its first update.
  ///
  /// Traps if a gradient does not have its parameter's element type and dimensions.
  public func update(
    _ parameters: inout [String: Tensor], gradients: [String: Tensor], state: inout OptimizerState,
    groups: [ParameterGroup] = []
  ) {
    var means: [String: Tensor] = [:]
    ParameterUpdate().apply(self, to: &parameters, gradients: gradients, state: &state, groups: groups, means: &means)
  }
}
