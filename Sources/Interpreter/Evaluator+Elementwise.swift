internal import EbbGraph
internal import EbbTensors

extension Evaluator {
  /// Applies a function to each feature; an operand of shape `[]` is broadcast over the features of the others.
  func elementwise(
    _ operands: [NodeID], _ shape: Shape, at point: Point, _ function: ([Double]) -> Double
  ) -> [Double] {
    let features = operands.map { read($0, point) }
    return (0..<shape.count).map { index in
      function(features.map { $0.count == 1 ? $0[$0.startIndex] : $0[$0.startIndex + index] })
    }
  }

  func apply(_ function: UnaryFunction, _ x: Double, isFloat: Bool) -> Double {
    isFloat ? function(x) : wrapped(function(x))
  }

  func apply(_ function: BinaryFunction, _ x: Double, _ y: Double, _ element: ElementType) -> Double {
    element.isFloat ? function(x, y) : wrapped(function(x, y))
  }

  /// Float32 values are stored as Float64 without rounding. Float to Int32 truncates and saturates; NaN becomes 0.
  func convert(_ x: Double, to element: ElementType) -> Double {
    switch element {
    case .float32, .float64: x
    case .int32: x.isNaN ? 0 : min(max(x, Double(Int32.min)), Double(Int32.max)).rounded(.towardZero)
    case .bool: x != 0 ? 1 : 0
    }
  }

  /// Int32 arithmetic that wraps around. The graph leaves overflow undefined; the interpreter never traps.
  private func wrapped(_ x: Double) -> Double { Double(Int32(truncatingIfNeeded: Int(x))) }
}
