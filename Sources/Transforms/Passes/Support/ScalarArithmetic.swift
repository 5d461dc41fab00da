internal import EbbGraph
internal import EbbTensors

/// Elementwise functions of numbers known at compilation, as the reference computes them.
///
/// Each returns nil if the result is not a number of the element type; this is left to the run.
enum ScalarArithmetic {
  static func apply(_ function: UnaryFunction, _ x: Double, _ element: ElementType) -> Double? {
    representable(function(x), element)
  }

  static func apply(_ function: BinaryFunction, _ x: Double, _ y: Double, _ element: ElementType) -> Double? {
    representable(function(x, y), element)
  }

  static func apply(_ comparison: Comparison, _ x: Double, _ y: Double) -> Double { comparison(x, y) ? 1 : 0 }

  static func convert(_ x: Double, to element: ElementType) -> Double? {
    switch element {
    case .float32, .float64: return x
    case .int32: return representable(x.rounded(.towardZero), .int32)
    case .bool: return x != 0 ? 1 : 0
    }
  }

  private static func representable(_ x: Double, _ element: ElementType) -> Double? {
    switch element {
    case .float32, .float64, .bool: x
    // + 0, because an integer has no −0.
    case .int32: Int32(exactly: x) == nil ? nil : x + 0
    }
  }
}
