import EbbCells
import EbbDiagnostics
import EbbGraph
import EbbRecording
import EbbTransforms
import Testing

/// u' = 0.9 u (1 − s) + W x, s' = u' > 1, with a surrogate; without one, a smooth s whose gradient is declared to be limited.
private struct Spiking: RecurrentCell {
  var surrogate: SurrogateGradient?
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let (u, s) = (scope.state("u", 3), scope.state("s", 3))
    let potential = u.next(0.9 * u * (1 - s) + scope.affine("input", [x], 3)) - 1
    guard let surrogate else {
      return s.next(
        withGradient(potential) {
          sigmoid($0)
        } backward: { x, _, adjoint in
          minimum(adjoint, 0 * x + 0.1)
        })
    }
    return s.next(spike(potential, surrogate))
  }
}

@Suite struct CheckTests {
  @Test func gradientsOfTheLibraryAgreeWithDifferences() throws {
    let cells: [any RecurrentCell] = [LSTM(units: 3), GRU(units: 2), LayerNormLSTM(units: 4)]
    for cell in cells {
      let check = try GradientCheck.run(cell, .init(length: 3, features: 2, batch: 2))
      #expect(check.largestError < 1e-7, "\(cell)")
      #expect(Set(check.entries.map(\.kind)) == [.parameter, .input, .initialState])
    }
  }

  @Test func cellsThatDrawAreCheckedWithTheSameDraws() throws {
    let cells: [any RecurrentCell] = [
      VariationalLSTM(units: 3, inputDropout: 0.3, recurrentDropout: 0.4, candidateDropout: 0.3),
      VariationalGRU(units: 3, inputDropout: 0.3, recurrentDropout: 0.4), Zoneout(GRU(units: 3), 0.4),
      Stack([SimpleRNN(units: 4), Dropout(0.4), SimpleRNN(units: 2)]),
    ]
    for cell in cells {
      let check = try GradientCheck.run(cell, .init(length: 4, features: 3, batch: 2, seed: 5))
      #expect(check.largestError < 1e-7, "\(cell)")
      // In training: what is dropped has no gradient, which no evaluation would show.
      let other = try GradientCheck.run(cell, .init(length: 4, features: 3, batch: 2, seed: 6))
      #expect(check.entries.map(\.analytic) != other.entries.map(\.analytic))
    }
  }

  /// The cell declares that its gradient is another than its derivative: it is compared with what is stopped held fixed.
  @Test func aStoppedGradientIsDeclared() throws {
    let check = try GradientCheck.run(Stopped(), .init(length: 4, features: 2, batch: 1))
    #expect(check.surrogates == ["stopGradient (held at its value)"])
    #expect(check.largestError < 1e-7)
  }

  /// A surrogate is compared with the derivative that it declares, and a wrong rule around it is still found.
  @Test func aDeclaredGradientIsCompared() throws {
    for surrogate in [SurrogateGradient.straightThrough, .fastSigmoid(slope: 2), .arctangent()] {
      let check = try GradientCheck.run(Spiking(surrogate: surrogate), .init(length: 4, features: 2, batch: 2))
      #expect(check.surrogates == ["withGradient (its declared derivative)"])
      #expect(check.largestError < 1e-7, "\(surrogate)")
      #expect(check.entries.contains { $0.analytic != 0 })
    }
    let check = try GradientCheck.run(Spiking(surrogate: nil), .init(length: 4, features: 2, batch: 2))
    #expect(check.surrogates == ["withGradient (left out: its gradient is no factor of the adjoint)"])
    #expect(check.largestError < 1e-7)
  }

  /// A solution of an equation is a declared gradient whose rule holds values, and has an adjoint in them.
  @Test func whatARuleHoldsIsNoValue() throws {
    struct Equilibrium: RecurrentCell {
      func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
        let h = scope.state("h", 3)
        let drive = scope.affine("outer", [h, x], 3)
        return h.next(fixedPoint(from: h, atMost: 3) { tanh(0.1 * $0 + drive) }.value)
      }
    }
    let check = try GradientCheck.run(Equilibrium(), .init(length: 3, features: 2, batch: 2))
    #expect(
      check.surrogates == [
        "stopGradient (held at its value), 2 times",
        "withGradient (left out: its gradient is no factor of the adjoint)",
      ])
    #expect(check.largestError < 1e-7 && check.entries.contains { $0.analytic != 0 })
  }

  @Test func onlySoManyElementsAreChecked() throws {
    let check = try GradientCheck.run(SimpleRNN(units: 4), .init(length: 2, batch: 1, elementsPerValue: 5))
    #expect(check.entries.first { $0.name == "recurrent.weight" }.map { [$0.elements, $0.checked] } == [28, 5])
  }

  @Test func productsAreCountedAsWritten() throws {
    // Forward 2 · 4 · (I + H) · H for each step and sample; backward to the weights as much again, and to h and x
    // what is needed: to h only.
    let (steps, batch, features, units) = (5, 3, 2, 4)
    let graphs = try TrainingStepGraph(LSTM(units: units), features: features)
    let forward = ArithmeticCount(graphs.recording.graph, lengths: [steps, batch])
    #expect(forward.products == 2 * 4 * (features + units) * units * steps * batch)
    #expect(forward.others > 0)
    let all = ArithmeticCount(graphs.gradient, lengths: [steps, batch])
    #expect(all.products >= 3 * forward.products - 2 * 4 * features * units * steps * batch)
  }

  @Test func normsAddNoProductToAStep() throws {
    let lengths = [4, 2]
    func products(_ norms: Bool) throws -> Int {
      let graph = try TrainingStepGraph(PeepholeLSTM(units: 3), features: 2, gradientNorms: norms).gradient
      #expect(graph.outputs.contains { $0.name == "gradient/total/c" } == norms)
      return ArithmeticCount(try Passes.optimized(graph), lengths: lengths).products
    }
    let (without, with) = (try products(false), try products(true))
    #expect(without == with)
  }
}
