public import EbbTensors

/// The type of a tensor's numbers, by its number in the format.
public struct ONNXElement: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public var rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// Floats of 32 bits.
  public static let float32 = ONNXElement(rawValue: 1)
  /// Floats of 64 bits.
  public static let float64 = ONNXElement(rawValue: 11)
  /// Signed integers of 32 bits.
  public static let int32 = ONNXElement(rawValue: 6)
  /// Signed integers of 64 bits: shapes and positions.
  public static let int64 = ONNXElement(rawValue: 7)
  /// Truth values.
  public static let bool = ONNXElement(rawValue: 9)

  /// The type of the same numbers.
  public init(_ element: ElementType) {
    switch element {
    case .float32: self = .float32
    case .float64: self = .float64
    case .int32: self = .int32
    case .bool: self = .bool
    }
  }

  private static let words = [
    "undefined", "float", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "double",
    "uint32", "uint64", "complex64", "complex128", "bfloat16",
  ]

  /// The format's word for it.
  public var description: String {
    Self.words.indices.contains(rawValue) ? Self.words[rawValue] : "type \(rawValue)"
  }
}

/// A tensor with fixed numbers.
public struct ONNXTensor: Hashable, Sendable {
  /// The tensor's name; empty inside an attribute.
  public var name: String
  /// The length of each dimension; empty for a scalar.
  public var dimensions: [Int]
  /// The numbers, row-major.
  public var numbers: Numbers

  /// The numbers, by element type.
  public enum Numbers: Hashable, Sendable {
    /// Floats.
    case float32([Float]), float64([Double])
    /// Integers.
    case int32([Int32]), int64([Int64])
    /// Truth values.
    case bool([Bool])
    /// Numbers that are not held here: their type, and why.
    case unread(ONNXElement, reason: String)
  }

  /// A tensor of these numbers, one for each place.
  public init(_ name: String, _ dimensions: [Int], _ numbers: Numbers) {
    self.name = name
    self.dimensions = dimensions
    self.numbers = numbers
  }

  /// The same numbers under a name.
  public init(_ name: String, _ tensor: Tensor) {
    let numbers: Numbers =
      switch tensor.storage {
      case .float32(let values): .float32(values)
      case .float64(let values): .float64(values)
      case .int32(let values): .int32(values)
      case .bool(let values): .bool(values)
      }
    self.init(name, tensor.dimensions, numbers)
  }

  /// A vector of positions or lengths.
  public init(_ name: String, _ positions: [Int]) {
    self.init(name, [positions.count], .int64(positions.map { Int64($0) }))
  }

  /// The number of numbers.
  public var count: Int { dimensions.reduce(1, *) }

  /// The type of the numbers.
  public var element: ONNXElement {
    switch numbers {
    case .float32: .float32
    case .float64: .float64
    case .int32: .int32
    case .int64: .int64
    case .bool: .bool
    case .unread(let element, _): element
    }
  }

  /// The same numbers; nil if they cannot be held: 64-bit integers beyond 32 bits, and types that are not read.
  public var tensor: Tensor? {
    switch numbers {
    case .float32(let values): return Tensor(dimensions, values)
    case .float64(let values): return Tensor(dimensions, values)
    case .int32(let values): return Tensor(dimensions, values)
    case .bool(let values): return Tensor(dimensions, values)
    case .int64(let values):
      let narrow = values.compactMap { Int32(exactly: $0) }
      return narrow.count == values.count ? Tensor(dimensions, narrow) : nil
    case .unread: return nil
    }
  }
}
