import EbbGraph
import EbbTensors
import EbbTransforms
import Testing

/// Transforms take time in proportion to the graph, and their stack does not grow with it.
struct TransformScaleTests {
  /// A chain of equations over time, deeper than any stack could follow.
  private func chain(_ depth: Int) throws -> (graph: Graph, loss: NodeID, parameter: NodeID) {
    var sketch = Sketch()
    let t = sketch.axis("t", .time, 3)
    let parameter = sketch.parameter("p", [2])
    let before = sketch.state(.delay(t, by: 1, truncation: 0), initial: sketch.parameter("h0", [2]))
    var h = before
    for _ in 0..<depth { h = sketch.unary(.tanh, sketch.multiply(h, parameter)) }
    sketch.next(before, h)
    let loss = sketch.total(h)
    return (sketch.graph, loss, parameter)
  }

  /// The number of new nodes for each node, which bounds the work: each sweep visits a node and its uses once.
  @Test func gradientsGrowLinearly() throws {
    let sizes = try [1000, 4000].map { depth in
      var (graph, loss, parameter) = try chain(depth)
      let before = graph.count
      _ = try graph.gradient(of: loss, withRespectTo: [parameter])
      return Double(graph.count - before) / Double(before)
    }
    #expect(abs(sizes[0] - sizes[1]) < 0.05)
    #expect(sizes[1] < 4)
  }

  @Test func unrollingGrowsWithTheSteps() throws {
    let graph = try chain(500).graph
    let unrolled = try graph.unrolled(Axis(0), steps: 40)
    #expect(unrolled.count < graph.count * 41)
    try unrolled.verify()
  }

  /// Seconds in a debug build as well: what is quadratic would take hours.
  @Test(.timeLimit(.minutes(1))) func deepGraphsTakeSeconds() throws {
    var (graph, loss, parameter) = try chain(6000)
    graph.setOutput("loss", loss)
    var unrolled = try graph.unrolled(Axis(0), steps: 2)
    let flatLoss = try #require(unrolled.output(named: "loss"))
    let flatParameter = try unrolled.require("p")
    _ = try unrolled.gradient(of: flatLoss, withRespectTo: [flatParameter])
    _ = try graph.gradient(of: loss, withRespectTo: [parameter])
    _ = try graph.tangent(of: [loss], along: [parameter: parameter])
    try graph.verify()
  }
}
