public import EbbGraph
internal import EbbInterpreter
public import EbbTensors

/// The largest difference of two tensors, relative to the largest finite magnitude in either of them (at least `floor`).
///
/// Infinite where the dimensions differ, where only one number is NaN, or where infinities differ.
public func maximumRelativeError(_ a: Tensor, _ b: Tensor, floor: Double = 1e-6) -> Double {
  guard a.dimensions == b.dimensions else { return .infinity }
  let (x, y) = (a.doubles, b.doubles)
  let scale = (x + y).reduce(floor) { $1.isFinite ? max($0, abs($1)) : $0 }
  return zip(x, y).reduce(0) { error, pair in
    if pair.0 == pair.1 || pair.0.isNaN && pair.1.isNaN { return error }
    let difference = abs(pair.0 - pair.1) / scale
    return max(error, difference.isNaN ? .infinity : difference)
  }
}

/// The derivative of an output (of the sum of its entries) along a direction in the given values, by central
/// differences of the interpreter: (f(v + h·d) − f(v − h·d)) / 2h.
///
/// The values that move should be Float64: others are rounded after each step.
public func centralDifference(
  _ graph: Graph, _ bindings: Bindings, output: String, direction: [String: Tensor], step: Double = 1e-5
) throws(BindingError) -> Double {
  func value(_ step: Double) throws(BindingError) -> Double {
    var moved = bindings
    for (name, tangent) in direction {
      guard let given = bindings.values[name] else { throw BindingError("there is no value named \(name)") }
      let numbers = zip(given.doubles, tangent.doubles).map { $0 + step * $1 }
      moved.values[name] = Tensor(given.dimensions, numbers, as: given.element)
    }
    guard let result = try Interpreter.run(graph, moved)[output] else {
      throw BindingError("there is no output named \(output)")
    }
    return result.doubles.reduce(0, +)
  }
  return (try value(step) - value(-step)) / (2 * step)
}

/// The derivative of a scalar output along a direction, from its gradients: Σ ⟨gradient, direction⟩ over the names.
/// Numbers outside a ragged index set are left out: there gradients are 0 whatever the direction.
public func directionalDerivative(gradients: [String: Tensor], direction: [String: Tensor]) -> Double {
  direction.reduce(0) { sum, entry in
    guard let gradient = gradients[entry.key] else { return sum }
    return sum + zip(gradient.doubles, entry.value.doubles).reduce(0) { $0 + ($1.0 == 0 ? 0 : $1.0 * $1.1) }
  }
}

extension RandomGraph {
  /// A random direction in the parameters and float inputs of a graph, each entry in −1 … 1.
  public func direction(seed: UInt64 = 1) -> [String: Tensor] {
    let random = Dice(seed ^ self.seed)
    var result: [String: Tensor] = [:]
    for node in parameters + inputs {
      guard let name = graph.name(node), let given = bindings.values[name] else { continue }
      let numbers = (0..<given.count).map { _ in random.number(in: -1...1) }
      result[name] = Tensor(given.dimensions, numbers, as: given.element)
    }
    return result
  }
}
