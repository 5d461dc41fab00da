import EbbGraph
import EbbTensors
import Testing

/// One test for each way in which a graph is not well-formed.
struct VerificationTests {
  /// A graph with time axes t and u and a batch axis b.
  private func axes() -> (graph: Graph, t: Axis, u: Axis, b: Axis) {
    var graph = Graph()
    let t = graph.addAxis(AxisDescription(name: "t", kind: .time))
    let u = graph.addAxis(AxisDescription(name: "u", kind: .time))
    let b = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    return (graph, t, u, b)
  }

  /// What verification says of a graph.
  private func messages(_ graph: Graph) -> [String] {
    do {
      try graph.verify()
      return []
    } catch {
      return error.problems.map(\.message)
    }
  }

  private func zero(_ graph: inout Graph) -> NodeID { graph.appendLeaf(.constant(0), NodeType(.float32)) }

  @Test func anEmptyGraphIsWellFormed() { #expect(messages(Graph()).isEmpty) }

  @Test func axesOfOneName() {
    var (graph, _, _, _) = axes()
    _ = graph.addAxis(AxisDescription(name: "t", kind: .batch))
    #expect(messages(graph) == ["two axes are named t"])
  }

  @Test func raggedLengthsAreAnInputOverBatchAxes() {
    let advice = "the lengths of the ragged axis t must be an i32 scalar input over batch axes"
    for type in [NodeType(.float32), NodeType(.int32, .empty, [2]), NodeType(.int32, [Axis(1)])] {
      var (graph, t, _, _) = axes()
      graph.setLengths(graph.appendLeaf(.input, type, name: "lengths"), of: t)
      #expect(messages(graph) == [advice])
    }
    var (graph, t, _, b) = axes()
    graph.setLengths(graph.appendLeaf(.parameter, NodeType(.int32), name: "lengths"), of: t)
    #expect(messages(graph) == [advice])
    graph.setLengths(graph.appendLeaf(.input, NodeType(.int32, [b]), name: "rows"), of: t)
    #expect(messages(graph).isEmpty)
  }

  @Test func onlyATimeAxisWithoutFixedLengthIsRagged() {
    for kind in [AxisDescription.Kind.batch, .time] {
      var graph = Graph()
      let axis = graph.addAxis(AxisDescription(name: "s", kind: kind, length: kind == .time ? 3 : nil))
      graph.setLengths(graph.appendLeaf(.input, NodeType(.int32), name: "lengths"), of: axis)
      #expect(messages(graph) == ["only a time axis without a fixed length can be ragged: s"])
    }
  }

  @Test func leavesThatMustBeNamedOrHaveNoAxes() {
    var (graph, t, _, _) = axes()
    graph.appendLeaf(.parameter, NodeType(.float32))
    graph.appendLeaf(.input, NodeType(.float32))
    graph.appendLeaf(.parameter, NodeType(.float32, [t]), name: "w")
    graph.appendLeaf(.constant(1), NodeType(.float32, [t]))
    #expect(
      messages(graph) == [
        "%0 a parameter needs a name", "%1 an input needs a name", "%2 a parameter is indexed by no axis",
        "%3 a constant is indexed by no axis",
      ])
  }

  @Test func randomNumbersAreFloatsOverAtMostThreeAxes() {
    var (graph, t, u, b) = axes()
    let p = graph.addAxis(AxisDescription(name: "p", kind: .batch))
    graph.appendLeaf(.random(.uniform, stream: 0), NodeType(.int32))
    graph.appendLeaf(.random(.normal, stream: 1), NodeType(.float32, [t, u, b, p]))
    graph.appendLeaf(.random(.normal, stream: 2), NodeType(.float32, [t, u, b]))
    #expect(
      messages(graph) == [
        "%0 random numbers are floats", "%1 random numbers are declared over at most three axes",
      ])
  }

  @Test func operandsExist() {
    var (graph, _, _, _) = axes()
    graph.appendUnchecked(.unary(.tanh), [NodeID(7)], NodeType(.float32))
    #expect(messages(graph) == ["%0 has an operand that is no node"])
  }

  @Test func cyclesWithoutADelayAreRejected() {
    var (graph, _, _, _) = axes()
    let x = zero(&graph)
    let y = graph.append(.unary(.tanh), [x])
    let z = graph.append(.unary(.tanh), [y])
    graph.setOperand(y, 0, to: z)
    let advice = "which comes later: a cycle without a delay; let the value pass through a state"
    #expect(messages(graph) == ["%1 tanh reads %2, " + advice])
    graph.setOperand(y, 0, to: y)
    #expect(messages(graph) == ["%1 tanh reads %1, " + advice])
  }

  @Test func typesAreThoseThatTheOperandsGive() {
    var (graph, t, _, _) = axes()
    let x = zero(&graph)
    graph.appendUnchecked(.unary(.tanh), [x], NodeType(.float32, [t], [2]))
    #expect(messages(graph) == ["%1 tanh has type f32 {t} [2], its operands give f32 {} []"])
    graph.appendUnchecked(.unary(.not), [x], NodeType(.bool))
    #expect(messages(graph).last == "%2 not(f32 []): expected bool")
  }

  @Test func namesAndOutputsAreNodes() {
    var graph = Graph()
    graph.setName("ghost", of: NodeID(3))
    graph.setOutput("loss", NodeID(4))
    #expect(messages(graph) == ["the name ghost names no node", "the output loss is no node"])
  }

  @Test func allProblemsAreReportedAtOnce() {
    var graph = Graph()
    graph.appendLeaf(.parameter, NodeType(.float32))
    graph.appendLeaf(.input, NodeType(.float32))
    graph.setOutput("loss", NodeID(4))
    #expect(
      throws: GraphError([
        GraphProblem(node: NodeID(0), "%0 a parameter needs a name"),
        GraphProblem(node: NodeID(1), "%1 an input needs a name"), GraphProblem("the output loss is no node"),
      ])
    ) { try graph.verify() }
    do {
      try graph.verify()
    } catch {
      #expect(error.description.split(separator: "\n").count == 3)
    }
  }

  // MARK: Causality

  /// A recurrence over a grid is one; a sum over one of its axes has no place in it.
  @Test func gridsAreAcceptedAndSumsOverTheirAxesRejected() throws {
    var (graph, t, u, _) = axes()
    let start = zero(&graph)
    let outer = try graph.appendOpen(.delay(t, by: 1, truncation: 0), boundary: start)
    let inner = try graph.appendOpen(.delay(u, by: 1, truncation: 0), boundary: start)
    let next = graph.append(.binary(.add), [outer, inner])
    try graph.close(outer, with: next)
    try graph.close(inner, with: next)
    try graph.inferDomains()
    #expect(messages(graph) == [])
    for axis in [t, u] {
      var mixed = graph
      mixed.setOperand(outer, 0, to: mixed.append(.reduceAxes(.sum, over: [axis]), [next]))
      try mixed.inferDomains()
      #expect(
        messages(mixed).first?.hasSuffix(
          "uses all steps of \(axis == t ? "t" : "u") inside the recurrence over it; only earlier steps exist there")
          == true)
    }
  }

  @Test func aDelayAndAnAdvanceOnOneCycleAreRejected() throws {
    var (graph, t, _, _) = axes()
    let start = zero(&graph)
    let earlier = try graph.appendOpen(.delay(t, by: 1, truncation: 0), boundary: start)
    let later = try graph.appendOpen(.advance(t, by: 1), boundary: start)
    let next = graph.append(.binary(.add), [earlier, later])
    try graph.close(earlier, with: next)
    try graph.close(later, with: next)
    try graph.inferDomains()
    #expect(
      messages(graph) == [
        "%2: a delay and an advance along t on one cycle have no order; use them in separate recurrences"
      ])
  }

  @Test func aRecurrenceMayNotUseAllOfItsSteps() throws {
    var (graph, t, _, _) = axes()
    let start = zero(&graph)
    let state = try graph.appendOpen(.delay(t, by: 1, truncation: 0), boundary: start)
    let sum = graph.append(.reduceAxes(.sum, over: [t]), [state])
    let next = graph.append(.binary(.add), [state, sum])
    try graph.close(state, with: next)
    try graph.inferDomains()
    #expect(
      messages(graph) == [
        "%2 sumAxes uses all steps of t inside the recurrence over it; only earlier steps exist there"
      ])
  }

  @Test func otherAxesMayBeMixedInsideARecurrence() throws {
    var (graph, t, u, b) = axes()
    let x = graph.appendLeaf(.input, NodeType(.float32, [u, b]), name: "x")
    let start = zero(&graph)
    let state = try graph.appendOpen(.delay(t, by: 1, truncation: 0), boundary: start)
    let next = graph.append(.reduceAxes(.sum, over: [u]), [graph.append(.binary(.multiply), [state, x])])
    try graph.close(state, with: next)
    // A shift along another axis of a value from outside is no recurrence.
    let shifted = graph.append(.advance(u, by: 1), [x, start])
    graph.setOutput("sum", graph.append(.binary(.add), [shifted, next]))
    try graph.inferDomains()
    #expect(messages(graph).isEmpty)
    #expect(graph.type(next).domain == [t, b])
  }
}
