internal import EbbGraph
internal import EbbTensors

extension HLOTranslation {
  /// Writes a value that is on no cycle, or one step of it inside a recurrence: a way for each operation.
  mutating func translated(_ node: NodeID) -> HLOValue {
    let outer = writer.node
    writer.node = node
    defer { writer.node = outer }
    return written(node)
  }

  private mutating func written(_ node: NodeID) -> HLOValue {
    let type = graph.type(node)
    let element = HLOElement(type.element)
    let name = wantedName(node)
    func operand(_ position: Int) -> NodeID { graph.operand(node, position) }
    switch graph.operation(node) {
    case .parameter, .input: preconditionFailure("parameters and inputs are arguments")
    case .constant(let number):
      return writer.broadcast(writer.number(number, element), .empty, type.shape.array, named: name)
    case .literal(let literal): return self.literal(literal, type, name)
    case .axisIndex(let axis): return indices(axis)
    case .axisLength(let axis): return rowLengths(axis)
    case .iota(let count): return writer.indices([count], along: 0, .empty)
    case .random(let distribution, let stream):
      return random.value(distribution, stream, type, &writer, named: name)

    case .unary(let function): return unary(function, value(operand(0)), name)
    case .binary(let function): return binary(function, value(operand(0)), value(operand(1)), name)
    case .compare(let comparison):
      return writer.compare(comparison.word, value(operand(0)), value(operand(1)), named: name)
    case .select:
      return writer.select(value(operand(0)), value(operand(1)), value(operand(2)), named: name)
    case .convert(let element): return convert(value(operand(0)), to: HLOElement(element), name)
    // Only derivatives see these, and a broadcast over axes is left to those who read it.
    case .stopGradient, .clipGradient, .declaredGradient, .incomingAdjoint, .spread: return value(operand(0))

    case .product(let contraction, let over): return product(node, contraction, over: over, name)
    case .scatterAdd(let count, let over): return scatterAdd(node, count, over: over, name)
    case .gather:
      let table = value(operand(0))
      return taken(table, table.axes.count, at: value(operand(1)), named: name)

    case .transpose(let first, let second):
      let x = value(operand(0))
      var order = Array(x.dims.indices)
      order.swapAt(x.axes.count + first, x.axes.count + second)
      return writer.permuted(x, order, axes: x.axes, named: name)
    case .reshape:
      let x = value(operand(0))
      return writer.reshaped(x, x.axes, writer.dims(x.axes, type.shape.array), named: name)
    case .broadcast(let dimension, _):
      let x = value(operand(0))
      let features = x.shape.indices.map { $0 < dimension ? $0 : $0 + 1 }
      return writer.broadcast(x, x.axes, type.shape.array, features: features, named: name)
    case .concatenate(let dimension):
      let parts = graph.operands(node).map { value($0) }
      let axes = parts.reduce(Domain.empty) { $0.union($1.axes) }
      return writer.joined(parts.map { writer.expanded($0, to: axes) }, axes.count + dimension, named: name)
    case .slice(let dimension, let start, let count):
      let x = value(operand(0))
      return writer.sliced(x, x.axes.count + dimension, start..<start + count, named: name)
    case .pad(let dimension, let before, let after):
      let x = value(operand(0))
      return writer.padded(x, x.axes.count + dimension, before: before, after: after, named: name)
    case .reduceFeatures(let reduction, let dimension):
      return reduceFeatures(value(operand(0)), reduction, dimension, name)
    case .argmaxFeatures(let dimension):
      let x = value(operand(0))
      return firstLargest(x, x.axes.count + dimension, axes: x.axes, name)
    case .argsortFeatures(let dimension, let isDescending):
      return order(value(operand(0)), dimension, isDescending, name)
    case .gatherFeatures(let dimension):
      return gatherFeatures(value(operand(0)), value(operand(1)), dimension, name)
    case .scatterFeatures(let dimension, let count):
      return scatterFeatures(value(operand(0)), value(operand(1)), dimension, count, name)
    case .accumulate(let dimension, let isReversed):
      return accumulate(node, dimension, isReversed, name)
    case .matrix(let function):
      return matrix(function, graph.operands(node).map { value($0) }, name)

    case .reduceAxes(let reduction, let over): return reduceAxes(node, reduction, over: over, name)
    case .argmaxAxis(let axis): return argmaxAxis(node, axis, name)
    case .pick(let axis, let position): return pick(node, axis, position, name)
    case .place(let axis, let position): return place(node, axis, position, name)
    case .axisToFeature(let axis): return axisToFeature(node, axis, name)
    case .featureToAxis(let axis): return featureToAxis(node, axis, name)

    case .delay(let axis, let by, _): return shift(node, axis, by, isAdvance: false, name)
    case .advance(let axis, let by): return shift(node, axis, by, isAdvance: true, name)
    case .history(let time, let along, let isBackward):
      return history(node, time, along, isBackward: isBackward, name)
    case .historySum(let time, let along, let isBackward):
      return historySum(node, time, along, isBackward: isBackward, name)
    }
  }

  private mutating func literal(_ literal: Literal, _ type: NodeType, _ name: String?) -> HLOValue {
    let element = HLOElement(type.element)
    var numbers = literal.numbers[...].makeIterator()
    func text(_ dims: ArraySlice<Int>) -> String {
      guard let count = dims.first else { return hloNumber(numbers.next() ?? 0, element) }
      return "[" + (0..<count).map { _ in text(dims.dropFirst()) }.joined(separator: ", ") + "]"
    }
    let dims = type.shape.array
    let list = text(dims[...])
    return writer.write(
      "constant dense<\(list)> : \(hloType(element, dims))", element, .empty, dims, named: name ?? "literal")
  }

  // MARK: Functions

  mutating func unary(_ function: UnaryFunction, _ x: HLOValue, _ name: String?) -> HLOValue {
    switch function {
    case .negate: return writer.apply("negate", x, named: name)
    case .absolute: return writer.apply("abs", x, named: name)
    case .sign: return writer.apply("sign", x, named: name)
    case .relu: return writer.apply("maximum", x, writer.number(0, x.element), named: name)
    case .exp: return writer.apply("exponential", x, named: name)
    case .expm1: return writer.apply("exponential_minus_one", x, named: name)
    case .log: return writer.apply("log", x, named: name)
    case .log1p: return writer.apply("log_plus_one", x, named: name)
    case .log2:
      return writer.apply("divide", writer.apply("log", x), writer.number(0.6931471805599453, x.element), named: name)
    case .sqrt: return writer.apply("sqrt", x, named: name)
    case .reciprocal: return writer.apply("divide", writer.number(1, x.element), x, named: name)
    case .tanh: return writer.apply("tanh", x, named: name)
    case .sigmoid: return writer.apply("logistic", x, named: name)
    case .softplus:
      // log(1 + e^x) = max(x, 0) + log(1 + e^−|x|)
      let decay = writer.apply("exponential", writer.apply("negate", writer.apply("abs", x)))
      let positive = writer.apply("maximum", x, writer.number(0, x.element))
      return writer.apply("add", positive, writer.apply("log_plus_one", decay), named: name)
    case .sin: return writer.apply("sine", x, named: name)
    case .cos: return writer.apply("cosine", x, named: name)
    case .erf: return errorFunction(x, name)
    case .floor: return writer.apply("floor", x, named: name)
    case .square: return writer.apply("multiply", x, x, named: name)
    case .not: return writer.apply("not", x, named: name)
    case .isFinite: return writer.isFinite(x, named: name)
    }
  }

  mutating func binary(
    _ function: BinaryFunction, _ x: HLOValue, _ y: HLOValue, _ name: String?
  ) -> HLOValue {
    switch function {
    case .add: return writer.apply("add", x, y, named: name)
    case .subtract: return writer.apply("subtract", x, y, named: name)
    case .multiply: return writer.apply("multiply", x, y, named: name)
    case .divide: return writer.apply("divide", x, y, named: name)
    case .maximum: return writer.apply("maximum", x, y, named: name)
    case .minimum: return writer.apply("minimum", x, y, named: name)
    case .power: return writer.apply("power", x, y, named: name)
    case .atan2: return writer.apply("atan2", x, y, named: name)
    case .floorDivide: return floored(x, y, name).quotient
    case .remainder: return floored(x, y, name).remainder
    case .and: return writer.apply("and", x, y, named: name)
    case .or: return writer.apply("or", x, y, named: name)
    case .xor: return writer.apply("xor", x, y, named: name)
    }
  }

  /// Floored division and its remainder; by 0 both are 0. Division in a module truncates.
  private mutating func floored(
    _ x: HLOValue, _ y: HLOValue, _ name: String?
  ) -> (quotient: HLOValue, remainder: HLOValue) {
    let (zero, one) = (writer.number(0, x.element), writer.number(1, x.element))
    let isZero = writer.compare("EQ", y, zero)
    let divisor = writer.select(isZero, one, y)
    let quotient = writer.apply("divide", x, divisor)
    let rest = writer.apply("remainder", x, divisor)
    let differs = writer.compare("LT", writer.apply("xor", rest, divisor), zero)
    let isPast = writer.apply("and", writer.compare("NE", rest, zero), differs)
    let lower = writer.select(isPast, writer.apply("subtract", quotient, one), quotient)
    let positive = writer.select(isPast, writer.apply("add", rest, divisor), rest)
    return (writer.select(isZero, zero, lower, named: name), writer.select(isZero, zero, positive, named: name))
  }

  /// Floats become integers by truncation, within their range, and 0 if they are NaN.
  private mutating func convert(_ x: HLOValue, to element: HLOElement, _ name: String?) -> HLOValue {
    if element == .i1, x.element != .i1 { return writer.compare("NE", x, writer.number(0, x.element), named: name) }
    guard x.element.isFloat, element == .i32 else { return writer.convert(x, element, named: name) }
    let (low, high) = (writer.number(-0x1p31, x.element), writer.number(0x1p31, x.element))
    let isUndefined = writer.isUndefined(x)
    let isBelow = writer.compare("LE", x, low)
    let isAbove = writer.compare("GE", x, high)
    let isOutside = writer.apply("or", isUndefined, writer.apply("or", isBelow, isAbove))
    let inside = writer.convert(writer.select(isOutside, writer.number(0, x.element), x), .i32)
    let low32 = writer.select(isBelow, writer.number(Double(Int32.min), .i32), inside)
    return writer.select(isAbove, writer.number(Double(Int32.max), .i32), low32, named: name)
  }
}

extension Comparison {
  /// The word of the comparison in a module.
  fileprivate var word: String {
    switch self {
    case .equal: "EQ"
    case .notEqual: "NE"
    case .less: "LT"
    case .lessOrEqual: "LE"
    case .greater: "GT"
    case .greaterOrEqual: "GE"
    }
  }
}
