/// A function that equations call by name.
enum NamedFunction: String, Hashable, Sendable, CaseIterable {
  case tanh, sigmoid, relu, softplus, silu, exp, log, sqrt, sin, cos, erf, abs, sign, softmax, identity, square, norm
  case layerNorm, maximum, minimum, expm1, log1p, log2, floor, elu, gelu
  /// A vector as a diagonal matrix.
  case diagonal = "diag"
  /// The mean, the sum and the largest of a vector's entries, and a number for each entry.
  case mean, sum, largest, ones
  /// The sum of each row and of each column of a matrix.
  case rowSums, columnSums
  /// The value, through which no gradient passes.
  case stop
  /// (condition, a, b): a where the condition holds, else b; and the conditions.
  case select, less, lessOrEqual, greater, greaterOrEqual, equal, notEqual, isFinite
  /// Σ over all steps (and samples), and entries m to n of a vector; both have a sign instead of a name.
  case sumOverSteps = "∑_t", range = "[m:n]"
  /// Over the past of a step.
  case sumOverPast = "∑_{i<t}", softmaxOverPast = "softmax_{i<t}"

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
    "max": .maximum, "min": .minimum, "lessorequal": .lessOrEqual, "greaterorequal": .greaterOrEqual,
    "notequal": .notEqual, "rowsums": .rowSums, "columnsums": .columnSums, "isfinite": .isFinite,
  ]

  /// How many arguments it takes.
  var arity: Int {
    switch self {
    case .tanh, .sigmoid, .relu, .softplus, .silu, .exp, .log, .sqrt, .sin, .cos, .erf, .abs, .sign, .softmax,
      .identity, .square, .norm, .layerNorm, .expm1, .log1p, .log2, .floor, .mean, .sum, .largest, .stop,
      .isFinite, .elu, .gelu, .diagonal, .rowSums, .columnSums, .sumOverSteps, .sumOverPast, .softmaxOverPast:
      1
    case .maximum, .minimum, .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, .ones: 2
    case .select, .range: 3
    }
  }

  /// Why a cell's equation has no sum over steps.
  static let noSumOverSteps =
    "a sum over all steps is not read; over those before this one it is ∑_{i<t} h_i, and s_t = s_{t-1} + … grows from "
    + "step to step"

  /// Whether it goes over the past of a step.
  var isOverPast: Bool { self == .sumOverPast || self == .softmaxOverPast }

  /// Whether it makes one number of a vector.
  var isReduction: Bool { self == .norm || self == .mean || self == .sum || self == .largest }

  /// The name in text.
  var word: String { self == .maximum ? "max" : self == .minimum ? "min" : rawValue }

  /// The functions by name, for a message.
  static var list: String {
    allCases.map(\.rawValue).filter { $0.allSatisfy(\.isLetter) }.joined(separator: ", ")
  }
}
