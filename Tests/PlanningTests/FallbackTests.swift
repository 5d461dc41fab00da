import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
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

  /// What is computed once a run is named from a millisecond of work on: counted in operations, not in numbers.
  @Test(arguments: [(24, false), (128, true)])
  func largeFunctionsOfParametersAre(size: Int, isNamed: Bool) throws {
    let recording = try Recording { scope in
      let a = scope.parameter("A", [size, size], .orthogonal())
      scope.output("exponential", matrixExponential(a).named("power"))
      scope.output("factor", qr(a).q)
      scope.output("solution", solve(a, scope.parameter("B", [size, size], .glorotUniform)))
      // One right side is a third of n³ alone.
      scope.output("vector", solve(a, scope.parameter("b", [size], .zeros)))
    }
    let found = Plan(try Passes.optimized(recording.graph)).fallbacks
    #expect(found.map(\.operation) == (isNamed ? ["matrixExponential", "orthonormalFactor", "solve"] : []))
    guard let first = found.first else { return }
    #expect(first.result == "power: {} [128, 128]")
    #expect(first.description.contains("once a run, about 19 million operations"))
  }

  /// The rule on either side of its bound.
  @Test func muchWorkIsAMillisecond() throws {
    // 2 m n² = 2²⁰ with m = 128 and n = 64
    for (rows, isNamed) in [(127, false), (128, true)] {
      let recording = try Recording { scope in
        scope.output("q", qr(scope.parameter("A", [rows, 64], .glorotUniform)).q)
      }
      #expect(Plan(try Passes.optimized(recording.graph)).fallbacks.isEmpty != isNamed)
    }
  }

  /// A value of one step is read once a sequence, as the gradient of a start is where a state is read many steps later.
  @Test func whatIsReadOnceASequenceIsNot() throws {
    let recording = try Recording { scope in
      let time = scope.time("t")
      let x = scope.input("x", [4], over: [time, scope.batch("b")])
      scope.output("third", pick(x, at: convert(scope.constant(2), to: .int32), along: time))
    }
    let plan = Plan(try Passes.optimized(recording.graph))
    let isGeneral = plan.instructions.contains { if case .general = $0.kernel { true } else { false } }
    #expect(isGeneral && plan.fallbacks == [])
  }

  @Test func cellsOfTheLibraryHaveNone() throws {
    let cells: [any RecurrentCell] = [
      LSTM(units: 4), MatrixLSTM(units: 4), GatedDeltaNet(units: 4), FastWeights(units: 4), S5(units: 4),
      NeuralTuringMachine(units: 4, slots: 6, width: 3), SelectiveStateSpace(units: 4), HyperLSTM(units: 4),
    ]
    for cell in cells { #expect(try fallbacks(cell) == [], "\(cell)") }
  }
}
