internal import EbbRecording
internal import EbbTensors

extension Evaluator {
  /// Records one step: the states, each definition under its name, and the states' next values. Returns the output.
  mutating func record(_ x: Signal, in scope: Scope) throws(EquationError) -> Signal {
    self.scope = scope
    let input = x.shape.rank == 0 ? reshape(x, [1]) : x
    values[Reference(name: system.input, step: 0)] = known(system.input, input)
    steps = input.domain
    for seed in system.seeds {
      let dimensions = shapes[seed].map(numbers) ?? []
      let given = scope.input(seed.identifier, dimensions, over: steps)
      values[Reference(name: seed, step: 0)] = known(seed, given)
    }
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
    for (name, counts) in system.advances {
      let dimensions = shapes[name].map(numbers) ?? []
      for count in counts {
        let identifier = name.identifier + ".later" + (count == 1 ? "" : ".\(count)")
        let state = scope.reversed.state(identifier, shape: dimensions, steps: count)
        values[Reference(name: name, step: count)] = known(name, state)
        states[name, default: []].append(state)
      }
    }
    for state in states[system.input] ?? [] { state.next(input) }
    var output = input
    for definition in system.definitions {
      let name = definition.name
      let found = try value(definition.value)
      var signal = signal(found, turned: found.isTurned && found.isFixed)
      if let own = states[name] {
        for state in own { signal = state.next(signal) }
      } else if case .reference = definition.value.kind {
        // Another name for the same value.
      } else {
        signal = signal.named(name.identifier)
      }
      var value = known(name, signal)
      (value.isTurned, value.isFixed) = (found.isTurned && found.isFixed, found.isFixed)
      values[Reference(name: name, step: 0)] = value
      if name == system.output { output = signal }
    }
    return output
  }

  private func known(_ name: Name, _ signal: Signal) -> EquationValue {
    EquationValue(shape: shapes[name] ?? .scalar, form: .signal(signal))
  }
}
