internal import EbbGraph
internal import EbbTensors

/// A complex value as a pair of signals of one shape: a thin value type, each of whose functions records equations of
/// real numbers.
///
/// Products do not conjugate: wᴴz is `matmul(w.conjugate, z)`. A real loss L is differentiated by both parts, and
/// ∂L/∂(Re z) + i ∂L/∂(Im z) is the direction of steepest ascent in the complex plane: twice ∂L/∂z̄, as in PyTorch.
public struct Complex {
  /// Re z
  public var real: Signal
  /// Im z
  public var imaginary: Signal

  /// The complex value with these parts.
  public init(_ real: Signal, _ imaginary: Signal) {
    self.real = real
    self.imaginary = imaginary
  }

  /// r e^(iφ)
  public init(modulus: Signal, angle: Signal) { self.init(modulus * cos(angle), modulus * sin(angle)) }

  /// z̄ = Re z − i Im z
  public var conjugate: Complex { Complex(real, -imaginary) }

  /// |z|, accurate from the smallest denormal to the largest finite number; its derivative at 0 is 0.
  public var modulus: Signal {
    let parts = [repeated(real, 1), repeated(imaginary, 1)]
    return real.recorder.record(.reduceFeatures(.norm, dimension: 0), [concatenate(parts)])
  }

  /// The angle of z in −π … π; 0 at 0.
  public var angle: Signal { atan2(imaginary, real) }

  // MARK: Arithmetic

  /// The sum.
  public static func + (left: Complex, right: Complex) -> Complex {
    Complex(left.real + right.real, left.imaginary + right.imaginary)
  }

  /// The difference.
  public static func - (left: Complex, right: Complex) -> Complex {
    Complex(left.real - right.real, left.imaginary - right.imaginary)
  }

  /// −z
  public static prefix func - (x: Complex) -> Complex { Complex(-x.real, -x.imaginary) }

  /// (a + ib)(c + id) = (ac − bd) + i(ad + bc), feature by feature.
  public static func * (left: Complex, right: Complex) -> Complex {
    Complex(
      left.real * right.real - left.imaginary * right.imaginary,
      left.real * right.imaginary + left.imaginary * right.real)
  }

  /// A real value times a complex one.
  public static func * (left: Signal, right: Complex) -> Complex { Complex(left * right.real, left * right.imaginary) }

  /// A complex value times a real one.
  public static func * (left: Complex, right: Signal) -> Complex { right * left }

  /// A complex value divided by a real one.
  public static func / (left: Complex, right: Signal) -> Complex {
    Complex(left.real / right, left.imaginary / right)
  }

  /// The quotient, without squares that leave the range (Smith 1962): with p the larger part of the divisor, and r the
  /// quotient of the other by it, numerator and denominator are divided by p.
  public static func / (left: Complex, right: Complex) -> Complex {
    let (a, b, c, d) = (left.real, left.imaginary, right.real, right.imaginary)
    let isReal = abs(c) .>= abs(d)
    let (p, q) = (select(isReal, c, d), select(isReal, d, c))
    let r = q / p
    let divisor = p + q * r
    return Complex(
      select(isReal, a + b * r, a * r + b) / divisor, select(isReal, b - a * r, b * r - a) / divisor)
  }
}

/// e^z = e^(Re z) (cos Im z + i sin Im z)
public func exp(_ z: Complex) -> Complex { Complex(modulus: exp(z.real), angle: z.imaginary) }

/// The matrix product of two complex values, without conjugation; see `matmul` of signals.
public func matmul(_ left: Complex, _ right: Complex, fileID: String = #fileID, line: Int = #line) -> Complex {
  func product(_ x: Signal, _ y: Signal) -> Signal { matmul(x, y, fileID: fileID, line: line) }
  return Complex(
    product(left.real, right.real) - product(left.imaginary, right.imaginary),
    product(left.real, right.imaginary) + product(left.imaginary, right.real))
}

/// The matrix product of a real value with a complex one.
public func matmul(_ left: Signal, _ right: Complex, fileID: String = #fileID, line: Int = #line) -> Complex {
  Complex(
    matmul(left, right.real, fileID: fileID, line: line), matmul(left, right.imaginary, fileID: fileID, line: line))
}

/// The matrix product of a complex value with a real one.
public func matmul(_ left: Complex, _ right: Signal, fileID: String = #fileID, line: Int = #line) -> Complex {
  Complex(
    matmul(left.real, right, fileID: fileID, line: line), matmul(left.imaginary, right, fileID: fileID, line: line))
}
