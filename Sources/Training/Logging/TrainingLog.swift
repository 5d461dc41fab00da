public import EbbFiles
internal import EbbMarkup

/// A growing file with one line per training step: JSON lines or CSV.
///
/// A resumed training cuts off the lines of steps that it repeats, so that every step has one line.
///
/// ```swift
/// let log = try TrainingLog(path: "run.jsonl", from: trainer.state.step)
/// … progress: { progress in try log.append(TrainingLog.Entry(progress)); return .continue }
/// ```
public struct TrainingLog: Sendable {
  /// How a line is written.
  public enum Format: String, Hashable, Sendable, CaseIterable {
    /// One JSON object per line; numbers that are not finite are null.
    case jsonLines
    /// A header, then one row per line; missing values are empty.
    case csv
  }

  /// One step.
  public struct Entry: Hashable, Sendable {
    /// The number of the step, from 0.
    public var step: Int
    /// The loss on the batch before the update.
    public var loss: Double
    /// ‖g‖₂ before clipping.
    public var gradientNorm: Double
    /// The smallest factor that clipping applied to a number; 1 if nothing was clipped.
    public var clipFactor: Double
    /// The learning rate of the update.
    public var learningRate: Double
    /// Whether the update was skipped because something was not finite.
    public var isSkipped: Bool
    /// The validated value, at steps after which it was measured.
    public var validation: Double?
    /// Seconds since the start of this call of the loop.
    public var seconds: Double

    /// The entry of a step.
    public init(_ progress: TrainingProgress) {
      let result = progress.result
      step = result.step
      loss = result.loss
      gradientNorm = result.gradientNorm
      clipFactor = result.clip.factor
      learningRate = result.learningRate
      isSkipped = result.isSkipped
      validation = progress.validation.flatMap { $0.step == result.step + 1 ? $0.value : nil }
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

  /// Opens or creates the log. Complete lines of steps before `step` are kept, all else is cut off.
  ///
  /// - Parameters:
  ///   - path: The path of the file.
  ///   - format: By default from the path's extension: CSV for `.csv`, else JSON lines.
  ///   - step: The first step that will be logged; 0 begins an empty log.
  public init(path: String, format: Format? = nil, from step: Int = 0) throws(FileError) {
    self.path = path
    let format = format ?? (path.lowercased().hasSuffix(".csv") ? .csv : .jsonLines)
    self.format = format
    let old = step == 0 ? "" : try AppendedFile.text(of: path)
    let text = format.header + format.lines(of: old, before: step)
    file = try AppendedFile(path: path, startingWith: text)
  }

  /// Appends a line. It has been handed to the operating system when this returns, so it survives a kill of the
  /// process.
  public func append(_ entry: Entry) throws(FileError) { try file.append(format.line(entry)) }
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
      return JSONValue.object(JSONObject(zip(TrainingLog.Entry.columns, values))).text(indented: false) + "\n"
    }
  }

  /// The complete lines of a log for steps before this one.
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

  /// The step of a line; nil for the header and anything that is not a line of a log.
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
