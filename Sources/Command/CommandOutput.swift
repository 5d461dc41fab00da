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
      write: { text in
        do {
          try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
          // Nobody reads what follows, so the work ends here; a reader that left early needs no message.
          if !isBrokenPipe(error) {
            try? FileHandle.standardError.write(
              contentsOf: Data("\(EbbCommand.programName): cannot write to standard output\n".utf8))
          }
          exit(ExitStatus.failure)
        }
      },
      writeError: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) },
      style: .detected(), isTerminal: isatty(STDERR_FILENO) == 1)
  }
}

/// Whether a write failed because the other end of the pipe is closed.
private func isBrokenPipe(_ error: any Error) -> Bool {
  let system = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
  return system?.domain == NSPOSIXErrorDomain && system?.code == Int(EPIPE)
}

extension StringProtocol {
  /// The text without characters that would move the cursor or change the terminal's state, but for ends of lines.
  var shown: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.filter { $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control }))
  }
}

/// What a command works with.
struct CommandContext {
  var cells: CellLibrary
  var output: CommandOutput
  /// What the program is called.
  var program = EbbCommand.programName

  /// Throws where one of the files could not be written; nil and `-` are no files.
  func checkCanSave(to paths: String?...) throws(FileWritingError) {
    for case let path? in paths where path != "-" { try checkWritable(path) }
  }

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
