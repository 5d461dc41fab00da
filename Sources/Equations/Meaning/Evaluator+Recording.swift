internal import EbbRecording
internal import EbbTensors

extension Evaluator {
  /// Records one step: the states, each definition under its name, and the states' next values. Returns the output.
  mutating func record(_ x: Signal, in scope: Scope) throws(EquationError) -> Signal {
    self.scope = scope
    let input = x.shape.rank == 0 ? reshape(x, [1]) : x
    values[Reference(name: system.input, step: 0)] = known(system.input, input)
    var states: [Name: [Signal]] = [:]
    for (name, steps) in system.delays {
      let dimensions = shapes[name].map(numbers) ?? []
      for count in steps {
        // The input has its own name.
        let identifier = name.identifier + (name == system.input ? ".before" : "") + (count == 1 ? "" : ".\(count)")
        let isTrained = system.settings.trainedStarts.contains(name)
        let initial =
          isTrained ? scope.parameter(identifier + ".initial", (count > 1 ? [count] : []) + dimensions, .zeros) : nil
        let state = scope.state(identifier, shape: dimensions, initial: initial, steps: count)
        values[Reference(name: name, step: -count)] = known(name, state)
        states[name, default: []].append(state)
      }
    }
    for state in states[system.input] ?? [] { state.next(input) }
    var output = input
    for definition in system.definitions {
      let name = definition.name
      var signal = signal(try value(definition.value))
      if let own = states[name] {
        for state in own { signal = state.next(signal) }
      } else if case .reference = definition.value.kind {
        // Another name for the same value.
      } else {
        signal = signal.named(name.identifier)
      }
      values[Reference(name: name, step: 0)] = known(name, signal)
      if name == system.output { output = signal }
    }
    return output
  }

  private func known(_ name: Name, _ signal: Signal) -> EquationValue {
    EquationValue(shape: shapes[name] ?? .scalar, form: .signal(signal))
  }
}
