import EbbCells
import EbbExecution
import EbbDiagnostics
import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// Layers around cells, each against a loop over its equations.
@Suite struct LayerTests {
  let tolerance = 1e-12

  private func elman(_ w: Trial, _ scope: String, _ h: Vector, _ x: Vector) -> Vector {
    tanh(w.affine(scope + "recurrent", h, x))
  }

  @Test func projectedLSTM() throws {
    let worst = try Trial(ProjectedLSTM(units: 4, outputs: 2)).largestDifference { w, s, x in
      let i = sigmoid(w.affine("input", s[0], x))
      let f = sigmoid(w.affine("forget", s[0], x))
      let o = sigmoid(w.affine("output", s[0], x))
      s[1] = f * s[1] + i * tanh(w.affine("candidate", s[0], x))
      s[0] = w.affine("projection", o * tanh(s[1]))
      return s[0]
    }
    #expect(worst < tolerance)
  }

  @Test(arguments: [3, 4])
  func residualStack(features: Int) throws {
    let stack = Stack([Residual(SimpleRNN(units: 4)), Residual(SimpleRNN(units: 4))])
    let worst = try Trial(stack, features: features).largestDifference { w, s, x in
      s[0] = elman(w, "layer0.", s[0], x)
      let y = s[0] + (features == 4 ? x : w.affine("layer0.shortcut", x))
      s[1] = elman(w, "layer1.", s[1], y)
      return y + s[1]
    }
    #expect(worst < tolerance)
  }

  @Test func layerNormalization() throws {
    let worst = try Trial(LayerNormalization()).largestDifference { w, _, x in
      let mean = x.reduce(0, +) / 3
      let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 3
      return w["scale"] * x.map { ($0 - mean) / (variance + 1e-5).squareRoot() } + w["bias"]
    }
    #expect(worst < tolerance)
  }

  /// The sum of two directions is that of the two halves of their concatenation, which one and which.
  @Test func directionsAreAdded() throws {
    let cell = LSTM(units: 2)
    let joined = try Trial(Bidirectional(cell, cell))
    var added = try Trial(Bidirectional(cell, cell, merge: .sum))
    for (name, value) in joined.values where name != "readout" { added.values[name] = value }
    let both = try #require(try joined.run()["y"])
    let sums = both.indices.filter { $0 % 4 < 2 }.map { both[$0] + both[$0 + 2] }
    #expect(distance(try added.run()["y"] ?? [], sums) < tolerance)
  }

  @Test func statesBeginAtWhatIsLearned() throws {
    let model = try Recording(LearnedStart(LSTM(units: 2)), features: 1, element: .float64)
    #expect(model.parameters.map(\.name).filter { $0.hasSuffix(".initial") } == ["h.initial", "c.initial"])
    #expect(model.parameters.first { $0.name == "h.initial" }?.isTrained == true)
    #expect(model.initialValues(seed: 1)["c.initial"]?.doubles == [0, 0])
  }

  // MARK: Noise

  /// Without noise, and in an evaluation, it is the LSTM.
  @Test func withoutNoiseItIsTheLSTM() throws {
    let plain = try Trial(LSTM(units: 3))
    let expected = try plain.run()["y"] ?? []
    let variational = VariationalLSTM(units: 3, inputDropout: 0.4, recurrentDropout: 0.4, candidateDropout: 0.4)
    for cell in [VariationalLSTM(units: 3), variational] {
      let trial = try Trial(cell)
      let found = try Interpreter.run(trial.model.evaluationGraph, Bindings(plain.values))["y"]?.doubles ?? []
      #expect(distance(found, expected) < tolerance)
    }
    #expect(distance(try Trial(variational).run()["y"] ?? [], expected) > 0.01)
  }

  @Test func withoutNoiseItIsTheGRU() throws {
    let plain = try Trial(GRU(units: 3))
    let expected = try plain.run()["y"] ?? []
    let variational = VariationalGRU(units: 3, inputDropout: 0.4, recurrentDropout: 0.4)
    for cell in [VariationalGRU(units: 3), variational] {
      let trial = try Trial(cell)
      let found = try Interpreter.run(trial.model.evaluationGraph, Bindings(plain.values))["y"]?.doubles ?? []
      #expect(distance(found, expected) < tolerance)
    }
    #expect(distance(try Trial(variational).run()["y"] ?? [], expected) > 0.01)
  }

  /// Every mask is one for all steps: with the same input at each step and no memory of the state, so is the output.
  @Test func masksStayForAllSteps() throws {
    var trial = try Trial(VariationalLSTM(units: 3, inputDropout: 0.5), steps: 4, batch: 3)
    for name in trial.values.keys where name.hasSuffix(".weight") {
      // No weight for h, the first three of six rows.
      trial[name] = trial[name].enumerated().map { $0.offset < 9 ? 0 : $0.element }
    }
    trial["forget.bias"] = [-1e9, -1e9, -1e9]
    let first = Array(trial["x"][..<9])
    trial["x"] = (0..<4).flatMap { _ in first }
    let y = try trial.run()["y"] ?? []
    for step in 1..<4 { #expect(Array(y[step * 9..<(step + 1) * 9]) == Array(y[..<9])) }
    // Samples have masks of their own.
    trial["x"] = (0..<36).map { first[$0 % 3] }
    let rows = try trial.run()["y"] ?? []
    #expect(Set([Array(rows[0..<3]), Array(rows[3..<6]), Array(rows[6..<9])]).count > 1)
  }

  /// Zoneout keeps each entry of a state or takes the new one; an evaluation takes the mean of the two.
  @Test func zoneoutKeepsOldValues() throws {
    struct Counter: RecurrentCell {
      func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
        let s = scope.state("s", 8)
        return s.next(s + 1)
      }
    }
    let trial = try Trial(Zoneout(Counter(), 0.25), features: 8, steps: 40, batch: 1)
    let start = trial["s.initial"]
    let y = try trial.run()["y"] ?? []
    var kept = 0
    for step in 0..<40 {
      let before = step == 0 ? start : Array(y[(step - 1) * 8..<step * 8])
      for (new, old) in zip(y[step * 8..<(step + 1) * 8], before) {
        #expect(new == old || new == old + 1)
        if new == old { kept += 1 }
      }
    }
    // 80 of 320, give or take four deviations of 7.7.
    #expect((49...111).contains(kept))
    let evaluated = try Interpreter.run(trial.model.evaluationGraph, Bindings(trial.values))["y"]?.doubles ?? []
    #expect(distance(Array(evaluated[312...]), start.map { $0 + 30 }) < 1e-12)
  }

  @Test func anOpenRecurrenceHasNoAxesYet() {
    struct Nested: RecurrentCell {
      func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
        let h = scope.state("h", 2)
        return h.next(scope.run(Zoneout(SimpleRNN(units: 2), 0.1), h, named: "inner"))
      }
    }
    let error = #expect(throws: RecordingError.self) { try Recording(Nested(), features: 2) }
    #expect(error?.problems.contains { $0.message.contains("use scope.zoningOut(rate, over: axes)") } == true)
  }

  // MARK: Tied weights

  @Test(arguments: [3, 4])
  func tiedEmbedding(units: Int) throws {
    let (cell, steps, ids) = (TiedEmbedding(tokens: 5, units: 3, SimpleRNN(units: units)), 4, [1, 4, 0, 4] as [Int32])
    let model = try Recording(element: .float64) { scope in
      let x = scope.input("x", over: [scope.time("t")], as: .int32)
      scope.output("y", scope.run(cell, x))
    }
    #expect(model.parameters.count { $0.shape == [5, 3] } == 1)
    var values = model.initialValues(seed: 2)
    values["bias"] = Tensor([5], [0.1, -0.2, 0.3, 0, 0.5])
    func numbers(_ name: String) -> Vector { values[name]?.doubles ?? [] }
    let table = numbers("table")
    var h = Vector(repeating: 0, count: units)
    var expected: Vector = []
    for id in ids {
      let x = Array(table[Int(id) * 3..<Int(id) * 3 + 3])
      h = tanh(
        matrixProduct(Array([h, x].joined()), numbers("body.recurrent.weight")) + numbers("body.recurrent.bias"))
      let query = units == 3 ? h : matrixProduct(h, numbers("projection.weight"))
      expected += matrixProduct(table, times: query) + numbers("bias")
    }
    values["x"] = Tensor([steps], ids)
    #expect(distance(try Interpreter.run(model.graph, Bindings(values))["y"]?.doubles ?? [], expected) < tolerance)
  }
}

/// Every layer: its gradients against central differences, and its fused program against the interpreter.
@Suite struct LayerGradientTests {
  static let subjects: [CellGradientTests.Subject] = [
    .init(name: "LSTMP", cell: ProjectedLSTM(units: 3, outputs: 2)),
    .init(name: "residual", cell: Stack([Residual(LSTM(units: 3)), Residual(GRU(units: 3))])),
    .init(name: "sum", cell: Bidirectional(GRU(units: 2), LSTM(units: 2), merge: .sum)),
    .init(name: "normalized", cell: Stack([SimpleRNN(units: 3), LayerNormalization(), GRU(units: 2)])),
    .init(name: "learned start", cell: LearnedStart(LSTM(units: 2))),
  ]

  /// Their masks are a function of the seed, so that they have derivatives as well.
  static let noisy: [CellGradientTests.Subject] = [
    .init(
      name: "variational",
      cell: VariationalLSTM(units: 3, inputDropout: 0.3, recurrentDropout: 0.3, candidateDropout: 0.3)),
    .init(name: "zoneout", cell: Zoneout(Stack([LSTM(units: 2), GRU(units: 2)]), 0.4)),
  ]

  @Test(arguments: subjects)
  func gradientsAgreeWithDifferences(_ subject: CellGradientTests.Subject) throws {
    let check = try GradientCheck.run(subject.cell, .init(length: 4, features: 2, batch: 2))
    #expect(check.largestError < 1e-6, "\(check.entries)")
  }

  @Test(arguments: noisy)
  func gradientsOfNoisyLayersAgreeWithDifferences(_ subject: CellGradientTests.Subject) throws {
    let trial = try Trial(subject.cell, features: 2, steps: 4)
    let names = trial.model.parameters.map(\.name) + trial.model.inputs.map(\.name)
    let gradients = try trial.run(gradients: names)
    for name in names {
      for index in stride(from: 0, to: trial[name].count, by: max(1, trial[name].count / 4)) {
        func loss(_ change: Double) throws -> Double {
          var changed = trial
          changed[name][index] += change
          return try changed.run()["loss"]?.first ?? .nan
        }
        let difference = try (loss(1e-5) - loss(-1e-5)) / 2e-5
        #expect(abs(try #require(gradients["d/" + name])[index] - difference) < 1e-8, "\(name)[\(index)]")
      }
    }
  }

  @Test(arguments: subjects + noisy, [ElementType.float32, .float64])
  func executorAgreesWithInterpreter(_ subject: CellGradientTests.Subject, element: ElementType) throws {
    try CellGradientTests().executorAgreesWithInterpreter(subject, element: element)
  }
}
