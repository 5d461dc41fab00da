/// A function that equations call by name.
enum NamedFunction: String, Hashable, Sendable, CaseIterable {
  case tanh, sigmoid, relu, softplus, silu, exp, log, sqrt, sin, cos, erf, abs, sign, softmax, identity, square, norm
  case layerNorm, maximum, minimum, expm1, log1p, log2, floor, elu, gelu, logsigmoid, relu6, hardtanh
  /// (x, a, b): x within a and b.
  case clip
  /// 1 where a value is above 0, else 0, with a surrogate gradient, and the nearest whole number with the gradient 1.
  case spike, round
  /// The sum and the product of a vector's entries up to each one.
  case cumsum, cumprod
  /// A⁻¹, e^A and A⁻¹ b of a square matrix A.
  case inverse, expm, solve
  /// A vector as a diagonal matrix.
  case diagonal = "diag"
  /// The mean, the sum and the largest of a vector's entries, and a number for each entry.
  case mean, sum, largest, ones
  /// The sum of each row and of each column of a matrix.
  case rowSums, columnSums
  /// (v, n): a matrix of n rows or columns that are v each.
  case rows, columns
  /// The value, through which no gradient passes.
  case stop
  /// (condition, a, b): a where the condition holds, else b; and the conditions.
  case select, less, lessOrEqual, greater, greaterOrEqual, equal, notEqual, isFinite
  /// Σ over all steps (and samples), and entries m to n of a vector; both have a sign instead of a name.
  case sumOverSteps = "∑_t", range = "[m:n]"
  /// A power of each entry, of which a matrix has none otherwise.
  case entryPower = "^⊙"
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
    "heaviside": .spike, "clamp": .clip, "cumulativesum": .cumsum, "cumulativeproduct": .cumprod, "inv": .inverse,
    "matrixexponential": .expm,
  ]

  /// How many arguments it takes.
  var arity: Int {
    switch self {
    case .tanh, .sigmoid, .relu, .softplus, .silu, .exp, .log, .sqrt, .sin, .cos, .erf, .abs, .sign, .softmax,
      .identity, .square, .norm, .layerNorm, .expm1, .log1p, .log2, .floor, .mean, .sum, .largest, .stop,
      .isFinite, .elu, .gelu, .logsigmoid, .relu6, .hardtanh, .spike, .round, .cumsum, .cumprod, .inverse, .expm,
      .diagonal,
      .rowSums, .columnSums, .sumOverSteps, .sumOverPast, .softmaxOverPast:
      1
    case .maximum, .minimum, .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual, .ones, .solve,
      .entryPower, .rows, .columns:
      2
    case .select, .range, .clip: 3
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

  /// How a function of several arguments is called, for a message.
  var usage: String {
    switch self {
    case .select: ": select(condition, a, b)"
    case .clip: ": clip(x, -1, 1)"
    case .spike: ": spike(x), spike(x, arctangent(2))"
    case .largest: "; it is that of all entries"
    case .tanh, .sigmoid, .relu, .softplus, .silu, .exp, .log, .sqrt, .sin, .cos, .erf, .abs, .sign, .softmax,
      .identity, .square, .norm, .layerNorm, .maximum, .minimum, .expm1, .log1p, .log2, .floor, .elu, .gelu,
      .logsigmoid, .relu6, .hardtanh, .round, .cumsum, .cumprod, .inverse, .expm, .solve, .diagonal, .mean, .sum,
      .ones, .rowSums, .columnSums, .rows, .columns, .stop, .less, .lessOrEqual, .greater, .greaterOrEqual, .equal,
      .notEqual,
      .isFinite, .sumOverSteps, .range, .entryPower, .sumOverPast, .softmaxOverPast:
      ""
    }
  }

  /// Why a word before brackets is no function.
  static func unknown(_ name: String) -> String {
    let near = allCases.map(\.word).first { word in
      word.count > 2
        && (word.lowercased().hasPrefix(name.lowercased()) || name.lowercased().hasPrefix(word.lowercased()))
    }
    return "\(name) is no function that is known\(near.map { "; \($0) is" } ?? ""); known are \(list); "
      + "--let '\(name) = tanh' makes it one of them"
  }

  /// The functions by name.
  static var list: String {
    allCases.map(\.word).filter { $0.allSatisfy { $0.isLetter || $0.isNumber } }.joined(separator: ", ")
  }
}

/// What equations can call by name, for a program's help.
public enum EquationFunctions {
  /// The names with commas between them.
  public static var list: String { NamedFunction.list }
}
