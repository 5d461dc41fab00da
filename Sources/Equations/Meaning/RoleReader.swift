/// Finds what each name is from where it stands: defined on a left side, read at an earlier step (a state), the input,
/// or else a parameter.
struct RoleReader {
  private(set) var equations: [Equation]
  let source: EquationText
  var settings: EquationSettings
  private(set) var style = Style.indexed
  var defined: Set<Name> = []
  private var lastInputStep = 0
  /// The step of left sides without one: that of the others.
  private var commonStep = 0
  /// How many layers `Linear` has stood for.
  var layers = 0

  var definitions: [EquationSystem.Definition] = []
  var delayed: [Name] = []
  var stepsBefore: [Name: Set<Int>] = [:]
  /// In the equations of a gradient: what is read at later steps, and the derivatives that are given.
  var later: [Name] = []
  var stepsAfter: [Name: Set<Int>] = [:]
  var seeds: [Name] = []
  var isGradient: Bool
  var inputs: [Name] = []
  var readsStepNumber = false
  var parameters: [Name] = []
  var assumptions: [String] = []

  /// How the text tells a value from the one before it.
  enum Style {
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
    try leaveOutRestatements()
    for equation in equations { defined.insert(leftName(equation)) }
    try findInput(first)
    for index in equations.indices { try define(index) }
    if isGradient { definitions = LaterSteps.grouped(definitions, fixed: fixedNames()) }
    for definition in definitions { try checkReads(of: definition) }
    findParameters()
    try checkComplex()
  }

  // MARK: What says nothing new

  /// Leaves out equations that say less than others do of the same name: `h_t = f(h_{t-1}, x_t)`, and the equation of
  /// one entry, h^i, beside that of h.
  private mutating func leaveOutRestatements() throws(EquationError) {
    func isDefined(_ name: Name, otherThan index: Int) -> Bool {
      equations.indices.contains { $0 != index && leftName(equations[$0]) == name }
    }
    let abstract = equations.indices.filter {
      isAbstract(equations[$0]) && isDefined(leftName(equations[$0]), otherThan: $0)
    }
    let entries = equations.indices.filter { index in
      entryless(leftName(equations[index])).map { isDefined($0, otherThan: index) } ?? false
    }
    var read: Set<Name> = []
    for index in equations.indices where !entries.contains(index) {
      for side in equations[index].sides { side.forEachReference { reference, _ in read.insert(name(reference)) } }
    }
    let leftOut = entries.filter { !read.contains(leftName(equations[$0])) }
    for index in leftOut {
      assumptions.append("\(leftName(equations[index]).text) is an entry of a vector with an equation, and is left out")
    }
    // ḣ = f(h) beside its steps.
    let derivatives = equations.indices.filter {
      equations[$0].left.step == nil && isDerivative(equations[$0].left.name)
    }
    for index in derivatives {
      var name = leftName(equations[index])
      name.base = String(String.UnicodeScalarView(name.base.unicodeScalars.dropLast()))
      if !isDefined(name, otherThan: index) {
        throw source.error(
          at: equations[index].range.lowerBound,
          "this is a derivative; write a step, as in \(name.text)_t = \(name.text)_{t-1} + Δt (…)")
      }
    }
    let unneeded = abstract + leftOut + derivatives
    equations = equations.indices.filter { !unneeded.contains($0) }.map { equations[$0] }
  }

  private func isDerivative(_ name: Name) -> Bool { name.base.unicodeScalars.last == "\u{307}" }

  /// f(h, x), of a function that nothing says.
  private func isAbstract(_ equation: Equation) -> Bool {
    guard case .call(let function, let arguments) = equation.sides.last?.kind, arguments.count > 1 else { return false }
    let isKnown = NamedFunction(function.name.base) != nil && function.name.base.count > 1
    return !isKnown && arguments.allSatisfy { if case .reference = $0.kind { true } else { false } }
  }

  /// The vector that a name with the index of an entry is a part of.
  private func entryless(_ name: Name) -> Name? {
    let letters = ["i", "j", "k", "l", "m", "n"]
    var vector = name
    if letters.contains(name.below) { vector.below = "" }
    if letters.contains(name.above) { vector.above = "" }
    return vector == name ? nil : vector
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

  func leftName(_ equation: Equation) -> Name { name(equation.left) }

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
  func name(_ reference: Reference) -> Name {
    var name = reference.name
    if style == .indexed { name.base += String(repeating: "′", count: reference.primes) }
    return name
  }

  /// The step at which an equation reads a name, relative to its left side.
  func step(_ reference: Reference, in index: Int) -> Int {
    let name = name(reference)
    if reference.past != nil, let step = reference.step { return step }
    switch style {
    case .indexed:
      let shift = equations[index].left.step ?? commonStep
      let step = (reference.step ?? shift) - shift
      return inputs.contains(name) ? step - lastInputStep : step
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
    if candidates.isEmpty {
      throw source.error(
        at: first.range.lowerBound, "nothing here is the input; read it as x_t, or declare it: --let 'u: input'")
    }
    // A part of the input has a width; one may have what the others leave.
    var rest: (name: Name, range: Range<Int>)?
    for candidate in candidates where settings.inputWidths[candidate.name] == nil && candidate.name != rest?.name {
      if let rest {
        throw source.error(
          at: candidate.range.lowerBound,
          "\(candidate.name.text) has no equation, and neither has \(rest.name.text), which is taken as the input; a part "
            + "of the input has a width: --let '\(candidate.name.text)_t: input [3]'" + hint(candidate.name))
      }
      rest = candidate
    }
    let read = Set(candidates.map(\.name))
    inputs = [rest?.name].compactMap { $0 } + settings.declaredInputs.filter { read.contains($0) && $0 != rest?.name }
    var last: Int?
    for index in equations.indices {
      for side in equations[index].sides {
        side.forEachReference { reference, _ in
          guard reference.past == nil, inputs.contains(name(reference)) else { return }
          last = Swift.max(last ?? .min, step(reference, in: index))
        }
      }
    }
    // A gradient reads the input of the next step, and its own.
    lastInputStep = isGradient ? 0 : last ?? 0
  }

  /// For a name that may be two.
  func hint(_ name: Name) -> String {
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
}
