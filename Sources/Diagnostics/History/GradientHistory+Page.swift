public import EbbReport

extension GradientHistory {
  /// The training on one page.
  ///
  /// - Parameters:
  ///   - title: The heading of the page.
  ///   - lead: One paragraph below it.
  ///   - findings: Sentences to put before those on the gradients.
  ///   - evaluations: Losses that were measured from time to time, drawn beside those of the training steps.
  ///   - charts: Other results, drawn after the losses.
  ///   - details: What else is needed to make the page again.
  ///   - running: The current work; nil if training has ended.
  public func page(
    title: String, lead: String = "", findings: [String] = [], evaluations: [ChartSeries] = [], charts: [Chart] = [],
    details: [HTMLReport.Detail] = [], running: HTMLReport.Running? = nil
  ) -> HTMLReport {
    HTMLReport(
      title: title, lead: lead, findings: findings + self.findings,
      sections: sections(evaluations: evaluations, charts: charts), details: details + self.details, running: running)
  }

  /// The parts of a page: the losses, the gradient of the parameters, the gradient through time for each state, its growth
  /// over training, and what the gates do to it.
  ///
  /// - Parameters:
  ///   - evaluations: Losses that were measured from time to time, drawn beside those of the training steps.
  ///   - charts: Other results, drawn after the losses.
  public func sections(evaluations: [ChartSeries] = [], charts: [Chart] = []) -> [HTMLReport.Section] {
    [lossSection(evaluations, charts), normSection] + stateNames.map(stateSection) + growthSections + gateSections
      + clipSections
  }

  /// How it was measured, for the end of a page.
  public var details: [HTMLReport.Detail] {
    var text = "at the first step and at the last"
    if measurements.count > 2 || interval < Int.max { text += ", and every \(interval) steps" }
    return [.init("gradients through time", text)]
  }

  // MARK: Words

  /// How many states are in the words; a table has all of them.
  private static let namedStates = 4

  /// Sentences on the gradient through time, before and after training; one for each of the first states.
  public var findings: [String] {
    stateNames.prefix(Self.namedStates).compactMap(sentence) + [clippingSentence].compactMap { $0 }
      + (problem.map { ["Gradients through time were not measured\(toTheEnd): \($0)."] } ?? [])
  }

  /// The same in a line or two, for a terminal.
  public var lines: [String] {
    guard let first = measurements.first, let last = measurements.last else {
      return problem.map { ["gradients through time were not measured: \($0)"] } ?? []
    }
    let names = stateNames
    let changes = names.prefix(Self.namedStates).map { name in
      let factors = [first, last].map { $0[name]?.total.decay.map { readableNumber($0.factor, digits: 4) } ?? "none" }
      return "\(name) × \(first.step == last.step ? factors[0] : factors.joined(separator: " → "))"
    }
    var line = "gradient a step back"
    if first.step < last.step { line += ", after \(first.step) and \(last.step) steps" }
    line += ": " + changes.joined(separator: ", ")
    if names.count > changes.count { line += ", and \(names.count - changes.count) more states" }
    return [line] + [clippingSentence.map { $0.prefix(1).lowercased() + $0.dropFirst().dropLast() }].compactMap { $0 }
      + (problem.map { ["gradients through time were not measured to the end: \($0)"] } ?? [])
  }

  private var toTheEnd: String { measurements.isEmpty ? "" : " to the end" }

  private func sentence(_ name: String) -> String? {
    guard let first = measurements.first?[name]?.total, let last = measurements.last,
      let curve = last[name]?.total
    else { return nil }
    guard let factor = curve.decay?.factor else {
      return "The gradient of `\(name)` \(last.when) is zero, infinite or NaN at all steps but one."
    }
    var text = "The gradient of `\(name)` changes by a factor of \(readableNumber(factor, digits: 4)) a step back "
    text += last.when
    if measurements.count > 1, let before = first.decay?.factor {
      text += " (\(readableNumber(before, digits: 4)) \(measurements[0].when))"
    }
    if let reach = curve.stepsBack() {
      text += ", and is below 1% of its last value after \(reach) step\(reach == 1 ? "" : "s")"
    } else if let start = curve.flow.first, start > 0, start.isFinite {
      text += ", and stays above 1% of its last value"
    }
    return text + "."
  }

  private var clippingSentence: String? {
    clippedSteps.isEmpty ? nil : "The gradient was clipped in \(clippedSteps.count) of \(losses.count) steps."
  }

  // MARK: Sections

  private func lossSection(_ evaluations: [ChartSeries], _ charts: [Chart]) -> HTMLReport.Section {
    let caption = isSmoothed ? "Each point of the training is the mean over neighbouring steps." : ""
    return .init(
      "Loss",
      [.chart(lossChart(evaluations), caption: caption)] + (charts.isEmpty ? [] : [.row(charts, caption: "")]))
  }

  private var normSection: HTMLReport.Section {
    let clipping = clippingSentence ?? "Nothing was clipped."
    return .init(
      "Gradient of the parameters",
      [.chart(normChart, caption: "The norm over all parameters before clipping. \(clipping)")])
  }

  private func stateSection(_ name: String) -> HTMLReport.Section {
    var caption = "Rows are moments of training, from the first at the top. All states have one colour scale."
    if isRagged {
      caption +=
        " The sequences of a batch are aligned at \(flowsBackward(name) ? "their ends" : "their beginnings"); "
        + "hatched: none is so long."
    }
    if hasHidden { caption += " Hatched: below 10⁻¹² of the largest gradient." }
    var curves = [curveChart(of: name)]
    if measurements.first?[name]?.direct != nil { curves.append(curveChart(of: name, direct: true)) }
    return .init(
      "The gradient of `\(name)` through time",
      [
        .chart(heatMap(of: name), caption: caption),
        .row(
          curves,
          caption: """
            The first measurement, the middle one and the last, on the axis of all states. A straight line is exponential \
            decay or growth.
            """),
      ])
  }

  private var growthSections: [HTMLReport.Section] {
    guard !stateNames.isEmpty else { return [] }
    let charts = measurements.count > 1 ? grouped(stateNames).map { factorChart(of: $0.names, in: $0.path) } : []
    let caption = """
      The factor is fitted by least squares to the logarithm of ‖dL/dhₜ‖. Below 1 the gradient vanishes on its way back, \
      above 1 it explodes.
      """
    return [
      .init(
        "Growth over training",
        (charts.isEmpty ? [] : [.row(charts, caption: caption)])
          + [.table(table(), caption: charts.isEmpty ? caption : "")])
    ]
  }

  private var gateSections: [HTMLReport.Section] {
    guard let names = measurements.first?.gates.map(\.name), !names.isEmpty else { return [] }
    return [
      .init(
        "Gates and activations",
        [
          .row(
            grouped(names).map { saturationChart(of: $0.names, in: $0.path) },
            caption: """
              The share of all numbers (steps, samples and units) within 5% of an end of the range, where the \
              derivative is small and little gradient passes.
              """)
        ])
    ]
  }

  private var clipSections: [HTMLReport.Section] {
    clipChart.map { chart in
      [
        .init(
          "Clipping inside the recurrence",
          [
            .chart(
              chart, caption: "Of the gradients of all steps and samples of a batch, those that were made smaller.")
          ])
      ]
    } ?? []
  }

  /// Names together if a chart can hold them, else by the layer that they belong to.
  private func grouped(_ names: [String]) -> [(path: String, names: [String])] {
    guard names.count > 6 else { return [("", names)] }
    let paths = Set(stateNames.map { $0.split(separator: ".").dropLast().joined(separator: ".") })
    var groups: [(path: String, names: [String])] = []
    for name in names {
      // An activation without a name is a term, such as tanh(layer0.c).
      let path = paths.filter { !$0.isEmpty && name.contains($0 + ".") }.max { $0.count < $1.count } ?? ""
      if let index = groups.firstIndex(where: { $0.path == path }) {
        groups[index].names.append(name)
      } else {
        groups.append((path, [name]))
      }
    }
    return groups
  }
}
