/// ‖x‖₂ = √Σ x² of numbers on the host, right from the smallest denormal to the largest finite number.
///
/// Where the squares leave the range, 2ᵉ √Σ (x / 2ᵉ)² with 2ᵉ near the largest magnitude (Blue 1978). NaN if a number is
/// one; the kernels do the same.
///
/// - Parameters:
///   - squares: Σ (x · scale)² for a given scale.
///   - largest: max |x|; NaN if a number is.
@inlinable
public func euclideanNorm(squares: (_ scale: Double) -> Double, largest: () -> Double) -> Double {
  let sum = squares(1)
  if sum >= 0x1p-960, sum < .infinity { return sum.squareRoot() }
  let largest = largest()
  guard largest > 0, largest < .infinity else { return largest }
  let exponent = min(max(Int(largest.exponent), -1022), 1022)
  return squares(Double(sign: .plus, exponent: -exponent, significand: 1)).squareRoot()
    * Double(sign: .plus, exponent: exponent, significand: 1)
}

/// ‖x‖₂ of `count` numbers, added one after the other.
@inlinable
public func euclideanNorm(of count: Int, _ number: (Int) -> Double) -> Double {
  euclideanNorm { scale in
    var sum = 0.0
    for index in 0..<count {
      let x = number(index) * scale
      sum += x * x
    }
    return sum
  } largest: {
    (0..<count).reduce(0) { largerMagnitude($0, number($1)) }
  }
}

/// ‖x‖₂
public func euclideanNorm(_ values: [Double]) -> Double { euclideanNorm(of: values.count) { values[$0] } }

/// The mean of `count` numbers, added one after the other; finite if they are.
@inlinable
public func arithmeticMean(of count: Int, _ number: (Int) -> Double) -> Double {
  let sum = (0..<count).reduce(0.0) { $0 + number($1) }
  if sum.isFinite { return sum / Double(count) }
  // The sum of numbers that are less by a power of two does not overflow.
  let scale = Double(sign: .plus, exponent: -Int.bitWidth, significand: 1)
  return (0..<count).reduce(0.0) { $0 + number($1) * scale } / (Double(count) * scale)
}

/// The mean of numbers; finite if they are.
public func arithmeticMean(_ values: [Double]) -> Double { arithmeticMean(of: values.count) { values[$0] } }

@usableFromInline
func largerMagnitude(_ most: Double, _ x: Double) -> Double { most.isNaN || most >= abs(x) ? most : abs(x) }

/// ‖x‖₂ over all numbers of tensors, in Float64 and always in the same order.
public func euclideanNorm(_ tensors: [Tensor]) -> Double {
  euclideanNorm { scale in
    tensors.reduce(0) { $0 + $1.sumOfSquares(scale) }
  } largest: {
    tensors.reduce(0) { largerMagnitude($0, $1.largestMagnitude) }
  }
}

extension Tensor {
  /// ‖x‖₂ over all numbers, in Float64 and always in the same order.
  public var norm: Double { euclideanNorm([self]) }

  /// max |x|; NaN if a number is, 0 of none.
  public var largestMagnitude: Double {
    switch storage {
    case .float32(let values): values.reduce(0) { largerMagnitude($0, Double($1)) }
    case .float64(let values): values.reduce(0) { largerMagnitude($0, $1) }
    case .int32, .bool: doubles.reduce(0) { largerMagnitude($0, $1) }
    }
  }

  /// Whether no number is infinite or NaN.
  public var isFinite: Bool {
    switch storage {
    case .float32(let values): values.allSatisfy(\.isFinite)
    case .float64(let values): values.allSatisfy(\.isFinite)
    case .int32, .bool: true
    }
  }

  /// Σ (x · scale)²
  fileprivate func sumOfSquares(_ scale: Double) -> Double {
    switch storage {
    case .float32(let values): squares(values, scale)
    case .float64(let values): squares(values, scale)
    case .int32, .bool: squares(doubles, scale)
    }
  }
}

/// Eight sums side by side, added at the end.
private func squares<Scalar: BinaryFloatingPoint>(_ values: [Scalar], _ scale: Double) -> Double {
  let values = values.span
  var sums = SIMD8<Double>.zero
  let whole = values.count / 8 * 8
  for start in stride(from: 0, to: whole, by: 8) {
    var numbers = SIMD8<Double>.zero
    for lane in 0..<8 { numbers[lane] = Double(values[start + lane]) }
    numbers *= scale
    sums += numbers * numbers
  }
  var total = sums.sum()
  for index in whole..<values.count {
    let x = Double(values[index]) * scale
    total += x * x
  }
  return total
}
