/// How many dimensions the variables have, by their equations: the least solution, and a vector where they leave it open,
/// as h = f ⊙ h does.
struct VariableKinds {
  private(set) var kinds: [Name: ValueKind] = [:]
  private let parameters: [Name: ValueKind]
  private let settings: EquationSettings
  private let hasRows: Bool

  init(_ system: EquationSystem, parameters: [Name: ValueKind], hasRows: Bool) {
    self.parameters = parameters
    self.hasRows = hasRows
    settings = system.settings
    for input in system.inputs { kinds[input] = .vector }
    kinds[EquationSystem.stepNumber] = .scalar
    for seed in system.seeds { kinds[seed] = .vector }
    for definition in system.definitions {
      if case .dimensions(let list) = system.settings.shapes[definition.name] {
        kinds[definition.name] = ValueKind(rawValue: list.count)
      }
    }
    var open = system.definitions.filter { kinds[$0.name] == nil }
    while !open.isEmpty {
      let count = open.count
      open.removeAll { definition in
        guard let found = kind(definition.value) else { return false }
        kinds[definition.name] = found.kind
        return true
      }
      // What needs itself is a vector; others may follow from it.
      if open.count == count, let first = open.first { kinds[first.name] = .vector }
      open.removeAll { kinds[$0.name] != nil }
    }
  }

  /// A kind, and whether a vector lies down.
  private struct Kind {
    var kind: ValueKind
    var isRow = false
  }

  private func kind(_ expression: Expression) -> Kind? {
    switch expression.kind {
    case .number, .length: return Kind(kind: .scalar)
    case .reference(let reference):
      if reference.step == nil, settings.constants[reference.name] != nil { return Kind(kind: .scalar) }
      let known = kinds[reference.name] ?? parameters[reference.name]
      return (known ?? (settings.isIdentity(reference.name) ? .matrix : nil)).map { Kind(kind: $0) }
    case .negative(let a), .magnitude(let a), .power(let a, _): return kind(a)
    case .sum(let a, let b), .difference(let a, let b), .quotient(let a, let b):
      // One known side is enough, unless it is a number.
      let known = [kind(a), kind(b)].compactMap { $0 }
      let largest = known.max { $0.kind < $1.kind }
      return known.count == 2 || largest.map { $0.kind > .scalar } == true ? largest : nil
    case .transpose(let a): return kind(a).map { Kind(kind: $0.kind, isRow: $0.kind == .vector && !$0.isRow) }
    case .join, .part: return Kind(kind: .vector)
    case .call(let function, let arguments):
      if let function = NamedFunction(rawValue: function.name.base) {
        if function.isReduction { return Kind(kind: .scalar) }
        if [.range, .ones, .rowSums, .columnSums].contains(function) { return Kind(kind: .vector) }
      }
      if function.name.base == NamedFunction.diagonal.rawValue { return Kind(kind: .matrix) }
      return arguments.compactMap(kind).max { $0.kind < $1.kind }
    case .product(let factors, let sign):
      var result = Kind(kind: .scalar)
      for factor in factors {
        guard let next = kind(factor) else { return nil }
        result = sign == .hadamard ? max(result, next) : product(result, next)
      }
      return result
    }
  }

  private func max(_ a: Kind, _ b: Kind) -> Kind { a.kind < b.kind ? b : a }

  private func product(_ a: Kind, _ b: Kind) -> Kind {
    switch (a.kind, b.kind) {
    case (.scalar, _): b
    case (_, .scalar): a
    case (.vector, .vector):
      // What lies down is transposed; where vectors are rows that is the other way round.
      if a.isRow != b.isRow { Kind(kind: a.isRow != hasRows ? .scalar : .matrix) } else { Kind(kind: .vector) }
    case (.matrix, .vector): b
    case (.vector, .matrix): a
    case (.matrix, .matrix): a
    }
  }
}
