import EbbCells
import EbbEquations
import EbbExport
import EbbGraph
import EbbInterchange
import EbbRecording
import EbbTensors
import Foundation
import Testing

/// What cells become: which operators, and how many.
@Suite struct LibraryTests {
  static func model(
    _ cell: some RecurrentCell, ragged: Bool = false, element: ElementType = .float32
  ) throws -> ONNXModel {
    let recording = try Recording(cell, features: 3, element: element, ragged: ragged)
    return try recording.onnx(parameters: recording.initialValues(seed: 1))
  }

  /// The recurrent operators and loops of a model.
  static func loops(_ model: ONNXModel) -> [String] {
    model.graph.nodes.map(\.type).filter { ["LSTM", "GRU", "RNN", "Scan"].contains($0) }
  }

  @Test(arguments: [false, true])
  func cellsThatAreOperators(ragged: Bool) throws {
    let cells: [(any RecurrentCell, [String])] = [
      (SimpleRNN(units: 4), ["RNN"]), (SimpleRNN(units: 4, activation: .relu), ["RNN"]),
      (SimpleRNN(units: 4, activation: .sigmoid), ["RNN"]), (LSTM(units: 4), ["LSTM"]),
      (PeepholeLSTM(units: 4), ["LSTM"]), (VariationalLSTM(units: 4, inputDropout: 0.5), ["LSTM"]),
      (GRU(units: 4), ["GRU"]), (ResetAfterGRU(units: 4), ["GRU"]), (MinimalGatedUnit(units: 4), ["GRU"]),
      (Bidirectional(LSTM(units: 4), GRU(units: 4)), ["LSTM", "GRU"]),
      (Stack([LSTM(units: 4), Dropout(0.2), LSTM(units: 5)]), ["LSTM", "LSTM"]),
      (LearnedStart(LSTM(units: 4)), ["LSTM"]), (Residual(ResetAfterGRU(units: 3)), ["GRU"]),
      (Stack([LSTM(units: 4), LastStep()]), ["LSTM"]),
      (Bidirectional(LSTM(units: 4), LSTM(units: 4)), ["LSTM"]),
      (Bidirectional(PeepholeLSTM(units: 4), PeepholeLSTM(units: 4)), ["LSTM"]),
      (Bidirectional(GRU(units: 4), GRU(units: 4), merge: .sum), ["GRU"]),
      (Bidirectional(SimpleRNN(units: 4, activation: .relu), SimpleRNN(units: 4, activation: .relu)), ["RNN"]),
      (Bidirectional(GRU(units: 4), ResetAfterGRU(units: 4)), ["GRU", "GRU"]),
      (Bidirectional(SimpleRNN(units: 4), SimpleRNN(units: 4, activation: .relu)), ["RNN", "RNN"]),
      (Bidirectional(LSTM(units: 4), LSTM(units: 5)), ["LSTM", "LSTM"]),
    ]
    for (cell, expected) in cells {
      #expect(Self.loops(try Self.model(cell, ragged: ragged)) == expected, "\(cell)")
    }
  }

  /// These have gates or states that no operator has.
  @Test(arguments: [false, true])
  func cellsThatAreScans(ragged: Bool) throws {
    let cells: [any RecurrentCell] = [
      ProjectedLSTM(units: 4, outputs: 2), LayerNormLSTM(units: 4), CoupledGateLSTM(units: 4),
      UpdateGateRNN(units: 4), ScalarLSTM(units: 4), IndRNN(units: 4), MinGRU(units: 4), MinLSTM(units: 4),
      LinearRecurrentUnit(units: 4), EchoState(units: 4), Zoneout(LSTM(units: 4), 0.1),
      SimpleRNN(units: 4, activation: .softplus),
    ]
    for cell in cells {
      #expect(Self.loops(try Self.model(cell, ragged: ragged)) == ["Scan"], "\(cell)")
    }
    // The operators take floats of 32 bits.
    #expect(Self.loops(try Self.model(LSTM(units: 4), element: .float64)) == ["Scan"])
  }

  /// A cell is known by its equations, in any order of their terms.
  @Test(arguments: [
    ("h_t = tanh(W x_t + U h_{t-1} + b)", "RNN"),
    (
      """
      i = σ(W_i x_t + U_i h_{t-1} + b_i)
      f = σ(W_f [h_{t-1}, x_t] + b_f)
      o = σ(U_o h_{t-1} + W_o x_t)
      c_t = i ⊙ tanh(W_c x_t + U_c h_{t-1} + b_c) + f ⊙ c_{t-1}
      h_t = tanh(c_t) ⊙ o
      """, "LSTM"
    ),
    (
      """
      z = σ(W_z x_t + U_z h_{t-1} + b_z)
      r = σ(W_r x_t + U_r h_{t-1} + b_r)
      h_t = z ⊙ h_{t-1} + (1 - z) ⊙ tanh(W x_t + U (r ⊙ h_{t-1}) + b)
      """, "GRU"
    ),
    (
      """
      f = σ(W_f [h_{t-1}, x_t] + b_f)
      h_t = f ⊙ h_{t-1} + tanh(W [h_{t-1}, x_t] + b)
      """, "Scan"
    ),
  ])
  func equations(text: String, expected: String) throws {
    #expect(Self.loops(try Self.model(EquationCell(text, units: 4))) == [expected])
  }

  /// Products with the input are computed before the loop, for all steps at once.
  @Test func stepsMultiplyOnlyTheState() throws {
    let model = try Self.model(CoupledGateLSTM(units: 4))
    let scan = try #require(model.graph.nodes.first { $0.type == "Scan" })
    guard case .graph(let body) = scan.attribute("body") else {
      Issue.record("the Scan has no body")
      return
    }
    // Three gates.
    #expect(body.operatorCounts["MatMul"] == 3)
    #expect(body.nodes.filter { $0.type == "MatMul" }.allSatisfy { $0.inputs[0] == "h.previous" })
    #expect(body.operatorCounts["Concat"] == nil)
    #expect(model.graph.nodes.filter { $0.type == "MatMul" }.map(\.inputs.first) == ["x", "x", "x"])
  }

  /// Both directions of a layer are one operator, and their features side by side are its output with the dimensions of
  /// directions and units joined.
  @Test(arguments: [false, true])
  func directionsAreOneOperator(ragged: Bool) throws {
    func layer(_ units: Int) -> some RecurrentCell {
      Bidirectional(ResetAfterGRU(units: units), ResetAfterGRU(units: units))
    }
    let model = try Self.model(Stack([layer(4), layer(2)]), ragged: ragged)
    let operators = model.graph.nodes.filter { $0.type == "GRU" }
    #expect(operators.map { $0.attribute("direction") } == [.text("bidirectional"), .text("bidirectional")])
    #expect(operators.allSatisfy { ($0.inputs.count > 4 ? $0.inputs[4] : "") == (ragged ? "lengths" : "") })
    #expect(model.graph.operatorCounts["Concat"] == nil && model.graph.operatorCounts["Gather"] == nil)
    #expect(model.graph.operatorCounts["Transpose"] == 2 && model.graph.operatorCounts["Reshape"] == 2)
    #expect(model.graph.initializers.first { $0.name == "layer1.W" }?.dimensions == [2, 6, 8])
  }

  /// A direction that begins with the other's end cannot be computed beside it.
  @Test func directionsThatWaitAreApart() throws {
    let recording = try Recording { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let x = scope.input("x", [3], over: [time, batch])
      func run(_ scope: Scope, from start: Signal?) -> Signal {
        let h = scope.state("h", 4, initial: start)
        return h.next(tanh(scope.affine("recurrent", [h, x], 4)))
      }
      let forward = run(scope.child("forward"), from: nil)
      let backward = run(scope.child("backward").reversed, from: last(forward, along: time))
      scope.output("y", concatenate([forward, backward]))
    }
    let model = try recording.onnx(parameters: recording.initialValues(seed: 1))
    #expect(Self.loops(model) == ["RNN", "RNN"])
  }

  /// The last step of a sequence is what the operator or the loop ends with: no sequence is kept for it.
  @Test(arguments: [false, true])
  func lastStepsAreFinalStates(ragged: Bool) throws {
    for cell in [LSTM(units: 4), MinGRU(units: 4)] as [any RecurrentCell] {
      let model = try Self.model(Stack([cell, LastStep()]), ragged: ragged)
      #expect(model.graph.operatorCounts["Gather"] == nil && model.graph.operatorCounts["ReduceSum"] == nil)
      #expect(model.graph.outputs.map(\.dimensions) == [[.symbol("b"), .fixed(4)]])
    }
  }

  @Test func theSameModelIsTheSameFile() throws {
    let models = try (0..<3).map { _ in try Self.model(Stack([LSTM(units: 4), LayerNormLSTM(units: 3)])).bytes }
    #expect(Set(models).count == 1)
  }

  @Test func everythingIsReadBack() throws {
    for (name, recording) in try Networks.all(ragged: true) {
      let model = try recording.onnx(parameters: recording.initialValues(seed: 1))
      #expect(try ONNXModel(Data(model.bytes), source: "model") == model, "\(name)")
    }
  }
}
