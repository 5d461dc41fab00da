import EbbCells
import EbbGraph
import EbbRecording
import EbbTransforms
import Testing

@testable import EbbPlanning

/// What no kernel computes is named, with what to write instead.
@Suite struct FallbackTests {
  private func fallbacks(_ cell: some RecurrentCell) throws -> [Fallback] {
    let recording = try Recording(cell, features: 4) { scope, y in scope.output("loss", mean(square(y))) }
    var graph = recording.graph
    let loss = try #require(graph.output(named: "loss"))
    let gradients = try graph.gradient(of: loss, withRespectTo: recording.parameters.map(\.node))
    for (index, gradient) in gradients.enumerated() { graph.setOutput("d\(index)", gradient) }
    return Plan(try Passes.optimized(graph)).fallbacks
  }

  /// A state whose matrix is another one at each sample and step.
  private struct Varying: RecurrentCell {
    var function: @Sendable (Signal) -> Signal
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let s = scope.state("S", shape: [4, 4])
      return matmul(x, s.next(function(0.5 * s + outer(x, x)).named("written")))
    }
  }

  @Test func aFunctionOfAVaryingMatrixIsNamedOnce() throws {
    let found = try fallbacks(Varying { matrixExponential($0) })
    let first = try #require(found.first { $0.result.hasPrefix("written") })
    #expect(first.operation == "matrixExponential" && first.result == "written: {t, b} [4, 4]")
    #expect(first.advice.contains("iterate"))
    #expect(Set(found).count == found.count)
  }

  @Test func functionsOfParametersAreNot() throws {
    #expect(try fallbacks(ExponentialRNN(units: 4)) == [])
  }

  @Test func cellsOfTheLibraryHaveNone() throws {
    let cells: [any RecurrentCell] = [
      LSTM(units: 4), MatrixLSTM(units: 4), GatedDeltaNet(units: 4), FastWeights(units: 4), S5(units: 4),
      NeuralTuringMachine(units: 4, slots: 6, width: 3), SelectiveStateSpace(units: 4), HyperLSTM(units: 4),
    ]
    for cell in cells { #expect(try fallbacks(cell) == [], "\(cell)") }
  }
}
