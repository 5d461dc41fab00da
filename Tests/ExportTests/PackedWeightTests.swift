import EbbCells
import EbbExport
import EbbInterchange
import EbbRecording
import EbbTensors
import Testing

/// The weights of ONNX's operators: their gates in its order, input and state apart, rows and columns exchanged.
@Suite struct PackedWeightTests {
  /// The numbers of an initializer.
  private func numbers(_ model: ONNXModel, _ name: String) throws -> [Float] {
    let tensor = try #require(model.graph.initializers.first { $0.name == name })
    guard case .float32(let numbers) = tensor.numbers else { return [] }
    return numbers
  }

  /// A recording with one unit and one feature, in which the weights of gate number n, from 1 on, are n for h and 10 n
  /// for x, its bias 100 n, and its peephole 1000 n.
  private func model(_ cell: some RecurrentCell, gates: [String]) throws -> ONNXModel {
    let recording = try Recording(cell, features: 1)
    var values = recording.initialValues(seed: 1)
    for (index, gate) in gates.enumerated() {
      let n = Float(index + 1)
      let rows = values["\(gate).weight"]?.dimensions[0] ?? 2
      values["\(gate).weight"] = Tensor([rows, 1], rows == 2 ? [n, 10 * n] : [10 * n])
      values["\(gate).bias"] = Tensor([1], [100 * n])
      if values["\(gate).peephole"] != nil { values["\(gate).peephole"] = Tensor([1], [1000 * n]) }
    }
    return try recording.onnx(parameters: values)
  }

  @Test func anLSTMHasTheOrderIOFC() throws {
    let model = try model(PeepholeLSTM(units: 1), gates: ["input", "output", "forget", "candidate"])
    #expect(try numbers(model, "R") == [1, 2, 3, 4])
    #expect(try numbers(model, "W") == [10, 20, 30, 40])
    #expect(try numbers(model, "B") == [100, 200, 300, 400, 0, 0, 0, 0])
    #expect(try numbers(model, "P") == [1000, 2000, 3000])
  }

  /// Here the update gate is the share of the new value, there that of the old one.
  @Test func aGRUHasTheOtherUpdateGate() throws {
    let model = try model(GRU(units: 1), gates: ["update", "reset", "candidate"])
    #expect(try numbers(model, "R") == [-1, 2, 3])
    #expect(try numbers(model, "W") == [-10, 20, 30])
    #expect(try numbers(model, "B") == [-100, 200, 300, 0, 0, 0])
    #expect(model.graph.nodes.first?.attribute("linear_before_reset") == nil)
  }

  @Test func aGRUThatResetsAfterHasTwoBiases() throws {
    let recording = try Recording(ResetAfterGRU(units: 1), features: 1)
    var values = recording.initialValues(seed: 1)
    values["recurrentCandidate.weight"] = Tensor([1, 1], [3] as [Float])
    values["recurrentCandidate.bias"] = Tensor([1], [7] as [Float])
    values["candidate.bias"] = Tensor([1], [5] as [Float])
    let model = try recording.onnx(parameters: values)
    #expect(try numbers(model, "B") == [0, 0, 5, 0, 0, 7])
    #expect(try numbers(model, "R").last == 3)
    #expect(model.graph.nodes.first?.attribute("linear_before_reset") == .integer(1))
  }

  /// Gates with weights [n, units, features] are not mixed up: units are rows there.
  @Test func unitsAreRows() throws {
    let recording = try Recording(SimpleRNN(units: 2), features: 3)
    let weight: [Float] = [1, 2, 3, 4, 10, 20, 30, 40, 50, 60]
    let values = ["recurrent.weight": Tensor([5, 2], weight), "recurrent.bias": Tensor([2], [7, 8] as [Float])]
    let model = try recording.onnx(parameters: values)
    #expect(try numbers(model, "R") == [1, 3, 2, 4])
    #expect(try numbers(model, "W") == [10, 30, 50, 20, 40, 60])
    #expect(try numbers(model, "B") == [7, 8, 0, 0])
  }
}
