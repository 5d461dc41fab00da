internal import EbbGraph
public import EbbRecording
internal import EbbTensors

/// How the output of a network's last layer is compared with a target.
public enum SupervisedLoss: String, Codable, Hashable, Sendable, CaseIterable {
  /// The mean of (y − target)².
  case meanSquaredError
  /// The mean of |y − target|.
  case meanAbsoluteError
  /// The mean of ½ e² for an error e = y − target of at most 1 in size, and of |e| − ½ beyond (Huber 1964).
  case huber
  /// The mean of −t log p − (1 − t) log(1 − p) with p = σ(z), for targets of 0 or 1.
  case binaryCrossEntropy
  /// The mean of −log p[target] with p = softmax(z), for Int32 targets.
  case crossEntropy

  /// Whether targets are classes, Int32 without features; otherwise they are floats with the output's features.
  public var takesClasses: Bool { self == .crossEntropy }

  /// The loss at each index of the output's axes: a mean over its features, or of the class there.
  ///
  /// - Parameters:
  ///   - output: The last layer's output; z for the cross-entropies.
  ///   - target: Floats of the output's shape, or Int32 classes.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public func atEachIndex(
    _ output: Signal, _ target: Signal, fileID: String = #fileID, line: Int = #line
  ) -> Signal {
    switch self {
    case .meanSquaredError: EbbRecording.meanSquaredError(output, target, over: [], fileID: fileID, line: line)
    case .meanAbsoluteError: meanOverFeatures(abs(output - target), fileID: fileID, line: line)
    case .huber: meanOverFeatures(Self.huber(output - target), fileID: fileID, line: line)
    case .binaryCrossEntropy: EbbRecording.binaryCrossEntropy(output, target, over: [], fileID: fileID, line: line)
    case .crossEntropy: EbbRecording.crossEntropy(output, target, over: [], fileID: fileID, line: line)
    }
  }

  /// m (|e| − ½ m) with m = min(|e|, 1): ½ e² within 1, |e| − ½ beyond.
  private static func huber(_ error: Signal) -> Signal {
    let size = abs(error)
    let inner = minimum(size, 1)
    return inner * (size - inner * 0.5)
  }

  /// Declares the input `target` and the outputs `prediction` and `loss` for the last layer's output, at every index.
  /// For the cross-entropies the layer's output is z and the prediction is p.
  func declare(_ output: Signal, _ scope: Scope, fileID: String, line: Int) {
    let target = scope.input(
      "target", takesClasses ? [] : output.shape.array, over: output.domain, as: takesClasses ? .int32 : nil,
      fileID: fileID, line: line)
    let (prediction, loss): (Signal, Signal) =
      switch self {
      case .meanSquaredError: (output, EbbRecording.meanSquaredError(output, target, fileID: fileID, line: line))
      case .meanAbsoluteError, .huber:
        (output, mean(atEachIndex(output, target, fileID: fileID, line: line), fileID: fileID, line: line))
      case .binaryCrossEntropy:
        (sigmoid(output), EbbRecording.binaryCrossEntropy(output, target, fileID: fileID, line: line))
      case .crossEntropy:
        (
          softmax(output, fileID: fileID, line: line),
          EbbRecording.crossEntropy(output, target, fileID: fileID, line: line)
        )
      }
    scope.output("prediction", prediction, fileID: fileID, line: line)
    scope.output("loss", loss, fileID: fileID, line: line)
  }
}
