public import EbbTensors

/// Named tensors in the safetensors format, which most tools for neural networks read:
///
///     8 bytes    the header's length n, little-endian
///     n bytes    the header, JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}
///     the rest   the numbers, little-endian, row-major, without gaps
///
/// `__metadata__` in the header holds strings by name. Element types are F32, F64, I32 and BOOL.
public struct Safetensors: Hashable, Sendable {
  public var tensors: [String: Tensor]
  public var metadata: [String: String]

  public init(_ tensors: [String: Tensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }
}

extension ElementType {
  /// The format's word for the type.
  var safetensorsName: String {
    switch self {
    case .float32: "F32"
    case .float64: "F64"
    case .int32: "I32"
    case .bool: "BOOL"
    }
  }

  init?(safetensorsName: String) {
    guard let match = Self.allCases.first(where: { $0.safetensorsName == safetensorsName }) else { return nil }
    self = match
  }
}
