internal import EbbRecording
internal import Foundation

/// What is said beside the equations: values of constants, functions behind letters, shapes, initial values.
struct EquationSettings: Hashable, Sendable {
  var functions: [Name: NamedFunction] = [:]
  var constants: [Name: Double] = [:]
  /// How the steps that are declared are differentiated.
  var surrogates: [Name: SurrogateGradient] = [:]
  var shapes: [Name: DeclaredShape] = [:]
  var starts: [Name: Initializer] = [:]
  /// The widths of the parts of the input, and the names that are declared as input, in their order.
  var inputWidths: [Name: Int] = [:]
  var declaredInputs: [Name] = []
  /// What was taken for granted while the text was read.
  var notes: [String] = []
  /// What t is at the first step, if the text says it; otherwise 1.
  var firstStep: Int?
  /// Values before the first step, as h_0, that are said to be trained and no more.
  var trainedStarts: Set<Name> = []

  /// I is the identity matrix if nothing says otherwise.
  func isIdentity(_ name: Name) -> Bool { name.text == "I" && shapes[name] == nil }

  enum DeclaredShape: Hashable, Sendable {
    case input
    /// The dimensions: `units`, `inputs` or a number.
    case dimensions([String])
  }

  /// Reads what stands after the colon: `diagonal`, `scalar`, `input`, `constant 0.5`, `[units, inputs]`,
  /// `state [4, units]`; false if it is none of these.
  mutating func declare(_ name: Name, _ text: String) -> Bool {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    switch words.first {
    case "diagonal" where words.count == 1, "vector" where words.count == 1: shapes[name] = .dimensions(["units"])
    case "scalar" where words.count == 1: shapes[name] = .dimensions([])
    case "input" where words.count <= 2:
      if words.count == 2 {
        guard words[1].hasPrefix("["), words[1].hasSuffix("]"), let width = Int(words[1].dropFirst().dropLast()),
          Self.sizes.contains(width)
        else { return false }
        inputWidths[name] = width
      }
      shapes[name] = .input
      declaredInputs.append(name)
    case "from" where words == ["from", "0"] || words == ["from", "1"]:
      guard name.text == "t" else { return false }
      firstStep = words[1] == "0" ? 0 : 1
    case "constant":
      guard words.count == 2, let value = Double(words[1]), value.isFinite else { return false }
      constants[name] = value
    case nil: return false
    case .some(let first):
      if let surrogate = SurrogateGradient(text: text) {
        (surrogates[name], functions[name]) = (surrogate, .spike)
        return true
      }
      let list = (["state", "parameter"].contains(first) ? words.dropFirst() : words[...]).joined(separator: " ")
      guard list.first == "[", list.last == "]" else { return false }
      let dimensions = list.dropFirst().dropLast().split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      guard dimensions.count <= 2,
        dimensions.allSatisfy({ $0 == "units" || $0 == "inputs" || Self.sizes.contains(Int($0) ?? 0) })
      else { return false }
      shapes[name] = .dimensions(dimensions)
    }
    return true
  }

  /// The sizes that a dimension can have.
  private static let sizes = 1...2_147_483_647

  static func declarationHelp(_ name: Name) -> String {
    "after \(name.text): comes diagonal, scalar, vector, input, input [3], constant 0.5, a shape such as [units, inputs] or "
      + "[4], with sizes from 1 to 2147483647, or the gradient of a step: \(SurrogateGradient.help)"
  }

  /// Initial values by name, and those that take a number, which is 1 if it is left out.
  private static let fixed: [String: Initializer] = ["zeros": .zeros, "ones": .constant(1), "glorot": .glorotUniform]
  private static let scaled: [String: @Sendable (Double) -> Initializer] = [
    "constant": { .constant($0) }, "orthogonal": { .orthogonal(gain: $0) }, "identity": { .identity(scale: $0) },
    "uniform": { .uniform(limit: $0) }, "normal": { .normal(deviation: $0) },
  ]

  /// The words that can stand after `~`.
  static let startWords = Set(fixed.keys).union(scaled.keys).union(["trained"])

  /// Reads what stands after `~`: `zeros`, `constant(1)`, `orthogonal`, `uniform(0.1)` … , and for the value before the
  /// first step `trained`; false if it is none of these.
  mutating func start(_ name: Name, _ text: String) -> Bool {
    let parts = text.split(separator: "(", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
    guard let word = parts.first else { return false }
    if parts.count == 1, word == "trained", name.below == "0" {
      trainedStarts.insert(name)
    } else if parts.count == 1, let start = Self.fixed[word] {
      starts[name] = start
    } else if let start = Self.scaled[word] {
      let number = parts.count == 1 ? 1 : parts[1].last == ")" ? Double(parts[1].dropLast()) : nil
      guard let number, number.isFinite else { return false }
      starts[name] = start(number)
    } else {
      return false
    }
    return true
  }

  static func startHelp(_ name: Name) -> String {
    "after \(name.text) ~ comes zeros, ones, constant(1), orthogonal, identity, uniform(0.1), normal(0.1) or glorot; a "
      + "state can begin with a trained value: h_0 ~ trained"
  }
}
