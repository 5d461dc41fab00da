/// Sums over entries as products: `∑_j W_{ij} h_j` is W h, `∑_i a_i b_i` is aᵀ b, and `[W x]_j` an entry of W x.
///
/// The letters that such sums and brackets count with belong to no name: h_j is an entry of h.
struct EntrySums {
  private let source: EquationText
  /// The letters that count entries.
  private var letters: Set<String> = []
  private(set) var equations: [Equation]

  init(_ equations: [Equation], _ source: EquationText) throws(EquationError) {
    (self.equations, self.source) = (equations, source)
    for equation in equations {
      for side in equation.sides { collect(side) }
    }
    if letters.isEmpty { return }
    // W_{ij} says that i counts entries if j does.
    for equation in equations {
      for side in equation.sides {
        side.forEachReference { reference, _ in
          let pair = reference.name.below.map(String.init)
          if pair.count == 2, reference.name.isCapital, reference.step == nil, letters.contains(where: pair.contains) {
            letters.formUnion(pair)
          }
        }
      }
    }
    for index in self.equations.indices {
      self.equations[index].left.name = stripped(equations[index].left.name)
      for side in equations[index].sides.indices {
        self.equations[index].sides[side] = try read(equations[index].sides[side])
      }
    }
  }

  private mutating func collect(_ expression: Expression) {
    if case .call(let sign, _) = expression.kind, ["∑", "[]"].contains(sign.name.base) {
      letters.insert(sign.name.below)
    }
    for part in expression.parts { collect(part) }
  }

  private func stripped(_ name: Name) -> Name {
    var name = name
    if letters.contains(name.below) { name.below = "" }
    if letters.contains(name.above) { name.above = "" }
    return name
  }

  /// The expression of whole vectors.
  private func read(_ expression: Expression) throws(EquationError) -> Expression {
    var result = expression
    switch expression.kind {
    case .call(let sign, let arguments) where sign.name.base == "∑":
      return try sum(arguments[0], over: sign.name.below, expression.range)
    case .call(let sign, let arguments) where sign.name.base == "[]": return try read(arguments[0])
    case .reference(var reference):
      reference.name = stripped(reference.name)
      result.kind = .reference(reference)
    case .call(var reference, let arguments):
      reference.name = stripped(reference.name)
      result.kind = .call(reference, try read(arguments))
    case .product(let factors, let sign): result.kind = .product(try read(factors), sign)
    case .join(let parts): result.kind = .join(try read(parts))
    case .negative(let a): result.kind = .negative(try read(a))
    case .sum(let a, let b): result.kind = .sum(try read(a), try read(b))
    case .difference(let a, let b): result.kind = .difference(try read(a), try read(b))
    case .quotient(let a, let b): result.kind = .quotient(try read(a), try read(b))
    case .power(let a, let b): result.kind = .power(try read(a), try read(b))
    case .transpose(let a): result.kind = .transpose(try read(a))
    case .magnitude(let a): result.kind = .magnitude(try read(a))
    case .length(let a): result.kind = .length(try read(a))
    case .number, .part: break
    }
    return result
  }

  private func read(_ parts: [Expression]) throws(EquationError) -> [Expression] {
    try parts.map { part throws(EquationError) in try read(part) }
  }

  /// A sum over a letter: the factors that have it are multiplied and summed, the others stay before the sum.
  private func sum(_ body: Expression, over letter: String, _ range: Range<Int>) throws(EquationError) -> Expression {
    func made(_ kind: Expression.Kind) -> Expression { Expression(kind: kind, range: range) }
    func product(_ factors: [Expression], _ sign: Expression.Multiplication) -> Expression {
      factors.count == 1 ? factors[0] : made(.product(factors, sign))
    }
    var (outer, matrices, vectors): ([Expression], [Expression], [Expression]) = ([], [], [])
    for factor in factors(of: body) {
      let counted = counters(of: factor)
      if !counted.contains(letter) {
        outer.append(try read(factor))
      } else if case .reference(var reference) = factor.kind, reference.name.below.count == 2 {
        let isTransposed = reference.name.below.hasPrefix(letter)
        reference.name.below = ""
        let matrix = Expression(kind: .reference(reference), range: factor.range)
        matrices.append(isTransposed ? made(.transpose(matrix)) : matrix)
      } else if counted.count == 1 {
        vectors.append(try read(factor))
      } else {
        throw source.error(
          at: factor.range.lowerBound, "this has two indices; a sum takes factors with one, and a matrix with both")
      }
    }
    let inner: Expression
    switch (matrices.count, vectors.count) {
    case (1, 1...): inner = made(.product([matrices[0], product(vectors, .hadamard)], .juxtaposed))
    case (0, 2): inner = made(.product([made(.transpose(vectors[0])), vectors[1]], .juxtaposed))
    case (0, 1...):
      inner = made(.call(Reference(name: Name(base: NamedFunction.sum.rawValue)), [product(vectors, .hadamard)]))
    case (_, _):
      throw source.error(
        at: range.lowerBound,
        "a sum over \(letter) takes factors with the index \(letter), as in ∑_\(letter) W_{i\(letter)} h_\(letter)")
    }
    return product(outer + [inner], .juxtaposed)
  }

  private func factors(of body: Expression) -> [Expression] {
    if case .product(let parts, _) = body.kind { return parts.flatMap(factors) }
    return [body]
  }

  /// The letters that count entries in it.
  private func counters(of expression: Expression) -> Set<String> {
    var result: Set<String> = []
    expression.forEachReference { reference, _ in
      for index in [reference.name.below, reference.name.above] {
        if letters.contains(index) || index.count == 2 && index.allSatisfy({ letters.contains(String($0)) }) {
          result.formUnion(index.map(String.init))
        }
      }
    }
    return result
  }
}
