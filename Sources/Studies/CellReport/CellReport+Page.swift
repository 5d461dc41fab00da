internal import EbbDiagnostics
public import EbbReport
internal import EbbTensors

extension CellReport {
  /// The report on one page.
  ///
  /// - Parameters:
  ///   - cell: The cell's name on the page.
  ///   - units: The cell's number of units, listed among the details; nil omits it.
  public func page(cell: String, units: Int? = nil) -> HTMLReport {
    HTMLReport(
      title: "\(cell): the gradient through \(experiment.length) steps", name: "flow \(cell)", lead: lead(cell),
      findings: findings,
      sections: [gradientSection] + clipSections + creditSections + dynamicsSections + gateSections + equationSections
        + omissionSections,
      details: details(cell, units))
  }

  private func lead(_ cell: String) -> String {
    if let subject { return subject.lead }
    let reads =
      experiment.loss == .all && experiment.value == nil
      ? "is the mean of all steps' read-outs"
      : "reads \(experiment.value.map { "`\($0)`" } ?? "the output") \(experiment.loss)"
    return """
      A loss that \(reads) of `\(cell)`, in a random direction of length 1, is followed back through \
      \(experiment.length) steps; inputs are from N(0, 1), parameters as the cell begins with them\
      \(experiment.gain == 1 ? "" : ", recurrent weights times \(numeral(experiment.gain))").
      """
  }

  /// The findings, one sentence each.
  public var findings: [String] {
    var findings = flow.states.compactMap { state -> String? in
      guard let decay = state.total.decay else { return nil }
      let reach =
        state.total.stepsBack().map { "is below 1% of its last value after \($0) step\($0 == 1 ? "" : "s")" }
        ?? (state.total.flow.first == 0 ? "is zero at the last step" : "stays above 1% of its last value")
      return "The gradient of `\(state.name)` changes by a factor of \(readableNumber(decay.factor, digits: 4)) a step "
        + "back, and \(reach)."
    }
    if let jacobians = dynamics?.jacobians, let last = jacobians.steps.last {
      findings.append(
        """
        The Jacobian of step \(last.step) has a spectral radius of \(readableNumber(last.spectrum.spectralRadius)), a \
        largest singular value of \(readableNumber(last.spectrum.singularValues.first ?? .nan)) and rank \
        \(last.spectrum.rank) of \(jacobians.dimension).
        """)
    }
    if let dynamics { findings.append(dynamics.lyapunov.sentence) }
    let saturations = bounded.compactMap { record in record.saturation().map { (record.name, $0.total) } }
    if let (name, share) = saturations.max(by: { $0.1 < $1.1 }), share > 0.01 {
      findings.append(
        "`\(name)` is saturated most: \(readableNumber(100 * share))% of its numbers lie within 5% of an end.")
    }
    return findings
  }

  private var bounded: [ActivationRecord] { gates?.records.bounded ?? [] }

  // MARK: Sections

  private var gradientSection: HTMLReport.Section {
    let predictions = theory?.predictions ?? []
    let explanations = predictions.map { prediction in
      (flow.states.count > 1 ? "`\(prediction.state)`: " : "") + prediction.explanation
    }
    return .init(
      "Gradient through time",
      [
        .chart(
          gradientChart(),
          caption: """
            Norms over the features of each sample, averaged over \(experiment.batch) samples\
            \(flow.isAlignedAtEnds ? ", which are aligned at their ends" : ""). A straight line is exponential decay. Total counts every later use of a state, direct only those within its step\
            \(predictions.isEmpty ? "" : "; dashed is what theory predicts, from the norm at the last step on").
            """)
      ] + (predictions.isEmpty ? [] : [.list(explanations)])
        + [
          .table(
            flow.table(title: "How far the gradient reaches"),
            caption: "The factor is fitted by least squares to the logarithm of the norm.")
        ])
  }

  private var clipSections: [HTMLReport.Section] {
    guard experiment.clip != nil else { return [] }
    let summary = flow.clippingRemarks(of: experiment.batch).joined(separator: " ")
    return [.init("Clipping", [flow.clips.isEmpty ? .paragraph(summary) : .row(clipCharts, caption: summary)])]
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
      dynamics.jacobians.map { jacobians in
        [
          .row(
            [jacobians.eigenvalueChart(), jacobians.singularValueChart()],
            caption: """
              ∂sₜ/∂sₜ₋₁ over all \(jacobians.dimension) coordinates of the states, of one sample. Eigenvalues outside the \
              circle belong to changes that grow if the step is repeated; a singular value above 1 to a change that \
              grows in this one. Singular values of steps \(jacobians.stepList).
              """)
        ]
      } ?? []
    let lyapunov = dynamics.lyapunov
    return [
      .init("What a step does to a small change", spectra + [.chart(lyapunov.chart(), caption: lyapunov.caption)])
    ]
  }

  private var gateSections: [HTMLReport.Section] {
    let bounded = self.bounded
    guard let gates, !bounded.isEmpty else { return [] }
    let charts = HTMLReport.Block.row(
      [bounded.saturationChart(), bounded.saturationOverTimeChart()],
      caption: """
        Within 5% of an end of its range (0 and 1 of a sigmoid, −1 and 1 of a tanh) the derivative is small, and little \
        gradient passes. Over \(experiment.batch) samples and all units.
        """)
    let retentions = HTMLReport.Block.table(
      gates.retentionTable(title: "How long the gates keep a unit's content"),
      caption: "For each gate f that multiplies a state, −1 / mean ln f of its units over steps and samples.")
    return [.init("Gates and activations", [charts] + (gates.retentions.isEmpty ? [] : [retentions]))]
  }

  private var equationSections: [HTMLReport.Section] {
    guard let cell = equations.first else { return [] }
    let gradient = equations.dropFirst().flatMap { markup -> [HTMLReport.Block] in
      [
        .paragraph(
          """
          Its gradient, for any loss L that reads the output: a bar marks the derivative by a value over all paths, δ \
          that by the argument of a function, and Σ runs over the steps and the samples.
          """), .math(markup),
      ]
    }
    return [.init("The equations", [.math(cell)] + gradient)]
  }

  private var omissionSections: [HTMLReport.Section] {
    let notes = subject?.notes ?? []
    return (notes.isEmpty ? [] : [.init("What was taken for granted", [.list(notes)])])
      + (omissions.isEmpty ? [] : [.init("What is missing", [.list(omissions)])])
  }

  private func details(_ cell: String, _ units: Int?) -> [HTMLReport.Detail] {
    if let subject { return subject.details + [.init("element", experiment.element.name)] }
    return [.init("cell", cell)] + (units.map { [.init("units", "\($0)")] } ?? []) + [
      .init("steps", "\(experiment.length)"), .init("input features", "\(experiment.features)"),
      .init("samples", "\(experiment.batch)"), .init("gain", numeral(experiment.gain)),
      .init("loss", (experiment.value.map { "of \($0) " } ?? "") + "\(experiment.loss)"),
      .init("seed", "\(experiment.seed)"), .init("element", experiment.element.name),
    ]
  }
}
