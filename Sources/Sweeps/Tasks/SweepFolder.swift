internal import EbbFiles
internal import EbbMarkup
internal import EbbTensors
internal import Foundation

/// The folder of an experiment: one result a task, written as a whole and renamed into place, so that any number of
/// processes and machines can share it without locks.
///
///     experiment.json         what the results belong to
///     results/0001.json       a task that finished
///     failed/0002.json        a task that failed, and why
///     work/0003.…             checkpoints and messages of tasks that are not finished
public struct SweepFolder: Sendable, Hashable {
  /// The path of the folder.
  public var path: String
  /// The fingerprint of the experiment.
  public let fingerprint: String
  private let experiment: JSONValue
  private let tasks: Int

  /// The folder of an experiment, which need not exist.
  public init(_ path: String, of experiment: Experiment) {
    self.path = path
    self.experiment = experiment.json
    tasks = experiment.taskCount
    var sum = Fingerprint()
    // What decides the tasks, and not what is reported of them.
    for task in experiment.tasks { for argument in task.arguments { sum.add(argument) } }
    for steps in experiment.halving?.steps ?? [] { sum.add(UInt64(steps)) }
    sum.add(UInt64(experiment.halving?.factor ?? 0))
    if experiment.halving?.isAsynchronous == true { sum.add("asynchronous") }
    fingerprint = sum.text
  }

  // MARK: Names

  private func name(_ task: Int, rung: Int? = nil) -> String {
    let digits = String(task)
    let padded = String(repeating: "0", count: max(0, max(4, String(tasks).count) - digits.count)) + digits
    return padded + (rung.map { ".\($0)-steps" } ?? "")
  }

  /// The file of a finished task.
  public func result(_ task: Int, rung: Int? = nil) -> String { "\(path)/results/\(name(task, rung: rung)).json" }
  /// The file of a failed task.
  public func failure(_ task: Int) -> String { "\(path)/failed/\(name(task)).json" }
  /// A file of a task that is not finished.
  public func work(_ task: Int, _ ending: String) -> String { "\(path)/work/\(name(task)).\(ending)" }
  /// A page or a model that a task leaves.
  public func product(_ task: Int, _ ending: String) -> String { "\(path)/products/\(name(task)).\(ending)" }

  // MARK: Use

  /// Makes the folder, or checks that it belongs to this experiment.
  ///
  /// - Throws: `SweepError` if it belongs to another one; `FileWritingError` if it cannot be made.
  public func open() throws {
    for part in ["results", "failed", "work", "products"] { try makeFolder("\(path)/\(part)") }
    let file = "\(path)/experiment.json"
    if let other = try fingerprintThere() {
      guard other == fingerprint else { throw otherExperiment }
      return
    }
    try writeAtomically(
      JSONValue.object(JSONObject([("fingerprint", .string(fingerprint)), ("experiment", experiment)])).text(), to: file
    )
  }

  /// Checks that the folder, if it is there, belongs to this experiment.
  public func check() throws {
    if let other = try fingerprintThere(), other != fingerprint { throw otherExperiment }
  }

  private var otherExperiment: SweepError {
    SweepError(
      path, "the folder holds the tasks of another experiment, see \(path)/experiment.json; give --folder another name")
  }

  private func fingerprintThere() throws -> String? {
    let file = "\(path)/experiment.json"
    guard DiskStore().holdsFile(file) else { return nil }
    return try json(file)["fingerprint"]?.string
  }

  private func json(_ file: String, advice: String = "") throws -> JSONValue {
    do {
      return try JSONValue(parsing: DiskStore().read(file))
    } catch let error as JSONError {
      throw SweepError(file, "\(error)\(advice)")
    }
  }

  /// Writes a task's record, all of it or nothing, and removes what it replaces.
  public func write(_ record: TaskRecord) throws {
    switch record.outcome {
    case .finished:
      try writeAtomically(record.json.text(), to: result(record.task, rung: record.rung))
      DiskStore().remove(failure(record.task))
    case .failed: try writeAtomically(record.json.text(), to: failure(record.task))
    }
  }

  /// The record of a task; nil if there is none.
  ///
  /// - Throws: `SweepError` if it is of another version or another experiment.
  public func record(_ task: Int, rung: Int? = nil) throws -> TaskRecord? {
    for file in [result(task, rung: rung), failure(task)] where DiskStore().holdsFile(file) {
      let record = try TaskRecord(json(file, advice: "; remove the file to run the task again"), file: file)
      guard record.experiment == fingerprint, record.task == task else {
        throw SweepError(file, "the result belongs to another experiment or task; remove it to run the task again")
      }
      return record
    }
    return nil
  }

  /// Whether a task has begun and is not finished.
  public func hasBegun(_ task: Int) -> Bool { DiskStore().holdsFile(work(task, "begun")) }

  /// Removes the files of a task that is finished; its messages are kept.
  public func clean(_ task: Int, _ endings: [String]) {
    for ending in endings { DiskStore().remove(work(task, ending)) }
  }
}
