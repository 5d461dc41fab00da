public import EbbReport
internal import Foundation

/// Where a command's text goes, and what can be shown there.
public struct CommandOutput {
  /// Takes results.
  public var write: (String) -> Void
  /// Takes progress and messages about errors.
  public var writeError: (String) -> Void
  /// What the place of the results can show.
  public var style: TerminalStyle
  /// Whether the place of messages is a terminal, on which a progress line can be rewritten.
  public var isTerminal: Bool

  public init(
    write: @escaping (String) -> Void, writeError: @escaping (String) -> Void, style: TerminalStyle = .plain,
    isTerminal: Bool = false
  ) {
    self.write = write
    self.writeError = writeError
    self.style = style
    self.isTerminal = isTerminal
  }

  /// The process's own standard output and standard error.
  public static var standard: CommandOutput {
    CommandOutput(
      write: { FileHandle.standardOutput.write(Data($0.utf8)) },
      writeError: { FileHandle.standardError.write(Data($0.utf8)) },
      style: .detected(), isTerminal: isatty(STDERR_FILENO) == 1)
  }
}

/// What a command works with.
struct CommandContext {
  var cells: CellLibrary
  var output: CommandOutput

  /// Writes a file, all of it or nothing, and says so where messages go; `-` is the place of the results.
  func save(_ text: String, to path: String) throws(FileWritingError) {
    if path == "-" {
      output.write(text)
    } else {
      try writeAtomically(text, to: path)
      output.writeError("wrote \(path)\n")
    }
  }
}
