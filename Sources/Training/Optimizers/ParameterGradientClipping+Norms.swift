internal import EbbTensors
internal import Foundation

/// ‖x‖ₚ over all numbers of tensors, p ≥ 1, in Float64 and always in the same order: max |x| for an infinite p, NaN if a
/// number is.
func pNorm(_ tensors: [Tensor], _ p: Double) -> Double {
  let largest = tensors.reduce(0) { norm, tensor in
    let own = tensor.largestMagnitude
    return norm.isNaN || norm >= own ? norm : own
  }
  guard p.isFinite, largest > 0, largest.isFinite else { return largest }
  // Divided by the largest, no power overflows, and those that underflow are negligible.
  let sum = tensors.reduce(0) { sum, tensor in tensor.doubles.reduce(sum) { $0 + pow(abs($1) / largest, p) } }
  return largest * pow(sum, 1 / p)
}

extension Tensor {
  /// x · c / ‖x‖ₚ, given the norm of this tensor and perhaps others with it.
  ///
  /// If the norm overflows though every number is finite, the result is 0: such a step is not finite anyway.
  func shrunk(pNorm: Double, _ p: Double, to limit: Double) -> Tensor {
    let factor = limit / pNorm
    // At p = ∞ the largest number becomes exactly the limit. A quotient with few digits is not taken first.
    if p.isFinite, factor >= .leastNormalMagnitude { return scaled(by: factor) }
    return Tensor(dimensions, doubles.map { $0 / pNorm * limit }, as: element)
  }

  /// Each unit of a gradient limited to c max(‖θ‖₂, ε) of that unit's parameters, and the smallest factor.
  func clippedByUnits(of parameter: Tensor, _ limit: Double, _ epsilon: Double) -> (Tensor, factor: Double) {
    precondition(
      parameter.dimensions == dimensions, "the gradient is \(dimensions), its parameter \(parameter.dimensions)")
    let units = unitCount(dimensions)
    guard units > 0 else { return (self, 1) }
    let (values, numbers) = (parameter.doubles, doubles)
    let rows = numbers.count / units
    let factors = (0..<units).map { unit in
      let norm = euclideanNorm(of: rows) { numbers[$0 * units + unit] }
      let largest = limit * max(euclideanNorm(of: rows) { values[$0 * units + unit] }, epsilon)
      // False for NaN: such a gradient stays as it is, so that it is seen.
      return norm > largest ? largest / norm : 1
    }
    guard let smallest = factors.min(), smallest < 1 else { return (self, 1) }
    let clipped = numbers.indices.map { numbers[$0] * factors[$0 % units] }
    return (Tensor(dimensions, clipped, as: element), smallest)
  }
}

/// The number of units of a parameter of these dimensions; their numbers lie side by side in the last ones.
func unitCount(_ dimensions: [Int]) -> Int {
  if dimensions.count(where: { $0 > 1 }) <= 1 { return 1 }
  return dimensions.count <= 3 ? dimensions.reduce(1, *) / dimensions[0] : dimensions[dimensions.count - 1]
}
