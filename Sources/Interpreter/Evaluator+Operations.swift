internal import EbbGraph
internal import EbbTensors

extension Evaluator {
  /// The features of a node at one point of its index set: the meaning of each operation, directly or through its rule.
  func features(of node: NodeID, at point: Point) -> [Double] {
    let type = graph.type(node)
    let operands = Array(graph.operands(node))
    switch graph.operation(node) {
    case .parameter, .input:
      return given(node, at: point)
    case .constant(let number):
      return [Double](repeating: number, count: type.shape.count)
    case .literal(let literal):
      return literal.numbers
    case .axisIndex(let axis):
      return [Double(point[axis.index])]
    case .axisLength(let axis):
      return [Double(length(of: axis, at: point))]
    case .iota(let count):
      return (0..<count).map(Double.init)
    case .random(let distribution, let stream):
      return random(distribution, stream, type, at: point)

    case .unary(let function):
      let isFloat = graph.type(operands[0]).element.isFloat
      return elementwise(operands, type.shape, at: point) { x in apply(function, x[0], isFloat: isFloat) }
    case .binary(let function):
      return elementwise(operands, type.shape, at: point) { x in apply(function, x[0], x[1], type.element) }
    case .compare(let comparison):
      return elementwise(operands, type.shape, at: point) { x in comparison(x[0], x[1]) ? 1 : 0 }
    case .select:
      return elementwise(operands, type.shape, at: point) { x in x[0] != 0 ? x[1] : x[2] }
    case .convert(let element):
      return elementwise(operands, type.shape, at: point) { x in convert(x[0], to: element) }
    case .stopGradient, .clipGradient, .declaredGradient, .incomingAdjoint:
      return Array(read(operands[0], point))

    case .product(let contraction, let over):
      return product(operands[0], operands[1], contraction, over: over, type, at: point)
    case .scatterAdd(_, let over):
      return scatterAdd(ids: operands[0], operands[1], over: over, type, at: point)
    case .gather:
      return gather(table: operands[0], id: operands[1], width: type.shape.count, at: point)

    case .transpose(let first, let second):
      return transpose(operands[0], first, second, type.shape, at: point)
    case .reshape:
      return Array(read(operands[0], point))
    case .broadcast(let dimension, let count):
      return broadcast(operands[0], dimension, count, at: point)
    case .concatenate(let dimension):
      return concatenate(operands, dimension, at: point)
    case .slice(let dimension, let start, let count):
      return slice(operands[0], dimension, start, count, at: point)
    case .pad(let dimension, let before, let after):
      return pad(operands[0], dimension, before, after, at: point)
    case .reduceFeatures(let reduction, let dimension):
      return lines(of: operands[0], along: dimension, at: point).map { reduce(reduction, $0) }
    case .argmaxFeatures(let dimension):
      return lines(of: operands[0], along: dimension, at: point).map { Double(argmax($0)) }
    case .argsortFeatures(let dimension, let isDescending):
      return joined(
        lines(of: operands[0], along: dimension, at: point).map { order($0, isDescending) }, dimension, type)
    case .gatherFeatures(let dimension):
      return gatherFeatures(operands[0], operands[1], dimension, type, at: point)
    case .scatterFeatures(let dimension, let count):
      return scatterFeatures(operands[0], operands[1], dimension, count, type, at: point)
    case .accumulate(let dimension, let isReversed):
      return accumulate(operands[0], operands[1], dimension, isReversed, type, at: point)
    case .matrix(let function):
      return function(operands.map { (Array(read($0, point)), graph.type($0).shape[0]) })

    case .reduceAxes(let reduction, let over):
      return overAxes(operands[0], over, type, at: point).map { reduce(reduction, $0) }
    case .argmaxAxis(let axis):
      return argmaxAxis(operands[0], axis, type, at: point)
    case .pick(let axis, let position):
      return pick(operands, axis, position, at: point)
    case .place(let axis, let position):
      return place(operands, axis, position, at: point)
    case .spread:
      return Array(read(operands[0], point))
    case .axisToFeature(let axis):
      return axisToFeature(operands[0], axis, at: point)
    case .featureToAxis(let axis):
      return featureToAxis(operands[0], axis, width: type.shape.count, at: point)

    case .delay(let axis, let by, _):
      return delay(operands[0], initial: operands[1], axis, by, width: type.shape.count, at: point)
    case .advance(let axis, let by):
      return advance(operands[0], final: operands[1], axis, by, width: type.shape.count, at: point)
    case .history(let axis, let along, let isBackward):
      return history(operands[0], axis, along, isBackward, at: point)
    case .historySum(let axis, let along, let isBackward):
      return historySum(operands[0], axis, along, isBackward, at: point)
    }
  }

  /// f(seed, run, stream, indices of the declared domain, feature).
  private func random(
    _ distribution: Distribution, _ stream: UInt32, _ type: NodeType, at point: Point
  ) -> [Double] {
    let numbers = RandomStream(seed: bindings.seed, run: bindings.run, stream: UInt64(stream))
    var indices = SIMD3<UInt32>.zero
    for (position, axis) in type.domain.enumerated() { indices[position] = UInt32(point[axis.index]) }
    return (0..<type.shape.count).map { numbers.value(distribution, at: indices, element: UInt32($0)) }
  }
}
