internal import EbbGraph
public import EbbRecording
public import EbbTensors

extension Recording {
  /// Records a network of a file over an input `x` with the axes t (time) and b (batch): its features, or an Int32 token
  /// if the network has an embedding. The output at every step is the output `y`; `atEnds` gives it after the last step
  /// alone, as models of frameworks do that end in a recurrent layer's final states.
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
  ///   - atEnds: Whether `y` is the output after the last step, of each direction where it ends: see
  ///     `TrainedNetwork.withFinalStates`.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public init(
    _ network: TrainedNetwork, element: ElementType? = nil, ragged: Bool = false, atEnds: Bool = false,
    fileID: String = #fileID, line: Int = #line
  ) throws(RecordingError) {
    try self.init(element: element ?? network.element, fileID: fileID, line: line) { scope in
      let time = scope.time("t", fileID: fileID, line: line)
      let batch = scope.batch("b", fileID: fileID, line: line)
      if ragged { scope.lengths("lengths", of: time, over: [batch], fileID: fileID, line: line) }
      let isTokens = network.features == nil
      let x = scope.input(
        "x", network.features.map { [$0] } ?? [], over: [time, batch], as: isTokens ? .int32 : nil, fileID: fileID,
        line: line)
      let read = atEnds ? network.withFinalStates ?? network : network
      let y = scope.over(time).run(read, x, fileID: fileID, line: line)
      scope.output("y", atEnds ? last(y, along: time) : y, fileID: fileID, line: line)
    }
  }
}
