public import EbbGraph
internal import EbbTensors

// Losses as equations. Each is a mean over axes, by default over all; over a ragged axis only steps inside the
// sequences count. `over: []` gives the loss at each index.

/// The mean of (prediction − target)² over the features and axes.
///
/// The square of an error above the root of the largest number (1.8 · 10¹⁹ in Float32) is infinite, and so is the loss;
/// an error below the root of the smallest adds 0. The gradient, 2 (prediction − target) / n, is accurate for any
/// error.
public func meanSquaredError(
  _ prediction: Signal, _ target: Signal, over axes: Domain? = nil, fileID: String = #fileID, line: Int = #line
) -> Signal {
  let error = prediction.noted("meanSquaredError", fileID, line) - target
  return averaged(meanOverFeatures(square(error), fileID: fileID, line: line), axes, fileID, line)
}

/// The mean of Huber's loss (1964) of e = prediction − target over the features and axes, with δ > 0:
///
///     e² / 2                 where |e| ≤ δ
///     δ (|e| − δ / 2)        elsewhere
///
/// The gradient of a number's loss is e, limited to ±δ. This is PyTorch's `HuberLoss` and Keras' `Huber`; PyTorch's
/// `SmoothL1Loss(beta=δ)` is this divided by δ.
public func huber(
  _ prediction: Signal, _ target: Signal, delta: Double = 1, over axes: Domain? = nil, fileID: String = #fileID,
  line: Int = #line
) -> Signal {
  guard delta > 0, delta.isFinite else {
    prediction.noted("huber", fileID, line).recorder.report("huber: δ is a number of more than 0, not \(delta)")
    return prediction.recorder.signal(nil)
  }
  let error = abs(prediction.noted("huber", fileID, line) - target)
  // With q = min(|e|, δ) both cases are q (|e| − q / 2), and no large error is squared.
  let limited = minimum(error, delta)
  return averaged(meanOverFeatures(limited * (error - 0.5 * limited), fileID: fileID, line: line), axes, fileID, line)
}

/// The mean of −log softmax(logits)[target], with Int32 targets in 0 ..< V for logits of shape [V], V ≥ 2. Trainers
/// reject targets outside this range; the equations themselves read 0 there.
///
/// Computed as log Σ exp(z − m) − (z[target] − m) with m = max z: nothing overflows, no probability is rounded to 0
/// before its logarithm, and a small loss of large logits keeps its digits.
public func crossEntropy(
  _ logits: Signal, _ targets: Signal, over axes: Domain? = nil, fileID: String = #fileID, line: Int = #line
) -> Signal {
  if logits.node != nil, logits.shape == [1] {
    logits.noted("crossEntropy", fileID, line).recorder.report(
      "crossEntropy: the softmax of one score is always 1; give it a score for each class, or take binaryCrossEntropy, "
        + "which takes one score and targets of 0 or 1", operands: logits.node.map { [$0] } ?? [])
    return logits.recorder.signal(nil)
  }
  return averaged(negativeLogSoftmax(logits, at: targets, fileID: fileID, line: line), axes, fileID, line)
}

/// The mean of −y log σ(z) − (1 − y) log(1 − σ(z)) over the features and axes, with targets y in [0, 1].
///
/// Computed as y · softplus(−z) + (1 − y) · softplus(z), which is exact to the last digits where the loss is small.
public func binaryCrossEntropy(
  _ logits: Signal, _ targets: Signal, over axes: Domain? = nil, fileID: String = #fileID, line: Int = #line
) -> Signal {
  let z = logits.noted("binaryCrossEntropy", fileID, line)
  if let node = targets.node { z.recorder.probabilities.append(node) }
  let loss = targets * softplus(-z) + (1 - targets) * softplus(z)
  return averaged(meanOverFeatures(loss, fileID: fileID, line: line), axes, fileID, line)
}

private func averaged(_ loss: Signal, _ axes: Domain?, _ fileID: String, _ line: Int) -> Signal {
  if let axes { return mean(loss, over: axes, fileID: fileID, line: line) }
  return mean(loss, fileID: fileID, line: line)
}
