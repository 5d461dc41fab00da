internal import EbbRecording

/// Functions that are called with arguments of their own kind.
extension RoleReader {
  /// The call of a known function.
  func call(
    _ function: NamedFunction, _ past: PastIndex?, _ values: [Expression], _ range: Range<Int>
  ) throws(EquationError) -> Expression.Kind {
    func made(_ kind: Expression.Kind) -> Expression { Expression(kind: kind, range: range) }
    func called(_ function: NamedFunction, _ values: [Expression]) -> Expression.Kind {
      .call(Reference(name: Name(base: function.rawValue)).with(past), values)
    }
    if function == .sumOverSteps, !isGradient {
      throw source.error(at: range.lowerBound, NamedFunction.noSumOverSteps)
    }
    if values.count > 2, function == .maximum || function == .minimum {
      // max(a, b, c)
      return values.dropFirst(2).reduce(called(function, Array(values.prefix(2)))) {
        called(function, [made($0), $1])
      }
    }
    guard values.count == function.arity else {
      throw source.error(
        at: range.lowerBound,
        "\(function.word) takes \(["no", "one", "two", "three"][function.arity]) "
          + "argument\(function.arity == 1 ? "" : "s"), not \(values.count)\(function.usage)")
    }
    if function == .clip { return called(.minimum, [made(called(.maximum, [values[0], values[1]])), values[2]]) }
    return called(function, values)
  }

  /// spike(x), spike(x, arctangent(2)): the call with the surrogate as numbers.
  mutating func spike(
    _ function: Reference, _ arguments: [Expression], _ range: Range<Int>, in index: Int
  ) throws(EquationError) -> Expression {
    var surrogate = settings.surrogates[name(function)] ?? .fastSigmoid()
    guard (1...2).contains(arguments.count) else {
      throw source.error(
        at: range.lowerBound, "spike takes one argument or two, not \(arguments.count)\(NamedFunction.spike.usage)")
    }
    if arguments.count == 2 {
      guard let chosen = SurrogateGradient(arguments[1]) else {
        throw source.error(
          at: arguments[1].range.lowerBound, "this is no surrogate gradient; those are \(SurrogateGradient.help)")
      }
      surrogate = chosen
    }
    let numbers = surrogate.numbers.map { Expression(kind: .number($0), range: range) }
    let name = Reference(name: Name(base: NamedFunction.spike.rawValue))
    return Expression(kind: .call(name, [try resolved(arguments[0], in: index)] + numbers), range: range)
  }

  /// Θ(…) is a step if Θ is nothing else; H(…) could be a matrix too, and stays one.
  mutating func stepLetter(_ name: Name) -> NamedFunction? {
    if name.text == "Θ" {
      note("Θ is 1 above 0, else 0, with the gradient of a fast sigmoid; --let 'Θ: arctangent(2)' takes another one")
      return .spike
    }
    if name.text == "H" {
      note("H is a matrix before these brackets; --let 'H = spike' makes it the step from 0 to 1")
    }
    return nil
  }

  mutating func note(_ line: String) {
    if !assumptions.contains(line) { assumptions.append(line) }
  }

  // MARK: Complex numbers

  static let pairs =
    "equations are real: a complex h is a pair, as in a_t = cos(θ) ⊙ a_{t-1} - sin(θ) ⊙ b_{t-1} + …, "
    + "b_t = sin(θ) ⊙ a_{t-1} + cos(θ) ⊙ b_{t-1} + …"

  /// Re(h) and Im(h).
  func refuseComplex(_ function: Reference, _ range: Range<Int>) throws(EquationError) {
    let words: Set = ["re", "im", "real", "imag", "conj", "ℜ", "ℑ"]
    let name = name(function)
    guard words.contains(name.text.lowercased()), settings.shapes[name] == nil, !defined.contains(name) else { return }
    throw source.error(at: range.lowerBound, "\(name.text) is of complex numbers, and " + Self.pairs)
  }

  /// A bare i or j that nothing defines is the imaginary unit; a bar over a letter is part of a name.
  mutating func checkComplex() throws(EquationError) {
    var places: [Name: Int] = [:]
    for definition in definitions {
      definition.value.forEachReference { reference, range in
        if places[reference.name] == nil { places[reference.name] = range.lowerBound }
      }
    }
    let all = Set(places.keys).union(definitions.map(\.name))
    for name in parameters where settings.shapes[name] == nil && settings.starts[name] == nil {
      if ["i", "j"].contains(name.text) {
        throw source.error(
          at: places[name] ?? 0,
          "\(name.text) has no equation; if it is the imaginary unit, \(Self.pairs); as a parameter it is declared: "
            + "--let '\(name.text): vector'")
      }
      var plain = name
      plain.base.unicodeScalars.removeAll { $0 == "\u{304}" }
      if plain.above == "*" { plain.above = "" }
      if plain != name, all.contains(plain) {
        note("\(name.text) is a parameter beside \(plain.text); a mark makes another name, and no conjugate")
      }
    }
  }
}

extension SurrogateGradient {
  static let help = "straightThrough, fastSigmoid(25) and arctangent(2), with their slopes"

  /// The surrogate that an argument names.
  init?(_ argument: Expression) {
    switch argument.kind {
    case .reference(let reference): self.init(word: reference.name.text, slope: nil)
    case .call(let reference, let slopes) where slopes.count == 1:
      guard let slope = slopes[0].number else { return nil }
      self.init(word: reference.name.text, slope: slope)
    case .call, .number, .negative, .sum, .difference, .product, .quotient, .power, .transpose, .join, .magnitude,
      .length, .part:
      return nil
    }
  }

  /// The surrogate in words, `arctangent(2)`.
  init?(text: String) {
    let parts = text.split(separator: "(", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
    guard let word = parts.first else { return nil }
    if parts.count == 1 {
      self.init(word: word, slope: nil)
    } else {
      guard parts[1].last == ")", let slope = Double(parts[1].dropLast()) else { return nil }
      self.init(word: word, slope: slope)
    }
  }

  private init?(word: String, slope: Double?) {
    if let slope, !slope.isFinite || slope <= 0 { return nil }
    switch word.lowercased() {
    case "straightthrough" where slope == nil: self = .straightThrough
    case "fastsigmoid": self = slope.map { .fastSigmoid(slope: $0) } ?? .fastSigmoid()
    case "arctangent", "arctan": self = slope.map { .arctangent(slope: $0) } ?? .arctangent()
    case _: return nil
    }
  }

  /// The kind and the slope, as a call holds them.
  var numbers: [Double] {
    switch self {
    case .straightThrough: [0, 1]
    case .fastSigmoid(let slope): [1, slope]
    case .arctangent(let slope): [2, slope]
    }
  }

  init(numbers: [Double]) {
    switch numbers.first {
    case 0: self = .straightThrough
    case 1: self = .fastSigmoid(slope: numbers[1])
    case _: self = .arctangent(slope: numbers[1])
    }
  }

  /// The word and the slope; nil for what a spike has if nothing is said.
  var words: (word: String, slope: Double?)? {
    switch self {
    case .straightThrough: ("straightThrough", nil)
    case .fastSigmoid(let slope): slope == 25 ? nil : ("fastSigmoid", slope)
    case .arctangent(let slope): ("arctangent", slope)
    }
  }
}
