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

/// How the kernels compute a function, and with it the time for one number in hundredths of a nanosecond: a rough
/// estimate, by which work is cut and put in order.
package enum FunctionCost: Int, Hashable, Sendable {
  /// A few instructions for a vector of numbers: less than writing it to memory and reading it again.
  case instructions = 6
  case polynomial = 40
  case twoPolynomials = 80
  /// The C library, number by number.
  case libraryCall = 1000
}
