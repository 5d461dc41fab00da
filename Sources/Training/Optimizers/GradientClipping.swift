public import EbbTensors

/// How the gradients of all parameters are limited before an update. (A `clipGradient` inside the recurrence, by
/// contrast, acts at every step of backpropagation through time.)
public enum GradientClipping: Hashable, Sendable {
  case none
  /// g ← g · min(1, c / ‖g‖₂), the norm over all parameters together (Pascanu, Mikolov & Bengio 2013, algorithm 1).
  case globalNorm(Double)
  /// g ← g · min(1, c / ‖g‖₂) for each parameter by itself.
  case parameterNorm(Double)
  /// g ← min(max(g, −c), c) for each number.
  case value(Double)

  /// The limit c, where there is one.
  var limit: Double? {
    switch self {
    case .none: nil
    case .globalNorm(let limit), .parameterNorm(let limit), .value(let limit): limit
    }
  }
}

/// What clipping did to the gradients of one step.
public struct ClipEvent: Hashable, Sendable {
  /// ‖g‖₂ over all parameters, before and after.
  public var normBefore: Double
  public var normAfter: Double
  /// The smallest factor by which a number was multiplied; 1 if nothing was clipped.
  public var factor: Double

  public init(normBefore: Double, normAfter: Double, factor: Double) {
    self.normBefore = normBefore
    self.normAfter = normAfter
    self.factor = factor
  }

  /// Whether a number was changed.
  public var isClipped: Bool { factor < 1 }
}

extension GradientClipping {
  /// Limits the gradients and tells what happened. Norms are taken in Float64, in the order of the parameters' names.
  public func apply(to gradients: inout [String: Tensor]) -> ClipEvent {
    let names = gradients.keys.sorted()
    let squares = names.map { gradients[$0]?.sumOfSquares ?? 0 }
    let norm = squares.reduce(0, +).squareRoot()
    /// min(1, c / ‖g‖), which is 1 for the norm 0 and for one that is no number.
    func factor(_ limit: Double, _ norm: Double) -> Double { norm > limit ? limit / norm : 1 }

    switch self {
    case .none:
      return ClipEvent(normBefore: norm, normAfter: norm, factor: 1)
    case .globalNorm(let limit):
      let factor = factor(limit, norm)
      guard factor < 1 else { return ClipEvent(normBefore: norm, normAfter: norm, factor: 1) }
      for name in names { gradients[name] = gradients[name]?.scaled(by: factor) }
      return ClipEvent(normBefore: norm, normAfter: norm * factor, factor: factor)
    case .parameterNorm(let limit):
      let factors = squares.map { factor(limit, $0.squareRoot()) }
      for (name, factor) in zip(names, factors) where factor < 1 {
        gradients[name] = gradients[name]?.scaled(by: factor)
      }
      let after = zip(squares, factors).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }.squareRoot()
      return ClipEvent(normBefore: norm, normAfter: after, factor: factors.min() ?? 1)
    case .value(let limit):
      let largest = names.map { gradients[$0]?.largestMagnitude ?? 0 }.max() ?? 0
      guard largest > limit else { return ClipEvent(normBefore: norm, normAfter: norm, factor: 1) }
      for name in names { gradients[name] = gradients[name]?.clamped(to: limit) }
      let after = names.reduce(0) { $0 + (gradients[$1]?.sumOfSquares ?? 0) }.squareRoot()
      return ClipEvent(normBefore: norm, normAfter: after, factor: limit / largest)
    }
  }
}

extension Tensor {
  /// Σ x², in Float64 and always in the same order.
  var sumOfSquares: Double {
    switch storage {
    case .float32(let values): squares(values)
    case .float64(let values): squares(values)
    case .int32, .bool: preconditionFailure("a gradient is a float, not \(element.name)")
    }
  }

  var largestMagnitude: Double {
    switch storage {
    case .float32(let values): Double(values.reduce(0) { max($0, abs($1)) })
    case .float64(let values): values.reduce(0) { max($0, abs($1)) }
    case .int32, .bool: preconditionFailure("a gradient is a float, not \(element.name)")
    }
  }

  func scaled(by factor: Double) -> Tensor {
    switch storage {
    case .float32(let values):
      let factor = Float(factor)
      return Tensor(dimensions, values.map { $0 * factor })
    case .float64(let values): return Tensor(dimensions, values.map { $0 * factor })
    case .int32, .bool: preconditionFailure("a gradient is a float, not \(element.name)")
    }
  }

  func adding(_ other: Tensor) -> Tensor {
    switch (storage, other.storage) {
    case (.float32(let x), .float32(let y)): return Tensor(dimensions, zip(x, y).map { $0 + $1 })
    case (.float64(let x), .float64(let y)): return Tensor(dimensions, zip(x, y).map { $0 + $1 })
    case (.float32, _), (.float64, _), (.int32, _), (.bool, _):
      preconditionFailure("gradients are floats of one type")
    }
  }

  func clamped(to limit: Double) -> Tensor {
    switch storage {
    case .float32(let values):
      let limit = Float(limit)
      return Tensor(dimensions, values.map { min(max($0, -limit), limit) })
    case .float64(let values): return Tensor(dimensions, values.map { min(max($0, -limit), limit) })
    case .int32, .bool: preconditionFailure("a gradient is a float, not \(element.name)")
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
  for index in whole..<values.count { total += Double(values[index]) * Double(values[index]) }
  return total
}
