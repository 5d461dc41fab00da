internal import EbbExecution
internal import EbbDiagnostics
internal import EbbGraph
internal import EbbRecording
internal import EbbMarkup
internal import EbbReport
internal import EbbStudies
internal import EbbTensors
internal import EbbTransforms

/// The further measurements of `ebb flow`, each with an option, a section of the text and a member of the JSON.
struct FlowSections {
  static let options: [Option] = [
    Option(flag: "log-norm", "shows log ‖dL/dh‖ past the range of floats"),
    Option(flag: "credit", "shows ‖∂Lₛ/∂hₜ‖, the loss of each step against each state; by probes above 256 steps"),
    Option(
      flag: "by-step", "splits the gradients of parameters by the step at which they arise; up to 64 steps by lag too"),
    Option(flag: "units", "shows the gradients of units, samples and named intermediates"),
    Option("of", "NAMES", "with --units: only these states and named intermediates, with commas between them"),
    Option(flag: "noise", "compares the gradients of the samples"),
    Option("truncation", "STEPS", "what truncation to so many steps drops of the gradient; several with commas"),
    Option("lags", "STEPS", "what is dropped if each loss reaches back exactly so many steps; several with commas"),
    Option(flag: "jacobian", "shows the spectra of ∂sₜ/∂sₜ₋₁ and of ∂s_T/∂sₜ₋₁ of the first sample, in 64 bits"),
    Option(flag: "lyapunov", "shows the Lyapunov exponents along the first sample, in 64 bits"),
    Option(flag: "theory", "draws what closed forms predict over what is measured"),
    Option(flag: "gates", "shows saturation, activations, memory lengths and time constants"),
    Option("hessian", "COUNT", "shows so many eigenvalues at each end of the Hessian's spectrum"),
    Option(flag: "origin", "says where the first number arose that is infinite or NaN"),
  ]

  /// The maximum number of steps for splitting gradients by lag; its time grows with the square of the steps.
  private static let lagLimit = 64
  /// The number of lines for plots in sections with several.
  private static let smallRows = 10

  /// A measurement: the name of its option, its text and its numbers.
  struct Section {
    var option: String
    var text: String
    var numbers: JSONValue
  }

  /// The requested measurements.
  private(set) var all: [Section] = []
  private let options: ParsedOptions
  private let source: FlowSource
  private var experiment: FlowExperiment { source.experiment }
  private let trial: Trial
  /// The samples of one length, for what needs it, with their loss and the words for them.
  private let uniformTrial: Trial
  private let uniformWords: String
  private let style: TerminalStyle
  private let context: CommandContext

  /// Makes the requested measurements, in addition to the measured gradients.
  init(
    _ options: ParsedOptions, _ source: FlowSource, _ flow: GradientFlow, _ context: CommandContext
  ) throws {
    (self.options, self.source, self.style) = (options, source, context.output.style)
    self.context = context
    trial = try source.subject.trial(loss: .loss)
    let uniform = source.subject.ofOneLength
    uniformTrial = try source.subject.lengths == nil ? trial : uniform.trial(loss: .loss)
    uniformWords =
      source.subject.lengths == nil
      ? ""
      : "Of the samples with \(uniform.experiment.length) steps, \(uniform.experiment.batch) of "
        + "\(source.experiment.batch), as this needs sequences of one length:\n"
    try checkSizes()
    _ = try options.optionalInteger("hessian")
    let names = options.isGiven("of") ? try options.list("of") : nil
    if names != nil, !options.isGiven("units") { throw UsageError("--of says what --units shows; give both") }
    let sections =
      try gradients(names) + [truncation("truncation", .windows), truncation("lags", .lags)] + dynamics()
      + theory(flow)
      + [hessian(), origin()]
    all = sections.compactMap { $0 }
  }

  /// Rejects spectra of matrices that do not fit into memory: matrices over the coordinates of all states, several of
  /// them at once, and the Lanczos vectors of all parameters.
  private func checkSizes() throws {
    let names = ["jacobian", "lyapunov", "hessian"].filter(options.isGiven)
    guard !names.isEmpty else { return }
    let recording = trial.recording
    let coordinates = recording.states.reduce(0.0) { $0 + Double(recording.coordinateCount(of: $1)) }
    let parameters = recording.parameters.reduce(0.0) { $0 + Double($1.shape.count) }
    let memory = Double(MachineMemory.bytes)
    for name in names {
      let bytes = name == "hessian" ? 8 * parameters * 100 : 8 * coordinates * coordinates * 12
      guard bytes <= memory else {
        let factor = name == "hessian" ? memory / bytes : (memory / bytes).squareRoot()
        let units = Int(Double(try options.integer("hidden")) * (name == "hessian" ? factor.squareRoot() : factor))
        throw WorkTooLarge(
          "--\(name) takes about \(ByteCount.text(bytes)) for \(readableNumber(name == "hessian" ? parameters : coordinates)) "
            + "\(name == "hessian" ? "parameters" : "coordinates of the state"), and this machine has "
            + ByteCount.text(memory) + (source.leavesOut ? "" : "; --hidden \(max(1, units)) would fit"))
      }
      let operations = 25 * coordinates * coordinates * coordinates * Double(min(experiment.length, 1000))
      if name != "hessian", operations > 1e11 {
        context.output.writeError(
          "--\(name): matrices of \(readableNumber(coordinates)) coordinates, some \(readableNumber(operations)) FLOP\n"
        )
      }
    }
  }

  /// A measurement, if its option is given.
  ///
  /// - Parameter ofOneLength: Whether only the samples of one length are measured.
  private func section(
    _ option: String, ofOneLength: Bool = false, _ measure: () throws -> (text: String, numbers: JSONValue)
  ) throws -> Section? {
    guard options.isGiven(option) else { return nil }
    context.activity?.begin("--\(option)")
    do {
      let (text, numbers) = try measure()
      return Section(option: option, text: (ofOneLength ? uniformWords : "") + text, numbers: numbers)
    } catch let error as DiagnosticError where source.leavesOut && !(option == "units" && options.isGiven("of")) {
      // A network of a file may be of a kind that has no such measurement, and the others are wanted nevertheless.
      return Section(option: option, text: "--\(option): \(error)\n", numbers: ["omitted": .string("\(error)")])
    }
  }

  // MARK: Gradients

  private func gradients(_ names: [String]?) throws -> [Section?] {
    [
      try section("log-norm") {
        let norms = try Diagnostics.logNorms(of: trial)
        return (norms.chart().terminal(style) + "\n" + norms.table().terminal(style), norms.json)
      },
      try section("credit") {
        let credit = try Diagnostics.creditMatrix(
          of: source.subject.trial(loss: .stepRead),
          .suitable(forLength: experiment.length, seed: experiment.seed))
        return (credit.states.map { credit.chart(of: $0).terminal(style) }.joined(separator: "\n"), credit.json)
      },
      try section("by-step") {
        let split = try Diagnostics.stepwiseGradients(
          of: source.subject.trial(loss: .stepLoss), byLag: experiment.length <= Self.lagLimit)
        return (split.chart().terminal(style) + "\n" + split.table().terminal(style), split.json)
      },
      try section("units") {
        let detail = try Diagnostics.gradientDetail(of: trial, names: names)
        let charts = detail.values.map { detail.chart(of: $0).terminal(style) + "\n" }
        return (charts.joined() + detail.table().terminal(style), detail.json)
      },
      try section("noise") {
        let noise = try Diagnostics.noise(of: trial)
        return (noise.chart().terminal(style) + "\n" + noise.table().terminal(style), noise.json)
      },
    ]
  }

  private func truncation(_ option: String, _ cut: TruncationBias.Cut) throws -> Section? {
    let lengths = try Self.lengths(options, option)
    return try section(option) {
      // Lags count from the loss of each step.
      let trial = try cut == .lags ? source.subject.trial(loss: .stepLoss) : trial
      let bias = try Diagnostics.truncation(of: trial, to: lengths, cut: cut)
      let title = "Gradients of parameters with truncation" + (cut == .lags ? " to exactly so many lags" : "")
      return (bias.table(title: title).terminal(style), bias.json)
    }
  }

  // MARK: Dynamics

  private func dynamics() throws -> [Section?] {
    [
      try section("jacobian") {
        let spectra = try Diagnostics.jacobianSpectra(of: source.subject.ofOneSample.trial(loss: .loss))
        let charts = [spectra.spectrumChart, spectra.eigenvalueChart()].map {
          $0.terminal(style, rows: Self.smallRows) + "\n"
        }
        let states = spectra.states.joined(separator: ", ")
        let title = "Jacobians of a step and to the end, over \(spectra.dimension) coordinates of \(states)"
        return (charts.joined() + spectra.table(title: title).terminal(style), spectra.json)
      },
      try section("lyapunov") {
        let spectrum = try Diagnostics.lyapunovSpectrum(of: source.subject.ofOneSample.trial(loss: .loss))
        let chart = spectrum.chart().terminal(style, rows: Self.smallRows) + "\n"
        return (chart + spectrum.table().terminal(style) + lines(spectrum.remarks), spectrum.json)
      },
    ]
  }

  private func lines(_ remarks: [String]) -> String { remarks.map { $0 + "\n" }.joined() }

  // MARK: Theory

  private func theory(_ flow: GradientFlow) throws -> [Section?] {
    [
      try section("theory", ofOneLength: true) {
        if let reason = experiment.reasonAgainstTheory { throw DiagnosticError.setting(reason) }
        let theory = try Diagnostics.theory(of: uniformTrial, beside: source.subject.lengths == nil ? flow : nil)
        guard !theory.predictions.isEmpty else {
          let nothing = """
            No closed form is known for this cell: none of its states is φ(W h + …), and none is multiplied by a gate.

            """
          return (nothing, theory.json)
        }
        let remark = """
          A gate's prediction is of the path through the state that it keeps; other paths add to what is measured.

          """
        let text =
          theory.charts.map { $0.terminal(style) + "\n" }.joined()
          + theory.table(title: "Theory beside measurement").terminal(style)
        return (text + (theory.predictions.contains { $0.kind == .gate } ? remark : ""), theory.json)
      },
      try section("gates") {
        let statistics = try Diagnostics.gates(of: trial, beside: flow)
        var text = statistics.activationTable(title: "Activations, and the share within 5% of an end").terminal(style)
        text += "\n" + statistics.memoryTable(title: "Steps back until the gradient is at 1/e").terminal(style)
        if !statistics.retentions.isEmpty {
          text += "\n" + statistics.retentionTable(title: "Time constants −1 / mean ln f of the units").terminal(style)
        }
        return (text, statistics.json)
      },
    ]
  }

  private func hessian() throws -> Section? {
    try section("hessian") {
      let hessian = try Diagnostics.hessian(of: trial)
      // The rounding error of a residual in Float32 is about 10⁻⁵ of the largest eigenvalue.
      let tolerance = experiment.element == .float64 ? 1e-6 : 1e-4
      let spectrum = try hessian.extremeEigenvalues(options.integer("hessian"), tolerance: tolerance)
      let title = "Hessian of the loss by \(hessian.size) parameters"
      return (spectrum.table(title: title).terminal(style) + lines(spectrum.remarks), spectrum.json)
    }
  }

  private func origin() throws -> Section? {
    try section("origin") {
      guard let origin = try Diagnostics.nonFiniteOrigin(of: trial) else {
        return ("The loss and the gradients of all parameters are finite.\n", .null)
      }
      let title = "The first number that is not finite"
      return (origin.description + "\n\n" + origin.table(title: title).terminal(style), origin.json)
    }
  }

  /// The numbers of steps that were given.
  private static func lengths(_ options: ParsedOptions, _ option: String) throws(UsageError) -> [Int] {
    guard options.isGiven(option) else { return [] }
    return try options.list(option).map { word throws(UsageError) in
      guard let steps = Int(word), steps >= 1, steps <= Int(Int32.max) else {
        throw UsageError("--\(option) takes whole numbers of at least 1, not '\(word)'")
      }
      return steps
    }
  }
}
