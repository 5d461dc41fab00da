internal import EbbGraph
package import EbbRecording
public import EbbTensors

/// The trained values, and how to continue from saved ones.
extension Trainer {
  /// The trained values by name.
  public var parameters: [String: Tensor] { state.parameters }

  /// Replaces all trained values, for example by values from a file. The optimizer keeps its state.
  public func setParameters(_ values: [String: Tensor]) throws(TrainingError) {
    try recording.check(values)
    takeState()
    host.parameters = values
  }

  /// Continues from a saved state, bit for bit. If it was saved in a call of `train` or `fit`, the next call continues
  /// that one. Nothing changes if the state does not fit.
  public func restore(_ saved: TrainingState) throws(TrainingError) {
    if let problem = saved.problem { throw .parameters("the saved state makes no sense: \(problem)") }
    try recording.check(saved.parameters)
    if let kind = saved.optimizer.kind, kind != optimizer.kind {
      throw .setting("the state was made with \(kind), and the trainer has \(optimizer.kind)")
    }
    for (name, slots) in saved.optimizer.slots {
      guard let parameter = saved.parameters[name], slots.count == optimizer.slots.count,
        slots.allSatisfy({ $0.dimensions == parameter.dimensions && $0.element == parameter.element })
      else {
        let expected = optimizer.slots.joined(separator: ", ")
        throw .parameters("the saved optimizer's state of \(name) does not fit; it holds \(expected) of its shape")
      }
    }
    if let average = saved.average, average.count > 0 { try recording.check(average.values) }
    if let best = saved.earlyStopping?.bestParameters { try recording.check(best) }
    if let states = saved.carried, Set(states.keys) != Set(carried?.states.map(\.name) ?? []) {
      let names = states.keys.sorted().joined(separator: ", ")
      throw .setting("the state goes on with \(names), which the trainer does not carry")
    }
    onDevice?.leave()
    (host, records) = (saved, TrainingRecords())
    // A mean that this trainer does not update would miss its steps, so it is dropped.
    if averaging == nil { host.average = nil }
    goesOn = saved.isInCall
  }
}

extension Recording {
  /// Throws unless these are values for exactly the parameters.
  package func check(_ values: [String: Tensor]) throws(TrainingError) {
    for parameter in parameters {
      let expected = "\(element.name) \(parameter.shape)"
      guard let value = values[parameter.name] else {
        throw .parameters("there is no value for the parameter \(parameter.name), which is \(expected)")
      }
      guard value.element == element, value.dimensions == parameter.shape.array else {
        throw .parameters(
          "the parameter \(parameter.name) is \(expected), the value given \(value.element.name) \(value.dimensions)")
      }
    }
    let known = Set(parameters.map(\.name))
    if let unknown = values.keys.filter({ !known.contains($0) }).sorted().first {
      let names = known.sorted().joined(separator: ", ")
      throw .parameters("the network has no parameter named \(unknown); its parameters are \(names)")
    }
  }
}
