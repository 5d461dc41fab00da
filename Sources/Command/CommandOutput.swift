internal import EbbDiagnostics
internal import EbbFiles
internal import EbbMarkup
public import EbbReport
internal import Foundation

/// The destination of a command's text, and its capabilities.
public struct CommandOutput {
  private let sink: (String) throws -> Void
  /// Takes messages about errors and warnings, even if others are suppressed.
  var report: (String) -> Void
  /// Takes progress and messages about errors.
  public var writeError: (String) -> Void
  /// The capabilities of the results' destination.
  public var style: TerminalStyle
  /// Whether messages go to a terminal, on which a progress line can be rewritten.
  public var isTerminal: Bool
  /// Called before results are written, for example to clear a progress line.
  var beforeResults: (() -> Void)?
  /// Takes the cost of a training step, of small ones too; nil if nobody asks.
  var onEstimate: ((WorkEstimate) -> Void)?
  /// The delivery of the current command's results.
  var delivery = Delivery()
  /// Whether the process ends if nobody reads the results and no file is to be written.
  private var endsProcess = false

  /// - Parameters:
  ///   - write: Takes results; throws if they cannot be written, `POSIXError(.EPIPE)` if nobody reads them any more.
  ///   - writeError: Takes progress and messages about errors.
  ///   - style: The columns and the colours of the results' destination.
  ///   - isTerminal: Whether messages go to a terminal, on which a progress line can be rewritten.
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

  /// Takes results. If they cannot be written, the rest is dropped, but a command continues until its files are
  /// written.
  public func write(_ text: String) {
    guard delivery.text == .taken else { return }
    beforeResults?()
    do {
      try sink(text)
    } catch {
      delivery.loseText(error)
      // A reader that has left early needs no message.
      if delivery.text == .failed {
        report("\(EbbProgram.programName): the results cannot be written: \(reason(error))\n")
      }
      if endsProcess, !delivery.awaitsFiles { exit(delivery.status(ExitStatus.success)) }
    }
  }

  /// Writes a file and reports it; signals end the process only when it is complete. A failure is reported at once and
  /// fails the command at its end, so that one file does not prevent the others.
  func writeFile(_ path: String, _ body: () throws -> Void) {
    do {
      try Interrupts.protect(body)
      writeError("wrote \(path)\n")
    } catch {
      fail(error)
    }
  }

  /// A progress line among the messages.
  func progressLine(_ name: String, total: Int, unit: String) -> ProgressLine {
    ProgressLine(name, total: total, unit: unit, style: style, isTerminal: isTerminal, write: writeError)
  }

  /// Reports a reason why the result may differ from expectations, even if notes are suppressed.
  func warn(_ message: String) { report("warning: \(message)\n".shown) }

  /// A note that is told once a command, however often it holds.
  func note(_ message: String, once key: some Hashable) {
    if delivery.noted.insert(AnyHashable(key)).inserted { writeError("note: \(message)\n".shown) }
  }

  /// Reports an error; the command continues and fails at its end.
  func fail(_ error: any Error) {
    delivery.hasFailed = true
    report("\(EbbProgram.programName): \(error)\n".shown)
  }

  private func reason(_ error: any Error) -> String {
    guard let error = error as? POSIXError else { return "\(error)" }
    return unsafe String(cString: strerror(error.code.rawValue))
  }
}

/// The delivery of one command's results.
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
  /// What has been told and is told once.
  var noted: Set<AnyHashable> = []

  func loseText(_ error: any Error) { text = (error as? POSIXError)?.code == .EPIPE ? .unread : .failed }

  /// The exit status of a command that would otherwise end with this one.
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
  /// The text without control characters, except line ends and tabs.
  var shown: String { withoutControls(keeping: ["\n", "\t"]) }
}

/// The environment of a command.
struct CommandContext {
  var cells: CellLibrary
  var output: CommandOutput
  /// The files of the cells that are given as equations in files, by the names of the cells.
  var equationFiles: [String: EquationFile] = [:]
  /// How the command was called, and when.
  var origin = HTMLReport.Origin(version: "", command: "", date: "")
  /// The name of the program.
  var program = EbbProgram.programName
  /// Whether another process of the same training writes the results and the files.
  var isFollower = false
  /// The variables of the process.
  var environment = ProcessInfo.processInfo.environment
  /// Receives the current activity, to report it if it takes long.
  var activity: Activity?

  /// Throws if one of the files that the command will write could not be written; nil and `-` are not files.
  func checkCanSave(to paths: String?...) throws(FileWritingError) {
    for case let path? in paths where path != "-" {
      try checkWritable(path)
      output.delivery.awaitsFiles = true
    }
  }

  /// Writes the results as text, unless the numbers take their place.
  func show(_ options: ParsedOptions, _ body: (CommandOutput) -> Void) {
    if options.text("json") != "-" { body(output) }
  }

  /// Writes every number, if requested.
  func saveNumbers(_ options: ParsedOptions, _ json: @autoclosure () -> JSONValue) {
    if let path = options.text("json") { save(json().text(), to: path) }
  }

  /// Writes a file, all of it or nothing, and reports it as a message; `-` is the destination of the results.
  func save(_ text: String, to path: String) {
    if path == "-" {
      output.write(text)
    } else {
      output.writeFile(path) { try writeAtomically(text, to: path) }
    }
  }
}
