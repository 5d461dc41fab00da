public import EbbTensors

/// Named tensors in the safetensors format, which most tools for neural networks read:
///
///     8 bytes    the header's length n, little-endian
///     n bytes    the header, JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}
///     the rest   the numbers, little-endian, row-major, without gaps
///
/// `__metadata__` in the header holds strings by name. Writes F32, F64, I32 and BOOL. Also reads F16 and BF16 as
/// Float32, I8, U8, I16 and U16 as Int32, and I64, U32 and U64 as Int32 if all numbers fit, else as Float64.
public struct Safetensors: Hashable, Sendable {
  /// The tensors by name.
  public var tensors: [String: Tensor]
  /// The file's strings by name.
  public var metadata: [String: String]
  /// The file's names for the types of its tensors, by tensor name; empty if nothing was read from a file.
  public var types: [String: String] = [:]
  /// The tensors of the file that cannot be held here, by name; the others are read anyway.
  public var unread: [String: UnreadTensor] = [:]

  /// How the file was read where there was a choice, and what was left out that is no tensor; one line each.
  public var notes: [String] = []

  /// Tensors and strings to be written.
  public init(_ tensors: [String: Tensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Whether two files hold the same tensors and metadata, regardless of the types of numbers in their source files.
  public static func == (left: Safetensors, right: Safetensors) -> Bool {
    left.tensors == right.tensors && left.metadata == right.metadata && left.unread == right.unread
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(tensors)
    hasher.combine(metadata)
  }
}

extension Safetensors {
  /// Adds a tensor of a file, or why it is left out.
  mutating func add(_ content: StoredTensor, named name: String) {
    switch content {
    case .tensor(let tensor, let type): (tensors[name], types[name]) = (tensor, type)
    case .unread(let tensor): unread[name] = tensor
    }
  }
}

/// A tensor of a file that cannot be held here: its type, and why.
public struct UnreadTensor: Hashable, Sendable {
  /// The file's name for the type of its numbers.
  public var type: String
  /// The length of each dimension.
  public var dimensions: [Int]
  /// Why it cannot be held.
  public var reason: String
}
