internal import EbbGraph
internal import EbbInterchange
internal import EbbTensors

extension ONNXTranslation {
  /// Writes a value that is on no cycle, or one step of it inside a recurrence: a way for each operation, or the reason
  /// why there is none.
  mutating func translated(_ node: NodeID) throws(ExportError) -> ONNXOperand {
    let type = graph.type(node)
    let operands = graph.operands(node).map { $0 == .open ? nil : stepValues[$0] ?? values[$0] }
    let name = wantedName(node)
    if let function = composed[node] { return translated(function, name) }
    func operand(_ position: Int) -> ONNXOperand {
      guard let value = operands[position] else { preconditionFailure("an operand is not written yet") }
      return value
    }
    switch graph.operation(node) {
    case .parameter, .input, .literal, .iota: return value(node)
    case .constant(let number):
      return builder.fixed(
        Tensor(type.shape.array, [Double](repeating: number, count: type.shape.count), as: type.element),
        named: name ?? "constant")
    case .axisIndex(let axis): return builder.indices(axis)
    case .axisLength(let axis): return rowLengths(axis)
    case .random: throw ExportError([ExportProblem(operation: "random", "other programs draw other numbers")])

    case .unary(let function): return unary(function, operand(0), name)
    case .binary(let function): return binary(function, operand(0), operand(1), name)
    case .compare(let comparison): return compare(comparison, operand(0), operand(1), name)
    case .select: return builder.select(operand(0), operand(1), operand(2), named: name)
    case .convert(let element): return builder.convert(operand(0), to: ONNXElement(element), named: name)
    // Only derivatives see these, and a broadcast over axes is left to the operators that read it.
    case .stopGradient, .clipGradient, .declaredGradient, .incomingAdjoint, .spread: return operand(0)

    case .product(let contraction, let over): return product(node, operand(0), operand(1), contraction, over, name)
    case .scatterAdd(let count, let over): return scatterAdd(node, operand(0), operand(1), count, over, name)
    case .gather: return gather(operand(0), operand(1), name)

    case .transpose(let first, let second):
      let x = operand(0)
      var order = Array(0..<x.rank)
      order.swapAt(x.axes.count + first, x.axes.count + second)
      return builder.permuted(x, order, shape: type.shape.array, named: name)
    case .reshape: return reshaped(operand(0), type.shape.array, name)
    case .broadcast(let dimension, let count): return broadcast(operand(0), dimension, count, name)
    case .concatenate(let dimension): return concatenated((0..<operands.count).map(operand), dimension, name)
    case .slice(let dimension, let start, let count):
      return split(node, operand(0), dimension) ?? slice(operand(0), dimension, start, count, name)
    case .pad(let dimension, let before, let after): return pad(operand(0), dimension, before, after, name)
    case .reduceFeatures(let reduction, let dimension):
      return builder.reduced(reduction.operatorName, operand(0), dimension: dimension, named: name)
    case .argmaxFeatures(let dimension): return argmax(operand(0), operand(0).axes.count + dimension, name)

    case .argsortFeatures(let dimension, let isDescending): return order(operand(0), dimension, isDescending, name)
    case .gatherFeatures(let dimension): return gatherFeatures(operand(0), operand(1), dimension, name)
    case .scatterFeatures(let dimension, let count):
      return scatterFeatures(operand(0), operand(1), dimension, count, name)
    case .accumulate(let dimension, let isReversed):
      return accumulate(node, operand(0), operand(1), dimension, isReversed, name)
    case .matrix(let function):
      throw ExportError([
        ExportProblem(
          operation: "\(function)", "ONNX has no such operator; of matrices that parameters alone determine it is known"
        )
      ])

    case .reduceAxes(let reduction, let over): return reduceAxes(node, operand(0), reduction, over, name)
    case .argmaxAxis(let axis):
      let domain = type.domain.inserting(axis)
      let whole = builder.expanded(operand(0), to: [axis])
      let x = masked(whole, within: domain, over: [axis], fill: lowest(whole.element))
      return argmax(x, x.position(of: axis), name, removing: axis)
    case .pick(let axis, let position):
      if let final = finals[node] { return final }
      let index = position == .at ? operand(1) : nil
      return pick(operand(0), graph.type(graph.operand(node, 0)).domain, axis, position, index, name)
    case .place(let axis, let position):
      return place(operand(0), axis, position, position == .at ? operand(1) : nil, name)
    case .axisToFeature(let axis):
      let whole = builder.expanded(operand(0), to: [axis])
      let x = masked(whole, within: graph.type(graph.operand(node, 0)).domain, over: [axis])
      var order = Array(0..<x.rank)
      let moved = order.remove(at: x.position(of: axis))
      order.insert(moved, at: x.axes.count - 1)
      return builder.permuted(x, order, axes: x.axes.removing(axis), shape: type.shape.array, named: name)
    case .featureToAxis(let axis):
      let x = operand(0)
      var order = Array(0..<x.rank)
      let moved = order.remove(at: x.axes.count)
      order.insert(moved, at: x.position(of: axis))
      return builder.permuted(x, order, axes: x.axes.inserting(axis), shape: type.shape.array, named: name)

    case .delay(let axis, let by, _): return delay(node, operand(0), operand(1), axis, by, name)
    case .advance(let axis, let by): return advance(node, operand(0), operand(1), axis, by, name)
    case .history, .historySum: preconditionFailure("a graph with a history is refused before it is translated")
    }
  }

  /// Smaller than every number of a type.
  func lowest(_ element: ONNXElement) -> Double { element == .int32 ? Double(Int32.min) : -.infinity }

  // MARK: Functions of numbers

  mutating func unary(_ function: UnaryFunction, _ x: ONNXOperand, _ name: String?) -> ONNXOperand {
    func number(_ value: Double) -> ONNXOperand { builder.number(value, x.element) }
    switch function {
    case .negate: return builder.elementwise("Neg", [x], named: name)
    case .absolute: return builder.elementwise("Abs", [x], named: name)
    case .sign: return builder.elementwise("Sign", [x], named: name)
    case .relu: return builder.elementwise("Relu", [x], named: name)
    case .exp: return builder.elementwise("Exp", [x], named: name)
    case .expm1:
      // 2 tanh(x / 2) / (1 − tanh(x / 2)) near 0, where the difference would lose digits.
      let half = builder.elementwise("Tanh", [builder.elementwise("Mul", [x, number(0.5)])])
      let near = builder.elementwise(
        "Div", [builder.elementwise("Add", [half, half]), builder.elementwise("Sub", [number(1), half])])
      let far = builder.elementwise("Sub", [builder.elementwise("Exp", [x]), number(1)])
      let isNear = builder.elementwise("Less", [builder.elementwise("Abs", [x]), number(0.5)], .bool)
      return builder.select(isNear, near, far, named: name)
    case .log: return builder.elementwise("Log", [x], named: name)
    case .log1p: return log1p(x, name)
    case .log2:
      return builder.elementwise("Div", [builder.elementwise("Log", [x]), number(0.693147180559945309)], named: name)
    case .sqrt: return builder.elementwise("Sqrt", [x], named: name)
    case .reciprocal: return builder.elementwise("Reciprocal", [x], named: name)
    case .tanh: return builder.elementwise("Tanh", [x], named: name)
    case .sigmoid: return builder.elementwise("Sigmoid", [x], named: name)
    case .softplus:
      guard x.element == .float64 else { return builder.elementwise("Softplus", [x], named: name) }
      // onnxruntime has no Softplus of doubles: max(x, 0) + log(1 + e^−|x|).
      let size = builder.elementwise("Neg", [builder.elementwise("Abs", [x])])
      let rest = log1p(builder.elementwise("Exp", [size]), nil)
      return builder.elementwise("Add", [builder.elementwise("Relu", [x]), rest], named: name)
    case .sin: return builder.elementwise("Sin", [x], named: name)
    case .cos: return builder.elementwise("Cos", [x], named: name)
    case .erf: return builder.elementwise("Erf", [x], named: name)
    case .floor: return builder.elementwise("Floor", [x], named: name)
    case .square: return builder.elementwise("Mul", [x, x], named: name)
    case .not: return builder.elementwise("Not", [x], named: name)
    case .isFinite:
      let size = builder.elementwise("Abs", [x])
      return builder.elementwise("Less", [size, number(.infinity)], .bool, named: name)
    }
  }

  mutating func binary(
    _ function: BinaryFunction, _ x: ONNXOperand, _ y: ONNXOperand, _ name: String?
  ) -> ONNXOperand {
    func number(_ value: Double) -> ONNXOperand { builder.number(value, x.element) }
    switch function {
    case .add: return builder.elementwise("Add", [x, y], named: name)
    case .subtract: return builder.elementwise("Sub", [x, y], named: name)
    case .multiply: return builder.elementwise("Mul", [x, y], named: name)
    case .divide: return builder.elementwise("Div", [x, y], named: name)
    case .maximum: return builder.elementwise("Max", [x, y], named: name)
    case .minimum: return builder.elementwise("Min", [x, y], named: name)
    case .power: return builder.elementwise("Pow", [x, y], named: name)
    case .atan2: return atan2(x, y, name)
    case .floorDivide, .remainder:
      // The remainder has the divisor's sign, as here; division by 0 gives 0.
      let isZero = builder.elementwise("Equal", [y, number(0)], .bool)
      let divisor = builder.select(isZero, number(1), y)
      let rest = builder.elementwise("Mod", [x, divisor])
      if function == .remainder { return builder.select(isZero, number(0), rest, named: name) }
      let quotient = builder.elementwise("Div", [builder.elementwise("Sub", [x, rest]), divisor])
      return builder.select(isZero, number(0), quotient, named: name)
    case .and: return builder.elementwise("And", [x, y], named: name)
    case .or: return builder.elementwise("Or", [x, y], named: name)
    case .xor: return builder.elementwise("Xor", [x, y], named: name)
    }
  }

  /// log(1 + x), near 0 as log(u) · x / (u − 1) with u = 1 + x as it is rounded.
  private mutating func log1p(_ x: ONNXOperand, _ name: String?) -> ONNXOperand {
    func number(_ value: Double) -> ONNXOperand { builder.number(value, x.element) }
    let u = builder.elementwise("Add", [x, number(1)])
    let plain = builder.elementwise("Log", [u])
    let rest = builder.elementwise("Sub", [u, number(1)])
    let near = builder.elementwise("Mul", [plain, builder.elementwise("Div", [x, rest])])
    let isNear = builder.elementwise("Less", [builder.elementwise("Abs", [x]), number(0.5)], .bool)
    let isZero = builder.elementwise("Equal", [rest, number(0)], .bool)
    return builder.select(isZero, x, builder.select(isNear, near, plain), named: name)
  }

  /// The angle by the arctangent of the quotient, in the right quadrant. At the origin it is 0.
  private mutating func atan2(_ y: ONNXOperand, _ x: ONNXOperand, _ name: String?) -> ONNXOperand {
    func number(_ value: Double) -> ONNXOperand { builder.number(value, x.element) }
    let zero = number(0)
    let isUp = builder.elementwise("GreaterOrEqual", [y, zero], .bool)
    let isOnAxis = builder.elementwise("Equal", [x, zero], .bool)
    let divisor = builder.select(isOnAxis, number(1), x)
    let angle = builder.elementwise("Atan", [builder.elementwise("Div", [y, divisor])])
    let turn = builder.select(isUp, number(.pi), number(-.pi))
    let isLeft = builder.elementwise("Less", [x, zero], .bool)
    let turned = builder.select(isLeft, builder.elementwise("Add", [angle, turn]), angle)
    let upright = builder.elementwise("Mul", [builder.elementwise("Sign", [y]), number(.pi / 2)])
    return builder.select(isOnAxis, upright, turned, named: name)
  }

  mutating func compare(
    _ comparison: Comparison, _ x: ONNXOperand, _ y: ONNXOperand, _ name: String?
  ) -> ONNXOperand {
    func compared(_ type: String, _ name: String?) -> ONNXOperand {
      // Truth values have no order there.
      let (a, b) =
        x.element == .bool && type != "Equal"
        ? (builder.convert(x, to: .int32), builder.convert(y, to: .int32)) : (x, y)
      return builder.elementwise(type, [a, b], .bool, named: name)
    }
    switch comparison {
    case .equal: return compared("Equal", name)
    case .notEqual: return builder.elementwise("Not", [compared("Equal", nil)], named: name)
    case .less: return compared("Less", name)
    case .lessOrEqual: return compared("LessOrEqual", name)
    case .greater: return compared("Greater", name)
    case .greaterOrEqual: return compared("GreaterOrEqual", name)
    }
  }
}

extension FeatureReduction {
  /// The operator of ONNX.
  fileprivate var operatorName: String {
    switch self {
    case .sum: "ReduceSum"
    case .mean: "ReduceMean"
    case .max: "ReduceMax"
    case .norm: "ReduceL2"
    }
  }
}
