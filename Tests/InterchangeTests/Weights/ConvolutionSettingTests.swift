import EbbCells
import EbbRecording
import EbbTensors
import Testing

@testable import EbbInterchange

/// What convolutional layers are made with and tensors do not tell.
@Suite struct ConvolutionSettingTests {
  /// Layers of convolutions, as Keras 3.15 writes them.
  @Test func convolutionsHaveTheFilesSettings() throws {
    let plain = ConvLSTM(filters: 3, kernel: [3, 2])
    func contents(_ settings: String) throws -> TensorFile.Contents {
      let shapes = try WeightMap(.keras, plain, features: 2, module: "sequential/mine").tensorShapes
      return TensorFile.Contents(
        shapes.mapValues { Tensor($0, [Float](repeating: 1, count: $0.reduce(1, *))) },
        metadata: [
          "keras_config": """
          {"class_name": "Sequential", "config": {"name": "sequential", "layers": [{"class_name": "ConvLSTM2D", "config":
            {"name": "mine", "kernel_size": [3, 2], \(settings)}}]}}
          """
        ])
    }
    func map(_ cell: ConvLSTM, _ settings: String) throws -> WeightMap {
      try WeightMap(.keras, cell, features: 2, module: "sequential/mine", fitting: contents(settings))
    }
    let strided = try map(
      plain, #""strides": [2, 1], "padding": "same", "data_format": "channels_first", "dilation_rate": [1, 1]"#)
    let cell = try #require(strided.cell as? ConvLSTM)
    #expect(cell.strides == [2, 1] && cell.dilation == [1, 1])
    #expect(cell.padding == .same && cell.layout == .channelsFirst)
    #expect(strided.notes.first?.contains("strides [2, 1] and not the [1, 1] of the cell given") == true)
    let dilated = try map(cell, #""strides": [1,1], "dilation_rate": [1,3], "data_format": "channels_last""#)
    let other = try #require(dilated.cell as? ConvLSTM)
    #expect(other.strides == [1, 1] && other.dilation == [1, 3])
    #expect(other.padding == .same && other.layout == .channelsLast)

    // Out, and back through a file with the library's own names.
    let chosen = try WeightMap(.keras, cell, features: 2)
    #expect(chosen.settings["conv_lstm2d/strides"] == "[2, 1]")
    #expect(chosen.settings["conv_lstm2d/data_format"] == "channels_first")
    let back = try WeightMap(.keras, plain, features: 2, own: chosen.ownSettings).cell as? ConvLSTM
    #expect(back?.strides == [2, 1] && back?.padding == .same && back?.layout == .channelsFirst)

    for wrong in ["[2]", "[0, 1]", "[2, x]"] {
      let value = wrong.contains("x") ? "\"\(wrong)\"" : wrong
      let found = problems { () throws(WeightError) in
        guard let contents = try? contents("\"strides\": \(value)") else { return }
        _ = try WeightMap(.keras, plain, features: 2, module: "sequential/mine", fitting: contents)
      }
      #expect(found.first?.contains("strides \(wrong), and the cell has [1, 1]") == true, "\(wrong): \(found)")
    }
    let both = ConvLSTM(filters: 3, kernel: [2], strides: [2], dilation: [3])
    let refused = problems { () throws(WeightError) in _ = try WeightMap(.keras, both, features: 2) }
    #expect(refused.first?.contains("has strides or dilation, and not the strides [2] with [3]") == true)
  }
}
