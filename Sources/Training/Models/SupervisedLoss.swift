internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

/// How the output of a network's last layer is compared with a target.
public enum SupervisedLoss: String, Codable, Hashable, Sendable, CaseIterable {
  /// The mean of (y − target)².
  case meanSquaredError
  /// The mean of |y − target|.
  case meanAbsoluteError
  /// The mean of −t log p − (1 − t) log(1 − p) with p = σ(z), for targets of 0 or 1.
  case binaryCrossEntropy
  /// The mean of −log p[target] with p = softmax(z), for Int32 targets.
  case crossEntropy

  /// Declares the input `target` and the outputs `prediction` and `loss` for the last layer's output, at every index.
  /// For the cross-entropies the layer's output is z and the prediction is p.
  func declare(_ output: Signal, _ scope: Scope, fileID: String, line: Int) {
    let isClass = self == .crossEntropy
    let target = scope.input(
      "target", isClass ? [] : output.shape.array, over: output.domain, as: isClass ? .int32 : nil, fileID: fileID,
      line: line)
    let (prediction, loss): (Signal, Signal) =
      switch self {
      case .meanSquaredError: (output, EbbRecording.meanSquaredError(output, target, fileID: fileID, line: line))
      case .meanAbsoluteError:
        (output, mean(meanOverFeatures(abs(output - target), fileID: fileID, line: line), fileID: fileID, line: line))
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
