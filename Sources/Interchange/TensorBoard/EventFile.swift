internal import EbbFiles
internal import Foundation

/// A file of scalars and histograms that TensorBoard reads, while it grows.
///
/// ```swift
/// let file = try EventFile(folder: "runs/lstm")
/// try file.append(Event(step: 10, time: now, [Event.Entry("loss", .scalar(0.31))]))
/// ```
///
/// Each folder is a run; `tensorboard --logdir runs` shows all of them. The format is that of TensorFlow's records
/// (`tf.train.Example` guide, "TFRecords format details") with the messages of `event.proto` and `summary.proto`.
public struct EventFile: Sendable {
  /// The file, within the folder of the run.
  public let path: String
  private let handle: FileHandle

  /// Makes the folder, if there is none, and a new file in it.
  ///
  /// - Parameter step: The first step that will be logged. What files of earlier runs in the folder hold from this step on
  ///   is shown no more: so a resumed training continues its curves.
  public init(folder: String, from step: Int = 0) throws(InterchangeError) {
    let time = Date().timeIntervalSince1970
    let url = URL(fileURLWithPath: folder, isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw InterchangeError(folder, "no folder can be made here: \(systemReason(error))")
    }
    // TensorBoard reads files with `tfevents` in their names in the order of their names.
    let prefix = "events.out.tfevents.\(Int(time)).ebb.\(ProcessInfo.processInfo.processIdentifier)"
    var number = 0
    var file = url.appendingPathComponent("\(prefix).\(number)")
    while FileManager.default.fileExists(atPath: file.path) {
      number += 1
      file = url.appendingPathComponent("\(prefix).\(number)")
    }
    path = file.path
    do {
      let first = Event.version(time: time).record + Event.start(step: step, time: time).record
      try Data(first).write(to: file)
      handle = try FileHandle(forWritingTo: file)
      try handle.seekToEnd()
    } catch {
      throw InterchangeError(file.path, "cannot be written: \(systemReason(error))")
    }
  }

  /// Adds an event; it is in the system's hands when this returns.
  public func append(_ event: Event) throws(InterchangeError) { try append([event]) }

  /// Adds events; they are in the system's hands when this returns.
  public func append(_ events: [Event]) throws(InterchangeError) {
    guard !events.isEmpty else { return }
    do {
      try handle.write(contentsOf: Data(events.flatMap { $0.message.record }))
    } catch {
      throw InterchangeError(path, "cannot be written: \(systemReason(error))")
    }
  }
}
