public import EbbInterchange
public import EbbRecording
public import EbbTensors
package import EbbGraph
internal import EbbTransforms

extension Recording {
  /// The network as a model of ONNX (onnx.ai), to be run by onnxruntime and other programs, for any lengths of sequences
  /// and batches.
  ///
  /// ```swift
  /// let recording = try Recording(LSTM(units: 8), features: 3)
  /// let model = try recording.onnx(parameters: recording.initialValues(seed: 1))
  /// try model.write(to: "lstm.onnx")
  /// ```
  ///
  /// The model computes what the network computes after training. A recurrence whose equations are those of an LSTM, a
  /// GRU or a simple network becomes ONNX's operator of that name, with the weights in its order and with both directions
  /// of a layer in one; any other recurrence becomes one `Scan`, in which only what depends on the states is computed step
  /// by step. Inputs and outputs have the names and dimensions that they have here, with the axes' names for lengths that
  /// a run decides. A ragged axis keeps its input of lengths, and outputs are 0 after each sequence's end.
  ///
  /// - Parameters:
  ///   - parameters: The trained values by name, for every parameter that the outputs need; others are ignored.
  ///   - outputs: The names of outputs, or of values named with `named(…)`; by default all outputs that have axes or
  ///     features, but those named `loss` or `losses`.
  /// - Throws: `ExportError` with every operation that ONNX does not have, its place and what would be right.
  public func onnx(parameters: [String: Tensor], outputs: [String]? = nil) throws(ExportError) -> ONNXModel {
    try evaluationGraph.onnx(parameters: parameters, outputs: outputs) { place(of: $0) }
  }
}

extension Graph {
  /// The equations of an evaluation as a model of ONNX.
  ///
  /// - Parameters:
  ///   - parameters: The values by name, for every parameter that the outputs need.
  ///   - outputs: The names of outputs or values; by default all outputs that are no losses.
  ///   - pass: The last of the passes that the equations go through.
  ///   - place: Where the user's source recorded a node, for errors.
  package func onnx(
    parameters: [String: Tensor], outputs: [String]? = nil, through pass: String = ONNXVersion.lastPass,
    place: (NodeID) -> String? = { _ in nil }
  ) throws(ExportError) -> ONNXModel {
    let inference = try InferenceGraph(self, outputs: outputs, place: place)
    var graph = inference.graph
    if let grid = graph.gridAxes {
      throw ExportError(
        "a recurrence over \(graph.names(of: Domain(grid))) has no operator of ONNX: Scan runs along one axis")
    }
    if let node = graph.firstHistory {
      let place = place(node).map { "\($0): " } ?? ""
      throw ExportError("\(place)the history of a state has no operator of ONNX, whose Scan keeps states of one size")
    }
    let layers = try RecurrentLayers(
      replacingIn: &graph, outputs: inference.outputs, try FixedValues(graph, parameters))
    let names = graph.outputs.map(\.name)
    do {
      graph = try Passes.optimized(graph, through: pass).part(for: names)
    } catch {
      throw ExportError("\(error)")
    }
    var translation = try ONNXTranslation(graph, inference.outputs, layers, parameters: parameters)
    return ONNXModel(
      try translation.translated(), operatorSet: ONNXVersion.operators, formatVersion: ONNXVersion.format)
  }
}

/// The versions that are written.
package enum ONNXVersion {
  /// Of the operators: the first with `LayerNormalization`.
  static let operators = 17
  /// Of the format: that which came with these operators.
  static let format = 8
  /// The pass after which what depends on no state is computed before the recurrence. Those that follow join the gates'
  /// products, which gains nothing in onnxruntime, and hides which weights are whose.
  package static let lastPass = "group-sums"
}
