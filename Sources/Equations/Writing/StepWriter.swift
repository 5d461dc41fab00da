internal import EbbGraph
internal import EbbTensors

/// Writes a graph's values as equations of one step.
///
/// A value with a name is written by its name; the others are written out where they are read. So the equations have as
/// many lines as the graph has names.
///
/// A matrix that does not depend on the step is stored transposed: `W x` is x · W. Its letter stands for the transpose
/// of what is stored, as in a paper; a matrix that changes with the step is stored as it is written.
struct StepWriter {
  let graph: Graph
  /// The names of values, parameters and inputs.
  private(set) var names: [NodeID: Name]
  let time: Axis
  let composites: Composites
  private var problem: EquationWritingError?

  init(_ graph: Graph, names: [NodeID: Name], time: Axis, composites: Composites) {
    (self.graph, self.names, self.time, self.composites) = (graph, names, time, composites)
  }

  /// The equations of the named values among these nodes, in the order of the graph.
  mutating func equations(of nodes: [NodeID]) throws(EquationWritingError) -> [WrittenEquation] {
    var result: [WrittenEquation] = []
    for node in nodes {
      guard let name = names[node], !graph.operation(node).isGiven else { continue }
      let right = written(node, steps: 0)
      if let problem { throw problem.of(owner(of: node, among: nodes)) }
      var left = Reference(name: name, step: changes(node) ? 0 : nil)
      if let past = composites.past, graph.type(node).domain.contains(past.axis) {
        (left.past, left.isPair) = (right.openPast ?? past.index, true)
      }
      result.append(WrittenEquation(left: left, right: right))
    }
    return result
  }

  /// The first value that the text or the derivation has a name for and that is computed from a node.
  private func owner(of node: NodeID, among nodes: [NodeID]) -> String {
    let known = nodes.first { other in
      guard let name = names[other] else { return false }
      return !EquationNames.isOwn(name) && (other == node || graph.ancestors(of: [other]).contains(node))
    }
    let owner = known ?? node
    return names[owner].map { Reference(name: $0, step: changes(owner) ? 0 : nil).plainText } ?? "the output"
  }

  /// Whether a value differs from step to step.
  func changes(_ node: NodeID) -> Bool { graph.type(node).domain.contains(time) }

  func rank(_ node: NodeID) -> Int { graph.type(node).shape.rank }

  // MARK: Operands

  /// The value of a node so many steps later, by its name or written out.
  mutating func value(_ node: NodeID, steps: Int) -> Expression {
    let node = graph.alias(node)
    guard let name = names[node] else { return written(node, steps: steps) }
    var reference = Reference(name: name, step: changes(node) ? steps : nil)
    if let past = composites.past, graph.type(node).domain.contains(past.axis) {
      (reference.past, reference.isPair) = (past.index, true)
    }
    return Expression(.reference(reference))
  }

  /// The operand beside values that change or do not: as its matrix is stored there.
  private mutating func operand(_ node: NodeID, of reader: NodeID, steps: Int) -> Expression {
    let value = value(node, steps: steps)
    guard rank(node) == 2, rank(reader) == 2, changes(node) != changes(reader), !graph.isIdentityMatrix(node) else {
      return value
    }
    return value.transposed
  }

  mutating func fail(_ node: NodeID, _ what: String) -> Expression {
    let words = [
      "iota": "the place of a largest entry", "pick": "the value at one step of a sequence",
      "maxFeatures": "the largest entry of each row", "reshape": "a value in another shape",
    ]
    problem = problem ?? .noWords(value: "", operation: words[what] ?? what)
    return Expression(.number(.nan))
  }

  // MARK: Operations

  /// A function that equations call by the operation's own word.
  private mutating func named(_ node: NodeID, _ arguments: [Expression]) -> Expression {
    let word = graph.operation(node).keyword
    return NamedFunction(rawValue: word).map { .call($0, arguments) } ?? fail(node, word)
  }

  private mutating func written(_ node: NodeID, steps: Int) -> Expression {
    if let past = composites.past, let (function, inner, skipsStart) = past.match(node, in: graph) {
      let index = past.index(skipsStart: skipsStart)
      let sign = Reference(name: Name(base: function.rawValue), past: index)
      return Expression(.call(sign, [value(inner, steps: steps).counted(by: index)]))
    }
    if let (function, inner) = composites.match(node, in: graph) {
      let x = value(inner, steps: steps)
      // The softmax is that of each row, and a matrix that stays the same is stored transposed.
      if function == .softmax, rank(node) == 2, !changes(node) { return .call(function, [x.transposed]).transposed }
      return .call(function, [x])
    }
    if let (call, inner) = graph.declaredFunction(node) { return call(value(inner, steps: steps)) }
    let operands = Array(graph.operands(node))
    func constant(_ node: NodeID) -> Double? {
      if case .constant(let value) = graph.operation(node) { value } else { nil }
    }
    switch graph.operation(node) {
    case .parameter, .input: return value(node, steps: steps)
    case .constant(let number): return Expression(.number(number))
    case .unary(let function):
      let x = operand(operands[0], of: node, steps: steps)
      switch function {
      case .negate: return Expression(.negative(x))
      case .absolute: return Expression(.magnitude(x))
      case .square: return power(x, Expression(.number(2)), of: node)
      case .reciprocal: return power(x, Expression(.number(-1)), of: node)
      case .sign, .relu, .exp, .expm1, .log, .log1p, .log2, .sqrt, .tanh, .sigmoid, .softplus, .sin, .cos, .erf, .floor,
        .not, .isFinite:
        return named(node, [x])
      }
    case .binary where graph.firstStep(node, time) != nil:
      return Expression(.reference(Reference(name: EquationSystem.stepNumber)))
    case .binary(.multiply) where graph.isIdentityMatrix(operands[0]) && graph.spreadDiagonal(operands[1]) != nil:
      guard let entries = graph.spreadDiagonal(operands[1]) else { return fail(node, "a diagonal matrix") }
      return .call(.diagonal, [column(entries, steps: steps)])
    case .binary(.multiply)
    where graph.diagonal(operands[0])?.scalesRows == true && changes(operands[1])
      && names[operands[0]] == nil:
      return .row([diagonal(operands[0], steps: steps), value(operands[1], steps: steps)])
    case .binary(.multiply)
    where graph.diagonal(operands[1])?.scalesRows == false && changes(operands[0])
      && names[operands[1]] == nil:
      return .row([value(operands[0], steps: steps), diagonal(operands[1], steps: steps)])
    case .binary(let function):
      let (x, y) = (
        operand(operands[0], of: node, steps: steps), operand(operands[1], of: node, steps: steps)
      )
      switch function {
      case .add: return Expression(.sum(x, y))
      case .subtract: return Expression(.difference(x, y))
      case .multiply: return multiplied(x, rank(operands[0]), y, rank(operands[1]))
      case .divide: return Expression(.quotient(x, y))
      case .maximum: return .call(.maximum, [x, y])
      case .minimum: return .call(.minimum, [x, y])
      case .power: return rank(operands[1]) == 0 ? power(x, y, of: node) : fail(node, "a power of entries")
      case .atan2, .floorDivide, .remainder, .and, .or, .xor: return fail(node, graph.operation(node).keyword)
      }
    case .compare:
      return named(
        node, [operand(operands[0], of: node, steps: steps), operand(operands[1], of: node, steps: steps)])
    case .select:
      return .call(.select, [0, 1, 2].map { operand(operands[$0], of: node, steps: steps) })
    case .product(let contraction, let over): return product(node, contraction, over, steps: steps)
    case .transpose:
      let x = value(operands[0], steps: steps)
      return changes(node) == changes(operands[0]) ? x.transposed : x
    case .concatenate(dimension: 0) where rank(node) == 1:
      return Expression(.join(operands.map { value($0, steps: steps) }))
    case .slice(dimension: 0, let start, let count) where rank(node) == 1:
      return .call(
        .range, [value(operands[0], steps: steps)] + [start + 1, start + count].map { Expression(.number(Double($0))) })
    case .reshape(let shape):
      // A number in a joined vector is one entry.
      if graph.type(operands[0]).shape == shape || rank(operands[0]) == 0 && shape.array == [1] {
        return value(operands[0], steps: steps)
      }
      return fail(node, "reshape")
    case .broadcast(dimension: 0, let count) where rank(node) == 1:
      return .call(.ones, [value(operands[0], steps: steps), Expression(.number(Double(count)))])
    case .broadcast(let dimension, let count) where rank(node) == 2 && rank(operands[0]) == 1 && changes(node):
      return .call(
        dimension == 0 ? .rows : .columns, [value(operands[0], steps: steps), Expression(.number(Double(count)))])
    case .accumulate(dimension: 0, reversed: false) where rank(node) == 1 && constant(operands[0]) == 1:
      return .call(.cumsum, [value(operands[1], steps: steps)])
    case .matrix(let function): return matrix(function, node, steps: steps)
    case .reduceFeatures(let reduction, dimension: 0)
    where graph.reducesRows(operands[0], by: reduction) && names[operands[0]] == nil:
      // Over all entries of a matrix.
      return reduced(value(graph.operand(operands[0], 0), steps: steps), by: reduction)
    case .reduceFeatures(.sum, let dimension) where rank(operands[0]) == 2 && changes(operands[0]):
      return .call(dimension == 1 ? .rowSums : .columnSums, [value(operands[0], steps: steps)])
    case .reduceFeatures(let reduction, dimension: 0) where rank(operands[0]) == 1:
      return reduced(value(operands[0], steps: steps), by: reduction)
    case .reduceAxes(.sum, _) where !changes(node):
      let x = value(operands[0], steps: steps)
      // Two factors side by side would be read as one product over the steps.
      var inner = x
      if case .product(let factors, .juxtaposed) = x.kind, factors.count == 2 {
        inner = Expression(.product(factors, .dot))
      }
      let sum = Expression.call(.sumOverSteps, [inner])
      return rank(node) == 2 ? sum.transposed : sum
    case .convert where graph.isIdentityMatrix(node):
      return Expression(.reference(Reference(name: Name(base: "I"))))
    case .stopGradient: return .call(.stop, [operand(operands[0], of: node, steps: steps)])
    case .delay(_, let by, truncation: 0):
      guard isZero(operands[1]) || isStart(operands[1], of: operands[0]) else { return fail(node, "an initial value") }
      return earlierOrLater(operands[0], steps: steps - by, of: node)
    case .advance(_, let by):
      guard isZero(operands[1]) else { return fail(node, "a final value") }
      return earlierOrLater(operands[0], steps: steps + by, of: node)
    case .history(_, _, isBackward: false): return past(of: operands[0], history: node)
    case .literal, .axisIndex, .axisLength, .iota, .random, .convert, .concatenate, .slice, .pad, .gather, .scatterAdd,
      .broadcast,
      .reduceFeatures, .argmaxFeatures, .argsortFeatures, .gatherFeatures, .scatterFeatures, .accumulate,
      .reduceAxes, .argmaxAxis, .pick, .place, .spread, .axisToFeature,
      .featureToAxis,
      .delay, .history, .historySum, .clipGradient, .declaredGradient, .incomingAdjoint:
      return fail(node, graph.operation(node).keyword)
    }
  }

  private func reduced(_ x: Expression, by reduction: FeatureReduction) -> Expression {
    switch reduction {
    case .sum: .call(.sum, [x])
    case .mean: .call(.mean, [x])
    case .norm: Expression(.length(x))
    case .max: .call(.largest, [x])
    }
  }

  /// A value at the steps of the past: by its name, or a matrix of weights that is applied to one.
  private mutating func past(of node: NodeID, history: NodeID) -> Expression {
    guard let past = composites.past else { return fail(history, "the own past of a value") }
    return value(node, steps: 0).mapped { part in
      guard case .reference(let reference) = part.kind, reference.step != nil else { return part }
      return Expression(.reference(reference.with(past.index)))
    }
  }

  private mutating func diagonal(_ matrix: NodeID, steps: Int) -> Expression {
    .call(.diagonal, [column(graph.operand(matrix, 0), steps: steps)])
  }

  private func isZero(_ boundary: NodeID) -> Bool { graph.operation(boundary) == .constant(0) }

  /// Whether a boundary is the trained initial value of a state.
  private func isStart(_ boundary: NodeID, of carried: NodeID) -> Bool {
    guard graph.operation(boundary) == .parameter, let state = graph.name(carried) else { return false }
    return graph.name(boundary) == state + ".initial"
  }

  private mutating func earlierOrLater(_ carried: NodeID, steps: Int, of shift: NodeID) -> Expression {
    let carried = graph.alias(carried)
    // What is written out at another step must not itself read other steps.
    if names[carried] == nil, !EquationNames.isOfOneStep(carried, graph, names) {
      return fail(shift, "a value without a name at another step")
    }
    return value(carried, steps: steps)
  }

  // MARK: Products

  /// Entry by entry, or a number times a value.
  private func multiplied(_ x: Expression, _ left: Int, _ y: Expression, _ right: Int) -> Expression {
    if left == right, left > 0 { return .chain(x, y, .hadamard) }
    // A number after a value, and a letter before a bracket, need a sign.
    if case .number = y.kind { return .chain(x, y, .dot) }
    if y.isSum { return .chain(x, y, .dot) }
    return .chain(x, y, .juxtaposed)
  }
}
