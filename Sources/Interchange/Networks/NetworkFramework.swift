internal import EbbTensors

/// Where the names in a file of weights come from.
public enum NetworkFramework: String, Hashable, Sendable, CaseIterable {
  /// PyTorch's `torch.nn`, Keras 3, Flax's `nnx` and `linen`, the operators of ONNX, and this library.
  case pytorch, keras, flax, linen, onnx, ebb

  /// The name in messages.
  public var name: String {
    switch self {
    case .pytorch: "PyTorch"
    case .keras: "Keras"
    case .flax: "Flax nnx"
    case .linen: "Flax linen"
    case .onnx: "ONNX"
    case .ebb: "Ebb"
    }
  }

  /// How recurrent layers are mapped; those of linen are brought into PyTorch's form first. Nil for this library's own.
  var convention: WeightConvention? {
    switch self {
    case .pytorch, .linen: .pytorch
    case .keras: .keras
    case .flax: .flax
    case .onnx: .onnx
    case .ebb: nil
    }
  }

  /// How an embedding and a read-out are mapped.
  var partConvention: WeightConvention? { self == .linen ? .flax : convention }

  /// What stands between the parts of a name.
  var separator: Character { self == .keras ? "/" : "." }

  /// The framework whose names a file has; nil if no name is one of a recurrent layer.
  public init?(_ file: TensorFile.Contents) {
    let isOwn = ["ebb.model", "ebb.checkpoint", "ebb.network"].contains { file.metadata[$0] != nil }
    let ends = Set(file.tensors.keys.map { NetworkNames.last($0) })
    let lastTwo = Set(file.tensors.keys.map { NetworkNames.lastTwo($0) })
    if isOwn {
      self = .ebb
    } else if file.metadata[ONNXFile.mark] != nil {
      self = .onnx
    } else if ends.contains(where: { $0.hasPrefix("weight_hh") }) {
      self = .pytorch
    } else if ends.contains("recurrent_kernel") {
      self = .keras
    } else if lastTwo.contains("dense_h.kernel") {
      self = .flax
    } else if LinenNames.marks.contains(where: { lastTwo.isSuperset(of: $0) }) {
      self = .linen
    } else if file.tensors.contains(where: { NetworkNames.last($0.key) == "R" && $0.value.dimensions.count == 3 }) {
      self = .onnx
    } else if OwnNetwork.marks.contains(where: lastTwo.contains) {
      self = .ebb
    } else {
      return nil
    }
  }
}

/// Names of tensors, whose parts stand between points or slashes.
enum NetworkNames {
  static func parts(_ name: String) -> [Substring] { name.split { $0 == "." || $0 == "/" } }

  static func last(_ name: String) -> String { parts(name).last.map(String.init) ?? "" }

  /// The last two parts, with a point between them.
  static func lastTwo(_ name: String) -> String { parts(name).suffix(2).joined(separator: ".") }

  /// The name without its last parts.
  static func dropping(_ count: Int, from name: String, _ separator: Character) -> String {
    parts(name).dropLast(count).joined(separator: String(separator))
  }

  /// Whether a module is `outer` or within it; everything is within the empty name.
  static func isWithin(_ name: String, _ outer: String) -> Bool {
    outer.isEmpty || name == outer || name.hasPrefix(outer + ".") || name.hasPrefix(outer + "/")
  }

  /// Letters and numbers in turn, so that `layers.10` comes after `layers.9`.
  static func precedes(_ left: String, _ right: String) -> Bool {
    for (first, second) in zip(runs(left), runs(right)) where first != second {
      if let one = Int(first), let other = Int(second) { return one == other ? first < second : one < other }
      return first < second
    }
    return left.count < right.count
  }

  private static func runs(_ name: String) -> [String] {
    var result: [String] = []
    var wasDigit = false
    for letter in name {
      let isDigit = letter.isASCII && letter.isNumber
      if isDigit == wasDigit, var last = result.popLast() {
        last.append(letter)
        result.append(last)
      } else {
        result.append(String(letter))
      }
      wasDigit = isDigit
    }
    return result
  }

  /// The name without the numbers that count modules: `lstm` for `lstm_1`, `layers.` for `layers.0`.
  static func uncounted(_ name: String) -> String {
    var name = name
    while let last = name.last, last.isNumber { name.removeLast() }
    return name.last == "_" ? String(name.dropLast()) : name
  }
}
