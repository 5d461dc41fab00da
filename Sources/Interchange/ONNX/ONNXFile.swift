internal import EbbFiles
internal import EbbTensors
internal import Foundation

/// The weights of a model of ONNX, under the names of the layers that read them.
///
/// The operands of an operator have the letters of its documentation after the name of its node: `rnn.LSTM.W`,
/// `fc.Gemm.B`, `emb.Gather.data`. Its attributes are strings with such names, and `rnn.LSTM.reads` is the layer, or the
/// input, that it reads. Weights that belong to no layer keep their names.
enum ONNXFile {
  /// The name of a string that only models of ONNX have: the recurrences without an operator of their own.
  static let mark = "onnx.otherRecurrences"
  /// After a layer's name: the layer that it reads, or the words for what it reads instead.
  static let source = "reads"
  /// After the name of a recurrent layer: 1 if the model adds what it reads to its output.
  static let residual = "residual"

  /// Whether the bytes are those of a model: fields of its message up to the end, one of them a graph.
  static func holds(_ data: Data) -> Bool {
    var reader = ProtocolBufferReader(data)
    var hasGraph = false
    do {
      while let field = try reader.next() {
        switch (field.number, field.value) {
        case (7, .counted): hasGraph = true
        case (1, .varint), (5, .varint), (2...4, .counted), (6, .counted), (8, .counted), (14, .counted),
          (20, .counted), (25...26, .counted):
          continue
        case _: return false
        }
      }
    } catch {
      return false
    }
    return hasGraph
  }

  /// - Parameter folder: Where files with numbers of the model's tensors are; nil if it is no file.
  static func read(_ data: Data, path: String, folder: ONNXFolder?) throws(FileError) -> TensorFile.Contents {
    let model = try ONNXModel(data, source: path, folder: folder)
    var tracer = ONNXTracer(model.graph.withNormalizations)
    tracer.run()
    var contents = TensorFile.Contents([:], metadata: model.metadata)
    for layer in tracer.layers where !layer.isJoined {
      for (operand, tensor) in layer.operands { contents.add(tensor, named: "\(layer.name).\(operand)") }
      for (setting, value) in layer.settings { contents.metadata["\(layer.name).\(setting)"] = value }
      contents.metadata["\(layer.name).\(source)"] = layer.source
    }
    for tensor in model.graph.initializers + tracer.constants where !tracer.operandNames.contains(tensor.name) {
      guard contents.tensors[tensor.name] == nil, contents.unread[tensor.name] == nil else { continue }
      contents.add(tensor.stored, named: tensor.name)
    }
    contents.metadata[mark] = tracer.others.joined(separator: ", ")
    contents.notes = tracer.notes
    return contents
  }
}

/// A layer of a model: an operator with the weights that it reads.
struct ONNXLayer {
  enum Kind {
    /// LSTM, GRU or RNN.
    case recurrent
    /// Gemm, or MatMul with the sum after it.
    case dense
    /// Gather of rows of a table.
    case embedding
    /// LayerNormalization.
    case normalization
    /// Add of a recurrent layer's output and what it reads.
    case sum
  }

  var kind: Kind
  var name: String
  /// The weights, by the letters of the operator's documentation.
  var operands: [String: StoredTensor]
  /// The attributes by their names.
  var settings: [String: String] = [:]
  /// The name of the layer whose output it reads, or the words for what it reads.
  var source: String
  /// The features of its output.
  var width: Int
  /// Whether it is the second direction of another layer, which has its weights.
  var isJoined = false
}

/// What is known of a tensor of a model.
enum ONNXTrace {
  /// Fixed numbers.
  case constant(ONNXTensor)
  /// Zeros of a shape that a run decides.
  case zeros
  /// Numbers about shapes; how many, if that is known.
  case shape(count: Int?)
  /// The steps of a sequence, or the final one.
  case steps(ONNXSteps)
  /// The final states of layers and directions one above the other.
  case finals([ONNXSteps])
  /// The words for the operator that is not followed, and the last layer before it.
  case unknown(String, after: Int?)

  var tensor: ONNXTensor? {
    guard case .constant(let tensor) = self else { return nil }
    return tensor
  }

  /// The numbers of a constant of positions or lengths.
  var positions: [Int]? {
    switch tensor?.numbers {
    case .int64(let values): values.compactMap { Int(exactly: $0) }
    case .int32(let values): values.map { Int($0) }
    case .float32, .float64, .bool, .packed, .unread, nil: nil
    }
  }

  /// Whether all numbers are zero.
  var isZero: Bool {
    switch self {
    case .zeros: true
    case .constant(let tensor): tensor.stored.tensor.map { $0.doubles.allSatisfy { $0 == 0 } } ?? false
    case .shape, .steps, .finals, .unknown: false
    }
  }
}

/// The output of a layer, or the model's input, with what its dimensions mean.
struct ONNXSteps {
  enum Label: Hashable {
    /// A dimension of the input: time or samples.
    case input(Int)
    /// All features.
    case feature
    /// Two directions, and the features of one of them.
    case directions, half
  }

  /// What each dimension goes over: nothing if its length is 1, several labels if it was reshaped.
  var dimensions: [[Label]]
  /// The layer that computes it; nil for the input.
  var layer: Int?
  /// The input's name.
  var input: String
  /// Which of two directions it is alone.
  var direction: Int?
  /// Whether only the final step is there.
  var isFinal = false
  /// The dimensions of time and samples, once a recurrent layer has read them.
  var time: [Label]?
  var samples: [Label]?

  /// Whether the last dimension is that of all features.
  var endsWithFeatures: Bool { dimensions.last == [.feature] }
}
