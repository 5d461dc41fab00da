internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

/// Functions with a declared gradient, found again by comparing with recordings of them: a step with its surrogate, and the
/// nearest whole number.
extension Graph {
  /// How a node's value is called, and its argument; nil if it declares no gradient, or another one.
  func declaredFunction(_ node: NodeID) -> (call: (Expression) -> Expression, argument: NodeID)? {
    guard operation(node) == .declaredGradient, operands(node).count == 4 else { return nil }
    let (argument, shape) = (operand(node, 2), type(node).shape)
    func records(_ function: (Signal) -> Signal) -> Bool {
      let recording = try? Recording(element: type(node).element) { scope in
        scope.output("y", function(scope.input("x", shape.array, over: [scope.batch("b")])))
      }
      guard let graph = recording?.graph, let input = graph.node(named: "x"), let output = graph.output(named: "y")
      else {
        return false
      }
      return isLike(node, output, in: graph, [argument: input])
    }
    if records({ EbbRecording.round($0) }) { return ({ .call(.round, [$0]) }, argument) }
    let slopes = constants(below: operand(node, 3), until: argument)
    let surrogates =
      [SurrogateGradient.straightThrough] + slopes.map { .fastSigmoid(slope: $0) }
      + slopes.map { .arctangent(slope: $0 * 2) }
    guard let surrogate = surrogates.first(where: { own in records { spike($0, own) } }) else { return nil }
    let numbers = surrogate.numbers.map { Expression(.number($0)) }
    return ({ .call(.spike, [$0] + numbers) }, argument)
  }

  private func isLike(_ node: NodeID, _ pattern: NodeID, in other: Graph, _ known: [NodeID: NodeID]) -> Bool {
    if let own = known[node] { return own == pattern }
    guard operation(node).isIdentical(to: other.operation(pattern)),
      operands(node).count == other.operands(pattern).count,
      type(node).shape == other.type(pattern).shape
    else { return false }
    return zip(operands(node), other.operands(pattern)).allSatisfy { isLike($0, $1, in: other, known) }
  }

  /// The numbers that a value is computed with.
  private func constants(below node: NodeID, until end: NodeID) -> [Double] {
    var (pending, found, seen) = ([node], Set<Double>(), Set<NodeID>())
    while let next = pending.popLast() {
      guard next != end, seen.insert(next).inserted else { continue }
      if case .constant(let value) = operation(next) { found.insert(value) }
      // The value itself is computed from other numbers.
      if operation(next) != .incomingAdjoint { pending += operands(next) }
    }
    return found.sorted()
  }
}
