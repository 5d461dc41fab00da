/// Finds what each name is from where it stands: defined on a left side, read at an earlier step (a state), the input,
/// or else a parameter.
struct RoleReader {
  private var equations: [Equation]
  private let source: EquationText
  private var settings: EquationSettings
  private var style = Style.indexed
  private var defined: Set<Name> = []
  private var lastInputStep = 0
  /// The step of left sides without one: that of the others.
  private var commonStep = 0

  var definitions: [EquationSystem.Definition] = []
  var delayed: [Name] = []
  var stepsBefore: [Name: Set<Int>] = [:]
  /// In the equations of a gradient: what is read at later steps, and the derivatives that are given.
  var later: [Name] = []
  var stepsAfter: [Name: Set<Int>] = [:]
  var seeds: [Name] = []
  private var isGradient: Bool
  var input = Name(base: "x")
  var parameters: [Name] = []
  var assumptions: [String] = []

  /// How the text tells a value from the one before it.
  private enum Style {
    /// `h_t` and `h_{t-1}`.
    case indexed
    /// `h'` and `h`.
    case primed
    /// Neither: a name that is read before its equation, or in it, is the value of the step before.
    case sequential
  }

  init(_ equations: [Equation], _ settings: EquationSettings, _ source: EquationText) {
    (self.equations, self.settings, self.source) = (equations, settings, source)
    isGradient = EquationSystem.isGradient(equations)
  }

  mutating func read() throws(EquationError) {
    guard let first = equations.first else { throw source.error(at: 0, "there is no equation here") }
    findStyle()
    for equation in equations { defined.insert(leftName(equation)) }
    try findInput(first)
    for index in equations.indices { try define(index) }
    if isGradient { definitions = LaterSteps.grouped(definitions, fixed: fixedNames()) }
    for definition in definitions { try checkReads(of: definition) }
    findParameters()
  }

  // MARK: Time

  private mutating func findStyle() {
    var isIndexed = equations.contains { $0.left.step != nil }
    for equation in equations {
      for side in equation.sides {
        side.forEachReference { reference, _ in isIndexed = isIndexed || reference.step != nil }
      }
    }
    commonStep = equations.compactMap(\.left.step).max() ?? 0
    style = isIndexed ? .indexed : equations.contains { $0.left.primes > 0 } ? .primed : .sequential
  }

  private func leftName(_ equation: Equation) -> Name { name(equation.left) }

  /// What is defined without an index from values that are the same at every step.
  private func fixedNames() -> Set<Name> {
    var fixed: Set<Name> = []
    var isChanging = true
    while isChanging {
      isChanging = false
      for (equation, definition) in zip(equations, definitions) where equation.left.step == nil {
        var isFixed = true
        definition.value.forEachReference { reference, _ in
          isFixed = isFixed && (reference.step == nil || fixed.contains(reference.name))
        }
        if isFixed, fixed.insert(definition.name).inserted { isChanging = true }
      }
    }
    return fixed
  }

  /// The name of a variable; in a text with indices primes are a part of it.
  private func name(_ reference: Reference) -> Name {
    var name = reference.name
    if style == .indexed { name.base += String(repeating: "′", count: reference.primes) }
    return name
  }

  /// The step at which an equation reads a name, relative to its left side.
  private func step(_ reference: Reference, in index: Int) -> Int {
    let name = name(reference)
    switch style {
    case .indexed:
      let shift = equations[index].left.step ?? commonStep
      let step = (reference.step ?? shift) - shift
      return name == input ? step - lastInputStep : step
    case .primed:
      let isNext = equations.contains { $0.left.name == name && $0.left.primes > 0 }
      return reference.primes > 0 || !isNext ? 0 : -1
    case .sequential:
      let own = equations.firstIndex { $0.left.name == name }
      return own.map { $0 >= index } == true ? -1 : 0
    }
  }

  private mutating func findInput(_ first: Equation) throws(EquationError) {
    var candidates: [(name: Name, range: Range<Int>)] = []
    var letters: [(name: Name, range: Range<Int>)] = []
    for equation in equations {
      for side in equation.sides {
        side.forEachReference { reference, range in
          let name = name(reference)
          if isGradient, !defined.contains(name), DerivativeMark(name) != nil {
            if !seeds.contains(name) { seeds.append(name) }
            return
          }
          guard !defined.contains(name), settings.constants[name] == nil, settings.functions[name] == nil else {
            return
          }
          if reference.step != nil || settings.shapes[name] == .input { candidates.append((name, range)) }
          if ["x", "X", "u"].contains(name.text) { letters.append((name, range)) }
        }
      }
    }
    if candidates.isEmpty {
      candidates = letters.filter { $0.name.base != "u" }
      if candidates.isEmpty { candidates = letters }
    }
    guard let found = candidates.first else {
      throw source.error(
        at: first.range.lowerBound, "nothing here is the input; read it as x_t, or declare it: --let 'u: input'")
    }
    if let second = candidates.first(where: { $0.name != found.name }) {
      throw source.error(
        at: second.range.lowerBound,
        "\(second.name.text) has no equation, and neither has \(found.name.text), which is taken as the input; a cell has "
          + "one input" + hint(second.name))
    }
    input = found.name
    var last: Int?
    for index in equations.indices {
      for side in equations[index].sides {
        side.forEachReference { reference, _ in
          if name(reference) == input { last = Swift.max(last ?? .min, step(reference, in: index)) }
        }
      }
    }
    // A gradient reads the input of the next step, and its own.
    lastInputStep = isGradient ? 0 : last ?? 0
  }

  /// For a name that may be two.
  private func hint(_ name: Name) -> String {
    name.base.count < 2 || !name.base.allSatisfy(\.isASCII)
      ? ""
      : "; a run of letters is one name: a product is written with a space, as in \(name.base.prefix(1)) "
        + name.base.dropFirst()
  }

  // MARK: Definitions

  private mutating func define(_ index: Int) throws(EquationError) {
    let equation = equations[index]
    let name = leftName(equation)
    // Of a chain the last side is the most definite.
    guard let side = equation.sides.last else { return }
    let value = try resolved(side, in: index)
    if let known = definitions.firstIndex(where: { $0.name == name }) {
      if definitions[known].value.says(value) { return }
      throw source.error(
        at: equation.range.lowerBound,
        "\(name.text) has another equation already; leave out the one that is not meant")
    }
    definitions.append(EquationSystem.Definition(name: name, value: value, range: equation.range))
  }

  /// Notes the earlier steps that an equation reads.
  private mutating func checkReads(of definition: EquationSystem.Definition) throws(EquationError) {
    var reads: [(Reference, Range<Int>)] = []
    definition.value.forEachReference { reads.append(($0, $1)) }
    for (reference, range) in reads {
      guard let step = reference.step, step != 0 else { continue }
      if step > 0, isGradient {
        if !later.contains(reference.name) { later.append(reference.name) }
        stepsAfter[reference.name, default: []].insert(step)
        continue
      }
      if step > 0 {
        throw source.error(
          at: range.lowerBound,
          "\(reference.name.text) is read \(step) steps later than \(definition.name.text) is defined; an equation can "
            + "read its own step and earlier ones")
      }
      if !delayed.contains(reference.name) { delayed.append(reference.name) }
      stepsBefore[reference.name, default: []].insert(-step)
    }
  }

  private mutating func findParameters() {
    var seen: Set<Name> = []
    for definition in definitions {
      definition.value.forEachReference { reference, _ in
        guard reference.step == nil, NamedFunction(rawValue: reference.name.base) == nil,
          settings.constants[reference.name] == nil, !settings.isIdentity(reference.name)
        else { return }
        if seen.insert(reference.name).inserted { parameters.append(reference.name) }
      }
    }
  }

  // MARK: Functions

  /// The expression with the steps of its variables, and with functions told from products.
  private mutating func resolved(_ expression: Expression, in index: Int) throws(EquationError) -> Expression {
    func made(_ kind: Expression.Kind) -> Expression { Expression(kind: kind, range: expression.range) }
    switch expression.kind {
    case .number: return expression
    case .reference(let reference):
      let name = name(reference)
      // Δt is a number beside the variable Δt_n.
      let isNumber = reference.step == nil && settings.constants[name] != nil
      let isVariable = !isNumber && (defined.contains(name) || name == input || seeds.contains(name))
      if !isVariable, reference.step != nil {
        throw source.error(at: expression.range.lowerBound, "\(name.text) has no equation" + hint(name))
      }
      if !isVariable, name.base.count > 1, NamedFunction(name.base) != nil, settings.shapes[name] == nil {
        throw source.error(at: expression.range.lowerBound, "\(name.text) needs an argument: \(name.text)(…)")
      }
      return made(.reference(Reference(name: name, step: isVariable ? step(reference, in: index) : nil)))
    case .negative(let a): return made(.negative(try resolved(a, in: index)))
    case .sum(let a, let b): return made(.sum(try resolved(a, in: index), try resolved(b, in: index)))
    case .difference(let a, let b): return made(.difference(try resolved(a, in: index), try resolved(b, in: index)))
    case .quotient(let a, let b): return made(.quotient(try resolved(a, in: index), try resolved(b, in: index)))
    case .power(let a, let b):
      let exponent = try resolved(b, in: index)
      return applied(toLastFactorOf: a, try resolved(a, in: index)) { made(.power($0, exponent)) }
    case .transpose(let a):
      return applied(toLastFactorOf: a, try resolved(a, in: index)) { made(.transpose($0)) }
    case .magnitude(let a): return made(.magnitude(try resolved(a, in: index)))
    case .length(let a): return made(.length(try resolved(a, in: index)))
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
      return made(.product(result, sign))
    case .call(let reference, let arguments):
      var values: [Expression] = []
      for argument in arguments { values.append(try resolved(argument, in: index)) }
      if let function = try function(reference, expression) {
        guard values.count == function.arity else {
          throw source.error(
            at: expression.range.lowerBound,
            "\(function.rawValue) takes \(["no", "one", "two", "three"][function.arity]) "
              + "argument\(function.arity == 1 ? "" : "s"), not \(values.count)")
        }
        return made(.call(Reference(name: Name(base: function.rawValue)), values))
      }
      guard values.count == 1 else {
        throw source.error(
          at: expression.range.lowerBound,
          "\(reference.name.text) is no function that is known; known are \(NamedFunction.list), or "
            + "--let '\(reference.name.text) = tanh'")
      }
      if reference.name.base.lowercased() == "linear" { return affine(values[0], index, expression.range) }
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

  private var layers = 0

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
    if let known = NamedFunction(rawValue: name.base), known == .sumOverSteps || known == .range { return known }
    if reference.step != nil || defined.contains(name) || name == input { return nil }
    if let chosen = settings.functions[name] { return chosen }
    if let known = NamedFunction(name.base), name.base.count > 1 { return known }
    if settings.constants[name] != nil || settings.shapes[name] != nil { return nil }
    let isUnnamed = ["f", "g", "s", "h", "a", "φ", "ϕ", "ψ", "activation", "act", "nonlinearity"].contains(name.base)
    if name.base == "σ", name.below.isEmpty || ["g", "i", "f", "o", "z", "r"].contains(name.below) { return .sigmoid }
    guard isUnnamed || name.base == "σ" else { return nil }
    let line = "\(name.text) is tanh; --let '\(name.text) = relu' makes it another function"
    if !assumptions.contains(line) { assumptions.append(line) }
    return .tanh
  }
}
