import EbbGraph
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// Passes on long flat graphs: fused per step, in time that grows with the number of nodes.
struct PassScaleTests {
  /// An LSTM with its gates written one by one and its steps written out, without a time axis, and its gradient.
  private func unrolledLSTM(steps: Int) throws -> Graph {
    var graph = Graph()
    let batch = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    func leaf(_ name: String, _ domain: Domain, _ shape: Shape) -> NodeID {
      graph.appendLeaf(domain.isEmpty ? .parameter : .input, NodeType(.float64, domain, shape), name: name)
    }
    func binary(_ function: BinaryFunction, _ a: NodeID, _ b: NodeID) -> NodeID {
      graph.append(.binary(function), [a, b])
    }
    func unary(_ function: UnaryFunction, _ a: NodeID) -> NodeID { graph.append(.unary(function), [a]) }
    func product(_ a: NodeID, _ b: NodeID) -> NodeID {
      graph.append(.product(.dimensions(0, 0), over: []), [a, b])
    }
    let weights = ["f", "i", "g", "o"].map { gate in
      (leaf("W" + gate, [], [3, 2]), leaf("U" + gate, [], [2, 2]), leaf("b" + gate, [], [2]))
    }
    let zero = graph.appendLeaf(.constant(0), NodeType(.float64, .empty, [2]))
    var (h, c) = (zero, zero)
    var total: NodeID?
    for step in 0..<steps {
      let x = leaf("x@\(step)", [batch], [3])
      let gates = weights.map { w, u, b in binary(.add, binary(.add, product(h, u), product(x, w)), b) }
      c = binary(
        .add, binary(.multiply, unary(.sigmoid, gates[0]), c),
        binary(.multiply, unary(.sigmoid, gates[1]), unary(.tanh, gates[2])))
      h = binary(.multiply, unary(.sigmoid, gates[3]), unary(.tanh, c))
      let cost = graph.append(.reduceFeatures(.sum, dimension: 0), [h])
      total = total.map { binary(.add, $0, cost) } ?? cost
    }
    let loss = graph.append(.reduceAxes(.sum, over: [batch]), [try #require(total)])
    let parameters = graph.nodes.filter { graph.operation($0) == .parameter }
    for (index, gradient) in try graph.gradient(of: loss, withRespectTo: Array(parameters)).enumerated() {
      graph.setOutput("gradient\(index)", gradient)
    }
    return graph
  }

  /// Forward, a step has one product of x and one of h (of which the first is a constant); backward one for the h of
  /// the step before, and two for the weights.
  private func expectedCount(steps: Int) -> ProductCount {
    ProductCount(perSweep: [], wholeSequence: 2 * steps + (steps - 1) + 2 * steps)
  }

  @Test func gatesOfAnUnrolledGraphFusePerStep() throws {
    let optimized = try Passes.optimized(try unrolledLSTM(steps: 6))
    #expect(ProductCount(optimized) == expectedCount(steps: 6), "\(optimized)")
  }

  /// 83,000 nodes in a release build: no pass visits nodes again and again, and none recurses along the chain.
  @Test(.timeLimit(.minutes(1))) func longGraphsTakeSeconds() throws {
    let steps = effort(debug: 100, optimized: 1000)
    #expect(ProductCount(try Passes.optimized(try unrolledLSTM(steps: steps))) == expectedCount(steps: steps))
  }
}
