import EbbGraph
import EbbTensors
import Testing

/// Sets of axes, and the least fixpoint of the domains on cycles.
struct DomainTests {
  @Test func setsOfAxes() {
    let (a, b, c) = (Axis(0), Axis(5), Axis(63))
    let domain: Domain = [c, a]
    #expect(Array(domain) == [a, c])
    #expect(domain.count == 2 && domain.contains(c) && !domain.contains(b))
    #expect(domain.union([b]) == [a, b, c])
    #expect(domain.intersection([b, c]) == [c])
    #expect(domain.subtracting([a, b]) == [c])
    #expect(domain.inserting(b).removing(a) == [b, c])
    #expect(domain.isDisjoint(with: [b]) && !domain.isDisjoint(with: [a, b]))
    #expect(Domain([a]).isSubset(of: domain) && !domain.isSubset(of: [a, b]))
    #expect(Domain.empty.isEmpty && !domain.isEmpty)
  }

  /// A graph with a time axis t and a batch axis b.
  private func axes() -> (graph: Graph, t: Axis, b: Axis) {
    var graph = Graph()
    let t = graph.addAxis(AxisDescription(name: "t", kind: .time))
    let b = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    return (graph, t, b)
  }

  private func open(_ graph: inout Graph, _ axis: Axis, boundary: NodeID? = nil) throws -> NodeID {
    let zero = boundary ?? graph.appendLeaf(.constant(0), NodeType(.float32))
    return try graph.appendOpen(.delay(axis, by: 1, truncation: 0), boundary: zero)
  }

  @Test func aStateTakesTheAxesOfWhatItReads() throws {
    var (graph, t, b) = axes()
    let x = graph.appendLeaf(.input, NodeType(.float32, [t, b]), name: "x")
    let state = try open(&graph, t)
    let next = graph.append(.binary(.add), [state, x])
    try graph.close(state, with: next)
    #expect(graph.type(state).domain == [t])
    try graph.inferDomains()
    #expect(graph.type(state).domain == [t, b] && graph.type(next).domain == [t, b])
    graph.setOutput("next", next)
    try graph.verify()
  }

  /// p reads q, q reads r and r reads the batch: each pass takes the axis one state further.
  @Test func axesTravelThroughChainsOfStates() throws {
    var (graph, t, b) = axes()
    let x = graph.appendLeaf(.input, NodeType(.float32, [b]), name: "x")
    let (p, q, r) = (try open(&graph, t), try open(&graph, t), try open(&graph, t))
    let sum = graph.append(.unary(.tanh), [p])
    try graph.close(p, with: graph.append(.unary(.tanh), [q]))
    try graph.close(q, with: graph.append(.unary(.tanh), [r]))
    try graph.close(r, with: graph.append(.binary(.multiply), [r, x]))
    try graph.inferDomains()
    for node in [p, q, r, sum] { #expect(graph.type(node).domain == [t, b]) }
    try graph.verify()
  }

  @Test func anAxisThatIsSummedAwayDoesNotReachTheState() throws {
    var (graph, t, b) = axes()
    let x = graph.appendLeaf(.input, NodeType(.float32, [t, b]), name: "x")
    let state = try open(&graph, t)
    let product = graph.append(.binary(.multiply), [state, x])
    let next = graph.append(.reduceAxes(.sum, over: [b]), [product])
    try graph.close(state, with: next)
    try graph.inferDomains()
    #expect(graph.type(state).domain == [t] && graph.type(product).domain == [t, b])
    try graph.verify()
  }

  @Test func anAxisThatIsTakenAwayDoesNotSupportItself() throws {
    var (graph, t, b) = axes()
    let x = graph.appendLeaf(.input, NodeType(.float32, [t, b]), name: "x")
    let y = graph.appendLeaf(.input, NodeType(.float32, [t]), name: "y")
    let first = try open(&graph, t)
    let next = graph.append(.binary(.add), [first, x])
    try graph.close(first, with: next)
    // A second recurrence starts from the last value of the first.
    let last = graph.append(.pick(t, .last), [next])
    let second = try open(&graph, t, boundary: last)
    let result = graph.append(.unary(.tanh), [second])
    try graph.close(second, with: result)
    try graph.inferDomains()
    #expect(graph.type(result).domain == [t, b])
    graph.setOperand(next, 1, to: y)
    try graph.inferDomains()
    for node in [first, next, second, result] { #expect(graph.type(node).domain == [t]) }
    #expect(graph.type(last).domain == .empty)
    try graph.verify()
  }

  @Test func aRaggedAxisBringsItsRows() throws {
    var (graph, t, b) = axes()
    graph.setLengths(graph.appendLeaf(.input, NodeType(.int32, [b]), name: "lengths"), of: t)
    let state = try open(&graph, t)
    let next = graph.append(.unary(.tanh), [state])
    try graph.close(state, with: next)
    try graph.inferDomains()
    #expect(graph.type(next).domain == [t, b])
    #expect(graph.lengthsDomain(of: [t]) == [b] && graph.lengthsDomain(of: [b]) == .empty)
    try graph.verify()
  }

  @Test func anOpenStateIsNamed() throws {
    var (graph, t, _) = axes()
    let state = try open(&graph, t)
    graph.setName("layer0.h", of: state)
    let message = "the state layer0.h is read but never given its next value"
    #expect(throws: GraphProblem(node: state, message)) { try graph.inferDomains() }
    #expect(throws: GraphError([GraphProblem(node: state, "%1 " + message)])) { try graph.verify() }
  }

  @Test func aStateThatGrowsIntoAnOperationIsRejected() throws {
    var (graph, t, b) = axes()
    let x = graph.appendLeaf(.input, NodeType(.float32, [b]), name: "x")
    let state = try open(&graph, t)
    let spread = graph.append(.spread([b]), [state])
    try graph.close(state, with: graph.append(.binary(.add), [spread, x]))
    #expect(throws: GraphProblem(node: spread, "spread(f32 []): the operand already has some of the axes {b}")) {
      try graph.inferDomains()
    }
  }

  @Test func aNextValueOfAnotherTypeIsRejected() throws {
    var (graph, t, _) = axes()
    let state = try open(&graph, t)
    graph.setName("h", of: state)
    let wide = graph.append(.broadcast(dimension: 0, count: 2), [state])
    let expected = GraphProblem(
      node: state, "the next value has type f32 [2], but the state h is f32 []")
    #expect(throws: expected) { try graph.close(state, with: wide) }
  }
}
