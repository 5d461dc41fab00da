public import EbbGraph
internal import EbbTensors

// Softmax and normalisation, composed of primitives. The largest entry is subtracted first, so that nothing overflows.
// The derivative treats it as a constant, which does not change the result.

/// log Σ eˣ over a feature dimension, by default the last: reduces it away.
///
/// If every entry is −∞ the result is −∞ and its derivative is 0, like the softmax.
public func logSumExp(_ x: Signal, dimension: Int? = nil, fileID: String = #fileID, line: Int = #line) -> Signal {
  x.recorder.note("logSumExp", fileID, line)
  guard let shifted = ShiftedExponents(x, dimension) else { return x.recorder.signal(nil) }
  // m + log Σ exp(x − m)
  return select(shifted.isEmpty, -Double.infinity, shifted.largest + shifted.logTotal)
}

/// eˣ / Σ eˣ over a feature dimension, by default the last; 0 if every entry is −∞.
public func softmax(_ x: Signal, dimension: Int? = nil, fileID: String = #fileID, line: Int = #line) -> Signal {
  x.recorder.note("softmax", fileID, line)
  guard let shifted = ShiftedExponents(x, dimension) else { return x.recorder.signal(nil) }
  // One division for a whole row.
  return shifted.weights * repeated(reciprocal(shifted.divisor), like: x, shifted.dimension)
}

/// log of the softmax: x − log Σ eˣ.
public func logSoftmax(_ x: Signal, dimension: Int? = nil, fileID: String = #fileID, line: Int = #line) -> Signal {
  x.recorder.note("logSoftmax", fileID, line)
  guard let shifted = ShiftedExponents(x, dimension) else { return x.recorder.signal(nil) }
  return shifted.x - repeated(shifted.logTotal, like: x, shifted.dimension)
}

/// −log softmax(x)[target] = log Σ exp(x − m) − (x[target] − m), for x of shape [V]: the largest entry m is never added
/// to a smaller number, which would lose its digits.
func negativeLogSoftmax(_ x: Signal, at target: Signal, fileID: String, line: Int) -> Signal {
  x.recorder.note("crossEntropy", fileID, line)
  guard let shifted = ShiftedExponents(x, nil) else { return x.recorder.signal(nil) }
  return shifted.logTotal - (gather(x, target, fileID: fileID, line: line) - shifted.largest)
}

/// eˣ / Σ eˣ over axes: for example attention weights over the steps of a sequence; 0 if every value is −∞.
public func softmax(_ x: Signal, over axes: Domain, fileID: String = #fileID, line: Int = #line) -> Signal {
  let recorder = x.noted("softmax", fileID, line).recorder
  let x = recorder.present(x, over: axes, else: -.infinity)
  let largest = recorder.record(.reduceAxes(.max, over: axes), [x])
  let exponents = exp(x - finite(largest))
  let total = recorder.record(.reduceAxes(.sum, over: axes), [exponents])
  let weights = exponents * reciprocal(select(total .== 0, 1, total))
  // e^−∞ = 0
  for axis in axes where recorder.pasts[axis] != nil { recorder.markAbsentAsZero(weights, along: axis) }
  return weights
}

/// (x − μ) / √(σ² + ε) over all features (Ba, Kiros & Hinton 2016, equation 4, without gain and bias).
///
/// Neither the mean nor the deviations leave the range, from the smallest to the largest number. With ε = 0 equal features
/// give NaN.
public func layerNorm(
  _ x: Signal, epsilon: Double = 1e-5, fileID: String = #fileID, line: Int = #line
) -> Signal {
  // The same for s x and s² ε. s is 1, or a power of two for rows whose deviations or their squares could leave the
  // range.
  let isWide = x.element == .float64
  let size = norm(x, fileID: fileID, line: line)
  let isLarge = size .> (isWide ? 0x1p400 : 0x1p50)
  // For such large numbers the deviations are at least of the size of their last digits, and ε is negligible.
  let least = isWide ? Double.leastNormalMagnitude : Double(Float.leastNormalMagnitude)
  var scale = select(isLarge, isWide ? 0x1p-560 : 0x1p-72, x.constant(1))
  var offset = select(isLarge, least, x.constant(epsilon))
  // Unless ε is tiny, squares that underflow are negligible compared to it.
  let isTiny = epsilon < (isWide ? 0x1p-800 : 0x1p-80)
  if isTiny {
    let isSmall = size .< (isWide ? 0x1p-400 : 0x1p-34)
    let enlargement = isWide ? 0x1p700 : 0x1p94
    scale = select(isSmall, enlargement, scale)
    offset = select(isSmall, enlargement * epsilon * enlargement, offset)
  }
  let scaled = x * scale
  let mean =
    isTiny
    ? meanOverFeatures(scaled, fileID: fileID, line: line) : scale * meanOverFeatures(x, fileID: fileID, line: line)
  let centred = scaled - mean
  let variance = meanOverFeatures(square(centred), fileID: fileID, line: line)
  // One division for a whole row.
  return centred * reciprocal(sqrt(variance + offset))
}

/// The parts of the softmax family: exponentials after subtracting the largest entry m.
private struct ShiftedExponents {
  var dimension: Int
  /// m; 0 where it is infinite.
  var largest: Signal
  /// x − m
  var x: Signal
  /// exp(x − m)
  var weights: Signal
  /// Whether all weights are 0, because all entries are −∞.
  var isEmpty: Signal
  /// Σ exp(x − m), at least 1; also 1 if there is no weight, so that quotients and logarithms stay finite.
  var divisor: Signal

  /// log Σ exp(x − m)
  ///
  /// If one entry dominates, the sum is near 1 and rounding loses the others. So the value, but not the derivative, is
  /// computed as log k + log(1 + r / k), where r is the sum of all weights except the k largest, which are 1.
  var logTotal: Signal {
    let plain = log(divisor)
    let rest = sumOverFeatures(select(weights .== 1, 0, weights), dimension: dimension)
    let count = floor(divisor - rest + 0.5)
    return plain + finite(log(count) + log1p(rest / count) - plain)
  }

  /// Nil, with a problem, if there is no such dimension.
  init?(_ x: Signal, _ dimension: Int?) {
    self.dimension = dimension ?? x.shape.rank - 1
    largest = finite(x.recorder.record(.reduceFeatures(.max, dimension: self.dimension), [x]))
    guard largest.node != nil else { return nil }
    self.x = x - repeated(largest, like: x, self.dimension)
    weights = exp(self.x)
    let total = weights.recorder.record(.reduceFeatures(.sum, dimension: self.dimension), [weights])
    isEmpty = total .== 0
    divisor = select(isEmpty, 1, total)
  }
}

/// Treated as a constant by the derivative, and 0 where it is infinite, so that no ∞ − ∞ arises.
private func finite(_ x: Signal) -> Signal {
  let constant = stopGradient(x)
  return select(isFinite(constant), constant, 0)
}

/// A reduced value broadcast over the dimension that it lost; a scalar broadcasts by itself.
private func repeated(_ reduced: Signal, like x: Signal, _ dimension: Int) -> Signal {
  guard reduced.node != nil, x.shape.rank > 1 else { return reduced }
  return x.recorder.record(.broadcast(dimension: dimension, count: x.shape[dimension]), [reduced])
}
