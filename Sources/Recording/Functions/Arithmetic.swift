internal import EbbGraph

// Arithmetic on signals, and on signals and numbers. Shapes must be equal; `[]` is broadcast over features.

extension Signal {
  static func binary(_ function: BinaryFunction, _ left: Signal, _ right: Signal) -> Signal {
    left.recorder.record(.binary(function), [left, right])
  }
  static func unary(_ function: UnaryFunction, _ x: Signal) -> Signal { x.recorder.record(.unary(function), [x]) }

  /// The sum, feature by feature: both of one shape, or one of them a scalar.
  public static func + (left: Signal, right: Signal) -> Signal { binary(.add, left, right) }
  /// The difference, feature by feature: both of one shape, or one of them a scalar.
  public static func - (left: Signal, right: Signal) -> Signal { binary(.subtract, left, right) }
  /// The product, feature by feature (⊙): both of one shape, or one of them a scalar. For matrices see `matmul`.
  public static func * (left: Signal, right: Signal) -> Signal { binary(.multiply, left, right) }
  /// The quotient, feature by feature: both of one shape, or one of them a scalar.
  public static func / (left: Signal, right: Signal) -> Signal { binary(.divide, left, right) }

  /// A number added to each feature.
  public static func + (left: Signal, right: Double) -> Signal { left + left.constant(right) }
  /// A number taken off each feature.
  public static func - (left: Signal, right: Double) -> Signal { left - left.constant(right) }
  /// Each feature times a number.
  public static func * (left: Signal, right: Double) -> Signal { left * left.constant(right) }
  /// Each feature divided by a number.
  public static func / (left: Signal, right: Double) -> Signal { left / left.constant(right) }

  /// A number added to each feature.
  public static func + (left: Double, right: Signal) -> Signal { right.constant(left) + right }
  /// A number minus each feature.
  public static func - (left: Double, right: Signal) -> Signal { right.constant(left) - right }
  /// Each feature times a number.
  public static func * (left: Double, right: Signal) -> Signal { right.constant(left) * right }
  /// A number divided by each feature.
  public static func / (left: Double, right: Signal) -> Signal { right.constant(left) / right }

  /// The negative of each feature.
  public static prefix func - (x: Signal) -> Signal { unary(.negate, x) }

  /// Makes a signal its sum with another.
  public static func += (left: inout Signal, right: Signal) { left = left + right }
  /// Makes a signal its difference from another.
  public static func -= (left: inout Signal, right: Signal) { left = left - right }
  /// Multiplies a signal by another, feature by feature.
  public static func *= (left: inout Signal, right: Signal) { left = left * right }
  /// Divides a signal by another, feature by feature.
  public static func /= (left: inout Signal, right: Signal) { left = left / right }
}

/// The larger of two values, NaN if either is NaN; where they are equal the first receives the gradient.
public func maximum(_ x: Signal, _ y: Signal) -> Signal { .binary(.maximum, x, y) }
/// The larger of each feature and a number, NaN if the feature is NaN; where they are equal the feature receives the
/// gradient.
public func maximum(_ x: Signal, _ y: Double) -> Signal { maximum(x, x.constant(y)) }
/// The smaller of two values, NaN if either is NaN; where they are equal the first receives the gradient.
public func minimum(_ x: Signal, _ y: Signal) -> Signal { .binary(.minimum, x, y) }
/// The smaller of each feature and a number, NaN if the feature is NaN; where they are equal the feature receives the
/// gradient.
public func minimum(_ x: Signal, _ y: Double) -> Signal { minimum(x, x.constant(y)) }
/// x to the power of y.
public func power(_ x: Signal, _ y: Signal) -> Signal { .binary(.power, x, y) }
/// Each feature to the power of a number.
public func power(_ x: Signal, _ y: Double) -> Signal { power(x, x.constant(y)) }
/// The angle of the point (x, y), from −π to π, with the sign of y; at the origin both derivatives are 0.
public func atan2(_ y: Signal, _ x: Signal) -> Signal { .binary(.atan2, y, x) }
/// Int32: ⌊x / y⌋.
public func floorDivide(_ x: Signal, _ y: Signal) -> Signal { .binary(.floorDivide, x, y) }
/// Int32: ⌊x / y⌋ for a number y.
public func floorDivide(_ x: Signal, _ y: Int) -> Signal { floorDivide(x, x.constant(Double(y))) }
/// Int32: x − y · ⌊x / y⌋.
public func remainder(_ x: Signal, _ y: Signal) -> Signal { .binary(.remainder, x, y) }
/// Int32: x − y · ⌊x / y⌋ for a number y.
public func remainder(_ x: Signal, _ y: Int) -> Signal { remainder(x, x.constant(Double(y))) }
