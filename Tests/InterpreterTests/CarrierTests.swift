import EbbGraph
import EbbInterpreter
import EbbTensors
import Testing

/// Delays, advances and the recurrences through them, against loops written out here.
struct CarrierTests {
  @Test func aRecurrenceFollowsItsEquation() throws {
    // h_t = a · h_{t−1} + x_t with h_0 = 2.
    var graph = Graph()
    let time = graph.addAxis(AxisDescription(name: "t", kind: .time))
    let x = graph.appendLeaf(.input, NodeType(.float64, [time]), name: "x")
    let a = graph.appendLeaf(.parameter, NodeType(.float64), name: "a")
    let initial = graph.appendLeaf(.constant(2), NodeType(.float64))
    let previous = try graph.appendOpen(.delay(time, by: 1, truncation: 0), boundary: initial)
    let h = graph.append(.binary(.add), [graph.append(.binary(.multiply), [a, previous]), x])
    try graph.close(previous, with: h)
    try graph.inferDomains()
    graph.setOutput("h", h)
    try graph.verify()
    let result = try Interpreter.run(graph, Bindings(["x": Tensor([3], [1.0, 10, 100]), "a": Tensor([], [3.0])]))
    #expect(result == ["h": Tensor([3], [7.0, 31, 193])])
  }
}
