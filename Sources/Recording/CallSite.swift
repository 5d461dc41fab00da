/// Where in a user's source something was recorded: the nearest call that could note its file and line.
///
/// Swift's operators take no `#line`, so an operator's place is that of the last call before it.
struct CallSite: Hashable, Sendable {
  var file: String
  var line: Int
  /// The call, as `affine "forget"`.
  var call: String
  /// The type of the cell that was being recorded and its scope, as `LSTM (layer0)`.
  var cell: String
  /// The calls that ran that cell and those around it, the innermost first.
  var callers: [Caller] = []

  var place: String { "\(file):\(line)" }

  /// A call that ran a cell, as `run LSTM at Module/File.swift:12`.
  struct Caller: Hashable, Sendable, CustomStringConvertible {
    var call: String
    var file: String
    var line: Int
    var description: String { "\(call) at \(file):\(line)" }
  }
}

/// One thing that is wrong in a recording: what, in which cell, and near which line.
public struct RecordingProblem: Hashable, Sendable, CustomStringConvertible {
  /// The operation, the types that it met, and what would be right.
  public var message: String
  /// For each operand of the failed operation: its type and where it was recorded.
  public var operands: [String]
  /// The type of the cell and its scope, as `LSTM (layer0)`; `Recording` outside of any cell.
  public var cell: String
  /// The nearest recorded call, as `affine "forget"`.
  public var call: String
  /// The file of that call, as `Module/File.swift`.
  public var file: String
  /// The line of that call, from 1.
  public var line: Int
  /// The calls that ran the cell and those around it, the innermost first, as `run LSTM at Module/File.swift:12`.
  public var callers: [String]
  /// How often the same is wrong at the same line: more than once for a mistake in a loop.
  public var count = 1

  init(_ message: String, operands: [String] = [], site: CallSite) {
    self.message = message
    self.operands = operands
    cell = site.cell
    call = site.call
    file = site.file
    line = site.line
    callers = site.callers.map(\.description)
  }

  public var description: String {
    let first = "\(file):\(line): in \(cell), near \(call): \(message)"
    let repeats = count > 1 ? ["  the same \(count) times at this line"] : []
    return ([first] + operands.map { "  " + $0 } + callers.map { "  within " + $0 } + repeats).joined(separator: "\n")
  }

  /// Whether another problem is the same mistake once more: at the same line the same message, but for the numbers in it,
  /// which a loop counts.
  func isRepeated(in other: RecordingProblem) -> Bool {
    func wording(_ text: String) -> String { String(text.filter { !$0.isNumber }) }
    return file == other.file && line == other.line && wording(message) == wording(other.message)
  }
}

/// Everything that is wrong in a recording, found in one go.
public struct RecordingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// In the order in which they were found.
  public var problems: [RecordingProblem]
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}
