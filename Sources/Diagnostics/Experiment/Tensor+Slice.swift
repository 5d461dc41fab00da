internal import EbbTensors

extension Tensor {
  /// The entries at these indices of one dimension.
  func slice(_ indices: Range<Int>, of dimension: Int) -> Tensor {
    let inner = dimensions[(dimension + 1)...].reduce(1, *)
    let outer = dimensions[..<dimension].reduce(1, *)
    let stride = dimensions[dimension] * inner
    func taken<Number>(_ values: [Number]) -> [Number] {
      var result: [Number] = []
      result.reserveCapacity(outer * indices.count * inner)
      for start in Swift.stride(from: 0, to: outer * stride, by: stride) {
        result += values[start + indices.lowerBound * inner..<start + indices.upperBound * inner]
      }
      return result
    }
    var shape = dimensions
    shape[dimension] = indices.count
    switch storage {
    case .float32(let values): return Tensor(shape, taken(values))
    case .float64(let values): return Tensor(shape, taken(values))
    case .int32(let values): return Tensor(shape, taken(values))
    case .bool(let values): return Tensor(shape, taken(values))
    }
  }
}
