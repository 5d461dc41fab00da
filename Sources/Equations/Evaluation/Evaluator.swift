internal import EbbGraph
internal import EbbRecording

/// A value of the equations: its shape, and once a scope is there its signal.
struct EquationValue {
  var shape: ValueShape
  var form: Form
  /// Whether a matrix is stored as [columns, rows], as weights are: W x is x · W.
  var isTurned = false
  /// Whether it is the same at every step.
  var isFixed = false
  /// Whether it is true or false and no number.
  var isCondition = false

  enum Form {
    /// The shapes are being found; nothing is recorded.
    case none
    case number(Double)
    case signal(Signal)
    /// A matrix of weights, recorded when it is used.
    case weight(Name)
    /// A diagonal matrix by its diagonal.
    case diagonal(Signal)
    /// I, as large as it has to be.
    case identity
    /// The inverse of a matrix by that matrix: what it is applied to is solved for.
    case inverse(Signal)
    /// `[a, b]` before it is joined.
    case parts([Signal])
    /// The values of the past, by the one of each step and its name, before their history is recorded.
    case past(Signal, Reference?)
  }
}

/// Goes through the equations in order, once to find the shapes and once to record: one walk serves both, so that what
/// is recorded has the shape that was found.
struct Evaluator {
  let system: EquationSystem
  var solver = DimensionSolver()
  let uses: ParameterUses
  let units: Dimension
  let inputs: Dimension
  /// The shapes of variables and parameters.
  var shapes: [Name: ValueShape] = [:]
  /// The variables' values at this step and at earlier ones.
  var values: [Reference: EquationValue] = [:]
  /// The size of each I, by its place in the text.
  var identities: [Int: Dimension] = [:]
  var scope: Scope?
  /// The axes over which Σ runs: those of the input.
  var steps = Domain.empty
  /// How often each weight stands after the vector that it multiplies, as in x W. If it always does, it is kept as it is
  /// written, and otherwise transposed.
  var timesAfter: [Name: Int] = [:]
  let recordedPast = RecordedPast()
  /// The variables that are true or false.
  var conditions: Set<Name> = []
  /// Where two readings are likely, which one was taken.
  var notes: [String] = []

  init(_ system: EquationSystem) throws(EquationError) {
    self.system = system
    units = solver.unknown()
    inputs = solver.unknown()
    uses = ParameterUses(system)
    var kinds: [Name: ValueKind] = [:]
    for name in system.parameters {
      if case .dimensions(let list) = system.settings.shapes[name] {
        shapes[name] = declared(list)
        kinds[name] = ValueKind(rawValue: list.count)
      } else if let kind = uses.kind(of: name) {
        kinds[name] = kind
        shapes[name] = open(kind)
      } else {
        throw system.error(
          at: name,
          "\(name.text) stands for a number that the text does not give: --let '\(name.text) = 0.1', or a trained one "
            + "with --let '\(name.text): scalar'")
      }
    }
    let variables = VariableKinds(system, parameters: kinds, hasRows: uses.hasRows)
    for name in variables.found where system.delays.contains(where: { $0.name == name }) {
      notes.append(
        "\(name.text) is one number, as all that its equation reads; --let '\(Reference(name: name, step: 0).plainText): "
          + "vector' makes it one for each unit")
    }
    for (name, kind) in variables.kinds.sorted(by: { $0.key.text < $1.key.text }) {
      if case .dimensions(let list) = system.settings.shapes[name] {
        shapes[name] = declared(list)
      } else {
        let width = system.settings.inputWidths[name].map { Dimension.number($0) } ?? inputs
        shapes[name] = system.inputs.contains(name) ? .vector(width) : open(kind)
      }
    }
  }

  private mutating func open(_ kind: ValueKind) -> ValueShape {
    switch kind {
    case .scalar: .scalar
    case .vector: .vector(solver.unknown())
    case .matrix: .matrix(solver.unknown(), solver.unknown())
    }
  }

  private func declared(_ list: [String]) -> ValueShape {
    let dimensions = list.map { $0 == "units" ? units : $0 == "inputs" ? inputs : .number(Int($0) ?? 1) }
    guard let first = dimensions.first else { return .scalar }
    return dimensions.count == 1 ? .vector(first) : .matrix(first, dimensions[1])
  }

  // MARK: Shapes

  /// Finds all shapes, for these numbers of units and inputs, or for any.
  mutating func findShapes(units count: Int? = nil, inputs width: Int? = nil) throws(EquationError) {
    if let count { _ = solver.equate(units, .number(count)) }
    if let width { _ = solver.equate(inputs, .number(try rest(of: width))) }
    for seed in system.seeds {
      if let shape = shapes[seed], let variable = shapes[seed.variable] { _ = equate(shape, variable) }
    }
    for definition in system.definitions { try infer(definition) }
    // What nothing else decides is as wide as the cell: the states first, then the rest.
    for (name, _) in system.delays where !system.inputs.contains(name) { widen(shapes[name]) }
    guard solver.settle() else {
      throw misfit(system.definitions[0].range, "the joined vectors do not fit the matrices")
    }
    for definition in system.definitions { widen(shapes[definition.name]) }
    for name in system.parameters { widen(shapes[name]) }
  }

  /// The features of the input beside those of its parts with a width of their own.
  private func rest(of width: Int) throws(EquationError) -> Int {
    let widths = system.inputs.compactMap { system.settings.inputWidths[$0] }
    let (taken, isOpen) = (widths.reduce(0, +), widths.count < system.inputs.count)
    guard isOpen ? taken < width : taken == width else {
      let parts = system.inputs.map(\.text).joined(separator: ", ")
      throw system.source.error(
        at: 0, "the input has \(width) features; \(parts) need \(isOpen ? "more than " : "")\(taken)")
    }
    return isOpen ? width - taken : width
  }

  private mutating func widen(_ shape: ValueShape?) {
    for dimension in shape?.dimensions ?? [] where solver.number(dimension) == nil {
      _ = solver.equate(dimension, units)
    }
  }

  private mutating func infer(_ definition: EquationSystem.Definition) throws(EquationError) {
    let (found, name) = (try value(definition.value), definition.name)
    guard let shape = shapes[name] else { return }
    if found.isCondition {
      // A condition may have a name, and is neither remembered nor given out.
      if name == system.output || system.delays.contains(where: { $0.name == name }) {
        throw misfit(definition.value.range, Self.notANumber)
      }
      conditions.insert(name)
    }
    guard equate(shape, found.shape) else {
      throw misfit(
        definition.value.range,
        "\(name.text) is \(text(shape)), and this is \(text(found.shape))"
          + (width(shape, found.shape) ?? cure(definition.value, beside: shape)
            ?? (found.shape.isMatrix ? cure(definition.value, beside: found.shape) : nil) ?? ""))
    }
    guard (shape == .scalar) != (found.shape == .scalar) else { return }
    if case .dimensions = system.settings.shapes[name] {
      let repeated = found.shape == .scalar && !shape.isMatrix ? "; ones(…, 4) is a number as each of 4 entries" : ""
      throw misfit(
        definition.value.range,
        "\(name.text) is declared as \(text(shape)), and its equation gives \(text(found.shape))" + repeated)
    }
  }

  /// Whether two shapes can be one; a number fits everything.
  mutating func equate(_ a: ValueShape, _ b: ValueShape) -> Bool {
    switch (a, b) {
    case (.scalar, _), (_, .scalar): true
    case (.vector(let m), .vector(let n)), (.row(let m), .row(let n)), (.vector(let m), .row(let n)),
      (.row(let m), .vector(let n)):
      solver.equate(m, n)
    case (.matrix(let m, let n), .matrix(let p, let q)): solver.equate(m, p) && solver.equate(n, q)
    case (.matrix, .vector), (.matrix, .row), (.vector, .matrix), (.row, .matrix): false
    }
  }

  func misfit(_ range: Range<Int>, _ message: String) -> EquationError {
    system.source.error(at: range.lowerBound, message)
  }

  /// A shape in words.
  func text(_ shape: ValueShape) -> String {
    let names = [(units, "units"), (inputs, "inputs")]
    func dimension(_ d: Dimension) -> String { solver.text(d, names: names) }
    return switch shape {
    case .scalar: "a number"
    case .vector(let count): "a vector of \(dimension(count))"
    case .row(let count): "a row of \(dimension(count))"
    case .matrix(let rows, let columns): "a matrix of \(dimension(rows)) by \(dimension(columns))"
    }
  }

  /// The dimensions as numbers.
  func numbers(_ shape: ValueShape) -> [Int] { shape.dimensions.map { solver.number($0) ?? 0 } }
}

extension EquationSystem {
  /// An error at the first place that reads a name.
  func error(at name: Name, _ message: String) -> EquationError {
    var place: Int?
    for definition in definitions {
      definition.value.forEachReference { reference, range in
        if reference.name == name, place == nil { place = range.lowerBound }
      }
    }
    return source.error(at: place ?? 0, message)
  }
}
