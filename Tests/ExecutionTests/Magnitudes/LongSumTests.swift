import EbbExecution
import EbbGraph
import EbbTensors
import Testing

/// Sums over very many rows: rounding errors do not add up with their number.
@Suite struct LongSumTests {
  /// The gradient of a bias under a mean loss: each of 2²¹ rows adds the same small number.
  @Test(arguments: [1, 3, 19]) func equalTerms(_ features: Int) throws {
    let rows = 1 << 21
    var graph = Graph()
    let batch = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    let x = graph.appendLeaf(.input, NodeType(.float32, [batch], [features]), name: "x")
    graph.setOutput("sum", graph.append(.reduceAxes(.sum, over: [batch]), [x]))
    let term = Float(0.7) / Float(rows)
    let bindings = Bindings(["x": Tensor([rows, features], [Float](repeating: term, count: rows * features))])
    let expected = Double(term) * Double(rows)
    for threads in [1, 3] {
      let sum = try #require(try Executable(graph, options: ExecutionOptions(threads: threads)).run(bindings)["sum"])
      // A chain of 256 additions has an error of a few 10⁻⁶; one of 8,192 chunks had 10⁻⁴.
      for number in sum.doubles { #expect(abs(number / expected - 1) < 1e-5) }
    }
  }

  /// Of sums that are infinite or no number nothing is kept that would make them something else.
  @Test func infiniteTerms() throws {
    var graph = Graph()
    let batch = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    let x = graph.appendLeaf(.input, NodeType(.float32, [batch], [2]), name: "x")
    graph.setOutput("sum", graph.append(.reduceAxes(.sum, over: [batch]), [x]))
    var numbers = [Float](repeating: 1, count: 4000)
    numbers[300] = .infinity
    numbers[301] = .nan
    let sum = try #require(try Executable(graph).run(Bindings(["x": Tensor([2000, 2], numbers)]))["sum"]).doubles
    #expect(sum[0] == .infinity && sum[1].isNaN)
  }
}
