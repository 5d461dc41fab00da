internal import EbbTensors

/// The numbers that a function is defined on.
package enum AcceptedElements: Hashable, Sendable {
  case floats, integers, truths
  /// Floats and integers.
  case numbers

  func contains(_ element: ElementType) -> Bool {
    switch self {
    case .floats: element.isFloat
    case .integers: element == .int32
    case .truths: element == .bool
    case .numbers: element != .bool
    }
  }
}

/// How the kernels compute a function. The raw value is a rough time for one number, in hundredths of a nanosecond, by
/// which work is divided and ordered.
package enum FunctionCost: Int, Hashable, Sendable {
  /// A few vector instructions: cheaper than a round trip of the numbers through memory.
  case instructions = 6
  case polynomial = 40
  case twoPolynomials = 80
  /// The C library, number by number.
  case libraryCall = 1000
}
