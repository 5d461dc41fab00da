import EbbGraph
import EbbTensors
import Testing

struct ComponentsTests {
  @Test func cyclesAndTheirOrder() throws {
    var graph = Graph()
    let t = graph.addAxis(AxisDescription(name: "t", kind: .time, length: 3))
    let zero = graph.appendLeaf(.constant(0), NodeType(.float32))
    let x = graph.append(.convert(.float32), [graph.append(.axisIndex(t), [])])
    let state = try graph.appendOpen(.delay(t, by: 1, truncation: 0), boundary: zero)
    let next = graph.append(.binary(.add), [state, x])
    try graph.close(state, with: next)
    let after = graph.append(.unary(.tanh), [next])
    let selfish = try graph.appendOpen(.delay(t, by: 1, truncation: 0), boundary: zero)
    try graph.close(selfish, with: selfish)
    let components = Components(graph)
    #expect(components[state] == components[next])
    #expect(components.members[components[state]] == [state, next])
    #expect(components.isCyclic[components[state]] && components.isCyclic[components[selfish]])
    for node in [zero, x, after] { #expect(!components.isCyclic[components[node]]) }
    // Operands first, whatever the order of the nodes.
    for node in graph.nodes {
      for operand in graph.operands(node) { #expect(components[operand] <= components[node]) }
    }
  }

  @Test func aVeryDeepGraphNeedsNoDeepStack() {
    var graph = Graph()
    var node = graph.appendLeaf(.input, NodeType(.float32), name: "x")
    for _ in 0..<20_000 { node = graph.append(.unary(.tanh), [node]) }
    let components = Components(graph)
    #expect(components.members.count == 20_001)
    #expect(components[node] == 20_000)
  }
}
