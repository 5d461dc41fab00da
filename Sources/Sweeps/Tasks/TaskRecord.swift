public import EbbMarkup

/// What became of a task, as its file has it.
public struct TaskRecord: Sendable, Hashable {
  /// The layout of the file; another one is refused.
  static let format = 1

  /// The task.
  public var task: Int
  /// The setting and the seed, in words.
  public var words: String
  /// The fingerprint of the experiment that the task belongs to.
  public var experiment: String
  /// The program's version.
  public var version: String
  /// The command line without the files.
  public var arguments: [String]
  /// The training steps at whose end halving decides; nil without it.
  public var rung: Int?
  /// What happened.
  public var outcome: Outcome

  /// The end of a task.
  public enum Outcome: Sendable, Hashable {
    /// The command's numbers.
    case finished(numbers: JSONValue)
    /// The exit status and the messages.
    case failed(status: Int, reason: String)
  }

  /// A record of a task.
  public init(
    _ task: SweepTask, experiment: String, version: String, rung: Int? = nil, outcome: Outcome
  ) {
    self.task = task.number
    words = task.words + ", seed \(task.seed)"
    arguments = task.arguments
    (self.experiment, self.version, self.rung, self.outcome) = (experiment, version, rung, outcome)
  }

  /// The contents of the file.
  public var json: JSONValue {
    var object = JSONObject()
    object["format"] = .integer(Self.format)
    object["version"] = .string(version)
    object["experiment"] = .string(experiment)
    object["task"] = .integer(task)
    object["setting"] = .string(words)
    object["arguments"] = .strings(arguments)
    object["rung"] = rung.map(JSONValue.integer)
    switch outcome {
    case .finished(let numbers): object["numbers"] = numbers
    case .failed(let status, let reason):
      object["status"] = .integer(status)
      object["reason"] = .string(reason)
    }
    return .object(object)
  }

  /// Reads a record.
  ///
  /// - Throws: `SweepError` if the file is of another version, or is none.
  init(_ json: JSONValue, file: String) throws(SweepError) {
    guard let format = json["format"]?.integer else { throw SweepError(file, "this is not the result of a task") }
    guard format == Self.format else {
      throw SweepError(
        file,
        "the result is of version \(format), and this program reads version \(Self.format); remove it to run the task again"
      )
    }
    guard
      let task = json["task"]?.integer, let words = json["setting"]?.string,
      let experiment = json["experiment"]?.string, let version = json["version"]?.string,
      let arguments = json["arguments"]?.array?.compactMap(\.string)
    else { throw SweepError(file, "parts of the result are missing") }
    (self.task, self.words, self.experiment, self.version) = (task, words, experiment, version)
    (self.arguments, rung) = (arguments, json["rung"]?.integer)
    if let numbers = json["numbers"] {
      outcome = .finished(numbers: numbers)
    } else if let reason = json["reason"]?.string {
      outcome = .failed(status: json["status"]?.integer ?? 1, reason: reason)
    } else {
      throw SweepError(file, "parts of the result are missing")
    }
  }
}
