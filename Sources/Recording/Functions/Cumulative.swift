public import EbbGraph
internal import EbbTensors

// Sums and products of all entries up to each one.

/// yᵢ = aᵢ yᵢ₋₁ + bᵢ along a feature dimension, from its first entry y₀ = b₀, or from its last one if reversed.
///
/// a has the shape of b, or is a number. Derivatives are exact for any a, also for 0.
public func accumulate(
  _ a: Signal, _ b: Signal, dimension: Int = 0, reversed isReversed: Bool = false, fileID: String = #fileID,
  line: Int = #line
) -> Signal {
  a.noted("accumulate", fileID, line).recorder.record(
    .accumulate(dimension: dimension, reversed: isReversed), [a, b])
}

/// The sum of all entries up to each one along a feature dimension, or from each one on if reversed.
public func cumulativeSum(
  _ x: Signal, dimension: Int = 0, reversed isReversed: Bool = false, fileID: String = #fileID, line: Int = #line
) -> Signal {
  accumulate(
    x.recorder.signal(x.recorder.leaf(.constant(1), NodeType(x.element))), x, dimension: dimension,
    reversed: isReversed, fileID: fileID, line: line)
}

/// The product of all entries up to each one along a feature dimension, or from each one on if reversed.
///
/// Nothing is divided, so its derivatives are exact where entries are 0.
public func cumulativeProduct(
  _ x: Signal, dimension: Int = 0, reversed isReversed: Bool = false, fileID: String = #fileID, line: Int = #line
) -> Signal {
  let recorder = x.noted("cumulativeProduct", fileID, line).recorder
  // y₀ = x₀ and yᵢ = xᵢ yᵢ₋₁; adding −0 keeps the sign of a zero.
  guard x.node == nil || (0..<x.shape.rank).contains(dimension) else {
    return recorder.record(.accumulate(dimension: dimension, reversed: isReversed), [x, x])
  }
  let start = isReversed ? x.shape[dimension] - 1 : 0
  var place = recorder.record(.iota(x.shape[dimension]), []) .== Double(start)
  for other in 0..<x.shape.rank where other != dimension {
    place = recorder.record(.broadcast(dimension: other, count: x.shape[other]), [place])
  }
  let first = select(place, x, -0.0)
  return accumulate(x, first, dimension: dimension, reversed: isReversed, fileID: fileID, line: line)
}

/// The sum of all values up to each index of an axis of fixed length, or from each one on if reversed. Along a time axis
/// of any length a state adds up: `s.next(s + x)`.
public func cumulativeSum(
  _ x: Signal, along axis: Axis, reversed isReversed: Bool = false, fileID: String = #fileID, line: Int = #line
) -> Signal {
  alongAxis(x, axis, fileID, line) { cumulativeSum($0, reversed: isReversed, fileID: fileID, line: line) }
}

/// The product of all values up to each index of an axis of fixed length, or from each one on if reversed.
public func cumulativeProduct(
  _ x: Signal, along axis: Axis, reversed isReversed: Bool = false, fileID: String = #fileID, line: Int = #line
) -> Signal {
  alongAxis(x, axis, fileID, line) { cumulativeProduct($0, reversed: isReversed, fileID: fileID, line: line) }
}

/// A function of the first feature dimension, applied along an axis.
private func alongAxis(
  _ x: Signal, _ axis: Axis, _ fileID: String, _ line: Int, _ function: (Signal) -> Signal
) -> Signal {
  featureToAxis(function(axisToFeature(x, axis, fileID: fileID, line: line)), axis, fileID: fileID, line: line)
}
