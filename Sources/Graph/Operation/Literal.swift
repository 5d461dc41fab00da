public import EbbTensors

/// The numbers of a literal, row-major: part of the equations, as a constant is.
///
/// Literals with the same numbers are equal, bit for bit: −0 is not 0, and a NaN equals a NaN. Copies share the numbers,
/// so that graphs with large literals are copied and compared as fast as others.
public struct Literal: Hashable, Sendable {
  private final class Storage: Sendable {
    let numbers: [Double]
    let sum: Fingerprint

    init(_ numbers: [Double]) {
      // There is one NaN, since its text is `nan`.
      self.numbers = numbers.map { $0.isNaN ? .nan : $0 }
      var sum = Fingerprint()
      for number in self.numbers { sum.add(number.bitPattern) }
      self.sum = sum
    }
  }
  private let storage: Storage

  /// A literal of these numbers; truth values are 1 and 0.
  public init(_ numbers: [Double]) { storage = Storage(numbers) }

  /// A literal of a tensor's numbers.
  public init(_ tensor: Tensor) { self.init(tensor.doubles) }

  /// The numbers, row-major.
  public var numbers: [Double] { storage.numbers }

  public static func == (left: Literal, right: Literal) -> Bool {
    left.storage === right.storage
      || left.storage.sum == right.storage.sum
        && left.numbers.elementsEqual(right.numbers) { $0.bitPattern == $1.bitPattern }
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(storage.sum) }

  /// What keeps the numbers from being those of this type; nil if they fit.
  package func problem(for type: NodeType) -> String? {
    guard numbers.count == type.shape.count else {
      return "a literal of \(type.shape) has \(type.shape.count) numbers, not \(numbers.count)"
    }
    switch type.element {
    case .float32, .float64: return nil
    case .int32:
      let other = numbers.first { Int32(exactly: $0) == nil }
      return other.map { "\(constantText($0)) is no i32" }
    case .bool:
      let other = numbers.first { $0 != 0 && $0 != 1 }
      return other.map { "a truth value is written 0 or 1, not \(constantText($0))" }
    }
  }
}
