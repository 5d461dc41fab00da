public import EbbGraph
internal import EbbTensors

// Softmax and normalisation, composed of primitives. The largest entry is taken off first, so that nothing overflows;
// it is a constant to the derivative, which it does not change.

/// log Σ eˣ over a feature dimension, by default the last: reduces it away.
public func logSumExp(_ x: Signal, dimension: Int? = nil, fileID: String = #fileID, line: Int = #line) -> Signal {
  x.recorder.note("logSumExp", fileID, line)
  guard let (largest, shifted) = shifted(x, dimension) else { return x.recorder.signal(nil) }
  // m + log Σ exp(x − m)
  return largest + log(sumOverFeatures(exp(shifted.x), dimension: shifted.dimension, fileID: fileID, line: line))
}

/// eˣ / Σ eˣ over a feature dimension, by default the last.
public func softmax(_ x: Signal, dimension: Int? = nil, fileID: String = #fileID, line: Int = #line) -> Signal {
  x.recorder.note("softmax", fileID, line)
  guard let (_, shifted) = shifted(x, dimension) else { return x.recorder.signal(nil) }
  let weights = exp(shifted.x)
  let total = sumOverFeatures(weights, dimension: shifted.dimension, fileID: fileID, line: line)
  return weights / repeated(total, like: x, shifted.dimension)
}

/// log of the softmax: x − log Σ eˣ.
public func logSoftmax(_ x: Signal, dimension: Int? = nil, fileID: String = #fileID, line: Int = #line) -> Signal {
  x.recorder.note("logSoftmax", fileID, line)
  guard let (_, shifted) = shifted(x, dimension) else { return x.recorder.signal(nil) }
  let total = sumOverFeatures(exp(shifted.x), dimension: shifted.dimension, fileID: fileID, line: line)
  return shifted.x - repeated(log(total), like: x, shifted.dimension)
}

/// eˣ / Σ eˣ over axes: attention weights over the steps of a sequence, say.
public func softmax(_ x: Signal, over axes: Domain, fileID: String = #fileID, line: Int = #line) -> Signal {
  let largest = max(x, over: axes, fileID: fileID, line: line)
  let weights = exp(x - finite(largest))
  return weights / sum(weights, over: axes, fileID: fileID, line: line)
}

/// (x − μ) / √(σ² + ε) over all features (Ba, Kiros & Hinton 2016, equation 4, without gain and bias).
public func layerNorm(
  _ x: Signal, epsilon: Double = 1e-5, fileID: String = #fileID, line: Int = #line
) -> Signal {
  let centred = x - meanOverFeatures(x, fileID: fileID, line: line)
  let variance = meanOverFeatures(square(centred), fileID: fileID, line: line)
  // One division for a whole row.
  return centred * reciprocal(sqrt(variance + epsilon))
}

/// The largest entry m along the dimension, and x − m; nil, with a problem, if there is no such dimension.
private func shifted(_ x: Signal, _ dimension: Int?) -> (largest: Signal, shifted: (x: Signal, dimension: Int))? {
  let dimension = dimension ?? x.shape.rank - 1
  let largest = finite(x.recorder.record(.reduceFeatures(.max, dimension: dimension), [x]))
  guard largest.node != nil else { return nil }
  return (largest, (x - repeated(largest, like: x, dimension), dimension))
}

/// A constant to the derivative, and 0 where it is infinite, so that no ∞ − ∞ arises.
private func finite(_ x: Signal) -> Signal {
  let constant = stopGradient(x)
  return select(isFinite(constant), constant, 0)
}

/// A reduced value repeated over the dimension that it lost; a number repeats by itself.
private func repeated(_ reduced: Signal, like x: Signal, _ dimension: Int) -> Signal {
  guard reduced.node != nil, x.shape.rank > 1 else { return reduced }
  return x.recorder.record(.broadcast(dimension: dimension, count: x.shape[dimension]), [reduced])
}
