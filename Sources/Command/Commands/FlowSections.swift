internal import EbbGradientFlow
internal import EbbRecording
internal import EbbReport
internal import EbbTransforms

/// The further measurements of `ebb flow`: each has an option, a section of the text and a member of the JSON.
struct FlowSections {
  static let options: [Option] = [
    Option(flag: "log-norm", "shows log ‖dL/dh‖ past the range of floats"),
    Option(flag: "credit", "shows ‖∂Lₛ/∂hₜ‖, the loss of each step against each state; by probes above 256 steps"),
    Option(
      flag: "by-step", "splits the gradients of parameters by the step at which they arise; up to 64 steps by lag too"),
    Option(flag: "units", "shows the gradients of units, samples and named intermediates"),
    Option(flag: "noise", "compares the gradients of the samples"),
    Option("truncation", "STEPS", "what truncation to so many steps drops of the gradient; several with commas"),
  ]

  /// The steps up to which gradients are split by lag, for which time grows with the square of the steps.
  private static let lagLimit = 64

  /// The text of each measurement that was asked for.
  private(set) var texts: [String] = []
  /// Its numbers, by the name of its option.
  private(set) var members: [(key: String, value: JSONValue)] = []

  /// Measures what the options ask for.
  init(
    _ options: ParsedOptions, _ cell: any RecurrentCell, _ experiment: FlowExperiment, _ style: TerminalStyle
  ) throws {
    let windows = try Self.windows(options)
    if options.isGiven("log-norm") {
      let profile = try GradientFlow.logNorms(cell, experiment)
      add("log-norm", profile.chart().terminal(style) + "\n" + profile.table().terminal(style), profile.json)
    }
    if options.isGiven("credit") {
      let credit = try GradientFlow.creditMatrix(cell, experiment)
      let charts = credit.states.map { credit.chart(of: $0).terminal(style) }
      add("credit", charts.joined(separator: "\n"), credit.json)
    }
    if options.isGiven("by-step") {
      let split = try GradientFlow.stepwiseGradients(cell, experiment, byLag: experiment.length <= Self.lagLimit)
      add("by-step", split.chart().terminal(style) + "\n" + split.table().terminal(style), split.json)
    }
    if options.isGiven("units") {
      let detail = try GradientFlow.gradientDetail(cell, experiment)
      let charts = detail.values.map { detail.chart(of: $0).terminal(style) + "\n" }
      add("units", charts.joined() + detail.table().terminal(style), detail.json)
    }
    if options.isGiven("noise") {
      let noise = try GradientFlow.noise(cell, experiment)
      add("noise", noise.chart().terminal(style) + "\n" + noise.table().terminal(style), noise.json)
    }
    if !windows.isEmpty {
      let report = try GradientFlow.truncation(cell, to: windows, experiment)
      let title = "Gradients of parameters with truncation"
      add("truncation", report.table(title: title).terminal(style), report.json)
    }
  }

  private mutating func add(_ key: String, _ text: String, _ json: JSONValue) {
    texts.append(text)
    members.append((key, json))
  }

  /// The numbers of steps that were given.
  private static func windows(_ options: ParsedOptions) throws(UsageError) -> [Int] {
    guard options.isGiven("truncation") else { return [] }
    return try options.list("truncation").map { word throws(UsageError) in
      guard let steps = Int(word), steps >= 1, steps <= Int(Int32.max) else {
        throw UsageError("--truncation takes whole numbers of at least 1, not '\(word)'")
      }
      return steps
    }
  }
}
