/// Values of the next step in the equations of a gradient.
///
/// An adjoint reaches back from step t + 1 as a whole: `W^⊤ δ_{t+1}` is the value W^⊤ δ of that step. So a part of an
/// equation that reads variables at t + 1 and at no other step becomes a value with a name of its own, which is read at
/// t + 1; and so do neighbouring terms of a sum.
struct LaterSteps {
  /// What is the same at every step, though an equation defines it.
  private let fixed: Set<Name>
  private static let group = "later"

  /// Whether a name is that of a part which became a value.
  static func isGroup(_ name: Name) -> Bool { name.base == group && Int(name.below) != nil }

  static func grouped(
    _ definitions: [EquationSystem.Definition], fixed: Set<Name>
  ) -> [EquationSystem.Definition] {
    LaterSteps(fixed: fixed).grouped(definitions)
  }

  private func grouped(_ definitions: [EquationSystem.Definition]) -> [EquationSystem.Definition] {
    var result: [EquationSystem.Definition] = []
    var count = 0
    for var definition in definitions {
      var own: [EquationSystem.Definition] = []
      definition.value = grouped(withTermsTogether(definition.value)) { inner in
        count += 1
        let name = Name(base: Self.group, below: "\(count)")
        own.append(EquationSystem.Definition(name: name, value: inner, range: definition.range))
        return name
      }
      result += own + [definition]
    }
    return result
  }

  /// The expression with each part of the next step replaced by the name that `define` gives to it.
  private func grouped(_ expression: Expression, _ define: (Expression) -> Name) -> Expression {
    if case .reference = expression.kind { return expression }
    guard expression.isLater(beside: fixed) else {
      return expression.replacingParts { grouped($0, define) }
    }
    let name = define(earlier(expression))
    return Expression(kind: .reference(Reference(name: name, step: 1)), range: expression.range)
  }

  /// a + b_{t+1} + c_{t+1} as a + (b_{t+1} + c_{t+1}).
  private func withTermsTogether(_ expression: Expression) -> Expression {
    expression.mapped { whole in
      let (front, last, isSum): (Expression, Expression, Bool)
      switch whole.kind {
      case .sum(let a, let b): (front, last, isSum) = (a, b, true)
      case .difference(let a, let b): (front, last, isSum) = (a, b, false)
      case .number, .reference, .negative, .product, .quotient, .power, .transpose, .call, .join, .magnitude, .length,
        .part:
        return whole
      }
      // The front has been rearranged already: its last term may be a group.
      guard last.isLater(beside: fixed), case .sum(let start, let group) = front.kind, group.isLater(beside: fixed),
        !start.isLater(beside: fixed)
      else {
        return whole
      }
      let range = group.range.lowerBound..<max(group.range.lowerBound, last.range.upperBound)
      let together = Expression(kind: isSum ? .sum(group, last) : .difference(group, last), range: range)
      return Expression(kind: .sum(start, together), range: whole.range)
    }
  }

  /// The expression one step before.
  private func earlier(_ expression: Expression) -> Expression {
    expression.mapped { part in
      guard case .reference(var reference) = part.kind, let step = reference.step, !fixed.contains(reference.name)
      else {
        return part
      }
      reference.step = step - 1
      return Expression(kind: .reference(reference), range: part.range)
    }
  }
}
