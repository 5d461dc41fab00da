internal import EbbRecording
internal import EbbTensors

extension Evaluator {
  /// Records one step: the states, each definition under its name, and the states' next values. Returns the output.
  mutating func record(_ x: Signal, in scope: Scope) throws(EquationError) -> Signal {
    self.scope = scope
    let input = x.shape.rank == 0 ? reshape(x, [1]) : x
    var (parts, start): ([Name: Signal], Int) = ([:], 0)
    for name in system.inputs {
      let count = shapes[name].map { numbers($0)[0] } ?? 0
      let part = system.inputs.count == 1 ? input : slice(input, start..<start + count)
      parts[name] = part
      values[Reference(name: name, step: 0)] = known(name, part)
      start += count
    }
    if system.readsStepNumber {
      values[Reference(name: EquationSystem.stepNumber, step: 0)] = try stepNumber(scope)
    }
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
        let identifier =
          system.identifier(of: name) + (parts[name] == nil ? "" : ".before") + (count == 1 ? "" : ".\(count)")
        let initial = system.start(of: name).map {
          scope.parameter(identifier + ".initial", (count > 1 ? [count] : []) + dimensions, $0)
        }
        let state = scope.state(identifier, shape: dimensions, initial: initial, steps: count)
        values[Reference(name: name, step: -count)] = known(name, state)
        states[name, default: []].append(state)
      }
    }
    for (name, counts) in system.advances {
      let dimensions = shapes[name].map(numbers) ?? []
      for count in counts {
        let identifier = system.identifier(of: name) + ".later" + (count == 1 ? "" : ".\(count)")
        let state = scope.reversed.state(identifier, shape: dimensions, steps: count)
        values[Reference(name: name, step: count)] = known(name, state)
        states[name, default: []].append(state)
      }
    }
    for name in system.inputs + system.seeds {
      guard let own = values[Reference(name: name, step: 0)].map(signal) else { continue }
      for state in states[name] ?? [] { _ = state.next(own) }
    }
    var output = input
    for definition in system.definitions {
      let name = definition.name
      let found = try value(definition.value)
      // A matrix that stays the same is stored transposed, as weights are.
      let isTurned = found.isFixed && found.shape.isMatrix
      var signal = signal(found, turned: isTurned)
      if let own = states[name] {
        for state in own { signal = state.next(signal) }
      } else if case .reference = definition.value.kind {
        // Another name for the same value.
      } else {
        signal = signal.named(system.identifier(of: name))
      }
      var value = known(name, signal)
      (value.isTurned, value.isFixed) = (isTurned, found.isFixed)
      values[Reference(name: name, step: 0)] = value
      if name == system.output { output = signal }
    }
    return output
  }

  /// t, which counts the steps in the direction of the recurrence, from 1 if nothing says otherwise.
  private func stepNumber(_ scope: Scope) throws(EquationError) -> EquationValue {
    guard let axis = scope.axis else { throw system.source.error(at: 0, "there is no time axis to count t along") }
    let first = system.settings.firstStep ?? 1
    let index = scope.index(of: axis)
    let count: Signal =
      switch scope.direction {
      case .forward: convert(index, to: scope.element) + Double(first)
      case .backward: convert(scope.length(of: axis) - index, to: scope.element) + Double(first - 1)
      }
    return EquationValue(shape: .scalar, form: .signal(count))
  }

  private func known(_ name: Name, _ signal: Signal) -> EquationValue {
    EquationValue(shape: shapes[name] ?? .scalar, form: .signal(signal))
  }
}
