/// Reads a text, and what is said beside it, into equations and settings.
struct EquationReader {
  private(set) var equations: [Equation] = []
  private(set) var settings = EquationSettings()
  /// The states that are said to begin at 0, with the error if there is no such state.
  private var zeroStarts: [(state: String, error: EquationError)] = []

  init(
    _ source: EquationText, ranges: [Range<Int>], given: [String]
  ) throws(EquationError) {
    for range in ranges { try read(source, range) }
    for line in given {
      let text = EquationText(line)
      let before = equations.count
      try read(text, text.characters.indices)
      if equations.count > before {
        throw text.error(
          at: 0, "what is given beside the equations is a number, a function or a shape, not an equation")
      }
    }
    // h_0 = 0 says how the state h begins.
    for start in zeroStarts where !equations.contains(where: { $0.left.name.base == start.state }) {
      throw start.error
    }
  }

  private mutating func read(_ source: EquationText, _ range: Range<Int>) throws(EquationError) {
    let tokens = try Lexer.tokens(of: source, in: range)
    let times = TimeLetters(tokens)
    for words in StatementSplitter.statements(tokens) {
      var parser = Parser(source, words, times)
      let statement = try parser.statement()
      let name = statement.left.name
      switch statement.kind {
      case .declaration(let text):
        guard settings.declare(name, text) else {
          throw source.error(at: statement.range.lowerBound, EquationSettings.declarationHelp(name))
        }
      case .start(let text):
        guard settings.start(name, text) else {
          throw source.error(at: statement.range.lowerBound, EquationSettings.startHelp(name))
        }
      case .equation(let sides):
        if try readSetting(statement.left, sides, source, statement.range) { continue }
        let end = statement.range.lowerBound + 1
        equations.append(
          Equation(left: statement.left, sides: sides, range: statement.range.lowerBound..<end))
      }
    }
  }

  /// Whether an equation only gives a letter a number or a function: `ε = 0.01`, `f = relu`, `h_0 = 0`.
  private mutating func readSetting(
    _ left: Reference, _ sides: [Expression], _ source: EquationText, _ range: Range<Int>
  ) throws(EquationError) -> Bool {
    guard left.step == nil, left.primes == 0, let side = sides.last else { return false }
    if case .reference(let right) = side.kind, right.step == nil,
      let function = NamedFunction(right.name.base) ?? (right.name.base == "σ" ? .sigmoid : nil),
      right.name.base != left.name.base
    {
      settings.functions[left.name] = function
      return true
    }
    guard let number = side.number else { return false }
    if left.name.below == "0" {
      guard number == 0 else {
        throw source.error(
          at: range.lowerBound, "a state begins at 0 or at a trained value: \(left.name.text) ~ trained")
      }
      let error = source.error(at: range.lowerBound, "there is no equation of \(left.name.base)_t")
      zeroStarts.append((left.name.base, error))
    } else {
      settings.constants[left.name] = number
    }
    return true
  }
}

extension Expression {
  /// The number that an expression of numbers alone is.
  var number: Double? {
    switch kind {
    case .number(let value): value
    case .negative(let a): a.number.map { -$0 }
    case .sum(let a, let b): a.number.flatMap { x in b.number.map { x + $0 } }
    case .difference(let a, let b): a.number.flatMap { x in b.number.map { x - $0 } }
    case .quotient(let a, let b): a.number.flatMap { x in b.number.map { x / $0 } }
    case .product(let factors, _):
      factors.reduce(1.0) { product, next in product.flatMap { x in next.number.map { x * $0 } } }
    case .reference, .power, .transpose, .call, .join, .magnitude, .length: nil
    }
  }
}
