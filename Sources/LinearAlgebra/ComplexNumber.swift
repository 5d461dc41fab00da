internal import Foundation

/// An eigenvalue of a real matrix.
public struct ComplexNumber: Hashable, Sendable, CustomStringConvertible {
  public var real: Double
  public var imaginary: Double

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
