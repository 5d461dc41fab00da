public import EbbReport
internal import EbbTensors

extension FlowPortrait {
  /// The portrait on one page.
  ///
  /// - Parameter cell: The cell's name, as the page calls it.
  public func report(cell: String, units: Int? = nil) -> HTMLReport {
    HTMLReport(
      title: "\(cell): the gradient through \(experiment.length) steps", lead: lead(cell), findings: findings,
      sections: [gradientSection] + clipSections + creditSections + dynamicsSections + gateSections + omissionSections,
      details: details(cell, units))
  }

  private func lead(_ cell: String) -> String {
    let reads = experiment.loss == .last ? "reads the output at the last step" : "is the mean of all steps' read-outs"
    return """
      A loss that \(reads) of `\(cell)`, in a random direction of length 1, is followed back through \
      \(experiment.length) steps; inputs are from N(0, 1), parameters as the cell begins with them\
      \(experiment.gain == 1 ? "" : ", recurrent weights times \(numeral(experiment.gain))").
      """
  }

  /// What the numbers say, each in a sentence.
  public var findings: [String] {
    var findings = profile.states.compactMap { state -> String? in
      guard let decay = state.total.decay else { return nil }
      let reach =
        state.total.stepsBack().map { "is below 1% of its last value after \($0) step\($0 == 1 ? "" : "s")" }
        ?? "stays above 1% of its last value"
      return "The gradient of `\(state.name)` changes by a factor of \(readableNumber(decay.factor, digits: 4)) a step "
        + "back, and \(reach)."
    }
    if let dynamics {
      if let last = dynamics.steps.last {
        findings.append(
          """
          The Jacobian of step \(last.step) has a spectral radius of \(readableNumber(last.spectrum.spectralRadius)), a \
          largest singular value of \(readableNumber(last.spectrum.singularValues.first ?? .nan)) and rank \
          \(last.spectrum.rank) of \(dynamics.dimension).
          """)
      }
      findings.append(dynamics.lyapunovSentence)
    }
    if let gate = gates.max(by: { $0.saturation.total < $1.saturation.total }), gate.saturation.total > 0.01 {
      findings.append(
        """
        `\(gate.name)` is saturated most: \(readableNumber(100 * gate.saturation.total))% of its numbers lie within 5% \
        of an end.
        """)
    }
    return findings
  }

  // MARK: Sections

  private var gradientSection: HTMLReport.Section {
    let predictions = theory.map(\.explanation)
    return .init(
      "Gradient through time",
      [
        .chart(
          gradientChart(),
          caption: """
            Norms over the features of each sample, averaged over \(experiment.batch) samples. A straight line is \
            exponential decay. Total counts every later use of a state, direct only those within its step\
            \(theory.isEmpty ? "" : "; dashed is what theory predicts, from the norm at the last step on").
            """)
      ] + (predictions.isEmpty ? [] : [.list(predictions)])
        + [
          .table(
            profile.table(title: "How far the gradient reaches"),
            caption: "The factor is fitted by least squares to the logarithm of the norm.")
        ])
  }

  private var clipSections: [HTMLReport.Section] {
    guard experiment.clip != nil else { return [] }
    guard let largest = profile.clips.max(by: { $0.before < $1.before }) else {
      return [.init("Clipping", [.paragraph("Clipping inside the recurrence changed no gradient.")])]
    }
    let places = profile.states.count * experiment.length * experiment.batch
    return [
      .init(
        "Clipping",
        [
          .row(
            clipCharts,
            caption: """
              Clipping inside the recurrence changed \(profile.clips.count) of \(places) gradients (each state, step and \
              sample). The largest was \(readableNumber(largest.before)), of \(largest.state) at step \(largest.step) of \
              sample \(largest.sample), and became \(readableNumber(largest.after)).
              """)
        ])
    ]
  }

  private var creditSections: [HTMLReport.Section] {
    guard let credit else { return [] }
    let estimated =
      credit.isExact ? "" : " Each row is the root mean square over a block of steps, estimated by random probes."
    let caption = """
      Each row is the loss of one step, each column the state of one step: how much that loss depends on that state. \
      Above the diagonal nothing can depend on what comes later, and is hatched.\(estimated)
      """
    return [.init("Which loss reaches which state", [.row(creditCharts, caption: caption)])]
  }

  private var dynamicsSections: [HTMLReport.Section] {
    guard let dynamics else { return [] }
    let spectra: [HTMLReport.Block] =
      dynamics.steps.isEmpty
      ? []
      : [
        .row(
          [dynamics.eigenvalueChart(), dynamics.singularValueChart()],
          caption: """
            ∂sₜ/∂sₜ₋₁ over all \(dynamics.dimension) coordinates of the states, of one sample. Eigenvalues outside the \
            circle belong to changes that grow if the step is repeated; a singular value above 1 to a change that grows \
            in this one. Singular values of steps \(dynamics.stepList).
            """)
      ]
    return [
      .init(
        "What a step does to a small change",
        spectra + [.chart(dynamics.lyapunovChart(), caption: dynamics.lyapunovCaption)])
    ]
  }

  private var gateSections: [HTMLReport.Section] {
    guard !gates.isEmpty else { return [] }
    return [
      .init(
        "Gates and activations",
        [
          .row(
            [gates.saturationChart(), gates.saturationOverTimeChart()],
            caption: """
              Within 5% of an end of its range (0 and 1 of a sigmoid, −1 and 1 of a tanh) the derivative is small, and \
              little gradient passes. Over \(experiment.batch) samples and all units.
              """)
        ])
    ]
  }

  private var omissionSections: [HTMLReport.Section] {
    omissions.isEmpty ? [] : [.init("What is missing", [.list(omissions)])]
  }

  private func details(_ cell: String, _ units: Int?) -> [HTMLReport.Detail] {
    [.init("cell", cell)] + (units.map { [.init("units", "\($0)")] } ?? []) + [
      .init("steps", "\(experiment.length)"), .init("input features", "\(experiment.features)"),
      .init("samples", "\(experiment.batch)"), .init("gain", numeral(experiment.gain)),
      .init("loss", experiment.loss == .last ? "at the last step" : "at all steps"),
      .init("seed", "\(experiment.seed)"), .init("element", experiment.element.name),
    ]
  }
}

extension StepDynamics {
  var stepList: String { steps.map { "\($0.step)" }.joined(separator: ", ") }

  /// What the largest exponent says.
  var lyapunovSentence: String {
    let largest = lyapunov.exponents.first ?? .nan
    let error = lyapunov.standardErrors.first ?? .nan
    let verdict =
      abs(largest) <= 2 * error
      ? "small changes neither grow nor shrink"
      : largest < 0 ? "the states forget where they began" : "the least difference grows"
    return """
      The largest Lyapunov exponent is \(readableNumber(largest)) ± \(readableNumber(error, digits: 1)) a step: \
      \(verdict).
      """
  }

  var lyapunovCaption: String {
    let count = lyapunov.exponents.count
    let all = count == dimension ? "All \(count)" : "The largest \(count) of \(dimension)"
    let dimension = lyapunov.kaplanYorkeDimension.map { " Kaplan–Yorke dimension \(readableNumber($0))." } ?? ""
    return """
      \(all) exponents over \(lyapunov.steps) steps of one sample: the mean rate at which small changes grow or shrink, \
      per step, as natural logarithms.\(dimension)
      """
  }
}
