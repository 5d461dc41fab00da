/// One equation of several names: `[i; f; g] = [σ; σ; tanh] W [h, x]`, or without the column of functions.
///
/// What the functions are applied to becomes an equation of its own, and each name the function of its part.
struct Column {
  let names: [Reference]
  /// The left side in the text.
  let range: Range<Int>
  let source: EquationText

  /// The equations, of which the first has all parts.
  func equations(_ side: Expression) throws(EquationError) -> [Equation] {
    if case .join(let parts) = side.kind, !parts.contains(where: \.isFunction) {
      try check(parts.count, "values", side)
      return zip(names, parts).map { Equation(left: $0, sides: [$1], range: range) }
    }
    let (functions, argument) = split(side) ?? ([], side)
    if !functions.isEmpty { try check(functions.count, "functions", side) }
    if let stray = argument.functionColumn {
      throw source.error(
        at: stray.lowerBound, "a column of functions stands before all that they are applied to: [σ; tanh] (W x + b)")
    }
    let name = Name(base: names.map(\.name.identifier).joined(separator: "-"))
    let whole = Reference(name: name, step: names.first?.step)
    let parts = names.indices.map { index in
      var value = Expression(kind: .reference(whole), range: range)
      value.kind = .part(value, index, of: names)
      if !functions.isEmpty {
        value = Expression(kind: .call(functions[index].name, [value]), range: functions[index].range)
      }
      return Equation(left: names[index], sides: [value], range: range)
    }
    return [Equation(left: whole, sides: [argument], range: range)] + parts
  }

  /// The functions of the column that a product begins with, and what they are applied to.
  private func split(
    _ side: Expression
  ) -> (functions: [(name: Reference, range: Range<Int>)], argument: Expression)? {
    guard case .product(var factors, let sign) = side.kind else { return nil }
    var functions: [(name: Reference, range: Range<Int>)] = []
    if case .join(let parts) = factors[0].kind, parts.allSatisfy(\.isFunction) {
      for part in parts {
        if case .reference(let name) = part.kind { functions.append((name, part.range)) }
      }
      factors.removeFirst()
    } else if let inner = split(factors[0]) {
      (functions, factors[0]) = inner
    } else {
      return nil
    }
    let kind = factors.count == 1 ? factors[0].kind : .product(factors, sign)
    return (functions, Expression(kind: kind, range: factors[0].range))
  }

  private func check(_ count: Int, _ what: String, _ side: Expression) throws(EquationError) {
    if count != names.count {
      throw source.error(at: side.range.lowerBound, "there are \(count) \(what) for \(names.count) names")
    }
  }
}

extension Expression {
  /// Where a column of functions is left.
  fileprivate var functionColumn: Range<Int>? {
    if case .join(let parts) = kind, parts.allSatisfy(\.isFunction) { return range }
    return parts.lazy.compactMap(\.functionColumn).first
  }

  /// Whether it is the name of a function without its argument.
  fileprivate var isFunction: Bool {
    guard case .reference(let reference) = kind else { return false }
    let name = reference.name.base
    return name.first == "σ" || name.count > 1 && NamedFunction(name) != nil
  }
}
