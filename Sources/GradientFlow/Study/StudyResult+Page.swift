internal import EbbExecution
public import EbbReport

extension StudyResult {
  /// The study on one page.
  public var report: HTMLReport {
    HTMLReport(
      title: "How far back does the gradient reach?", lead: lead, findings: findings,
      sections: [comparisonSection, initialSection, explodingSection, trainingSection, setupSection],
      details: details)
  }

  private var names: String { cells.map { "`\($0.name)`" }.joined(separator: ", ") }

  private var lead: String {
    let solved = cells.filter(\.training.isSolved).map { "`\($0.name)`" }
    let unsolved = cells.filter { !$0.training.isSolved }.map { "`\($0.name)`" }
    let outcome =
      solved.isEmpty
      ? "None of them learned it here."
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

  /// What the numbers say, each in a sentence.
  public var findings: [String] {
    var findings = cells.map { cell -> String in
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
    if let free = exploding.unclipped.states.first?.total.flow.last,
      let held = exploding.clipped.states.first?.total.flow.last
    {
      findings.append(
        "With recurrent weights \(numeral(settings.explodingGain)) times as large the gradient of the simple network "
          + "reaches \(readableNumber(free)) at the first step; clipped inside the recurrence it is \(readableNumber(held)) there, "
          + "and \(exploding.clipped.clips.count) gradients were clipped.")
    }
    return findings
  }

  // MARK: Sections

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
        .table(
          gradientTable,
          caption: """
            The factor is fitted by least squares to the logarithm of the norm, over all steps whose gradient is a \
            normal number of the type.
            """),
      ])
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
        .chart(clippingChart, caption: clippingCaption),
      ])
  }

  private var clippingCaption: String {
    let clips = exploding.clipped.clips
    guard let largest = clips.max(by: { $0.before < $1.before }) else { return "Nothing was clipped." }
    return """
      \(clips.count) of \(settings.length * settings.batch * exploding.clipped.states.count) gradients were clipped in \
      all. The largest arrived with a norm of \(readableNumber(largest.before)), at step \(largest.step) of sample \
      \(largest.sample).
      """
  }

  private var trainingSection: HTMLReport.Section {
    let maps = trainingCharts.map { chart in
      HTMLReport.Block.chart(
        chart,
        caption: """
          Rows are moments of training, from the first at the top; columns are timesteps. Hatched: below 10⁻¹² of the \
          largest gradient of all cells.
          """)
    }
    let pairs = beforeAndAfterCharts.map { chart in
      HTMLReport.Block.chart(
        chart, caption: "The gradient of each sample's own loss with respect to hₜ, averaged over 32 samples.")
    }
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
      ] + maps + pairs)
  }

  private var setupSection: HTMLReport.Section {
    .init("How the cells begin", [.table(initializerTable, caption: "The first values of all parameters.")])
  }

  private var details: [HTMLReport.Detail] {
    [
      .init("units", "\(settings.units)"), .init("seed", "\(settings.seed)"),
      .init("threads", "\(settings.execution.threads)"), .init("element", "float32"),
      .init("time", "\(readableNumber(seconds)) s for the whole study"),
    ]
  }
}
