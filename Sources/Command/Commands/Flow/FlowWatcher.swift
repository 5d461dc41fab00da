internal import EbbDiagnostics
internal import EbbEquations
internal import EbbFiles
internal import EbbMarkup
internal import EbbReport
internal import EbbStudies
internal import Foundation

/// Keeps a page of the gradient up to date with a file of equations, and writes a line for each of its texts.
struct FlowWatcher {
  private let file: EquationFile
  private let experiment: FlowExperiment
  private let units: Int
  private let page: String
  /// The file for all numbers of the last measurement.
  private let numbers: String?
  private let context: CommandContext
  private var output: CommandOutput { context.output }
  /// Seconds since 1970.
  private let now: () -> Double
  /// The last text that could be measured, and its page.
  private var measured: (text: String, report: HTMLReport)?
  private var problem: String?
  private var assumptions: [String] = []
  /// Files that could not be written, which is said once.
  private var failures: [String: String] = [:]

  init(
    _ file: EquationFile, _ experiment: FlowExperiment, units: Int, page: String, numbers: String?,
    _ context: CommandContext, now: @escaping () -> Double = { Date().timeIntervalSince1970 }
  ) {
    self.file = file
    self.experiment = experiment
    self.units = units
    self.page = page
    self.numbers = numbers
    self.context = context
    self.now = now
  }

  /// Measures a text of the file, or says why it cannot be measured, on the page and in a line.
  mutating func show(_ change: FileChanges.Change) {
    let begin = now()
    let old = measured?.text
    do {
      switch change {
      case .failure(let error): throw error
      case .text(let text):
        let flow = try measure(text)
        problem = nil
        writePage(following: "measured at \(Self.clock(begin)) in \(seconds(since: begin))")
        let difference = old.map { $0 == text ? "as before" : TextDifference.summary(from: $0, to: text) }
        let parts = [Self.clock(begin), factors(flow), seconds(since: begin), difference ?? ""]
        let line = parts.filter { !$0.isEmpty }.joined(separator: "  ").shown
        output.write((line.count > output.style.width ? line.prefix(output.style.width - 1) + "…" : line) + "\n")
      }
    } catch {
      problem = "\(error)"
      writePage(following: "saved at \(Self.clock(begin)) with an error")
      output.report("\(Self.clock(begin))  \(error)\n".shown)
    }
  }

  /// Leaves a page that no browser loads again.
  mutating func finish() {
    writePage(following: nil)
    output.writeError("\(file.path) is no longer followed\n")
  }

  // MARK: Measurements

  private mutating func measure(_ text: String) throws -> GradientFlow {
    var cell = try file.cell(in: text)
    cell.units = units
    if cell.assumptions != assumptions {
      for assumption in cell.assumptions { output.writeError(assumption + "\n") }
      assumptions = cell.assumptions
    }
    try context.announce(file.name, cell, experiment.sizes(units: units))
    let report = try Diagnostics.cellReport(cell, experiment, measuresDynamics: false, creditLength: nil)
    var page = report.page(cell: file.name, units: units)
    if let place = page.sections.firstIndex(where: { $0.heading == "The equations" }) {
      var equations = page.sections.remove(at: place)
      if !assumptions.isEmpty { equations.blocks.insert(.list(assumptions), at: 1) }
      page.sections.insert(equations, at: 1)
    }
    measured = (text, page)
    if let numbers {
      write(FlowCommand.json(report.flow, FlowCommand.json(of: file.name, units, experiment)).text(), to: numbers)
    }
    return report.flow
  }

  /// `h × 0.93, c × 0.98 a step back`
  private func factors(_ flow: GradientFlow) -> String {
    flow.states.map { state in
      state.total.decay.map { "\(state.name) × \(readableNumber($0.factor, digits: 4))" } ?? "\(state.name): no factor"
    }.joined(separator: ", ") + " a step back"
  }

  // MARK: Files

  private mutating func writePage(following words: String?) {
    var report = measured?.report ?? HTMLReport(title: file.name, lead: "", sections: [])
    report.problem = problem
    report.following = words.map { .init("`\(file.path)`, \($0)", time: now()) }
    write(report.html(), to: page)
  }

  private mutating func write(_ text: String, to path: String) {
    do throws(FileWritingError) {
      try Interrupts.protect { () throws(FileWritingError) in try writeAtomically(text, to: path) }
      failures[path] = nil
    } catch {
      if failures[path] != "\(error)" { output.fail(error) }
      failures[path] = "\(error)"
    }
  }

  // MARK: Words

  private func seconds(since begin: Double) -> String { "\(readableNumber(now() - begin, digits: 2)) s" }

  /// The local time of day, such as 14:03:22.
  private static func clock(_ time: Double) -> String {
    let moment = Date(timeIntervalSince1970: time.rounded(.down))
    let second = (Int(moment.timeIntervalSince1970) + TimeZone.current.secondsFromGMT(for: moment)) % 86_400
    return [second / 3600, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }
}
