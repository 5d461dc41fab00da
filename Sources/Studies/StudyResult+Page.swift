internal import EbbExecution
internal import EbbDiagnostics
public import EbbReport

extension StudyResult {
  /// The study on one page.
  public var page: HTMLReport { page(running: nil) }

  /// The study on one page, possibly with parts missing.
  ///
  /// - Parameter running: The current work; nil if the study is finished.
  public func page(running: HTMLReport.Running?) -> HTMLReport {
    HTMLReport(
      title: "How far back does the gradient reach?", name: "study", lead: lead, findings: findings,
      sections: [comparisonSection, initialSection] + creditSections + dynamicsSections + gateSections
        + [explodingSection, trainingSection] + equationSections + [setupSection],
      details: details, running: running)
  }

  private var names: String { cells.map { "`\($0.name)`" }.joined(separator: ", ") }

  private var lead: String {
    let solved = cells.filter(\.training.isSolved).map { "`\($0.name)`" }
    let unsolved = cells.filter { $0.training.end.isReached && !$0.training.isSolved }.map { "`\($0.name)`" }
    let outcome =
      solved.isEmpty
      ? isFinished ? "None of them learned it here." : ""
      : "\(listed(solved)) learned it"
        + (unsolved.isEmpty ? "." : "; \(listed(unsolved)) did not.")
    return """
      The gradients of \(names) are followed back through \(settings.length) steps at initialisation, and through \
      \(settings.taskLength) steps while each cell trains on the adding problem, which needs two numbers to be \
      remembered from anywhere in the sequence. \(outcome)
      """
  }

  private func listed(_ words: [String]) -> String {
    guard words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + words[words.count - 1]
  }

  /// The findings, one sentence each.
  public var findings: [String] {
    // Many cells share a sentence, so that the list stays short.
    var findings = cells.count > 4 ? sharedFindings : cellFindings
    let clipped = exploding.clipped.clips
    if let free = exploding.unclipped.states.first?.total.flow.last,
      let held = exploding.clipped.states.first?.total.flow.last
    {
      findings.append(
        "With recurrent weights \(numeral(settings.explodingGain)) times as large the gradient of the simple network "
          + "reaches \(readableNumber(free)) at the first step; clipped inside the recurrence it is \(readableNumber(held)) there, "
          + "and \(clipped.count == 1 ? "1 gradient was" : "\(clipped.count) gradients were") clipped.")
    }
    if !cells.isEmpty {
      findings.append(
        "The gradients at initialisation are those of cells that read \(StudySettings.features) features a step, as the "
          + "adding problem has: `\(flowCommand)` shows the same numbers.")
    }
    return findings
  }

  private var cellFindings: [String] {
    var findings = cells.filter(\.training.end.isReached).map { cell -> String in
      let training = cell.training
      let error =
        "error \(readableNumber(training.heldOutError)) on held-out sequences after \(training.losses.count) steps"
      return training.isSolved
        ? "`\(cell.name)` solved the adding problem: \(error)."
        : "`\(cell.name)` did not solve it: \(error); the constant answer has \(readableNumber(Self.constantAnswerError))."
    }
    for cell in cells {
      guard let state = cell.initial.states.first, let decay = state.total.decay else { continue }
      let reach =
        state.total.stepsBack().map { "is below 1% after \($0) step\($0 == 1 ? "" : "s")" }
        ?? "stays above 1% over all \(settings.length) steps"
      findings.append(
        "At initialisation the gradient of `\(cell.name)` changes by a factor of \(readableNumber(decay.factor)) a step "
          + "back, and \(reach).")
    }
    return findings
  }

  private var sharedFindings: [String] {
    let trained = cells.filter(\.training.end.isReached)
    func errors(_ isSolved: Bool) -> String {
      trained.filter { $0.training.isSolved == isSolved }.sorted { $0.training.heldOutError < $1.training.heldOutError }
        .map { "`\($0.name)` \(readableNumber($0.training.heldOutError))" }.joined(separator: ", ")
    }
    let constant = readableNumber(Self.constantAnswerError)
    let outcomes = [
      ("Cells that solved the adding problem, with their errors on held-out sequences", errors(true)),
      (
        "Cells that did not solve the adding problem, with their errors (the constant answer has \(constant))",
        errors(false)
      ),
      (
        "The factor by which the gradient changes a step back, at initialisation",
        cells.compactMap { cell in cell.initial.states.first?.total.decay.map { (cell.name, $0.factor) } }
          .sorted { $0.1 > $1.1 }.map { "`\($0)` \(readableNumber($1))" }.joined(separator: ", ")
      ),
      (
        "The number of steps back after which it is below 1%",
        cells.compactMap { cell in
          cell.initial.states.first.map { "`\(cell.name)` \($0.total.stepsBack().map(String.init) ?? "never here")" }
        }.joined(separator: ", ")
      ),
    ]
    return outcomes.filter { !$0.1.isEmpty }.map { "\($0): \($1)." }
  }

  /// The command for the study's measurements at initialisation.
  private var flowCommand: String {
    "ebb flow --input \(StudySettings.features) --length \(settings.length) --hidden \(settings.units) "
      + "--batch \(settings.batch) --seed \(settings.seed) --cell NAME"
  }

  // MARK: Sections

  /// The charts side by side, if there are any.
  private func row(_ charts: [Chart], caption: String) -> [HTMLReport.Block] {
    charts.isEmpty ? [] : [.row(charts, caption: caption)]
  }

  /// A section, if it has any content.
  private func section(_ heading: String, _ blocks: [HTMLReport.Block]) -> [HTMLReport.Section] {
    blocks.isEmpty ? [] : [.init(heading, blocks)]
  }

  private var comparisonSection: HTMLReport.Section {
    .init(
      "Cells side by side",
      [
        .table(
          comparison,
          caption: """
            Gates are the sigmoid functions of a step; parameters are the cell's own; FLOP are those of one step of one \
            sample, forward; memory is that of a training step on \(settings.trainingBatch) sequences of \
            \(settings.taskLength) steps; the rate is that of training on them, measured on \
            \(settings.execution.threads) threads. The long-term dependency is that of the adding problem, which \
            counts as solved when the mean squared error on held-out sequences is below \
            \(numeral(settings.solvedError)).
            """)
      ])
  }

  private var initialSection: HTMLReport.Section {
    .init(
      "At initialisation",
      [
        .paragraph(
          """
          The loss reads the cell's output at the last step, in a random direction of length 1: so the gradient begins \
          at 1 in every cell. Norms are over the features of each sample, then averaged over \(settings.batch) samples \
          with inputs from N(0, 1).
          """),
        .chart(
          initialChart,
          caption: "A straight line is exponential decay. The total gradient of the output state h, for every timestep."
        ),
      ] + theoryBlocks + [
        .table(
          gradientTable,
          caption: """
            The factor is fitted by least squares to the logarithm of the norm, over all steps whose gradient is a \
            normal number of the type.
            """)
      ])
  }

  private var theoryBlocks: [HTMLReport.Block] {
    let explanations = cells.flatMap { cell in
      (cell.cellReport.theory?.predictions ?? []).map { "`\(cell.name)`, `\($0.state)`: \($0.explanation)" }
    }
    return row(
      theoryCharts,
      caption: "The same beside theory (dashed), which begins at the norm that was measured at the last step.")
      + (explanations.isEmpty ? [] : [.list(explanations)])
  }

  private var creditSections: [HTMLReport.Section] {
    section(
      "Which loss reaches which state",
      row(
        creditCharts,
        caption: """
          Credit ‖∂Lₛ/∂hₜ‖ at initialisation: a row is the loss of one step, a column the output state of one step. \
          Nothing depends on what comes later: that triangle is hatched, as is what is below 10⁻¹² of the largest.
          """))
  }

  private var dynamicsSections: [HTMLReport.Section] {
    let planes = row(
      eigenvalueCharts,
      caption: """
        Eigenvalues of ∂sₜ/∂sₜ₋₁, over all states of a cell, at the last step: of \(settings.length) steps with \
        inputs from N(0, 1) at initialisation, and of a held-out sequence of the task after training. What lies \
        outside the circle grows if the step is repeated.
        """)
    let histograms = row(
      singularValueCharts,
      caption: """
        Singular values of up to eight steps' Jacobians together, on one axis: each the factor on some change of the \
        states in one step.
        """)
    let exponents = row(
      lyapunovCharts,
      caption: """
        The mean rates, per step, at which small changes of the states grow or shrink. With the largest below 0 a \
        cell forgets where it began; near 0 gradients neither vanish nor explode. The CSV has the half widths of \
        95% intervals too.
        """)
    return section("What a step does to a small change", planes + histograms + exponents)
  }

  private var gateSections: [HTMLReport.Section] {
    section(
      "Gates and activations",
      row(
        saturationCharts,
        caption: """
          The share of all numbers (steps, samples and units) within 5% of an end of the range, where the derivative \
          is small and little gradient passes.
          """))
  }

  private var explodingSection: HTMLReport.Section {
    .init(
      "Exploding, and clipped inside the recurrence",
      [
        .paragraph(
          """
          The recurrent weights of a simple network begin as an orthogonal matrix; here they are multiplied by \
          \(numeral(settings.explodingGain)). The clipped network limits the gradient of each sample's state to a norm \
          of \(numeral(settings.explodingClip)) at every step, as it flows back.
          """),
        .chart(explodingChart, caption: "The total gradient of h, averaged over the samples."),
        .chart(
          clippingChart, caption: exploding.clipped.clippingRemarks(of: settings.batch).joined(separator: " ")),
      ])
  }

  private var trainingSection: HTMLReport.Section {
    let moments = row(
      trainingCharts,
      caption: """
        Rows are moments of training, from the first at the top; columns are timesteps. One colour scale for all; \
        hatched is what is below 10⁻¹² of the largest gradient of all cells.
        """)
    let comparisons = row(
      beforeAndAfterCharts,
      caption: "The gradient of each sample's own loss with respect to hₜ, averaged over 32 held-out samples.")
    return .init(
      "During training",
      [
        .paragraph(
          """
          Adam at \(numeral(settings.learningRate)), falling to 0 along a cosine, on batches of \
          \(settings.trainingBatch) sequences of \(settings.taskLength) steps; gradients clipped to a global norm of \
          \(numeral(settings.gradientClip)). Gradients through time and errors are measured on held-out sequences.
          """),
        .chart(lossChart, caption: "Each point is the mean over neighbouring training steps."),
      ] + moments + comparisons)
  }

  private var equationSections: [HTMLReport.Section] {
    let blocks = cells.flatMap { cell -> [HTMLReport.Block] in
      cell.facts.equations.map { [.paragraph("`\(cell.name)`"), .math($0)] } ?? []
    }
    return blocks.isEmpty ? [] : [.init("The equations", blocks)]
  }

  private var setupSection: HTMLReport.Section {
    .init("How the cells begin", [.table(initializerTable, caption: "The first values of all parameters.")])
  }

  var details: [HTMLReport.Detail] {
    [
      .init("units", "\(settings.units)"), .init("seed", "\(settings.seed)"),
      .init("threads", "\(settings.execution.threads)"), .init("element", "float32"),
      .init("time", "\(readableNumber(seconds)) s for the whole study"),
    ]
  }
}
