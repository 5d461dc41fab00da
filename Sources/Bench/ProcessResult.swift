internal import Dispatch
internal import EbbDiagnostics
internal import Foundation

/// The result of another program.
struct ProcessResult {
  var status: Int32
  var output: String
  var messages: String

  /// The program was ended because its result was no longer wanted.
  struct Cancelled: Error {}

  /// Runs a program, by its path or by its name in PATH, to its end.
  ///
  /// - Parameter isCancelled: Called many times a second; true ends the program and throws `Cancelled`.
  init(
    running program: String, _ arguments: [String], isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws {
    let process = Process()
    // env looks up a name in PATH, and reports an error if there is no such program.
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardInput = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    // Messages go to a file: with two pipes, a program that fills the unread one would wait forever. The file is
    // unlinked before the program starts, so that nothing is left behind when this process ends.
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-" + UUID().uuidString)
    guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
      throw CocoaError(.fileWriteUnknown)
    }
    let messages = try FileHandle(forUpdating: file)
    try FileManager.default.removeItem(at: file)
    process.standardError = messages
    try process.run()
    let watch = Watch(process, isCancelled)
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    watch.end()
    if isCancelled() { throw Cancelled() }
    try messages.seek(toOffset: 0)
    self.output = String(decoding: bytes, as: UTF8.self)
    self.messages = String(decoding: try messages.readToEnd() ?? Data(), as: UTF8.self)
    status = process.terminationStatus
  }

  /// Ends a program whose result is no longer wanted: first by a request, after two seconds by force.
  private final class Watch: @unchecked Sendable {
    private static let interval = 0.05
    private static let patience = 40
    private let timer = DispatchSource.makeTimerSource(queue: .global())
    private let process: Process
    private let isCancelled: @Sendable () -> Bool
    /// How often the check found that the program should end; only the timer's handler reads it.
    private var found = 0

    init(_ process: Process, _ isCancelled: @escaping @Sendable () -> Bool) {
      self.process = process
      self.isCancelled = isCancelled
      timer.schedule(deadline: .now() + Self.interval, repeating: Self.interval)
      timer.setEventHandler { [weak self] in self?.look() }
      timer.resume()
    }

    func end() { timer.cancel() }

    private func look() {
      guard isCancelled(), process.isRunning else { return }
      found += 1
      if found == 1 { process.terminate() }
      if found == Self.patience { kill(process.processIdentifier, SIGKILL) }
    }
  }
}
