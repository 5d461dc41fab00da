import EbbCells
import EbbExport
import EbbGraph
import EbbRecording
import EbbTensors
import Testing

/// What cannot be exported, and the messages.
@Suite struct ExportErrorTests {
  private func message(_ recording: Recording, _ values: [String: Tensor]? = nil, outputs: [String]? = nil) -> String {
    do {
      _ = try recording.onnx(parameters: values ?? recording.initialValues(seed: 1), outputs: outputs)
      return "exported"
    } catch {
      return error.description
    }
  }

  @Test func parametersMustBeThere() throws {
    let recording = try Recording(SimpleRNN(units: 2), features: 3)
    #expect(
      message(recording, [:])
        == "parameter: recurrent.weight has no value; it takes f32 [5, 2]\nparameter: recurrent.bias has no value; it "
        + "takes f32 [2]")
    var values = recording.initialValues(seed: 1)
    values["recurrent.bias"] = Tensor([3], [1, 2, 3] as [Float])
    #expect(message(recording, values) == "parameter: recurrent.bias is given as f32 [3]; it takes f32 [2]")
    // Others are ignored.
    values = recording.initialValues(seed: 1).merging(["other": Tensor([], [1] as [Float])]) { $1 }
    #expect(message(recording, values) == "exported")
  }

  @Test func lossesAreNoOutputs() throws {
    let recording = try Recording(SimpleRNN(units: 2), features: 3) { scope, y in
      scope.output("loss", mean(square(y)))
    }
    #expect(
      message(recording)
        == "every output is a loss or a single number: loss; choose outputs by their names, or values named with named(…), "
        + "or declare one with scope.output(\"y\", y)")
    #expect(message(recording, outputs: ["loss"]) == "exported")
    #expect(message(recording, outputs: ["h"]) == "exported")
    #expect(
      message(recording, outputs: ["y"]) == "there is no output and no value named y; the outputs are loss")
  }

  /// Random numbers of a training are not there in an evaluation; others are refused, with their place.
  @Test func randomNumbersAreRefused() throws {
    let dropped = try Recording(Stack([LSTM(units: 2), Dropout(0.5)]), features: 3)
    #expect(message(dropped) == "exported")
    let noisy = try Recording(LSTM(units: 2), features: 3) { scope, y in
      scope.output("y", y + scope.random(.normal, [2], over: y.domain))
    }
    let text = message(noisy)
    #expect(text.hasPrefix("random: other programs draw other numbers; make the value an input, or let it differ"))
    #expect(text.contains("EbbExportTests/ErrorTests.swift:"))
  }
}
