/// How many dimensions the variables have, by their equations: the least solution, and a vector where they leave it open,
/// as h = f ⊙ h does.
struct VariableKinds {
  private(set) var kinds: [Name: ValueKind] = [:]
  /// What is a number since its equations are of numbers alone.
  private(set) var found: [Name] = []
  private let parameters: [Name: ValueKind]
  private let settings: EquationSettings
  private let definitions: [EquationSystem.Definition]
  private let hasRows: Bool

  init(_ system: EquationSystem, parameters: [Name: ValueKind], hasRows: Bool) {
    self.parameters = parameters
    self.hasRows = hasRows
    settings = system.settings
    definitions = system.definitions
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
      if open.count == count { decide(open) }
      open.removeAll { kinds[$0.name] != nil }
    }
  }

  /// Decides of what needs itself, as h = f ⊙ h. What has entries whatever the others are is a vector, or a matrix if it
  /// only fits as one, and others may follow from it. What is a number if it was one, as n = n + 1, is.
  private mutating func decide(_ open: [EquationSystem.Definition]) {
    let (scalars, vectors) = (assuming(open, .scalar), assuming(open, .vector))
    let certain = open.first {
      scalars.kind($0.value)?.kind != .scalar && vectors.kind($0.value)?.kind != .scalar
    }
    if let certain { return settle(certain) }
    var numbers = open
    var count = 0
    while count != numbers.count {
      count = numbers.count
      var trial = self
      for definition in numbers { trial.kinds[definition.name] = .scalar }
      numbers.removeAll { trial.kind($0.value)?.kind != .scalar }
    }
    for definition in numbers { kinds[definition.name] = .scalar }
    found += numbers.map(\.name)
    if numbers.isEmpty, let first = open.first { settle(first) }
  }

  private func assuming(_ open: [EquationSystem.Definition], _ kind: ValueKind) -> VariableKinds {
    var result = self
    for definition in open { result.kinds[definition.name] = kind }
    return result
  }

  private mutating func settle(_ definition: EquationSystem.Definition) {
    kinds[definition.name] = .vector
    if fits(definition) { return }
    kinds[definition.name] = .matrix
    if !fits(definition) { kinds[definition.name] = .vector }
  }

  /// Whether an equation gives the kind that its name has, and none adds vectors to matrices; true if that is open.
  private func fits(_ definition: EquationSystem.Definition) -> Bool {
    var mixes = false
    func visit(_ part: Expression) {
      switch part.kind {
      case .sum(let a, let b), .difference(let a, let b):
        let both = [kind(a)?.kind, kind(b)?.kind].compactMap { $0 }
        mixes = mixes || both.contains(.vector) && both.contains(.matrix)
      case .number, .reference, .negative, .product, .quotient, .power, .transpose, .call, .join, .magnitude, .length,
        .part:
        break
      }
      part.parts.forEach(visit)
    }
    for other in definitions { visit(other.value) }
    return !mixes && kind(definition.value).map { $0.kind == kinds[definition.name] } != false
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
        if function == .solve { return kind(arguments[1]).map { Kind(kind: $0.kind) } }
        if [.range, .ones, .rowSums, .columnSums].contains(function) { return Kind(kind: .vector) }
      }
      if [.diagonal, .rows, .columns].contains(NamedFunction(rawValue: function.name.base)) {
        return Kind(kind: .matrix)
      }
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
