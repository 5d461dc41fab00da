/// What a parameter is by where it stands and by its letter, as papers write: a capital that is applied to something is a
/// matrix, a small Latin letter or a capital that only adds or scales entries a vector, and a small Greek letter a number
/// that the text or the user must give.
struct ParameterUses {
  /// Stands before or after a factor in a product of matrices.
  private(set) var applied: Set<Name> = []
  /// Stands where a number is meant: below a fraction line, in an exponent, alone before a function.
  private(set) var asNumber: Set<Name> = []
  /// Multiplies entries.
  private(set) var scales: Set<Name> = []
  /// Multiplies entries of a state.
  private(set) var scalesState: Set<Name> = []
  /// Whether matrices follow what they are applied to, x W, so that vectors are rows: kᵀ v is a matrix.
  var hasRows: Bool { matricesAfter > 0 && matricesBefore == 0 }
  private var matricesAfter = 0
  private var matricesBefore = 0
  /// Capitals in a product with a whole number as their power: A² h.
  private var raised: Set<Name> = []
  /// How often the text has it.
  private(set) var count: [Name: Int] = [:]

  init(_ system: EquationSystem) {
    for definition in system.definitions {
      visit(definition.value, system)
      definition.value.forEachReference { reference, _ in count[reference.name, default: 0] += 1 }
    }
  }

  private mutating func visit(_ expression: Expression, _ system: EquationSystem) {
    switch expression.kind {
    case .product(let factors, let sign):
      let readsState = factors.contains {
        if case .reference(let reference) = $0.kind { (reference.step ?? 0) < 0 } else { false }
      }
      for factor in factors {
        let inner = sign == .hadamard ? factor.untransposed : factor.applied
        if sign != .hadamard, case .reference(let base) = factor.raised?.kind, base.step == nil, base.name.isCapital {
          raised.insert(base.name)
        }
        guard case .reference(let reference) = inner.kind, reference.step == nil else { continue }
        if sign == .hadamard { scales.insert(reference.name) } else { applied.insert(reference.name) }
        if readsState { scalesState.insert(reference.name) }
      }
      if sign != .hadamard {
        for (left, right) in zip(factors, factors.dropFirst()) {
          if left.isVariable, right.isMatrix { matricesAfter += 1 }
          if left.isMatrix, right.isVariable { matricesBefore += 1 }
        }
      }
      // (A − B) h: the terms of a sum that is applied are matrices as a single factor is.
      if sign != .hadamard { for factor in factors.dropLast() { apply(termsOf: factor) } }
    case .quotient(_, let divisor):
      if case .reference(let reference) = divisor.kind, reference.step == nil { asNumber.insert(reference.name) }
    case .power(let base, let exponent):
      for part in [base, exponent] {
        if case .reference(let reference) = part.kind, reference.step == nil { asNumber.insert(reference.name) }
      }
    case .call(let function, let arguments):
      let isOfMatrix =
        NamedFunction(rawValue: function.name.base).map { [.inverse, .expm, .solve].contains($0) } == true
      if isOfMatrix, case .reference(let reference) = arguments.first?.applied.kind, reference.step == nil {
        applied.insert(reference.name)
      }
    case .number, .reference, .negative, .sum, .difference, .transpose, .join, .magnitude, .length, .part:
      break
    }
    for part in expression.parts { visit(part, system) }
  }

  private mutating func apply(termsOf expression: Expression) {
    switch expression.kind {
    case .sum(let a, let b), .difference(let a, let b):
      for term in [a, b] {
        if case .reference(let reference) = term.kind, reference.step == nil { applied.insert(reference.name) }
        apply(termsOf: term)
      }
    case .negative(let a), .transpose(let a): apply(termsOf: a)
    case .power(let a, let exponent): if exponent.number != nil { apply(termsOf: a) }
    case .call(_, let arguments):
      // stop(W) h
      for argument in arguments {
        if case .reference(let reference) = argument.kind, reference.step == nil, reference.name.isCapital {
          applied.insert(reference.name)
        }
      }
    case .number, .reference, .product, .quotient, .join, .magnitude, .length, .part: break
    }
  }

  /// The kind of a parameter that nothing declares; nil if it is a number that must be given.
  func kind(of name: Name) -> ValueKind? {
    if raised.contains(name) { return .matrix }
    if asNumber.contains(name) { return nil }
    if name.isGreek { return applied.contains(name) ? nil : .vector }
    if name.isCapital { return applied.contains(name) ? .matrix : .vector }
    return .vector
  }
}

extension Expression {
  /// Whether it has a value for each step.
  fileprivate var isVariable: Bool {
    var result = false
    forEachReference { reference, _ in result = result || reference.step != nil }
    return result
  }

  fileprivate var untransposed: Expression { if case .transpose(let part) = kind { part } else { self } }

  /// What is applied in a product, without its transpose or its power: A of (A^{-1})^T.
  fileprivate var applied: Expression {
    switch kind {
    case .transpose(let part): part.applied
    case .power(let base, let exponent): exponent.number.flatMap { Int(exactly: $0) } == nil ? self : base.applied
    case .number, .reference, .negative, .sum, .difference, .product, .quotient, .call, .join, .magnitude, .length,
      .part:
      self
    }
  }

  /// The base of a whole power; nil if there is none.
  fileprivate var raised: Expression? {
    switch kind {
    case .transpose(let part): part.raised
    case .power(let base, let exponent): exponent.number.flatMap { Int(exactly: $0) } == nil ? nil : base.applied
    case .number, .reference, .negative, .sum, .difference, .product, .quotient, .call, .join, .magnitude, .length,
      .part:
      nil
    }
  }
}
