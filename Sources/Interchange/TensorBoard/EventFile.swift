public import EbbFiles
internal import Foundation

/// A growing file of scalars and histograms for TensorBoard.
///
/// ```swift
/// let file = try EventFile(folder: "runs/lstm")
/// try file.append(Event(step: 10, time: now, [Event.Entry("loss", .scalar(0.31))]))
/// ```
///
/// Each folder is a run; `tensorboard --logdir runs` shows all of them. The format is TensorFlow's record format
/// (`tf.train.Example` guide, "TFRecords format details") with the messages of `event.proto` and `summary.proto`.
public struct EventFile: Sendable {
  /// The file, in the folder of the run.
  public let path: String
  private let handle: FileHandle

  /// Creates the folder, if there is none, and a new file in it.
  ///
  /// - Parameters:
  ///   - folder: The folder of one run, which TensorBoard lists by its name.
  ///   - step: The first step that will be logged. Earlier files in the folder are no longer shown from this step, so a
  ///     resumed training continues its curves.
  public init(folder: String, from step: Int = 0) throws(FileError) {
    let time = Date().timeIntervalSince1970
    let url = URL(fileURLWithPath: folder, isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw FileError(folder, "no folder can be made here", because: systemReason(error))
    }
    // TensorBoard reads files with `tfevents` in their names, in the order of their names.
    let prefix = "events.out.tfevents.\(Int(time)).ebb.\(ProcessInfo.processInfo.processIdentifier)"
    func place(_ number: Int) -> URL { url.appendingPathComponent("\(prefix).\(number)") }
    var number = 0
    while FileManager.default.fileExists(atPath: place(number).path) { number += 1 }
    let file = place(number)
    path = file.path
    do {
      let first = Event.version(time: time).record + Event.start(step: step, time: time).record
      try Data(first).write(to: file)
      handle = try FileHandle(forWritingTo: file)
      try handle.seekToEnd()
    } catch {
      throw FileError(file.path, "cannot be written", because: systemReason(error))
    }
  }

  /// Appends an event; it has been handed to the operating system when this returns.
  public func append(_ event: Event) throws(FileError) { try append([event]) }

  /// Appends events; they have been handed to the operating system when this returns.
  public func append(_ events: [Event]) throws(FileError) {
    guard !events.isEmpty else { return }
    do {
      try handle.write(contentsOf: Data(events.flatMap { $0.message.record }))
    } catch {
      throw FileError(path, "cannot be written", because: systemReason(error))
    }
  }
}
