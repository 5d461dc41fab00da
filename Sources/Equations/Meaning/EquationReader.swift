/// Reads a text, and what is said beside it, into equations and settings.
struct EquationReader {
  private(set) var equations: [Equation] = []
  private(set) var settings = EquationSettings()
  /// The states that are said to begin at 0, with the error if there is no such state.
  private var zeroStarts: [(state: String, error: EquationError)] = []
  private var known: [String: Double] = [:]
  /// The letters that count the past.
  private var pasts: [String: PastIndex] = [:]

  init(
    _ source: EquationText, ranges: [Range<Int>], given: [String]
  ) throws(EquationError) {
    let lines = given.map(EquationText.init)
    var pasts: [String: PastIndex] = [:]
    for range in ranges {
      let found = try TimeLetters.pasts(in: Lexer.tokens(of: source, in: range), source)
      pasts.merge(found) { first, _ in first }
    }
    self.pasts = pasts
    for range in ranges { try readNumbers(source, range) }
    for line in lines { try readNumbers(line, line.characters.indices) }
    for range in ranges { try read(source, range) }
    for line in lines {
      let before = equations.count
      try read(line, line.characters.indices)
      if equations.count > before {
        throw line.error(
          at: 0, "what is given beside the equations is a number, a function or a shape, not an equation")
      }
    }
    equations = try PastIndices(equations, source).equations
    equations = try EntrySums(equations, source).equations
    // h_0 = 0 says how the state h begins.
    for start in zeroStarts where !equations.contains(where: { $0.left.name.base == start.state }) {
      throw start.error
    }
  }

  /// The numbers that are given by a letter, `K = 3`: the bounds of sums need them before the equations are read.
  private mutating func readNumbers(_ source: EquationText, _ range: Range<Int>) throws(EquationError) {
    let tokens = try Lexer.tokens(of: source, in: range)
    for words in try StatementSplitter.statements(tokens, TimeLetters(tokens).with(pasts), source).statements
    where words.count == 3 {
      if case .name(let name) = words[0].kind, words[1].kind == .symbol(.equals),
        case .number(let value) = words[2].kind
      {
        known[name] = value
      }
    }
  }

  private mutating func read(_ source: EquationText, _ range: Range<Int>) throws(EquationError) {
    let tokens = try Lexer.tokens(of: source, in: range)
    let times = TimeLetters(tokens).with(pasts)
    for token in tokens where token.kind == .symbol(.element) {
      guard token.text(in: source).lowercased().filter(\.isLetter) == "or" else { continue }
      let line = source.error(at: token.range.lowerBound, "").line
      settings.notes.append("of two values with “or” in line \(line) the first is taken")
    }
    let (statements, notes) = try StatementSplitter.statements(tokens, times, source)
    settings.notes += notes
    for words in statements {
      var parser = Parser(source, words, times, known: known)
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
        let range = statement.range.lowerBound..<statement.range.lowerBound + 1
        if let side = sides.last, !statement.column.isEmpty {
          equations += try Column(names: statement.column, range: range, source: source).equations(side)
        } else if try !readSetting(statement.left, sides, source, statement.range) {
          equations.append(Equation(left: statement.left, sides: sides, range: range))
        }
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
    case .reference, .power, .transpose, .call, .join, .magnitude, .length, .part: nil
    }
  }
}
