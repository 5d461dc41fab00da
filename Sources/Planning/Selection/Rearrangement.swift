internal import EbbGraph

/// How a matrix or a vector is composed of parts of others.
enum Rearrangement: Hashable {
  case concatenate(dimension: Int)
  case slice(dimension: Int, start: Int, count: Int)
  /// Exchanges two dimensions, possibly the same.
  case transpose(Int, Int)

  init?(_ operation: EbbGraph.Operation) {
    if case .concatenate(let dimension) = operation {
      self = .concatenate(dimension: dimension)
    } else if case .slice(let dimension, let start, let count) = operation {
      self = .slice(dimension: dimension, start: start, count: count)
    } else if case .transpose(let i, let j) = operation {
      self = .transpose(i, j)
    } else {
      return nil
    }
  }
}
