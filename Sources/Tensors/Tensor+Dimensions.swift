// The same numbers in another order of dimensions.

extension Tensor {
  /// The tensor with its dimensions in another order: dimension i of the result is dimension `order[i]` of this one, as
  /// in PyTorch's `permute` and NumPy's `transpose`.
  ///
  /// ```swift
  /// let x = batchFirst.permuted([1, 0, 2])       // [B, T, F] becomes [T, B, F]
  /// ```
  ///
  /// Traps unless `order` holds each of 0 ..< dimensions.count once.
  public func permuted(_ order: [Int]) -> Tensor {
    precondition(
      order.sorted() == Array(dimensions.indices),
      "\(order) is no order of the \(dimensions.count) dimensions of a tensor of \(dimensions)")
    guard order != Array(dimensions.indices) else { return self }
    let places = sources(order)
    let dimensions = order.map { self.dimensions[$0] }
    switch storage {
    case .float32(let values): return Tensor(dimensions, places.map { values[$0] })
    case .float64(let values): return Tensor(dimensions, places.map { values[$0] })
    case .int32(let values): return Tensor(dimensions, places.map { values[$0] })
    case .bool(let values): return Tensor(dimensions, places.map { values[$0] })
    }
  }

  /// The tensor with two dimensions exchanged, by default the first two: [B, T, F] becomes [T, B, F] and back.
  ///
  /// Traps unless it has both.
  public func transposed(_ first: Int = 0, _ second: Int = 1) -> Tensor {
    precondition(
      dimensions.indices.contains(first) && dimensions.indices.contains(second),
      "a tensor of \(dimensions) has no dimensions \(first) and \(second) to exchange")
    var order = Array(dimensions.indices)
    order.swapAt(first, second)
    return permuted(order)
  }

  /// Where each number of the permuted tensor is in this one.
  private func sources(_ order: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: dimensions.count)
    for index in dimensions.indices.dropLast().reversed() {
      strides[index] = strides[index + 1] * dimensions[index + 1]
    }
    // From the outermost dimension inwards: each place is followed by those at the other indices of the next dimension.
    var places = count == 0 ? [] : [0]
    for dimension in order where !places.isEmpty {
      let (length, stride) = (dimensions[dimension], strides[dimension])
      var next: [Int] = []
      next.reserveCapacity(places.count * length)
      for place in places {
        for index in 0..<length { next.append(place + index * stride) }
      }
      places = next
    }
    return places
  }
}
