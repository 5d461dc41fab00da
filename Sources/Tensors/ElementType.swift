/// The type of a tensor's elements.
///
/// Only floats carry adjoints and tangents. `int32` holds token ids, lengths and indices; `bool` holds masks.
public enum ElementType: UInt8, Hashable, Sendable, CaseIterable {
  /// 32-bit float, 64-bit float, 32-bit signed integer, truth value.
  case float32, float64, int32, bool

  /// Whether values of this type can be differentiated.
  public var isFloat: Bool { self == .float32 || self == .float64 }

  /// The name in printed graphs: `f32`, `f64`, `i32`, `bool`.
  public var name: String {
    switch self {
    case .float32: "f32"
    case .float64: "f64"
    case .int32: "i32"
    case .bool: "bool"
    }
  }

  /// The type with this printed name, if there is one.
  public init?(name: String) {
    guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }
}
