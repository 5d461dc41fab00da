/// An optimizer that treats every number of a parameter alike, by one formula.
///
/// The formula is written once and runs everywhere: on a CPU a number is a Float or a Double, in a module for a device
/// it is a node that stands for all numbers of a parameter. What changes from step to step, such as a rate or the
/// correction of a bias, is computed in Float64 before it, so that a device keeps one module for all steps.
///
///     public struct Signed: ElementwiseOptimizer {            // θ ← θ − η sign(g)
///       public var learningRate = 0.001
///       public var slots: [String] { [] }
///       public func factors(step: Int) -> [Double] { [learningRate] }
///       public func descend<Number: UpdateNumber>(
///         _ θ: inout Number, _ g: Number, _ slots: inout UpdateValues<Number>, _ factors: UpdateValues<Number>
///       ) {
///         θ = θ - factors[0] * g.sign
///       }
///     }
public protocol ElementwiseOptimizer: Optimizer {
  /// The numbers that the formula reads besides the gradient and the state, at most `UpdateValues.capacity`: as many in
  /// every step, and for every rate.
  ///
  /// - Parameter step: The number of the update: 1, 2, …
  func factors(step: Int) -> [Double]
  /// The formula for one number θ with its gradient g and its state, which it replaces.
  func descend<Number: UpdateNumber>(
    _ θ: inout Number, _ g: Number, _ slots: inout UpdateValues<Number>, _ factors: UpdateValues<Number>)
}

/// What an optimizer computes with. Operations are those of IEEE 754, each rounded.
public protocol UpdateNumber {
  /// The sum.
  static func + (left: Self, right: Self) -> Self
  /// The difference.
  static func - (left: Self, right: Self) -> Self
  /// The product.
  static func * (left: Self, right: Self) -> Self
  /// The quotient.
  static func / (left: Self, right: Self) -> Self
  /// √x of a number of at least 0.
  var root: Self { get }
  /// 1, 0 or −1.
  var sign: Self { get }
  /// max(x, 0)
  var orZero: Self { get }
  /// The larger one.
  func orLarger(_ other: Self) -> Self
  /// Between −c and c with c = 2⁶⁰, for Float64 2⁵⁰⁸: then the square is finite, and so is a mean of squares, which
  /// divides every later step.
  var withFiniteSquare: Self { get }
}

/// A few numbers in order: the state of one number of a parameter, or the factors of a step.
@frozen public struct UpdateValues<Number> {
  /// The largest number of them.
  public static var capacity: Int { 8 }
  // No array: these lie in registers.
  @usableFromInline var values: (Number, Number, Number, Number, Number, Number, Number, Number)

  /// The numbers for the places 0 ..< 8; what is beyond the last one in use is never read.
  @inlinable public init(_ value: (Int) -> Number) {
    values = (value(0), value(1), value(2), value(3), value(4), value(5), value(6), value(7))
  }

  /// The number at a place. Traps outside of 0 ..< 8.
  @inlinable public subscript(place: Int) -> Number {
    get {
      switch place {
      case 0: values.0
      case 1: values.1
      case 2: values.2
      case 3: values.3
      case 4: values.4
      case 5: values.5
      case 6: values.6
      case 7: values.7
      default: preconditionFailure("an optimizer has at most 8 factors and 8 slots")
      }
    }
    set {
      switch place {
      case 0: values.0 = newValue
      case 1: values.1 = newValue
      case 2: values.2 = newValue
      case 3: values.3 = newValue
      case 4: values.4 = newValue
      case 5: values.5 = newValue
      case 6: values.6 = newValue
      case 7: values.7 = newValue
      default: preconditionFailure("an optimizer has at most 8 factors and 8 slots")
      }
    }
  }
}

extension Float: UpdateNumber {
  // The absolute value of a number that is not negative, so that the root is an instruction and not a call.
  @inlinable public var root: Float { abs(self).squareRoot() }
  @inlinable public var sign: Float { self > 0 ? 1 : self < 0 ? -1 : 0 }
  @inlinable public var orZero: Float { max(0, self) }
  @inlinable public func orLarger(_ other: Float) -> Float { max(self, other) }
  @inlinable public var withFiniteSquare: Float { min(max(self, -0x1p60), 0x1p60) }
}

extension Double: UpdateNumber {
  @inlinable public var root: Double { abs(self).squareRoot() }
  @inlinable public var sign: Double { self > 0 ? 1 : self < 0 ? -1 : 0 }
  @inlinable public var orZero: Double { max(0, self) }
  @inlinable public func orLarger(_ other: Double) -> Double { max(self, other) }
  @inlinable public var withFiniteSquare: Double { min(max(self, -0x1p508), 0x1p508) }
}
