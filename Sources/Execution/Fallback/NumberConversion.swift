internal import EbbGraph
internal import EbbPlanning
internal import EbbTensors

/// What becomes of numbers that lie side by side when they are written elsewhere.
enum NumberConversion {
  /// The same bytes, so many a number.
  case copy(bytes: Int)
  /// Doubles rounded to singles.
  case narrow
  /// Singles as doubles.
  case widen
  /// Singles as integers, which lie in doubles.
  case integer

  /// Numbers of one width in another.
  init(from source: StorageType, to target: StorageType) {
    switch (source, target) {
    case (.single, .single), (.double, .double): self = .copy(bytes: source.bytes)
    case (.double, .single): self = .narrow
    case (.single, .double): self = .widen
    }
  }

  /// Numbers as another type in memory of another width; nil where a conversion to this type keeps the width.
  init?(to element: ElementType, from source: StorageType, to target: StorageType) {
    guard source != target else { return nil }
    switch element {
    case .float32, .float64: self.init(from: source, to: target)
    case .int32: self = .integer
    case .bool: return nil
    }
  }

  func write(_ count: Int, from source: Location, to target: Location) {
    switch self {
    case .copy(let bytes): target.copy(count * bytes, from: source)
    case .narrow: target.map(count, from: source) { (x: Double) in Float(x) }
    case .widen: target.map(count, from: source) { (x: Float) in Double(x) }
    case .integer: target.map(count, from: source) { (x: Float) in Self.integer(Double(x)) }
    }
  }

  /// The Int32 nearest to a number, towards zero; 0 for a NaN.
  static func integer(_ number: Double) -> Double {
    number.isNaN ? 0 : min(max(number.rounded(.towardZero), -0x1p31), 0x1p31 - 1)
  }
}
