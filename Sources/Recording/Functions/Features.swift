package import EbbGraph
internal import EbbTensors

// Functions that rearrange or reduce a signal's features at one index of its axes.

extension Signal {
  /// The nearest place is this function's call.
  func noted(_ call: String, _ fileID: String, _ line: Int) -> Signal {
    recorder.note(call, fileID, line)
    return self
  }

  /// Some entries of the first feature dimension.
  public subscript(range: Range<Int>, fileID: String = #fileID, line: Int = #line) -> Signal {
    slice(self, range, fileID: fileID, line: line)
  }
}

/// Joins signals along a feature dimension, by default the first. There must be at least one.
public func concatenate(
  _ signals: [Signal], dimension: Int = 0, fileID: String = #fileID, line: Int = #line
) -> Signal {
  precondition(!signals.isEmpty, "concatenate takes at least one signal")
  return signals[0].noted("concatenate", fileID, line).recorder.record(.concatenate(dimension: dimension), signals)
}

/// The entries `range` of a feature dimension.
public func slice(
  _ x: Signal, _ range: Range<Int>, dimension: Int = 0, fileID: String = #fileID, line: Int = #line
) -> Signal {
  x.noted("slice", fileID, line).recorder.record(
    .slice(dimension: dimension, start: range.lowerBound, count: range.count), [x])
}

/// `count` equal parts along a feature dimension.
public func split(
  _ x: Signal, into count: Int, dimension: Int = 0, fileID: String = #fileID, line: Int = #line
) -> [Signal] {
  precondition(count >= 1, "a signal is split into at least one part")
  guard x.node != nil else { return Array(repeating: x, count: count) }
  guard dimension >= 0, dimension < x.shape.rank, x.shape[dimension] % count == 0 else {
    x.noted("split", fileID, line).recorder.report(
      "split: dimension \(dimension) of \(x.shape) does not have \(count) equal parts",
      operands: x.node.map { [$0] } ?? [])
    return Array(repeating: x.recorder.signal(nil), count: count)
  }
  let size = x.shape[dimension] / count
  return (0..<count).map { part in
    slice(x, part * size..<(part + 1) * size, dimension: dimension, fileID: fileID, line: line)
  }
}

/// The same numbers, row-major, in another shape.
public func reshape(_ x: Signal, _ dimensions: [Int], fileID: String = #fileID, line: Int = #line) -> Signal {
  let recorder = x.noted("reshape", fileID, line).recorder
  guard let shape = recorder.shape(dimensions, "reshape") else { return recorder.signal(nil) }
  return recorder.record(.reshape(shape), [x])
}

/// Zeros before and after the entries of a feature dimension.
public func pad(
  _ x: Signal, before: Int = 0, after: Int = 0, dimension: Int = 0, fileID: String = #fileID, line: Int = #line
) -> Signal {
  x.noted("pad", fileID, line).recorder.record(.pad(dimension: dimension, before: before, after: after), [x])
}

/// The value repeated `count` times along a new feature dimension at this position.
public func repeated(
  _ x: Signal, _ count: Int, dimension: Int = 0, fileID: String = #fileID, line: Int = #line
) -> Signal {
  x.noted("repeated", fileID, line).recorder.record(.broadcast(dimension: dimension, count: count), [x])
}

/// The value broadcast to another feature shape by NumPy's rules: counted from the last, each dimension has the new
/// length or is 1; missing dimensions are the leading ones.
public func broadcast(_ x: Signal, to dimensions: [Int], fileID: String = #fileID, line: Int = #line) -> Signal {
  let recorder = x.noted("broadcast", fileID, line).recorder
  guard let shape = recorder.shape(dimensions, "broadcast"), let node = x.node else { return recorder.signal(nil) }
  let added = shape.rank - x.shape.rank
  guard added >= 0, (0..<x.shape.rank).allSatisfy({ [1, shape[added + $0]].contains(x.shape[$0]) }) else {
    recorder.report(
      "broadcast: \(x.shape) cannot be repeated to \(shape); counted from the last, each dimension must have the new "
        + "length, or 1", operands: [node])
    return recorder.signal(nil)
  }
  var result = x
  for dimension in 0..<x.shape.rank where x.shape[dimension] != shape[added + dimension] {
    let single = recorder.record(.reshape(result.shape.removing(dimension)), [result])
    result = recorder.record(.broadcast(dimension: dimension, count: shape[added + dimension]), [single])
  }
  for dimension in (0..<added).reversed() {
    result = recorder.record(.broadcast(dimension: 0, count: shape[dimension]), [result])
  }
  return result
}

/// Exchanges two feature dimensions.
public func transpose(
  _ x: Signal, _ first: Int = 0, _ second: Int = 1, fileID: String = #fileID, line: Int = #line
) -> Signal {
  x.noted("transpose", fileID, line).recorder.record(.transpose(first, second), [x])
}

/// The matrix product: contracts the last dimension of the left with the first of the right, both vectors or matrices.
///
/// For two vectors this is their scalar product; for a vector x and a matrix W it is xᵀW.
public func matmul(_ left: Signal, _ right: Signal, fileID: String = #fileID, line: Int = #line) -> Signal {
  left.noted("matmul", fileID, line).recorder.record(
    .product(.dimensions(left.shape.rank - 1, 0), over: .empty), [left, right])
}

/// A product over any dimensions and axes of its operands.
package func contract(_ left: Signal, _ right: Signal, _ contraction: Contraction, over axes: Domain = .empty) -> Signal
{
  left.recorder.record(.product(contraction, over: axes), [left, right])
}

/// The outer product of two vectors: a matrix of left · rightᵀ.
public func outer(_ left: Signal, _ right: Signal, fileID: String = #fileID, line: Int = #line) -> Signal {
  left.noted("outer", fileID, line).recorder.record(.product(.outer, over: .empty), [left, right])
}

/// Row `id` of a table of shape [V] + rest; zeros where the id (an Int32 scalar) is outside 0 ..< V. Trainers reject
/// inputs with ids outside this range.
public func gather(_ table: Signal, _ id: Signal, fileID: String = #fileID, line: Int = #line) -> Signal {
  let recorder = table.noted("gather", fileID, line).recorder
  if let node = id.node, case .constant(let value) = recorder.graph.operation(node), table.shape.rank > 0,
    !(value >= 0 && value < Double(table.shape[0]))
  {
    recorder.report(
      "gather: row \(value) of a table of \(table.shape); its rows are 0 ... \(table.shape[0] - 1)", operands: [node])
  }
  return recorder.record(.gather, [table, id])
}

/// The one-hot vector of `count` entries: 1 at entry `id`, 0 elsewhere, in the recording's float type.
public func oneHot(_ id: Signal, _ count: Int, fileID: String = #fileID, line: Int = #line) -> Signal {
  let recorder = id.noted("oneHot", fileID, line).recorder
  return convert(recorder.record(.iota(count), []) .== id, to: recorder.element)
}

// MARK: Reductions

/// Reduces over a feature dimension, which disappears; without one, over all of them.
private func reduceFeatures(_ reduction: FeatureReduction, _ x: Signal, _ dimension: Int?) -> Signal {
  if let dimension { return x.recorder.record(.reduceFeatures(reduction, dimension: dimension), [x]) }
  guard x.shape.rank > 0 else { return x }
  let flat = x.shape.rank > 1 ? x.recorder.record(.reshape([x.shape.count]), [x]) : x
  return x.recorder.record(.reduceFeatures(reduction, dimension: 0), [flat])
}

/// The sum over a feature dimension; without one, over all of them.
public func sumOverFeatures(
  _ x: Signal, dimension: Int? = nil, fileID: String = #fileID, line: Int = #line
) -> Signal {
  reduceFeatures(.sum, x.noted("sumOverFeatures", fileID, line), dimension)
}

/// The mean over a feature dimension; without one, over all of them. Finite if x is.
public func meanOverFeatures(
  _ x: Signal, dimension: Int? = nil, fileID: String = #fileID, line: Int = #line
) -> Signal {
  reduceFeatures(.mean, x.noted("meanOverFeatures", fileID, line), dimension)
}

/// The largest entry along a feature dimension; without one, over all of them. Of equal entries the first receives the
/// gradient.
public func maxOverFeatures(
  _ x: Signal, dimension: Int? = nil, fileID: String = #fileID, line: Int = #line
) -> Signal {
  reduceFeatures(.max, x.noted("maxOverFeatures", fileID, line), dimension)
}

/// The index of the largest entry along a feature dimension, the first if several are equal: Int32.
public func argmax(_ x: Signal, dimension: Int = 0, fileID: String = #fileID, line: Int = #line) -> Signal {
  x.noted("argmax", fileID, line).recorder.record(.argmaxFeatures(dimension: dimension), [x])
}

/// ‖x‖₂ over all features; its derivative at 0 is 0.
///
/// Both it and its derivative x / ‖x‖ are accurate from the smallest denormal to the largest finite number.
public func norm(_ x: Signal, fileID: String = #fileID, line: Int = #line) -> Signal {
  x.recorder.note("norm", fileID, line)
  guard x.node == nil || x.shape.rank > 0 else { return abs(x) }
  return reduceFeatures(.norm, x, nil)
}
