/// A function that equations call by name.
enum NamedFunction: String, Hashable, Sendable, CaseIterable {
  case tanh, sigmoid, relu, softplus, silu, exp, log, sqrt, sin, cos, erf, abs, sign, softmax, identity, square, norm
  case layerNorm, maximum, minimum
  case elu, gelu
  /// A vector as a diagonal matrix.
  case diagonal = "diag"
  /// The sum of the entries.
  case total = "sum"

  /// The function with this name in any of its spellings.
  init?(_ name: String) {
    let plain = name.lowercased().filter { $0 != "-" && $0 != "_" }
    if name == "LN" {
      self = .layerNorm
      return
    }
    guard let function = Self(rawValue: plain) ?? Self.spellings[plain] else { return nil }
    self = function
  }

  private static let spellings: [String: NamedFunction] = [
    "logistic": .sigmoid, "sigm": .sigmoid, "logsig": .sigmoid, "rectifier": .relu, "swish": .silu, "ln": .log,
    "sgn": .sign, "id": .identity, "layernorm": .layerNorm, "layernormalization": .layerNorm,
    "max": .maximum, "min": .minimum,
  ]

  /// How many arguments it takes.
  var arity: Int {
    switch self {
    case .tanh, .sigmoid, .relu, .softplus, .silu, .exp, .log, .sqrt, .sin, .cos, .erf, .abs, .sign, .softmax,
      .identity, .square, .norm, .layerNorm, .elu, .gelu, .diagonal, .total:
      1
    case .maximum, .minimum: 2
    }
  }

  /// The functions by name, for a message.
  static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
