internal import Foundation

/// An eigenvalue of a real matrix.
public struct ComplexNumber: Hashable, Sendable, CustomStringConvertible {
  /// The real part.
  public var real: Double
  /// The imaginary part.
  public var imaginary: Double

  /// The number real + i · imaginary.
  public init(_ real: Double, _ imaginary: Double = 0) {
    self.real = real
    self.imaginary = imaginary
  }

  /// |z|.
  public var modulus: Double { hypot(real, imaginary) }
  /// The angle in −π … π.
  public var argument: Double { atan2(imaginary, real) }

  public var description: String {
    imaginary == 0 ? "\(real)" : "\(real) \(imaginary < 0 ? "−" : "+") \(abs(imaginary))i"
  }
}
