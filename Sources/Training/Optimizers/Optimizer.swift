public import EbbTensors

/// How gradients change parameters.
///
/// An optimizer is a value that holds its settings only. What it remembers from step to step is an `OptimizerState`, a
/// value too, so that training can be saved and resumed to the bit.
public protocol Optimizer: Sendable, Hashable {
  /// The factor η of each step.
  var learningRate: Double { get set }
  /// What pulls the parameters towards 0, beside `update`, which knows nothing of it.
  var weightDecay: WeightDecay { get }
  /// What is remembered for each number of a parameter, zeros at first: no names, no memory.
  var slots: [String] { get }
  /// What gives the memory its meaning: the rule, and the variants of it that remember other things. By default the name
  /// of the type.
  var kind: String { get }
  /// The kind and the form of weight decay, for messages and checkpoints.
  var name: String { get }

  /// Changes a parameter's numbers along its gradient.
  ///
  /// - Parameters:
  ///   - slots: What is remembered, in the order of the property `slots`; each as long as the values.
  ///   - step: The number of this update: 1, 2, …
  func update(_ values: inout [Float], gradient: [Float], slots: inout [[Float]], step: Int)
  /// As `update` of Float32, for parameters of Float64.
  func update(_ values: inout [Double], gradient: [Double], slots: inout [[Double]], step: Int)
}

/// What an optimizer remembers.
public struct OptimizerState: Hashable, Sendable {
  /// The kind of the optimizer that remembers it; nil before the first update, and where a file does not tell.
  public var kind: String?
  /// How many updates this optimizer made.
  public var step: Int
  /// For each parameter what is remembered, in the order of the optimizer's `slots`, each of the parameter's shape.
  public var slots: [String: [Tensor]]

  /// A state; by default that of an optimizer that has made no update.
  public init(kind: String? = nil, step: Int = 0, slots: [String: [Tensor]] = [:]) {
    self.kind = kind
    self.step = step
    self.slots = slots
  }
}

extension Optimizer {
  public var weightDecay: WeightDecay { .none }
  public var kind: String { "\(Self.self)" }
  public var name: String {
    switch weightDecay {
    case .none: kind
    case .l2: kind + ", L2 weight decay"
    case .decoupled: kind + ", decoupled weight decay"
    }
  }

  /// One update of all parameters that have a gradient, but not of those that their group freezes.
  ///
  /// What an optimizer of another kind remembers is forgotten: this one begins at its first update.
  ///
  /// Traps if a gradient does not have its parameter's element type and dimensions.
  public func update(
    _ parameters: inout [String: Tensor], gradients: [String: Tensor], state: inout OptimizerState,
    groups: [ParameterGroup] = []
  ) {
    let kind = kind
    if state.kind != kind {
      if state.kind != nil { state = OptimizerState() }
      state.kind = kind
    }
    state.step += 1
    for (name, gradient) in gradients {
      let group = groups.group(of: name)
      if group?.isFrozen == true { continue }
      guard let parameter = parameters[name] else { preconditionFailure("no parameter is named \(name)") }
      precondition(
        parameter.dimensions == gradient.dimensions,
        "the gradient of \(name) is \(gradient.dimensions), the parameter \(parameter.dimensions)")
      let memory = state.slots[name] ?? []
      var rule = self
      if let group { rule.learningRate *= group.rateFactor }
      let decay = group?.weightDecay ?? weightDecay
      let (value, slots) = rule.updated(parameter, gradient, memory, decay, step: state.step)
      parameters[name] = value
      if !slots.isEmpty { state.slots[name] = slots }
    }
  }

  private func updated(
    _ parameter: Tensor, _ gradient: Tensor, _ memory: [Tensor], _ decay: WeightDecay, step: Int
  ) -> (Tensor, slots: [Tensor]) {
    let dimensions = parameter.dimensions
    switch (parameter.storage, gradient.storage) {
    case (.float32(var values), .float32(var gradient)):
      var slots = memory.map { tensor in
        guard case .float32(let values) = tensor.storage else { preconditionFailure("a slot is no float32") }
        return values
      }
      if slots.isEmpty { slots = self.slots.map { _ in [Float](repeating: 0, count: values.count) } }
      decay.apply(&values, &gradient, rate: learningRate)
      update(&values, gradient: gradient, slots: &slots, step: step)
      return (Tensor(dimensions, values), slots.map { Tensor(dimensions, $0) })
    case (.float64(var values), .float64(var gradient)):
      var slots = memory.map { tensor in
        guard case .float64(let values) = tensor.storage else { preconditionFailure("a slot is no float64") }
        return values
      }
      if slots.isEmpty { slots = self.slots.map { _ in [Double](repeating: 0, count: values.count) } }
      decay.apply(&values, &gradient, rate: learningRate)
      update(&values, gradient: gradient, slots: &slots, step: step)
      return (Tensor(dimensions, values), slots.map { Tensor(dimensions, $0) })
    case (.float32, _), (.float64, _), (.int32, _), (.bool, _):
      preconditionFailure("a parameter and its gradient are floats of one type")
    }
  }
}

/// The number of a parameter's elements; traps unless its gradient and all that is remembered of it have as many.
func checkedCount<Scalar>(_ values: [Scalar], _ gradient: [Scalar], _ slots: [[Scalar]], _ names: [String]) -> Int {
  precondition(
    gradient.count == values.count && slots.count == names.count && slots.allSatisfy { $0.count == values.count },
    "the gradient and each of \(names) have as many numbers as the parameter: \(values.count)")
  return values.count
}

/// The gradient for optimizers that keep its squares: numbers beyond 2⁶⁰ (Float64: 2⁵⁰⁸) count as that, for their squares
/// would be infinite, and so would be the mean square from then on, by which every later step is divided.
func withFiniteSquares<Scalar: BinaryFloatingPoint>(_ gradient: [Scalar]) -> [Scalar] {
  let exponent = Scalar.greatestFiniteMagnitude.exponent / 2 - 3
  let limit = Scalar(sign: .plus, exponent: exponent, significand: 1)
  var largest: Scalar = 0
  for number in gradient { largest = max(largest, abs(number)) }
  return largest <= limit ? gradient : gradient.map { min(max($0, -limit), limit) }
}
