import EbbApplications
import EbbCells
import EbbFiles
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTraining
import Foundation
import Testing

/// Models that are opened without their cells.
@Suite struct SavedNetworkTests {
  /// A cell of somebody's own: h' = g(W [h, x] + b).
  private struct Own: RecurrentCell {
    var units: Int
    var function: @Sendable (Signal) -> Signal = { sin($0) }
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let h = scope.state("h", units)
      return h.next(function(scope.affine("recurrent", [h, x], units)))
    }
  }

  private func written(_ file: ModelFile) throws -> ModelFile {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID()).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try file.write(to: path)
    return try ModelFile(contentsOf: path)
  }

  @Test func aTaskNetworkIsEvaluatedSteppedAndTrained() throws {
    let task = AddingProblem(length: 6)
    let trainer = try TaskTrainer(
      Own(units: 4), task, TaskSettings(batchSize: 3, steps: 4, evaluationSequences: 10), clip: .norm(0.5))
    _ = try trainer.train()
    let file = try written(trainer.file(cell: "own", units: 4))
    #expect(file.kind == TaskTrainer.kind && file.holdsNetwork)
    let recording = try #require(try file.recording())
    #expect(recording.graph == trainer.trainer.recording.graph)
    let other = try Trainer(recording, optimizer: SGD(learningRate: 0.1))
    try other.setParameters(file.parameters)
    let batch = task.batch(size: 3, seed: 5, step: 9, for: .heldOut)
    #expect(try other.evaluate(batch) == trainer.trainer.evaluate(batch))
    // A step of the network that was never in a file, for comparison.
    let original = try Trainer(trainer.trainer.recording, optimizer: SGD(learningRate: 0.1))
    try original.setParameters(trainer.trainer.parameters)
    #expect(try other.step(batch) == original.step(batch))
    #expect(other.parameters == original.parameters && other.parameters != file.parameters)
    #expect(
      try other.jointGradientNorms(on: batch) == original.jointGradientNorms(on: batch))

    let stream = try StreamingModel(file, outputs: ["prediction"])
    let whole = try StreamingModel(original.recording, parameters: file.parameters, outputs: ["prediction"])
    let x = try #require(batch["x"])
    let steps = (0..<6).map { step in Tensor([3, 2], Array(x.doubles[step * 6..<(step + 1) * 6]), as: .float32) }
    var last: [String: Tensor] = [:]
    for step in steps { last = try stream.step(["x": step]) }
    #expect(try last == whole.run(["x": x]))
  }

  @Test func anEditedCellIsRefusedWithItsEquation() throws {
    let table = try ForecastTable(["a"], [(0..<40).map { sin(Double($0)) }])
    let forecaster = try Forecaster(
      Own(units: 3), table, settings: ForecastSettings(window: 5, horizon: 2, steps: 3))
    let result = try forecaster.train()
    let file = try written(forecaster.file(cell: "own", units: 3, result))
    let forecasts = try forecaster.forecast(after: table)
    #expect(try ForecastModel(file).forecast(after: table) == forecasts)
    #expect(try ForecastModel(file) { Own(units: $0) }.forecast(after: table) == forecasts)
    let error = #expect(throws: FileError.self) {
      try ForecastModel(file) { Own(units: $0, function: { tanh($0) }) }
    }
    let reason = error?.message ?? ""
    #expect(
      reason.hasPrefix("the cell own of this program is not the one with which the model was trained:"), "\(reason)")
    #expect(reason.contains("h is sin(") && reason.contains(" in the file and tanh("), "\(reason)")
    let wider = #expect(throws: FileError.self) { try ForecastModel(file) { Own(units: $0 + 1) } }
    #expect(wider?.message.contains("the parameter recurrent.bias is f32 [3] in the file and f32 [4] in this") == true)
    #expect(try ForecastModel(file).differences { Own(units: $0) } == [])
  }

  @Test func filesOfBeforeAreOpenedWithTheirCell() throws {
    let table = try ForecastTable(["a"], [(0..<40).map { sin(Double($0)) }])
    let forecaster = try Forecaster(
      Own(units: 3), table, settings: ForecastSettings(window: 5, horizon: 2, steps: 3))
    let result = try forecaster.train()
    let file = try ModelFile(
      kind: ForecastModel.kind, configuration: forecaster.configuration(cell: "own", units: 3, result),
      parameters: result.parameters)
    #expect(!file.holdsNetwork)
    #expect(try ForecastModel(file) { Own(units: $0) }.forecast(after: table) == forecaster.forecast(after: table))
    let error = #expect(throws: FileError.self) { try ForecastModel(file) }
    #expect(error?.message.contains("a program has to have the model's cell, own") == true)
    #expect(throws: FileError.self) { try ForecastModel(file) { Own(units: $0 + 1) } }
  }

  @Test func aNetworkOfAnotherFormIsAnError() throws {
    let table = try ForecastTable(["a"], [(0..<40).map { sin(Double($0)) }])
    let forecaster = try Forecaster(
      Own(units: 3), table, settings: ForecastSettings(window: 5, horizon: 2, steps: 3))
    let result = try forecaster.train()
    let configuration = forecaster.configuration(cell: "own", units: 3, result)
    func message(_ recording: Recording) throws -> String {
      let parameters = recording.initialValues(seed: 1)
      let file = try ModelFile(
        kind: ForecastModel.kind, configuration: configuration, parameters: parameters, recording: recording)
      return #expect(throws: FileError.self) { try ForecastModel(file) }?.message ?? ""
    }
    let others = try [
      Recording.sequenceToOne(Own(units: 3), features: 1), Recording(Own(units: 3), features: 2),
    ].map(message)
    #expect(others[0].contains("the output change of its network is missing and must be f32 {b} [2]"), "\(others[0])")
    #expect(others[1].contains("the input x of its network is f32 {t, b} [2] and must be f32 {t, b} [1]"))
    // Parameters that are not the network's.
    let recording = try #require(try forecaster.file(cell: "own", units: 3, result).recording())
    var parameters = result.parameters
    parameters["readout.bias"] = nil
    let file = try ModelFile(
      kind: ForecastModel.kind, configuration: configuration, parameters: parameters, recording: recording)
    #expect(throws: FileError.self) { try file.recording() }
  }
}
