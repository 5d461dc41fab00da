internal import EbbMarkup

/// A file with one line for each step, which grows as training goes: JSON lines or CSV.
///
/// A resumed training cuts off the lines of the steps that it makes again, so every step is there once.
///
/// ```swift
/// let log = try TrainingLog(path: "run.jsonl", from: trainer.state.step)
/// … progress: { progress in try log.append(TrainingLog.Entry(progress)); return .continue }
/// ```
public struct TrainingLog: Sendable {
  /// How a line is written.
  public enum Format: String, Hashable, Sendable, CaseIterable {
    /// One JSON object a line; what is no finite number is null.
    case jsonLines
    /// A header, then one row a line; what is missing is empty.
    case csv
  }

  /// One step.
  public struct Entry: Hashable, Sendable {
    /// The number of the step, from 0.
    public var step: Int
    /// The loss on the batch before the update.
    public var loss: Double
    /// ‖g‖₂ before clipping, and what it was multiplied by.
    public var gradientNorm: Double
    /// The smallest factor by which clipping multiplied a number; 1 if nothing was clipped.
    public var clipFactor: Double
    /// The learning rate of the update.
    public var learningRate: Double
    /// Whether the step changed nothing, because something was not finite.
    public var isSkipped: Bool
    /// The validated value, at the steps after which it was measured.
    public var validation: Double?
    /// Seconds since this call of the loop began.
    public var seconds: Double

    /// The entry of a step that was made.
    public init(_ progress: TrainingProgress) {
      let report = progress.report
      step = report.step
      loss = report.loss
      gradientNorm = report.gradientNorm
      clipFactor = report.clip.factor
      learningRate = report.learningRate
      isSkipped = report.isSkipped
      validation = progress.validation.flatMap { $0.step == report.step + 1 ? $0.value : nil }
      seconds = progress.elapsed / .seconds(1)
    }

    static let columns = [
      "step", "loss", "gradientNorm", "clipFactor", "learningRate", "isSkipped", "validation", "seconds",
    ]
  }

  /// The file.
  public let path: String
  /// How the file holds its entries.
  public let format: Format
  private let file: AppendedFile

  /// Opens the log, or makes it. Complete lines of the steps before `step` are kept, all else is cut off.
  ///
  /// - Parameter format: By default that of the path's ending: CSV for `.csv`, else JSON lines.
  public init(path: String, format: Format? = nil, from step: Int = 0) throws(LogError) {
    self.path = path
    let format = format ?? (path.lowercased().hasSuffix(".csv") ? .csv : .jsonLines)
    self.format = format
    let old = step == 0 ? "" : try AppendedFile.text(of: path)
    let text = format.header + format.lines(of: old, before: step)
    file = try AppendedFile(path: path, startingWith: text)
  }

  /// Adds a line; it is in the system's hands when this returns, so it survives a kill of the process.
  public func append(_ entry: Entry) throws(LogError) { try file.append(format.line(entry)) }
}

extension TrainingLog.Format {
  var header: String {
    switch self {
    case .jsonLines: ""
    case .csv: TrainingLog.Entry.columns.joined(separator: ",") + "\n"
    }
  }

  func line(_ entry: TrainingLog.Entry) -> String {
    func finite(_ number: Double?) -> JSONValue { number.flatMap { $0.isFinite ? .number($0) : nil } ?? .null }
    let values: [JSONValue] = [
      .integer(entry.step), finite(entry.loss), finite(entry.gradientNorm), finite(entry.clipFactor),
      finite(entry.learningRate), .bool(entry.isSkipped), finite(entry.validation), finite(entry.seconds),
    ]
    switch self {
    case .csv: return values.map { $0 == .null ? "" : $0.text(indented: false) }.joined(separator: ",") + "\n"
    case .jsonLines:
      var object = JSONObject()
      for (name, value) in zip(TrainingLog.Entry.columns, values) { object[name] = value }
      return JSONValue.object(object).text(indented: false) + "\n"
    }
  }

  /// The complete lines of a log that are of steps before this one.
  func lines(of text: String, before step: Int) -> String {
    var kept = ""
    var rest = text.unicodeScalars[...]
    while let end = rest.firstIndex(of: "\n") {
      let line = String(rest[..<end])
      if let number = self.step(of: line), number < step { kept += line + "\n" }
      rest = rest[rest.index(after: end)...]
    }
    return kept
  }

  /// The step of a line; nil for the header and what is no line of a log.
  private func step(of line: String) -> Int? {
    switch self {
    case .csv: return line.split(separator: ",").first.flatMap { Int($0) }
    case .jsonLines:
      let prefix = "{\"step\":"
      guard line.hasPrefix(prefix) else { return nil }
      return Int(line.dropFirst(prefix.count).prefix { $0.isNumber })
    }
  }
}
