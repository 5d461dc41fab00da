internal import EbbRecording

/// The equations of one step, each with its part: which names are states, the input, parameters, constants.
///
/// In the expressions of a system every reference to a variable has a step, 0 or before, and every other has none; every
/// call is that of a known function.
struct EquationSystem: Hashable, Sendable {
  struct Definition: Hashable, Sendable {
    var name: Name
    var value: Expression
    /// The left side.
    var range: Range<Int>
  }

  /// In an order in which each reads only earlier ones at its own step.
  var definitions: [Definition]
  /// The names that are read at earlier steps, in the order of the text, each with the steps before.
  var delays: [(name: Name, steps: [Int])] { delayed.map { ($0, stepsBefore[$0, default: []].sorted()) } }
  private var delayed: [Name]
  private var stepsBefore: [Name: Set<Int>]
  /// The names that are read at later steps, in the equations of a gradient.
  var advances: [(name: Name, steps: [Int])] { later.map { ($0, stepsAfter[$0, default: []].sorted()) } }
  private var later: [Name]
  private var stepsAfter: [Name: Set<Int>]
  /// The derivatives that a gradient begins with: ∂L/∂h.
  let seeds: [Name]
  /// The parts of the cell's input; the first has the features that the others leave.
  var inputs: [Name]
  /// Whether the equations calculate with the number of the step.
  var readsStepNumber: Bool
  static let stepNumber = Name(base: "t")
  /// Trained names in the order of the text.
  var parameters: [Name]
  /// The cell's output.
  var output: Name
  var settings: EquationSettings
  /// What was taken for granted, for the user to know.
  var assumptions: [String]
  let source: EquationText

  init(
    _ equations: [Equation], _ settings: EquationSettings, _ source: EquationText
  ) throws(EquationError) {
    self.source = source
    self.settings = settings
    var reader = RoleReader(equations, settings, source)
    try reader.read()
    definitions = try Self.ordered(reader.definitions, source)
    (delayed, stepsBefore) = (reader.delayed, reader.stepsBefore)
    (later, stepsAfter, seeds) = (reader.later, reader.stepsAfter, reader.seeds)
    (inputs, parameters, assumptions) = (reader.inputs, reader.parameters, settings.notes + reader.assumptions)
    readsStepNumber = reader.readsStepNumber
    output = Self.output(of: definitions, delayed)
    for definition in Self.unread(definitions, delayed) where definition.name != output {
      if let state = stateBegun(by: definition.name) {
        throw source.error(
          at: definition.range.lowerBound,
          "a state begins at 0 or at a trained value, not at one that is computed: \(state.text)_0 ~ trained, or what it "
            + "is to begin as, \(state.text)_0 ~ identity")
      }
      assumptions.append("\(definition.name.text) is defined and read by no equation; the output is \(output.text)")
    }
    for name in settings.trainedStarts.union(settings.starts.keys).sorted(by: { $0.text < $1.text })
    where !parameters.contains(name) && stateBegun(by: name) == nil {
      assumptions.append("\(name.text) ~ says how a trained value begins, and there is no \(name.text)")
    }
  }

  /// The state whose value before the first step a name is, as h_0 is that of h; nil if it is none.
  private func stateBegun(by name: Name) -> Name? {
    name.below == "0" ? delayed.first { $0.base == name.base && $0.above == name.above && $0.below.isEmpty } : nil
  }

  /// What the trained value of a state before the first step begins as; nil if it begins at 0. A parameter may have the
  /// name of such a value.
  func start(of state: Name) -> Initializer? {
    let before = Name(base: state.base, below: "0", above: state.above)
    guard stateBegun(by: before) == state, !parameters.contains(before) else { return nil }
    return settings.starts[before] ?? (settings.trainedStarts.contains(before) ? .zeros : nil)
  }

  /// The name in a recording. Recordings call their input x, so a state x beside an input u has another name.
  func identifier(of name: Name) -> String {
    name.identifier == "x" && !inputs.contains(name) ? "x.value" : name.identifier
  }

  /// Whether equations are those of a cell and of its gradient.
  static func isGradient(_ equations: [Equation]) -> Bool {
    equations.contains { DerivativeMark($0.left.name) == .total }
  }

  /// The equations of the cell alone: without the derivatives and what is computed from them.
  static func withoutGradient(_ equations: [Equation]) -> [Equation] {
    guard isGradient(equations) else { return equations }
    var own = equations.filter { DerivativeMark($0.left.name) == nil }
    var count = equations.count
    while own.count < count {
      count = own.count
      let names = Set(own.map(\.left.name)), all = Set(equations.map(\.left.name))
      own.removeAll { equation in
        var readsGradient = false
        for side in equation.sides {
          side.forEachReference { reference, _ in
            let isGone = all.contains(reference.name) && !names.contains(reference.name)
            readsGradient = readsGradient || isGone || DerivativeMark(reference.name) != nil
          }
        }
        return readsGradient
      }
    }
    return own
  }

  /// The definitions, each after those that it reads at its own step, otherwise in the order of the text.
  private static func ordered(
    _ definitions: [Definition], _ source: EquationText
  ) throws(EquationError) -> [Definition] {
    var waiting = definitions
    var result: [Definition] = []
    while !waiting.isEmpty {
      let undefined = Set(waiting.map(\.name))
      let next = waiting.firstIndex { definition in
        var isReady = true
        definition.value.forEachReference { reference, _ in
          if reference.step == 0, undefined.contains(reference.name) { isReady = false }
        }
        return isReady
      }
      guard let next else {
        let names = waiting.map(\.name.text).joined(separator: ", ")
        throw source.error(
          at: waiting[0].range.lowerBound,
          "\(names) need each other's values at the same step; one of them must be read at the step before, as in "
            + "\(waiting[0].name.text)_{t-1}")
      }
      result.append(waiting.remove(at: next))
    }
    return result
  }

  /// The read-out: a value that nothing reads, from a state at the same step. Without one h, or the state that is defined
  /// last.
  private static func output(of definitions: [Definition], _ delayed: [Name]) -> Name {
    let unread = unread(definitions, delayed).map(\.name)
    // What is computed from a state's new value.
    var follows = Set(delayed)
    for definition in definitions {
      definition.value.forEachReference { reference, _ in
        if reference.step == 0, follows.contains(reference.name) { follows.insert(definition.name) }
      }
    }
    let readOuts = unread.filter(follows.contains)
    if let readOut = readOuts.last(where: { $0.base.hasPrefix("y") }) ?? readOuts.last { return readOut }
    let states = definitions.map(\.name).filter(delayed.contains)
    return states.first { $0.base == "h" } ?? states.last ?? definitions[definitions.count - 1].name
  }

  /// The names that are defined and that no equation reads.
  private static func unread(_ definitions: [Definition], _ delayed: [Name]) -> [Definition] {
    var isRead = Set(delayed)
    for definition in definitions {
      definition.value.forEachReference { reference, _ in isRead.insert(reference.name) }
    }
    return definitions.filter { !isRead.contains($0.name) }
  }
}

/// An equation as it was read.
struct Equation: Hashable, Sendable {
  var left: Reference
  var sides: [Expression]
  /// The left side in the text.
  var range: Range<Int>
}
