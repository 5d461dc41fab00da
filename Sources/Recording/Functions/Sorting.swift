internal import EbbGraph
internal import EbbTensors

// Orders of entries along a feature dimension, and entries at given places.

/// The places of the entries along a feature dimension in ascending order, or in descending order: Int32. Equal entries
/// keep their order, and a NaN counts as the largest.
public func argsort(
  _ x: Signal, descending isDescending: Bool = false, dimension: Int = 0, fileID: String = #fileID, line: Int = #line
) -> Signal {
  x.noted("argsort", fileID, line).recorder.record(
    .argsortFeatures(dimension: dimension, descending: isDescending), [x])
}

/// The entries along a feature dimension in the order of `argsort`. The gradient goes to the places that they came from.
public func sort(
  _ x: Signal, descending isDescending: Bool = false, dimension: Int = 0, fileID: String = #fileID, line: Int = #line
) -> Signal {
  let order = argsort(x, descending: isDescending, dimension: dimension, fileID: fileID, line: line)
  return gatherFeatures(x, order, dimension: dimension, fileID: fileID, line: line)
}

/// The `count` largest entries along a feature dimension, the largest first, and their places: Int32. Of equal entries
/// the first is the larger.
public func topK(
  _ x: Signal, _ count: Int, dimension: Int = 0, fileID: String = #fileID, line: Int = #line
) -> (values: Signal, indices: Signal) {
  let order = argsort(x, descending: true, dimension: dimension, fileID: fileID, line: line)
  let recorder = x.noted("topK", fileID, line).recorder
  let indices = recorder.record(.slice(dimension: dimension, start: 0, count: count), [order])
  return (gatherFeatures(x, indices, dimension: dimension, fileID: fileID, line: line), indices)
}

/// Along a feature dimension, the entries at these Int32 indices; 0 where an index is outside. The indices have the shape
/// of x in all other dimensions.
public func gatherFeatures(
  _ x: Signal, _ indices: Signal, dimension: Int = 0, fileID: String = #fileID, line: Int = #line
) -> Signal {
  x.noted("gatherFeatures", fileID, line).recorder.record(.gatherFeatures(dimension: dimension), [x, indices])
}

/// `count` entries along a feature dimension, each the sum of the values whose Int32 index is its place. Values with an
/// index outside are left out.
public func scatterFeatures(
  _ x: Signal, _ indices: Signal, count: Int, dimension: Int = 0, fileID: String = #fileID, line: Int = #line
) -> Signal {
  x.noted("scatterFeatures", fileID, line).recorder.record(
    .scatterFeatures(dimension: dimension, count: count), [indices, x])
}
