public import EbbGraph
public import EbbTensors

extension Graph {
  /// The bindings of `unrolled(axis, steps:)` from the bindings of this graph: a value over the axis becomes one value
  /// per step.
  ///
  /// Throws if the length of a value over the axis is not the number of steps.
  public func unrolledBindings(
    _ bindings: Bindings, over axis: Axis, steps: Int
  ) throws(BindingError) -> Bindings {
    var result = bindings
    for node in nodes where operation(node) == .input && type(node).domain.contains(axis) {
      guard let name = names[node], let tensor = bindings.values[name] else { continue }
      let position = Array(type(node).domain).firstIndex(of: axis) ?? 0
      guard position < tensor.dimensions.count, tensor.dimensions[position] == steps else {
        throw BindingError(
          "\(name) is given with dimensions \(tensor.dimensions); dimension \(position), the axis "
            + "\(description(of: axis).name), is unrolled into \(steps) steps")
      }
      result.values[name] = nil
      for (step, part) in tensor.split(position).enumerated() { result.values[Graph.name(name, at: step)] = part }
    }
    return result
  }

  /// The outputs of this graph from those of a run of `unrolled(axis, steps:)`: the reverse of `unrolledBindings`.
  public func rolledOutputs(_ outputs: [String: Tensor], over axis: Axis, steps: Int) -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    for output in self.outputs {
      guard let position = Array(type(output.node).domain).firstIndex(of: axis) else {
        result[output.name] = outputs[output.name]
        continue
      }
      let parts = (0..<steps).compactMap { outputs[Graph.name(output.name, at: $0)] }
      if parts.count == steps { result[output.name] = Tensor(joining: parts, at: position) }
    }
    return result
  }
}

extension Tensor {
  /// The parts at each index of a dimension, without that dimension.
  func split(_ dimension: Int) -> [Tensor] {
    let count = dimensions[dimension]
    let inner = dimensions[(dimension + 1)...].reduce(1, *)
    let outer = dimensions[..<dimension].reduce(1, *)
    var remaining = dimensions
    remaining.remove(at: dimension)
    let numbers = doubles
    return (0..<count).map { index in
      var part: [Double] = []
      for block in 0..<outer {
        let start = (block * count + index) * inner
        part += numbers[start..<start + inner]
      }
      return Tensor(remaining, part, as: element)
    }
  }

  /// Joins parts of equal dimensions along a new dimension: the reverse of `split`.
  init(joining parts: [Tensor], at dimension: Int) {
    precondition(!parts.isEmpty, "there are no parts to join")
    var dimensions = parts[0].dimensions
    let inner = dimensions[dimension...].reduce(1, *)
    let outer = dimensions[..<dimension].reduce(1, *)
    dimensions.insert(parts.count, at: dimension)
    let numbers = parts.map(\.doubles)
    var joined: [Double] = []
    for block in 0..<outer {
      for part in numbers { joined += part[block * inner..<(block + 1) * inner] }
    }
    self.init(dimensions, joined, as: parts[0].element)
  }
}
