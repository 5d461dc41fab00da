extension RoleReader {
  /// The expression with the steps of its variables, and with functions told from products.
  mutating func resolved(_ expression: Expression, in index: Int) throws(EquationError) -> Expression {
    func made(_ kind: Expression.Kind) -> Expression { Expression(kind: kind, range: expression.range) }
    switch expression.kind {
    case .number: return expression
    case .reference(let reference):
      let name = name(reference)
      // Δt is a number beside the variable Δt_n.
      let isNumber = reference.step == nil && settings.constants[name] != nil
      let isVariable = !isNumber && (defined.contains(name) || inputs.contains(name) || seeds.contains(name))
      if !isVariable, let step = stepNumber(reference, expression.range) { return step }
      if !isVariable, reference.step != nil {
        throw source.error(at: expression.range.lowerBound, "\(name.text) has no equation" + hint(name))
      }
      if !isVariable, name.base.count > 1, NamedFunction(name.base) != nil, settings.shapes[name] == nil {
        throw source.error(at: expression.range.lowerBound, "\(name.text) needs an argument: \(name.text)(…)")
      }
      let resolved = Reference(name: name, step: isVariable ? step(reference, in: index) : nil)
      return made(.reference(reference.isPair ? resolved : resolved.with(reference.past)))
    case .negative(let a): return made(.negative(try resolved(a, in: index)))
    case .sum(let a, let b): return made(.sum(try resolved(a, in: index), try resolved(b, in: index)))
    case .difference(let a, let b): return made(.difference(try resolved(a, in: index), try resolved(b, in: index)))
    case .quotient(let a, let b):
      let divisor = try resolved(b, in: index)
      // a / b (c), where b is no function.
      if case .call = b.kind, case .product(let parts, .juxtaposed) = divisor.kind, parts.count > 1 {
        throw source.unclearQuotient(at: b.range.lowerBound, a, parts[0], parts[1])
      }
      return made(.quotient(try resolved(a, in: index), divisor))
    case .power(let a, let b):
      let exponent = try resolved(b, in: index)
      let e = Name(base: "e")
      if a.kind == .reference(Reference(name: e)), !defined.contains(e), !inputs.contains(e),
        settings.constants[e] == nil
      {
        return made(.call(Reference(name: Name(base: NamedFunction.exp.rawValue)), [exponent]))
      }
      return applied(toLastFactorOf: a, try resolved(a, in: index)) { made(.power($0, exponent)) }
    case .transpose(let a):
      return applied(toLastFactorOf: a, try resolved(a, in: index)) { made(.transpose($0)) }
    case .magnitude(let a): return made(.magnitude(try resolved(a, in: index)))
    case .length(let a): return made(.length(try resolved(a, in: index)))
    case .part(let a, let place, let names):
      return made(.part(try resolved(a, in: index), place, of: names.map { Reference(name: name($0)) }))
    case .join(let parts):
      var result: [Expression] = []
      for part in parts { result.append(try resolved(part, in: index)) }
      return made(.join(result))
    case .product(let factors, let sign):
      var result: [Expression] = []
      for factor in factors {
        let next = try resolved(factor, in: index)
        // W (r ⊙ h): what looked like a call was two factors of the row.
        if factor.isCall, case .product(let inner, .juxtaposed) = next.kind, sign == .juxtaposed {
          result += inner
        } else {
          result.append(next)
        }
      }
      return result.count == 1 ? result[0] : made(.product(result, sign))
    case .call(let reference, let arguments):
      let function = try function(reference, expression)
      if function == .spike { return try spike(reference, arguments, expression.range, in: index) }
      var values: [Expression] = []
      for argument in arguments { values.append(try resolved(argument, in: index)) }
      if let function { return made(try call(function, reference.past, values, expression.range)) }
      if !defined.contains(name(reference)), let kind = operation(reference.name.base, values) { return made(kind) }
      try refuseComplex(reference, expression.range)
      guard values.count == 1, !isFunctionName(reference) else {
        throw source.error(at: expression.range.lowerBound, NamedFunction.unknown(reference.name.text))
      }
      if ["linear", "dense", "affine", "fc"].contains(reference.name.base.lowercased()) {
        return affine(values[0], index, expression.range)
      }
      let end = expression.range.lowerBound + 1
      let factor = Expression(kind: .reference(reference), range: expression.range.lowerBound..<end)
      return made(.product([try resolved(factor, in: index), values[0]], .juxtaposed))
    }
  }

  /// a (b + c)²: where what looked like a call was a product, a power belongs to the bracket.
  private func applied(
    toLastFactorOf written: Expression, _ resolved: Expression, _ change: (Expression) -> Expression
  ) -> Expression {
    guard case .call = written.kind, case .product(let factors, .juxtaposed) = resolved.kind, let last = factors.last
    else {
      return change(resolved)
    }
    return Expression(kind: .product(factors.dropLast() + [change(last)], .juxtaposed), range: resolved.range)
  }

  /// Whether a name before an argument is a word, which a factor is not: `swiglu(x)`.
  private func isFunctionName(_ reference: Reference) -> Bool {
    let (name, word) = (name(reference), reference.name.base)
    return word.count > 2 && word.allSatisfy { $0.isASCII && $0.isLetter }
      && (word == word.lowercased() || word == word.uppercased()) && !word.hasPrefix("cal") && name.below.isEmpty
      && name.above.isEmpty && reference.step == nil && !defined.contains(name) && settings.shapes[name] == nil
      && settings.constants[name] == nil && word != "linear" && word != "dense" && word != "affine"
  }

  /// What programs write as a function of two values: `dot(W, x)`, `concat(h, x)`.
  private func operation(_ name: String, _ values: [Expression]) -> Expression.Kind? {
    let word = name.lowercased()
    if Self.joins.contains(word) { return values.count == 1 ? values[0].kind : .join(values) }
    guard values.count == 2, let sign = Self.products[word] else { return nil }
    return .product(values, sign)
  }

  private static let joins: Set = ["concat", "concatenate", "cat", "hstack"]
  private static let products: [String: Expression.Multiplication] = [
    "dot": .dot, "matmul": .dot, "mm": .dot, "mul": .hadamard, "multiply": .hadamard,
  ]

  private mutating func readStepNumber() {
    if !readsStepNumber, settings.firstStep == nil {
      assumptions.append("t counts the steps from 1; --let 't: from 0' counts from 0")
    }
    readsStepNumber = true
  }

  /// t among the values counts the steps; a number above which t stands has it as its power.
  private mutating func stepNumber(_ reference: Reference, _ range: Range<Int>) -> Expression? {
    guard style == .indexed else { return nil }
    let count = Expression(
      kind: .reference(Reference(name: EquationSystem.stepNumber, step: 0)), range: range)
    if reference.name == EquationSystem.stepNumber, reference.step == nil, settings.shapes[reference.name] == nil,
      settings.constants[reference.name] == nil
    {
      readStepNumber()
      return count
    }
    guard reference.isRaised, let step = reference.step, settings.constants[reference.name] != nil else { return nil }
    readStepNumber()
    let base = Expression(kind: .reference(Reference(name: reference.name)), range: range)
    let exponent =
      step == 0
      ? count
      : Expression(
        kind: .sum(count, Expression(kind: .number(Double(step)), range: range)), range: range)
    return Expression(kind: .power(base, exponent), range: range)
  }

  /// Linear(x) is another layer wherever it stands: W x + b with parameters of its own.
  private mutating func affine(_ x: Expression, _ index: Int, _ range: Range<Int>) -> Expression {
    layers += 1
    func made(_ kind: Expression.Kind) -> Expression { Expression(kind: kind, range: range) }
    let left = leftName(equations[index])
    let label = left.base + left.below + (layers > 1 ? "\(layers)" : "")
    let weight = made(.reference(Reference(name: Name(base: "W", below: label))))
    let bias = made(.reference(Reference(name: Name(base: "b", below: label))))
    return made(.sum(made(.product([weight, x], .juxtaposed)), bias))
  }

  /// The function that a name before an argument stands for; nil if it is a factor.
  private mutating func function(
    _ reference: Reference, _ expression: Expression
  ) throws(EquationError) -> NamedFunction? {
    let name = name(reference)
    // What has a sign instead of a name.
    if let known = NamedFunction(rawValue: name.base), known == .sumOverSteps || known == .range || known.isOverPast {
      return known
    }
    if reference.step != nil || defined.contains(name) || inputs.contains(name) { return nil }
    if let chosen = settings.functions[name] { return chosen }
    if let known = NamedFunction(name.base), name.base.count > 1 { return known }
    if settings.constants[name] != nil || settings.shapes[name] != nil { return nil }
    if let step = stepLetter(name) { return step }
    let isUnnamed = ["f", "g", "s", "h", "a", "φ", "ϕ", "ψ", "activation", "act", "nonlinearity"].contains(name.base)
    if name.base == "σ", name.below.isEmpty || ["g", "i", "f", "o", "z", "r"].contains(name.below) { return .sigmoid }
    guard isUnnamed || name.base == "σ" else { return nil }
    let line = "\(name.text) is tanh; --let '\(name.text) = relu' makes it another function"
    if !assumptions.contains(line) { assumptions.append(line) }
    return .tanh
  }
}
