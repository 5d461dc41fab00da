public import EbbMarkup

/// The value of an option in one task.
public enum SettingValue: Sendable, Hashable {
  /// A number.
  case number(Double)
  /// A word, as it would be typed.
  case word(String)
  /// An option without a value: given or not.
  case flag(Bool)

  /// The value as it is typed: the shortest decimal, whole numbers without a fraction.
  public var text: String {
    switch self {
    case .number(let value):
      value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
    case .word(let word): word
    case .flag(let isGiven): isGiven ? "yes" : "no"
    }
  }

  /// The number; nil for a word.
  public var number: Double? {
    switch self {
    case .number(let value): value
    case .word, .flag: nil
    }
  }

  /// The value in a file.
  public var json: JSONValue {
    switch self {
    case .number(let value):
      value == value.rounded() && value.magnitude < 1e15 ? .integer(Int(value)) : .number(value)
    case .word(let word): .string(word)
    case .flag(let isGiven): .bool(isGiven)
    }
  }

  /// Nil for a list, an object or null.
  public init?(_ json: JSONValue) {
    switch json {
    case .integer(let value): self = .number(Double(value))
    case .number(let value): self = .number(value)
    case .string(let word): self = .word(word)
    case .bool(let isGiven): self = .flag(isGiven)
    case .null, .array, .object: return nil
    }
  }
}

/// Numbers between two ends, spaced evenly or by equal factors.
public struct SettingRange: Sendable, Hashable {
  /// The ends; both are included.
  public var bounds: ClosedRange<Double>
  /// Whether equal steps are equal factors.
  public var isLogarithmic: Bool
  /// Whether only whole numbers are meant.
  public var isWhole: Bool

  /// The number at a share of the way, from 0 to 1, to so many significant digits.
  ///
  /// Linear: a + u (b − a); logarithmic: a (b / a)^u. A whole number is the nearest one.
  func value(at share: Double, digits: Int) -> Double {
    let (low, high) = (bounds.lowerBound, bounds.upperBound)
    let exact = isLogarithmic ? low * pow(high / low, share) : low + share * (high - low)
    return isWhole ? exact.rounded() : rounded(exact, digits: digits)
  }
}

/// How an option's values are chosen, one after the other or at random.
public enum SettingChoice: Sendable, Hashable {
  /// These values.
  case list([SettingValue])
  /// Numbers of a range.
  case range(SettingRange)
}
