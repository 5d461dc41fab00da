/// ‖x‖₂ = √Σ x² of numbers on the host, right from the smallest denormal to the largest finite number. NaN if a number
/// is one; the kernels do the same.
///
/// - Parameters:
///   - sum: Σ x² already summed, in any order; used unless squares have left the range.
///   - numbers: The numbers x, read only if that sum cannot be used.
@usableFromInline
package func euclideanNorm<Numbers: Sequence<Double>>(
  squares sum: Double, of numbers: @autoclosure () -> Numbers
) -> Double {
  // At this size the squares that underflowed are negligible. An overflowed sum is infinite.
  if sum >= 0x1p-960, sum < .infinity { return sum.squareRoot() }
  var squares = WideSum(power: 2)
  for number in numbers() { squares.add(number) }
  return squares.root(over: 1)
}

/// ‖x‖₂ of `count` numbers, added one after the other.
@inlinable
package func euclideanNorm(of count: Int, _ number: (Int) -> Double) -> Double {
  var sum = 0.0
  for index in 0..<count {
    let x = number(index)
    sum += x * x
  }
  return withoutActuallyEscaping(number) { number in
    euclideanNorm(squares: sum, of: (0..<count).lazy.map(number))
  }
}

/// ‖x‖₂
package func euclideanNorm(_ values: [Double]) -> Double { euclideanNorm(of: values.count) { values[$0] } }

/// The mean of `count` numbers, added one after the other; finite if they are.
@inlinable
package func arithmeticMean(of count: Int, _ number: (Int) -> Double) -> Double {
  let sum = (0..<count).reduce(0.0) { $0 + number($1) }
  if sum.isFinite { return sum / Double(count) }
  // Scaled down by a power of two, the sum cannot overflow.
  let scale = Double(sign: .plus, exponent: -Int.bitWidth, significand: 1)
  return (0..<count).reduce(0.0) { $0 + number($1) * scale } / (Double(count) * scale)
}

/// The mean of numbers; finite if they are.
package func arithmeticMean(_ values: [Double]) -> Double { arithmeticMean(of: values.count) { values[$0] } }

private func largerMagnitude(_ most: Double, _ x: Double) -> Double { most.isNaN || most >= abs(x) ? most : abs(x) }

/// ‖x‖₂ over all numbers of tensors, in Float64 and always in the same order.
package func euclideanNorm(_ tensors: [Tensor]) -> Double {
  euclideanNorm(squares: tensors.reduce(0) { $0 + $1.sumOfSquares }, of: tensors.lazy.map(\.doubles).joined())
}

extension Tensor {
  /// ‖x‖₂ over all numbers, in Float64 and always in the same order.
  public var norm: Double { euclideanNorm([self]) }

  /// max |x|; NaN if any number is NaN, 0 if there are none.
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

  /// Σ x², as long as no square leaves the range.
  fileprivate var sumOfSquares: Double {
    switch storage {
    case .float32(let values): squares(values)
    case .float64(let values): squares(values)
    case .int32, .bool: squares(doubles)
    }
  }
}

/// Eight sums side by side, added at the end.
private func squares<Scalar: BinaryFloatingPoint>(_ values: [Scalar]) -> Double {
  let values = values.span
  var sums = SIMD8<Double>.zero
  let whole = values.count / 8 * 8
  for start in stride(from: 0, to: whole, by: 8) {
    var numbers = SIMD8<Double>.zero
    for lane in 0..<8 { numbers[lane] = Double(values[start + lane]) }
    sums += numbers * numbers
  }
  var total = sums.sum()
  for index in whole..<values.count {
    let x = Double(values[index])
    total += x * x
  }
  return total
}
