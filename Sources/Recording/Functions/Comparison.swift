package import EbbGraph

// Comparisons give a Bool for each feature. The operators are those of the standard library's SIMD vectors.

extension Signal {
  /// This value beside another.
  package func compared(_ other: Signal, _ comparison: Comparison) -> Signal { Self.compare(comparison, self, other) }
  /// This value beside a number.
  package func compared(_ other: Double, _ comparison: Comparison) -> Signal { compared(constant(other), comparison) }

  private static func compare(_ comparison: Comparison, _ left: Signal, _ right: Signal) -> Signal {
    left.recorder.record(.compare(comparison), [left, right])
  }

  /// Where both are equal: a Bool for each feature. Both must have the same element type.
  public static func .== (left: Signal, right: Signal) -> Signal { compare(.equal, left, right) }
  /// Where they differ: a Bool for each feature. Both must have the same element type.
  public static func .!= (left: Signal, right: Signal) -> Signal { compare(.notEqual, left, right) }
  /// Where the left is less: a Bool for each feature.
  public static func .< (left: Signal, right: Signal) -> Signal { compare(.less, left, right) }
  /// Where the left is less or equal: a Bool for each feature.
  public static func .<= (left: Signal, right: Signal) -> Signal { compare(.lessOrEqual, left, right) }
  /// Where the left is greater: a Bool for each feature.
  public static func .> (left: Signal, right: Signal) -> Signal { compare(.greater, left, right) }
  /// Where the left is greater or equal: a Bool for each feature.
  public static func .>= (left: Signal, right: Signal) -> Signal { compare(.greaterOrEqual, left, right) }

  /// Where a feature equals a number: a Bool for each feature.
  public static func .== (left: Signal, right: Double) -> Signal { left .== left.constant(right) }
  /// Where a feature differs from a number: a Bool for each feature.
  public static func .!= (left: Signal, right: Double) -> Signal { left .!= left.constant(right) }
  /// Where a feature is less than a number: a Bool for each feature.
  public static func .< (left: Signal, right: Double) -> Signal { left .< left.constant(right) }
  /// Where a feature is at most a number: a Bool for each feature.
  public static func .<= (left: Signal, right: Double) -> Signal { left .<= left.constant(right) }
  /// Where a feature is greater than a number: a Bool for each feature.
  public static func .> (left: Signal, right: Double) -> Signal { left .> left.constant(right) }
  /// Where a feature is at least a number: a Bool for each feature.
  public static func .>= (left: Signal, right: Double) -> Signal { left .>= left.constant(right) }

  /// Both.
  public static func .& (left: Signal, right: Signal) -> Signal { binary(.and, left, right) }
  /// Either or both.
  public static func .| (left: Signal, right: Signal) -> Signal { binary(.or, left, right) }
  /// One but not both.
  public static func .^ (left: Signal, right: Signal) -> Signal { binary(.xor, left, right) }
  /// Not.
  public static prefix func .! (x: Signal) -> Signal { unary(.not, x) }
}

/// Neither infinite nor NaN.
public func isFinite(_ x: Signal) -> Signal { .unary(.isFinite, x) }

/// `a` where the condition holds, else `b`. The value never depends on the side that is not taken, not even if it is
/// NaN.
///
/// The adjoint of that side is 0, and the operations that computed it multiply this 0 by their derivatives. Where such
/// a derivative is infinite or NaN, the gradient is NaN: `select(x .> 0, log(x), 0)` has the derivative 0 · (1 / 0) =
/// NaN at x = 0. Where that can happen, select the operation's operand as well:
///
/// ```swift
/// select(x .> 0, log(select(x .> 0, x, 1)), 0)
/// ```
public func select(_ condition: Signal, _ a: Signal, _ b: Signal) -> Signal {
  condition.recorder.record(.select, [condition, a, b])
}
/// `a` where the condition holds, else the number `b`; gradients behave as for `select` of two signals.
public func select(_ condition: Signal, _ a: Signal, _ b: Double) -> Signal { select(condition, a, a.constant(b)) }
/// The number `a` where the condition holds, else `b`; gradients behave as for `select` of two signals.
public func select(_ condition: Signal, _ a: Double, _ b: Signal) -> Signal { select(condition, b.constant(a), b) }
