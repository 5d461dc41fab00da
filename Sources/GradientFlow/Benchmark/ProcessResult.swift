internal import Foundation

/// What another program did.
struct ProcessResult {
  var status: Int32
  var output: String
  var messages: String

  /// Runs a program, by its path or by its name in PATH, to its end.
  init(running program: String, _ arguments: [String]) throws {
    let process = Process()
    // env looks a name up in PATH, and says what is wrong where there is no such program.
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardInput = FileHandle.nullDevice
    let output = Pipe()
    process.standardOutput = output
    // Messages go to a file: with two pipes, a program that fills the one that is not read would wait for ever.
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-" + UUID().uuidString)
    guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
      throw CocoaError(.fileWriteUnknown)
    }
    defer { try? FileManager.default.removeItem(at: file) }
    let messages = try FileHandle(forWritingTo: file)
    process.standardError = messages
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try messages.close()
    self.output = String(decoding: bytes, as: UTF8.self)
    self.messages = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    status = process.terminationStatus
  }
}
