internal import EbbCompiler
public import EbbExecution
internal import EbbGraph
public import EbbPlanning
public import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// Compares every gradient of a cell with central differences, in Float64, run by the executor.
///
/// The loss is Σ_t v_t · y_t with a random vector v_t at each step, so that no error can hide. Parameters, inputs and
/// initial states are all checked, except for untrained parameters, whose gradient is 0 by intent. A gradient that the
/// cell declares to differ from the derivative (`stopGradient`, clipping, truncation) is no error; see `surrogates`.
/// The cell runs as in training. If it draws random numbers (dropout, zoneout), it draws the same ones in every run, so
/// that its gradient belongs to one function.
public struct GradientCheck: Sendable, Hashable {
  /// The size of the check: dimensions, and how many numbers are checked.
  public struct Settings: Sendable, Hashable {
    /// Steps of the sequence.
    public var length: Int
    /// Features of the input.
    public var features: Int
    /// Samples.
    public var batch: Int
    /// Draws the inputs, the parameters and the network's own random numbers.
    public var seed: UInt64
    /// Of values with more elements, this many are checked, evenly spaced.
    public var elementsPerValue: Int
    /// How the network runs.
    public var execution: ExecutionOptions

    /// Settings; small ones by default, since each number that is checked takes two runs.
    public init(
      length: Int = 6, features: Int = 3, batch: Int = 2, seed: UInt64 = 1, elementsPerValue: Int = 200,
      execution: ExecutionOptions = ExecutionOptions(threads: 1)
    ) {
      self.length = length
      self.features = features
      self.batch = batch
      self.seed = seed
      self.elementsPerValue = elementsPerValue
      self.execution = execution
    }
  }

  /// A parameter, an input or an initial state.
  public struct Entry: Sendable, Hashable {
    /// The kind of a value.
    public enum Kind: String, Sendable, Hashable {
      /// A trained value; an input; the value of a state before the first step.
      case parameter, input, initialState = "initial state"
    }
    /// The value's name.
    public var name: String
    /// The kind of the value.
    public var kind: Kind
    /// The number of elements, and how many were checked.
    public var elements: Int
    /// How many of its numbers were checked.
    public var checked: Int
    /// |a − n| / max(|a|, |n|, 10⁻⁴ ‖a‖∞, 10⁶ r) at its largest, for the analytic derivative a and the numeric n.
    /// The rounding of the loss makes n uncertain by r, which alone never causes an error above 10⁻⁶.
    public var largestError: Double
    /// The place of the largest error, row-major, and the two derivatives there.
    public var index: Int
    /// The derivative there by the graph.
    public var analytic: Double
    /// The derivative there by differences.
    public var numeric: Double
  }

  /// One for each value that was checked.
  public var entries: [Entry]
  /// Where the cell declares a gradient that is not the derivative, and how it was compared: operands of `stopGradient`
  /// are held at their values, clipping and truncation are removed.
  public var surrogates: [String] = []
  /// The equations of the cell and its gradient that no kernel computes, with what to write instead.
  public var fallbacks: [Fallback] = []
  /// The largest over all values; 0 if none was checked.
  public var largestError: Double { entries.map(\.largestError).max() ?? 0 }

  /// Checks the gradients of a cell with respect to its parameters, its input and its initial states.
  public static func run(
    _ cell: some RecurrentCell, _ settings: Settings = Settings()
  ) throws(DiagnosticError) -> GradientCheck {
    let sizes = [
      ("length", settings.length), ("features", settings.features), ("batch", settings.batch),
      ("elements per value", settings.elementsPerValue),
    ]
    for (name, value) in sizes where value < 1 { throw .setting("the \(name) is at least 1, not \(value)") }
    return try diagnosing {
      let recording = try record(cell, settings, measuresTerms: true)
      let surrogates = Surrogates(recording.graph)
      var graph = surrogates.differentiated
      guard let loss = graph.output(named: "loss") else { preconditionFailure("the recording has a loss") }
      var bindings = self.bindings(for: recording, settings)
      let inputs = recording.inputs.filter { $0.name != "readout" && graph.type($0.node).element.isFloat }
      let initials = Set(recording.states.compactMap(\.initial))
      let checked =
        recording.parameters.filter(\.isTrained).map { (name: $0.name, node: $0.node, kind: Entry.Kind.parameter) }
        + inputs.map { (name: $0.name, node: $0.node, kind: initials.contains($0.node) ? .initialState : .input) }
      if !surrogates.held.isEmpty {
        let measured = try Executable(compiling: surrogates.measured, options: settings.execution)
        let outputs = try measured.run(bindings)
        for name in surrogates.held { bindings.values[name] = outputs[name] }
      }
      let places = checked.map { entry in
        guard let node = graph.node(named: entry.name) else { preconditionFailure("\(entry.name) is in the graph") }
        return node
      }
      let gradients = try graph.gradient(of: loss, withRespectTo: places)
      for (entry, gradient) in zip(checked, gradients) { graph.setOutput("gradient/" + entry.name, gradient) }
      let executable = try Executable(compiling: graph, options: settings.execution)
      let outputs = try executable.run(bindings.restricted(to: graph))
      let forward = try Executable(compiling: surrogates.shifted, options: settings.execution)
      let session = try forward.session(lengths: surrogates.shifted.lengths(for: bindings))
      try session.set(bindings)
      let entries = try checked.map { entry in
        guard let value = bindings.values[entry.name], let gradient = outputs["gradient/" + entry.name] else {
          preconditionFailure("\(entry.name) has a value and a gradient")
        }
        return try compare(
          entry.name, entry.kind, value, gradient.doubles, session, draws: (bindings.seed, bindings.run),
          limit: settings.elementsPerValue)
      }
      return GradientCheck(entries: entries, surrogates: surrogates.declared, fallbacks: executable.plan.fallbacks)
    }
  }

  /// Whether a check with these settings can record the cell: its sizes may not fit together.
  package static func canRecord(_ cell: some RecurrentCell, _ settings: Settings = Settings()) -> Bool {
    (try? record(cell, settings)) != nil
  }

  /// The output with ‖v_t · y_t‖₂ over all terms of the loss: what rounding leaves of the loss is a part of it, also where
  /// the terms cancel.
  private static let sizeOfTerms = "size of the terms"

  static func record(
    _ cell: some RecurrentCell, _ settings: Settings, _ element: ElementType = .float64, measuresTerms: Bool = false
  ) throws(RecordingError) -> Recording {
    try Recording(element: element) { scope in
      let time = scope.time("t")
      let batch = scope.batch("b")
      let x = scope.input("x", [settings.features], over: [time, batch])
      let y = scope.over(time).starting(.input(over: [batch])).run(cell, x)
      let readOut = scope.input("readout", y.shape.array, over: [time, batch])
      let terms = readOut * y
      scope.output("loss", sum(terms))
      if measuresTerms { scope.output(sizeOfTerms, sqrt(sum(square(terms)))) }
    }
  }

  /// Random values for everything. Parameters are moved away from their initial values, some of which are 0.
  static func bindings(for recording: Recording, _ settings: Settings) -> Bindings {
    let graph = recording.graph
    var bindings = Bindings(recording.initialValues(seed: settings.seed), seed: settings.seed)
    let lengths = [settings.length, settings.batch]
    let leaves = recording.parameters.map(\.node) + recording.inputs.map(\.node)
    for (index, node) in leaves.enumerated() {
      guard let name = graph.name(node) else { preconditionFailure("an input has a name") }
      let type = graph.type(node)
      let dimensions = type.domain.map { lengths[$0.index] } + type.shape.array
      let noise = RandomStream(seed: settings.seed, stream: UInt64(index) + 1)
        .normals(1, dimensions.reduce(1, *), 1)
      let values = bindings.values[name].map { zip($0.doubles, noise).map { $0 + 0.1 * $1 } } ?? noise
      bindings.values[name] = Tensor(dimensions, values, as: type.element)
    }
    return bindings
  }

  private static func compare(
    _ name: String, _ kind: Entry.Kind, _ value: Tensor, _ gradient: [Double], _ session: Session,
    draws: (seed: UInt64, run: UInt64), limit: Int
  ) throws -> Entry {
    let original = value.doubles
    func loss(_ index: Int, _ offset: Double) throws -> Double {
      var moved = original
      moved[index] += offset
      try session.set(name, Tensor(value.dimensions, moved))
      // The same draws as for the gradient: otherwise the two belong to different functions.
      session.run(seed: draws.seed, run: draws.run)
      if let failure = session.failure { throw failure }
      return session.output("loss").doubles[0]
    }
    let scale = gradient.reduce(0) { max($0, abs($1)) }
    let count = min(limit, original.count)
    var entry = Entry(
      name: name, kind: kind, elements: original.count, checked: count, largestError: 0, index: 0,
      analytic: gradient[0], numeric: gradient[0])
    for position in 0..<count {
      let index = position * original.count / count
      // f′ ≈ (8 (f(h) − f(−h)) − (f(2h) − f(−2h))) / 12 h, with an error of h⁴ f⁽⁵⁾ / 30
      let h = 1e-4 * max(1, abs(original[index]))
      let (above, below) = (try loss(index, h), try loss(index, -h))
      let far = try loss(index, 2 * h) - loss(index, -2 * h)
      let numeric = (8 * (above - below) - far) / (12 * h)
      // Each loss has an error of a few units in the last place, of its terms if these cancel.
      let size = session.output(sizeOfTerms).doubles[0]
      let rounding = 4 * Double.ulpOfOne * max(abs(above), abs(below), size) / h
      let analytic = gradient[index]
      let unit = max(abs(analytic), abs(numeric), 1e-4 * scale, 1e6 * rounding)
      let error = unit == 0 ? 0 : abs(analytic - numeric) / unit
      if !(error <= entry.largestError) {
        entry.largestError = error.isNaN ? .infinity : error
        (entry.index, entry.analytic, entry.numeric) = (index, analytic, numeric)
      }
    }
    try session.set(name, value)
    return entry
  }
}

extension Bindings {
  /// The values whose names are in a graph.
  fileprivate func restricted(to graph: Graph) -> Bindings {
    var result = self
    // A held value has a name in every graph, but is an input only in graphs that hold it.
    result.values = values.filter { name, _ in
      graph.node(named: name).map { [.parameter, .input].contains(graph.operation($0)) } ?? false
    }
    return result
  }
}
