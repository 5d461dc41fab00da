internal import EbbGraph
public import EbbRecording
public import EbbTensors

extension Recording {
  /// Records a network of a file over an input `x` with the axes t (time) and b (batch): its features, or an Int32 token
  /// if the network has an embedding. The output at every step is the output `y`.
  ///
  /// ```swift
  /// let network = try TrainedNetwork(TensorFile.contents(of: "model.pt"))
  /// try Recording(network).onnx(parameters: network.parameters).write(to: "model.onnx")
  /// ```
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - element: The element type of floats; nil for that of the weights.
  ///   - ragged: Whether each sequence has its own length, given by the input `lengths`.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public init(
    _ network: TrainedNetwork, element: ElementType? = nil, ragged: Bool = false, fileID: String = #fileID,
    line: Int = #line
  ) throws(RecordingError) {
    try self.init(element: element ?? network.element, fileID: fileID, line: line) { scope in
      let time = scope.time("t", fileID: fileID, line: line)
      let batch = scope.batch("b", fileID: fileID, line: line)
      if ragged { scope.lengths("lengths", of: time, over: [batch], fileID: fileID, line: line) }
      let isTokens = network.features == nil
      let x = scope.input(
        "x", network.features.map { [$0] } ?? [], over: [time, batch], as: isTokens ? .int32 : nil, fileID: fileID,
        line: line)
      scope.output("y", scope.over(time).run(network, x, fileID: fileID, line: line), fileID: fileID, line: line)
    }
  }
}
