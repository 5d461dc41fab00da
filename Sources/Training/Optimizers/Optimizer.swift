public import EbbTensors

/// How gradients change parameters.
///
/// An optimizer is a value that holds its settings only. What it remembers from step to step is an `OptimizerState`, a
/// value too, so that training can be saved and resumed to the bit.
public protocol Optimizer: Sendable, Hashable {
  /// The factor η of each step.
  var learningRate: Double { get set }
  /// What is remembered for each number of a parameter, zeros at first: no names, no memory.
  var slots: [String] { get }

  /// Changes a parameter's numbers along its gradient.
  ///
  /// - Parameters:
  ///   - slots: What is remembered, in the order of the property `slots`; each as long as the values.
  ///   - step: The number of this update: 1, 2, …
  func update(_ values: inout [Float], gradient: [Float], slots: inout [[Float]], step: Int)
  func update(_ values: inout [Double], gradient: [Double], slots: inout [[Double]], step: Int)
}

/// What an optimizer remembers.
public struct OptimizerState: Hashable, Sendable {
  /// How many updates were made.
  public var step: Int
  /// For each parameter what is remembered, in the order of the optimizer's `slots`, each of the parameter's shape.
  public var slots: [String: [Tensor]]

  public init(step: Int = 0, slots: [String: [Tensor]] = [:]) {
    self.step = step
    self.slots = slots
  }
}

extension Optimizer {
  /// One update of all parameters that have a gradient.
  ///
  /// Traps if a gradient does not have its parameter's element type and dimensions.
  public func update(
    _ parameters: inout [String: Tensor], gradients: [String: Tensor], state: inout OptimizerState
  ) {
    state.step += 1
    for (name, gradient) in gradients {
      guard let parameter = parameters[name] else { preconditionFailure("no parameter is named \(name)") }
      precondition(
        parameter.dimensions == gradient.dimensions,
        "the gradient of \(name) is \(gradient.dimensions), the parameter \(parameter.dimensions)")
      let memory = state.slots[name] ?? []
      let (value, slots) = updated(parameter, gradient, memory, step: state.step)
      parameters[name] = value
      if !slots.isEmpty { state.slots[name] = slots }
    }
  }

  private func updated(
    _ parameter: Tensor, _ gradient: Tensor, _ memory: [Tensor], step: Int
  ) -> (Tensor, slots: [Tensor]) {
    let dimensions = parameter.dimensions
    switch (parameter.storage, gradient.storage) {
    case (.float32(var values), .float32(let gradient)):
      var slots = memory.map { tensor in
        guard case .float32(let values) = tensor.storage else { preconditionFailure("a slot is no float32") }
        return values
      }
      if slots.isEmpty { slots = self.slots.map { _ in [Float](repeating: 0, count: values.count) } }
      update(&values, gradient: gradient, slots: &slots, step: step)
      return (Tensor(dimensions, values), slots.map { Tensor(dimensions, $0) })
    case (.float64(var values), .float64(let gradient)):
      var slots = memory.map { tensor in
        guard case .float64(let values) = tensor.storage else { preconditionFailure("a slot is no float64") }
        return values
      }
      if slots.isEmpty { slots = self.slots.map { _ in [Double](repeating: 0, count: values.count) } }
      update(&values, gradient: gradient, slots: &slots, step: step)
      return (Tensor(dimensions, values), slots.map { Tensor(dimensions, $0) })
    case (.float32, _), (.float64, _), (.int32, _), (.bool, _):
      preconditionFailure("a parameter and its gradient are floats of one type")
    }
  }
}
