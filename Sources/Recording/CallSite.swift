/// The place in a user's source where something was recorded: the nearest call that noted its file and line.
///
/// Swift's operators take no `#line`, so an operator's place is that of the last call before it.
struct CallSite: Hashable, Sendable {
  var file: String
  var line: Int
  /// The call, as `affine "forget"`.
  var call: String
  /// The type and the scope of the cell that was being recorded: `LSTM (layer0)`.
  var cell: String
  /// The calls that ran that cell and the cells around it, innermost first.
  var callers: [Caller] = []

  var place: String { "\(file):\(line)" }

  /// A call that ran a cell: `run LSTM at Module/File.swift:12`.
  struct Caller: Hashable, Sendable, CustomStringConvertible {
    var call: String
    var file: String
    var line: Int
    var description: String { "\(call) at \(file):\(line)" }
  }
}

/// A problem in a recording: what is wrong, in which cell, and near which line.
public struct RecordingProblem: Hashable, Sendable, CustomStringConvertible {
  /// The operation, the types of its operands, and what would be right.
  public var message: String
  /// For each operand of the failed operation: its type and where it was recorded.
  public var operands: [String]
  /// The type and the scope of the cell: `LSTM (layer0)`; `Recording` outside of any cell.
  public var cell: String
  /// The nearest recorded call, as `affine "forget"`.
  public var call: String
  /// The file of that call, as `Module/File.swift`.
  public var file: String
  /// The line of that call, from 1.
  public var line: Int
  /// The calls that ran the cell and the cells around it, innermost first: `run LSTM at Module/File.swift:12`.
  public var callers: [String]
  /// How often the same problem occurs at the same line; more than once for a mistake in a loop.
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

  /// Whether another problem repeats this one: the same message at the same line, except for numbers, which a loop may
  /// count.
  func isRepeated(in other: RecordingProblem) -> Bool {
    func wording(_ text: String) -> String { String(text.filter { !$0.isNumber }) }
    return file == other.file && line == other.line && wording(message) == wording(other.message)
  }
}

/// All problems in a recording.
public struct RecordingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// In the order in which they were found.
  public var problems: [RecordingProblem]
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}
