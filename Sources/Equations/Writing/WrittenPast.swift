internal import EbbGraph
internal import EbbTensors

/// How the past of a step is written: the axis of a graph's histories, and the letter that counts along it.
struct WrittenPast {
  let axis: Axis
  private let time: Axis
  private let includesPresent: Bool
  /// Whether sums and softmaxes leave the start out, or most of them.
  private var skipsStart = false
  /// The letter, and the one of sums that do otherwise.
  private let letters: [String]

  /// Nil if the graph has no history.
  ///
  /// - Throws: `EquationWritingError` if it has several pasts, or one that lies after the step.
  init?(_ graph: Graph, names: [Name]) throws(EquationWritingError) {
    var axes: Set<Axis> = []
    var time: Axis?
    var includesPresent = false
    for node in graph.nodes {
      guard let (now, along) = graph.operation(node).historyAxes else { continue }
      axes.insert(along)
      time = now
      guard case .history(_, _, isBackward: false) = graph.operation(node) else {
        throw .noWords(value: graph.name(node) ?? "%\(node.index)", operation: "a past that lies after the step")
      }
      includesPresent = includesPresent || !graph.isOfEarlierStep(graph.operand(node, 0))
    }
    guard let axis = axes.first, let time else { return nil }
    guard axes.count == 1 else {
      throw .noWords(value: graph.description(of: axis).name, operation: "several pasts of one step")
    }
    (self.axis, self.time, self.includesPresent) = (axis, time, includesPresent)
    let taken = Set(names.flatMap { [$0.base] + ($0.below + $0.above).map(String.init) })
    letters = ["i", "j", "k", "s", "n", "m", "l", "p", "q", "τ", "ν"].filter { !taken.contains($0) }
    let functions = graph.nodes.compactMap { match($0, in: graph) }
    skipsStart = 2 * functions.count(where: \.skipsStart) > functions.count
  }

  /// The index of a value at the steps of the past.
  var index: PastIndex { index(skipsStart: skipsStart) }

  /// The index of a sum or a softmax over the past.
  func index(skipsStart: Bool) -> PastIndex {
    PastIndex(
      letter: letters[skipsStart == self.skipsStart ? 0 : 1], includesPresent: includesPresent, skipsStart: skipsStart)
  }

  /// The function over the past whose value a node is, its argument, and whether it leaves the start out; nil if it is
  /// none.
  ///
  ///     ∑ x       the sum of x at the steps that are there, and 0 at the others
  ///     softmax   e^(x − m) / ∑ e^(x − m), with −∞ for x at the others
  func match(_ node: NodeID, in graph: Graph) -> (function: NamedFunction, argument: NodeID, skipsStart: Bool)? {
    if graph.operation(node) == .reduceAxes(.sum, over: [axis]) {
      let (argument, skips) = present(graph.operand(node, 0), else: 0, in: graph)
      return (.sumOverPast, argument, skips)
    }
    guard graph.operation(node) == .binary(.multiply) else { return nil }
    let (weights, inverse) = (graph.operand(node, 0), graph.operand(node, 1))
    guard graph.operation(weights) == .unary(.exp), graph.operation(inverse) == .unary(.reciprocal),
      graph.operation(graph.operand(inverse, 0)) == .select,
      case let total = graph.operand(graph.operand(inverse, 0), 2),
      graph.operation(total) == .reduceAxes(.sum, over: [axis]), graph.operand(total, 0) == weights,
      case let difference = graph.operand(weights, 0), graph.operation(difference) == .binary(.subtract)
    else { return nil }
    let (argument, skips) = present(graph.operand(difference, 0), else: -.infinity, in: graph)
    return (.softmaxOverPast, argument, skips)
  }

  /// What a value is at the steps that count, where it is another number at the others.
  private func present(_ node: NodeID, else neutral: Double, in graph: Graph) -> (NodeID, skipsStart: Bool) {
    var (value, skips) = (node, false)
    func condition(_ comparison: Comparison) -> NodeID? {
      guard graph.operation(value) == .select, graph.operation(graph.operand(value, 2)) == .constant(neutral),
        case let test = graph.operand(value, 0), graph.operation(test) == .compare(comparison),
        graph.operation(graph.operand(test, 0)) == .axisIndex(axis)
      else { return nil }
      return graph.operand(test, 1)
    }
    if let now = condition(.lessOrEqual), graph.operation(now) == .axisIndex(time) { value = graph.operand(value, 1) }
    if let first = condition(.greaterOrEqual), graph.operation(first) == .constant(1) {
      (value, skips) = (graph.operand(value, 1), true)
    }
    return (value, skips)
  }
}

extension Graph {
  /// Whether a value reads steps before its own alone: a delay, or a product of one and a matrix of weights.
  fileprivate func isOfEarlierStep(_ node: NodeID) -> Bool {
    let node = alias(node)
    if operation(node).shift != nil { return true }
    guard let vector = multipliedVector(node) else { return false }
    return isOfEarlierStep(vector)
  }

  /// The vector that a product multiplies by weights that are the same at every step; nil for anything else.
  func multipliedVector(_ node: NodeID) -> NodeID? {
    guard case .product(.dimensions, let over) = operation(node), over.isEmpty else { return nil }
    let (a, b) = (alias(operand(node, 0)), alias(operand(node, 1)))
    if type(a).shape.rank == 1, type(b).shape.rank == 2, type(b).domain.isEmpty { return a }
    return nil
  }
}
