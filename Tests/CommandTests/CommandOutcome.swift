import EbbCommand
import EbbMarkup
import Foundation

/// What a command did.
struct Outcome {
  var status: Int32
  var output: String
  var messages: String

  /// The output as JSON.
  func json() throws -> JSONValue { try JSONValue(parsing: output) }
}

private final class Sink {
  var text = ""
}

/// Runs a command in this process.
func ebb(_ arguments: String..., cells: CellLibrary = .standard) -> Outcome { ebb(arguments, cells: cells) }

/// Runs a command in this process.
func ebb(_ arguments: [String], cells: CellLibrary = .standard) -> Outcome {
  let (output, messages) = (Sink(), Sink())
  let status = EbbProgram.run(
    cells: cells, arguments: arguments,
    output: CommandOutput(write: { output.text += $0 }, writeError: { messages.text += $0 }))
  return Outcome(status: status, output: output.text, messages: messages.text)
}

/// A folder that is removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}
