internal import EbbFiles
internal import EbbMarkup
public import EbbReport
internal import Foundation

/// Where a command's text goes, and what can be shown there.
public struct CommandOutput {
  private let sink: (String) throws -> Void
  /// Takes messages about errors and warnings, however few others are wanted.
  var report: (String) -> Void
  /// Takes progress and messages about errors.
  public var writeError: (String) -> Void
  /// What the place of the results can show.
  public var style: TerminalStyle
  /// Whether the place of messages is a terminal, on which a progress line can be rewritten.
  public var isTerminal: Bool
  /// Called before results are written, as to take a line of progress away.
  var beforeResults: (() -> Void)?
  /// What becomes of the results of the command that runs.
  var delivery = Delivery()
  /// Whether the process ends where nobody takes the results and no file is to be written.
  private var endsProcess = false

  /// - Parameter write: Takes results; throws where they cannot be written, `POSIXError(.EPIPE)` where nobody reads them
  ///   any more.
  public init(
    write: @escaping (String) throws -> Void, writeError: @escaping (String) -> Void, style: TerminalStyle = .plain,
    isTerminal: Bool = false
  ) {
    sink = write
    report = writeError
    self.writeError = writeError
    self.style = style
    self.isTerminal = isTerminal
  }

  /// The process's own standard output and standard error.
  public static var standard: CommandOutput {
    var output = CommandOutput(
      write: { try StandardStreams.write($0, to: STDOUT_FILENO) },
      writeError: { try? StandardStreams.write($0, to: STDERR_FILENO) },
      style: .detected(), isTerminal: isatty(STDERR_FILENO) == 1)
    output.endsProcess = true
    return output
  }

  /// Takes results. Once they cannot be written the rest of them is dropped, and a command that has files to write goes
  /// on until they are written.
  public func write(_ text: String) {
    guard delivery.text == .taken else { return }
    beforeResults?()
    do {
      try sink(text)
    } catch {
      delivery.loseText(error)
      // A reader that left early needs no message.
      if delivery.text == .failed {
        report("\(EbbCommand.programName): the results cannot be written: \(reason(error))\n")
      }
      if endsProcess, !delivery.awaitsFiles { exit(delivery.status(ExitStatus.success)) }
    }
  }

  /// Writes a file, which is whole before a signal ends the process, and says so. What cannot be written is told at once
  /// and fails the command at its end: one file does not cost the others.
  func writeFile(_ path: String, _ body: () throws -> Void) {
    do {
      try Interrupts.protect(body)
      writeError("wrote \(path)\n")
    } catch {
      fail(error)
    }
  }

  /// Tells what makes the result another one than may be expected, whether notes are wanted or not.
  func warn(_ message: String) { report("warning: \(message)\n".shown) }

  /// Tells what went wrong; the command goes on and fails at its end.
  func fail(_ error: any Error) {
    delivery.hasFailed = true
    report("\(EbbCommand.programName): \(error)\n".shown)
  }

  private func reason(_ error: any Error) -> String {
    guard let error = error as? POSIXError else { return "\(error)" }
    return unsafe String(cString: strerror(error.code.rawValue))
  }
}

/// What becomes of the results of one run of a command.
final class Delivery {
  enum Text {
    case taken
    /// Nobody reads any more.
    case unread
    case failed
  }

  /// Whether text is still taken.
  private(set) var text = Text.taken
  /// Whether the command has files to write.
  var awaitsFiles = false
  /// Whether a file could not be written.
  var hasFailed = false

  func loseText(_ error: any Error) { text = (error as? POSIXError)?.code == .EPIPE ? .unread : .failed }

  /// The exit status of a command that by itself would end with this one.
  func status(_ status: Int32) -> Int32 {
    guard status == ExitStatus.success else { return status }
    if hasFailed { return ExitStatus.failure }
    switch text {
    case .taken: return ExitStatus.success
    case .unread: return ExitStatus.unread
    case .failed: return ExitStatus.failure
    }
  }
}

extension StringProtocol {
  /// The text without characters that would move the cursor or change the terminal's state, but for ends of lines.
  var shown: String { withoutControls(keeping: ["\n", "\t"]) }
}

/// What a command works with.
struct CommandContext {
  var cells: CellLibrary
  var output: CommandOutput
  /// What the program is called.
  var program = EbbCommand.programName
  /// Told of what is done, so that it can be said if it takes long.
  var activity: Activity?

  /// Throws where one of the files that the command is to write could not be written; nil and `-` are no files.
  func checkCanSave(to paths: String?...) throws(FileWritingError) {
    for case let path? in paths where path != "-" {
      try checkWritable(path)
      output.delivery.awaitsFiles = true
    }
  }

  /// Writes the results as text, where the numbers do not take their place.
  func show(_ options: ParsedOptions, _ body: (CommandOutput) -> Void) {
    if options.text("json") != "-" { body(output) }
  }

  /// Writes every number, if they are asked for.
  func saveNumbers(_ options: ParsedOptions, _ json: @autoclosure () -> JSONValue) {
    if let path = options.text("json") { save(json().text(), to: path) }
  }

  /// Writes a file, all of it or nothing, and says so where messages go; `-` is the place of the results.
  func save(_ text: String, to path: String) {
    if path == "-" {
      output.write(text)
    } else {
      output.writeFile(path) { try writeAtomically(text, to: path) }
    }
  }
}
