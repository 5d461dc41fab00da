public import EbbTensors
internal import Foundation

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

  /// The type by the names of files of tensors; nil for one that none of them has.
  var stored: StoredType? {
    switch rawValue {
    case 1: .f32
    case 2: .u8
    case 3: .i8
    case 4: .u16
    case 5: .i16
    case 6: .i32
    case 7: .i64
    case 9: .bool
    case 10: .f16
    case 11: .f64
    case 12: .u32
    case 13: .u64
    case 16: .bf16
    case _: nil
    }
  }

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
    /// Numbers of a type that Swift or tensors lack, such as floats of 16 bits: the bytes of the file, little-endian.
    case packed(ONNXElement, [UInt8])
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
    case .packed(let element, _), .unread(let element, _): element
    }
  }

  /// The same numbers; nil if they cannot be held: 64-bit integers beyond 32 bits, and types that are not read. Floats
  /// of 16 bits are widened.
  public var tensor: Tensor? {
    switch numbers {
    case .float32(let values): return Tensor(dimensions, values)
    case .float64(let values): return Tensor(dimensions, values)
    case .int32(let values): return Tensor(dimensions, values)
    case .bool(let values): return Tensor(dimensions, values)
    case .int64(let values):
      let narrow = values.compactMap { Int32(exactly: $0) }
      return narrow.count == values.count ? Tensor(dimensions, narrow) : nil
    case .packed: return stored.tensor
    case .unread: return nil
    }
  }
}

extension ONNXTensor {
  /// The numbers in a type that holds them, with the file's word for theirs; or why none does.
  var stored: StoredTensor {
    func unread(_ reason: String) -> StoredTensor {
      .unread(UnreadTensor(type: element.description, dimensions: dimensions, reason: reason))
    }
    do {
      switch numbers {
      case .float32, .float64, .int32, .bool:
        guard let tensor else { preconditionFailure("the type \(element) is held") }
        return .tensor(tensor, type: element.description)
      case .int64(let values):
        return .tensor(try StoredType.i64.integers(dimensions, values), type: element.description)
      case .packed(let element, let bytes):
        guard let type = element.stored else { return unread("the type \(element) is not known here") }
        return .tensor(try type.tensor(dimensions, littleEndian: Data(bytes)), type: element.description)
      case .unread(_, let reason): return unread(reason)
      }
    } catch {
      return unread(error.reason)
    }
  }
}
