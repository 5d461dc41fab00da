internal import EbbGraph
public import EbbRecording
internal import EbbTensors

/// How the output of a network's last layer is compared with a target.
///
/// ```swift
/// let model = try Recording.sequential(
///   .features(3), [LSTM(units: 8), LastStep(), Dense(units: 5)], loss: .crossEntropy.weighted())
/// ```
public struct SupervisedLoss: Codable, Hashable, Sendable, CaseIterable {
  /// The loss of one output and its target.
  public enum Comparison: Codable, Hashable, Sendable {
    /// (y − target)²
    case meanSquaredError
    /// |y − target|
    case meanAbsoluteError
    /// e² / 2 for |e| ≤ δ, else δ (|e| − δ / 2), with e = y − target.
    case huber(delta: Double)
    /// −t log p − (1 − t) log(1 − p) with p = σ(z), for targets of 0 or 1.
    case binaryCrossEntropy
    /// −log p[target] with p = softmax(z), for Int32 targets.
    case crossEntropy
  }

  /// What the sum of weighted losses is divided by.
  public enum Divisor: String, Codable, Hashable, Sendable, CaseIterable {
    /// The number of losses, Σ w l / n: a weight of 2 counts as much as the sample twice, and one of 0 leaves the
    /// others as they are. Keras does so (`sum_over_batch_size`).
    case count
    /// The sum of the weights, Σ w l / Σ w: their mean size does not matter. PyTorch's `CrossEntropyLoss(weight=)` does
    /// so, and Keras with the reduction `mean_with_sample_weight`. NaN for a batch whose weights sum to 0.
    case weights
  }

  /// The weights of a loss.
  public struct Weighting: Codable, Hashable, Sendable {
    /// Whether each step has its own weight, or only each sample.
    public var atEachStep: Bool
    /// What the sum is divided by.
    public var divisor: Divisor
  }

  /// The loss of one output and its target; its mean over the features is taken at each index.
  public var comparison: Comparison
  /// The weights; nil for a plain mean.
  public var weighting: Weighting?

  /// The mean of this over all samples, and steps if the output has them.
  public init(_ comparison: Comparison, weighting: Weighting? = nil) {
    self.comparison = comparison
    self.weighting = weighting
  }

  /// The mean of (y − target)².
  public static let meanSquaredError = SupervisedLoss(.meanSquaredError)
  /// The mean of |y − target|.
  public static let meanAbsoluteError = SupervisedLoss(.meanAbsoluteError)
  /// The mean of Huber's loss with δ = 1.
  public static let huber = SupervisedLoss(.huber(delta: 1))
  /// The mean of −t log p − (1 − t) log(1 − p) with p = σ(z), for targets of 0 or 1.
  public static let binaryCrossEntropy = SupervisedLoss(.binaryCrossEntropy)
  /// The mean of −log p[target] with p = softmax(z), for Int32 targets.
  public static let crossEntropy = SupervisedLoss(.crossEntropy)

  /// The mean of Huber's loss, with δ > 0; another δ is an error of the recording.
  public static func huber(delta: Double) -> SupervisedLoss { SupervisedLoss(.huber(delta: delta)) }

  /// Each loss without weights, Huber's with δ = 1.
  public static let allCases: [SupervisedLoss] = [
    .meanSquaredError, .meanAbsoluteError, .huber, .binaryCrossEntropy, .crossEntropy,
  ]

  /// This loss with weights: the network has another input `weights` of [B], or [T, B] with `atEachStep`.
  ///
  /// `fit` fills it from `sampleWeights` and `classWeights`, and with ones where neither is given.
  ///
  /// - Parameters:
  ///   - atEachStep: Whether each step has its own weight. A weight of 0 leaves a padded or masked step out.
  ///   - divisor: By default the number of losses.
  public func weighted(atEachStep: Bool = false, dividedBy divisor: Divisor = .count) -> SupervisedLoss {
    SupervisedLoss(comparison, weighting: Weighting(atEachStep: atEachStep, divisor: divisor))
  }
}

extension SupervisedLoss {
  /// Whether targets are classes, Int32 without features; otherwise they are floats with the output's features.
  public var takesClasses: Bool { comparison == .crossEntropy }

  /// The loss at each index of the output's axes, a mean over its features, without weights.
  ///
  /// - Parameters:
  ///   - output: The last layer's output; z for the cross-entropies.
  ///   - target: Floats of the output's shape, or Int32 classes.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public func atEachIndex(
    _ output: Signal, _ target: Signal, fileID: String = #fileID, line: Int = #line
  ) -> Signal { compared(output, target, over: [], fileID: fileID, line: line) }

  /// Declares the input `target`, perhaps `weights`, and the outputs `prediction` and `loss` for the last layer's
  /// output, at every index. For the cross-entropies the layer's output is z and the prediction is p.
  func declare(_ output: Signal, _ scope: Scope, fileID: String, line: Int) {
    let target = scope.input(
      "target", takesClasses ? [] : output.shape.array, over: output.domain, as: takesClasses ? .int32 : nil,
      fileID: fileID, line: line)
    let prediction =
      switch comparison {
      case .meanSquaredError, .meanAbsoluteError, .huber: output
      case .binaryCrossEntropy: sigmoid(output)
      case .crossEntropy: softmax(output, fileID: fileID, line: line)
      }
    let loss: Signal
    if let weighting {
      let weights = scope.input(
        Trainer.weightsName, over: weighting.atEachStep ? output.domain : output.sequenceDomain, fileID: fileID,
        line: line)
      let losses = compared(output, target, over: [], fileID: fileID, line: line)
      loss = weighting.mean(losses, weights, scope, fileID: fileID, line: line)
    } else {
      loss = compared(output, target, over: nil, fileID: fileID, line: line)
    }
    scope.output("prediction", prediction, fileID: fileID, line: line)
    scope.output("loss", loss, fileID: fileID, line: line)
  }

  /// The mean of the losses over these axes, nil for all.
  private func compared(
    _ output: Signal, _ target: Signal, over axes: Domain?, fileID: String, line: Int
  ) -> Signal {
    switch comparison {
    case .meanSquaredError: return EbbRecording.meanSquaredError(output, target, over: axes, fileID: fileID, line: line)
    case .meanAbsoluteError:
      let errors = meanOverFeatures(abs(output - target), fileID: fileID, line: line)
      if let axes { return mean(errors, over: axes, fileID: fileID, line: line) }
      return mean(errors, fileID: fileID, line: line)
    case .huber(let delta):
      return EbbRecording.huber(output, target, delta: delta, over: axes, fileID: fileID, line: line)
    case .binaryCrossEntropy:
      return EbbRecording.binaryCrossEntropy(output, target, over: axes, fileID: fileID, line: line)
    case .crossEntropy: return EbbRecording.crossEntropy(output, target, over: axes, fileID: fileID, line: line)
    }
  }
}

extension SupervisedLoss.Weighting {
  /// The weighted mean of losses at each index.
  fileprivate func mean(
    _ losses: Signal, _ weights: Signal, _ scope: Scope, fileID: String, line: Int
  ) -> Signal {
    let weighted = losses * weights
    switch divisor {
    case .count: return EbbRecording.mean(weighted, fileID: fileID, line: line)
    case .weights:
      // Each weight counts at every step that its sample has.
      let repeated = losses.domain.subtracting(weights.domain).reduce(weights) { total, axis in
        total * convert(scope.length(of: axis), to: weights.element)
      }
      return sum(weighted, fileID: fileID, line: line) / sum(repeated, fileID: fileID, line: line)
    }
  }
}
