import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTransforms
import Testing

/// Single numbers at which norms, losses and powers were once wrong.
@Suite struct MagnitudeFindingTests {
  private static let single = MagnitudeSample<Float, Double>(element: .float32, ulps: 32)

  /// The largest logit is never added to a sum that has fewer digits than it.
  @Test func smallLossesOfLargeLogitsKeepTheirDigits() throws {
    func loss(_ logits: [Float]) throws -> [Double] {
      try Self.single.run(rows: 1, [logits]) { crossEntropy($1[0], $0.constant(0, as: .int32), over: []) }
        .map { $0.value[0] }
    }
    for value in try loss([20, 8, 8]) { #expect(abs(value / 1.2288347e-5 - 1) < 1e-6) }
    for value in try loss([1e8, 1e8, 0]) { #expect(abs(value - 0.693147181) < 1e-7) }
  }

  /// Of entries that are all −∞ log Σ eˣ is −∞, no class has a weight, and nothing moves.
  @Test func nothingToChooseFrom() throws {
    let empty = [Float](repeating: -.infinity, count: 3)
    for outcome in try Self.single.run(rows: 1, [empty], { logSumExp($1[0]) }) {
      #expect(outcome.value == [-.infinity])
      #expect(outcome.gradients[0] == [0, 0, 0])
    }
    for outcome in try Self.single.run(rows: 1, [empty], { softmax($1[0]) }) {
      #expect(outcome.value == [0, 0, 0])
      #expect(outcome.gradients[0] == [0, 0, 0])
    }
    for outcome in try Self.single.run(rows: 1, [[0, -.infinity, -.infinity] as [Float]], { logSumExp($1[0]) }) {
      #expect(outcome.value == [0])
      #expect(outcome.gradients[0] == [1, 0, 0])
    }
  }

  /// d(x⁰)/dx and its derivatives are 0 for every x, given as a number of the graph or as a value of the run.
  @Test(arguments: [Float(1e-40), 1e-30, 1e-10, 1, 1e30, 0]) func aPowerOfZeroIsFlat(_ x: Float) throws {
    for isGiven in [false, true] {
      var graph = Graph()
      let base = graph.appendLeaf(.input, NodeType(.float32), name: "x")
      let exponent =
        isGiven
        ? graph.appendLeaf(.input, NodeType(.float32), name: "y")
        : graph.appendLeaf(.constant(0), NodeType(.float32))
      let value = graph.append(.binary(.power), [base, exponent])
      graph.setOutput("first", try graph.gradient(of: value, withRespectTo: [base])[0])
      graph.setOutput("second", try graph.gradient(of: graph.output(named: "first")!, withRespectTo: [base])[0])
      var bindings = Bindings(["x": Tensor([], [x])])
      if isGiven { bindings.values["y"] = Tensor([], [Float(0)]) }
      let results = try Executable(Passes.optimized(graph), options: .gradual).run(bindings)
      #expect(results["first"] == Tensor([], [Float(0)]))
      #expect(results["second"] == Tensor([], [Float(0)]))
    }
  }
}
