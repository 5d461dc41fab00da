/// A side of an equation, as it was written: what a product means is decided when the shapes are known.
struct Expression: Hashable, Sendable {
  indirect enum Kind: Hashable, Sendable {
    case number(Double)
    case reference(Reference)
    case negative(Expression)
    case sum(Expression, Expression)
    case difference(Expression, Expression)
    case product([Expression], Multiplication)
    case quotient(Expression, Expression)
    case power(Expression, Expression)
    case transpose(Expression)
    /// A name before parentheses that may be a function.
    case call(Reference, [Expression])
    /// `[a, b]`: one vector of the entries of all.
    case join([Expression])
    /// |a|, entry by entry.
    case magnitude(Expression)
    /// ‖a‖.
    case length(Expression)
    /// The entries of a vector that belong to one of the names that share it.
    case part(Expression, Int, of: [Reference])
  }

  /// What stands between factors, from the tightest.
  enum Multiplication: Hashable, Sendable { case juxtaposed, dot, hadamard }

  var kind: Kind
  /// The characters of the text.
  var range: Range<Int>

  /// Whether it says the same, wherever it stands: the terms of a sum have no order, and the factors of a product without
  /// matrices may have any sign between them.
  func says(_ other: Expression) -> Bool { plain == other.plain }

  /// The expression at no place, with the terms of its sums in an order of their own.
  private var plain: Expression {
    mapped { part in
      let plain = Expression(kind: part.kind, range: 0..<0)
      switch part.kind {
      case .sum, .difference:
        let terms = plain.terms.sorted { "\($0)" < "\($1)" }
        let all = terms.dropFirst().reduce(terms[0]) { Expression(kind: .sum($0, $1), range: 0..<0) }
        return all
      case .product:
        let factors = plain.factors
        if factors.contains(where: \.isMatrix) { return plain }
        return Expression(kind: .product(factors.sorted { "\($0)" < "\($1)" }, .hadamard), range: 0..<0)
      case .number, .reference, .negative, .quotient, .power, .transpose, .call, .join, .magnitude, .length, .part:
        return plain
      }
    }
  }

  private var terms: [Expression] {
    switch kind {
    case .sum(let a, let b): a.terms + b.terms
    case .difference(let a, let b): a.terms + b.terms.map { Expression(kind: .negative($0), range: 0..<0) }
    case .number, .reference, .negative, .product, .quotient, .power, .transpose, .call, .join, .magnitude, .length,
      .part:
      [self]
    }
  }

  private var factors: [Expression] {
    if case .product(let parts, _) = kind { return parts.flatMap(\.factors) }
    return [self]
  }

  /// Whether it looks like a matrix: a capital without a step, transposed or not.
  var isMatrix: Bool {
    if case .transpose(let a) = kind { return a.isMatrix }
    guard case .reference(let reference) = kind else { return false }
    return reference.step == nil && reference.name.isCapital
  }

  /// Whether it is written as a call, with or without a power or a transpose.
  var isCall: Bool {
    switch kind {
    case .call: true
    case .power(let a, _), .transpose(let a): if case .call = a.kind { true } else { false }
    case .number, .reference, .negative, .sum, .difference, .product, .quotient, .join, .magnitude, .length, .part:
      false
    }
  }

  /// The direct parts.
  var parts: [Expression] {
    switch kind {
    case .number, .reference: []
    case .negative(let a), .transpose(let a), .magnitude(let a), .length(let a), .part(let a, _, _): [a]
    case .sum(let a, let b), .difference(let a, let b), .quotient(let a, let b), .power(let a, let b): [a, b]
    case .product(let parts, _), .call(_, let parts), .join(let parts): parts
    }
  }

  /// Replaces every expression in it, innermost first.
  func mapped(_ change: (Expression) -> Expression) -> Expression { change(replacingParts { $0.mapped(change) }) }

  /// Replaces its direct parts.
  func replacingParts(_ inner: (Expression) -> Expression) -> Expression {
    let kind: Kind =
      switch self.kind {
      case .number, .reference: self.kind
      case .negative(let a): .negative(inner(a))
      case .sum(let a, let b): .sum(inner(a), inner(b))
      case .difference(let a, let b): .difference(inner(a), inner(b))
      case .product(let factors, let sign): .product(factors.map(inner), sign)
      case .quotient(let a, let b): .quotient(inner(a), inner(b))
      case .power(let a, let b): .power(inner(a), inner(b))
      case .transpose(let a): .transpose(inner(a))
      case .call(let function, let arguments): .call(function, arguments.map(inner))
      case .join(let parts): .join(parts.map(inner))
      case .magnitude(let a): .magnitude(inner(a))
      case .length(let a): .length(inner(a))
      case .part(let a, let place, let names): .part(inner(a), place, of: names)
      }
    return Expression(kind: kind, range: range)
  }

  /// Calls `body` with every reference in it, and the characters that it was read from.
  func forEachReference(_ body: (Reference, Range<Int>) -> Void) {
    switch kind {
    case .reference(let reference), .call(let reference, _): body(reference, range)
    case .number, .negative, .sum, .difference, .product, .quotient, .power, .transpose, .join, .magnitude, .length,
      .part:
      break
    }
    for part in parts { part.forEachReference(body) }
  }
}

/// A line of the text.
struct Statement: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    /// `h_t = …`; a chain says the same more than once.
    case equation([Expression])
    /// `b_f ~ constant(1)`
    case start(text: String)
    /// `W_{ci}: diagonal`
    case declaration(text: String)
  }

  var left: Reference
  /// All names on the left side, if they stand in brackets.
  var column: [Reference] = []
  var kind: Kind
  var range: Range<Int>
}
