import EbbCells
import EbbExecution
import EbbExport
import EbbGraph
import EbbInterchange
import EbbRecording
import EbbTensors
import Testing

/// What is exported is a network of a file of weights again.
@Suite struct ReadingBackTests {
  static let cells: [(cell: any RecurrentCell, words: String)] = [
    (Stack([LSTM(units: 4), Dense(units: 2)]), "LSTM, 3 → 4 units → linear 2"),
    (
      Stack([Bidirectional(ResetAfterGRU(units: 4)), Dropout(0.2), GRU(units: 2)]),
      "GRU, reset after the product, both directions, 3 → 4 units → GRU, reset before the product, 8 → 2 units"
    ),
    (PeepholeLSTM(units: 4), "LSTM with peepholes, 3 → 4 units"),
    (
      Stack([Reversed(SimpleRNN(units: 4, activation: .relu)), Dense(units: 2, activation: .sigmoid)]),
      "RNN, backward in time, 3 → 4 units → sigmoid 2"
    ),
  ]

  @Test(arguments: cells.indices)
  func exportedNetworksComputeTheSame(_ index: Int) throws {
    let (cell, words) = Self.cells[index]
    let recording = try Recording(cell, features: 3)
    let parameters = recording.initialValues(seed: 4)
    let file = try TensorFile.contents(of: recording.onnx(parameters: parameters).bytes, source: "model.onnx")
    let network = try TrainedNetwork(file)
    #expect(network.description == "ONNX: " + words)
    let x = Tensor([5, 2, 3], (0..<30).map { Float($0 * 7 % 11) / 5 - 1 })
    func outputs(_ recording: Recording, _ parameters: [String: Tensor]) throws -> [Double] {
      let graph = recording.evaluationGraph
      return try Executable(graph).run(Bindings(parameters.merging(["x": x]) { $1 }))["y"]?.doubles ?? []
    }
    let expected = try outputs(recording, parameters)
    let found = try outputs(Recording(network, features: 3), network.parameters)
    #expect(found.count == expected.count && !found.isEmpty)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  /// Tokens are clipped to the table, and rows outside of it are zeros.
  @Test func tablesAreFoundBehindTheirMasks() throws {
    let recording = try Recording { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let ids = scope.input("x", over: [time, batch], as: .int32)
      scope.output("y", scope.over(time).run(Stack([Embedding(tokens: 5, units: 3), LSTM(units: 4)]), ids))
    }
    let model = try recording.onnx(parameters: recording.initialValues(seed: 4))
    let network = try TrainedNetwork(TensorFile.contents(of: model.bytes, source: "model.onnx"))
    #expect(network.description == "ONNX: embedding 5 × 3 → LSTM, 3 → 4 units")
  }

  /// A loop has no weights of an operator.
  @Test func loopsAreRefused() throws {
    let model = try LibraryTests.model(MinGRU(units: 4))
    #expect {
      try TrainedNetwork(TensorFile.contents(of: model.bytes, source: "model.onnx"))
    } throws: { "\($0)".contains("(Scan), which have no cell here") }
  }
}
