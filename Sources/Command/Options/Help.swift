internal import EbbEquations

/// The help texts of the program.
enum Help {
  static func overview(_ commands: [any Command], _ context: CommandContext) -> String {
    let rows = commands.map { ($0.name, $0.summary) }
    return """
      Watch gradients flow back through time.

      Usage: \(context.program) COMMAND [OPTIONS]

      \(aligned(rows))
      \(cellsLine(context.cells))
      \(context.program) COMMAND --help tells a command's options.

      """
  }

  static func text(of command: any Command, _ context: CommandContext) -> String {
    let rows = (command.options + Option.common).map { ($0.usage, $0.explanation) }
    let discussion = command.discussion.isEmpty ? "" : command.discussion(in: context.program) + "\n\n"
    let usesCells = command.options.contains { $0.name == "cell" || $0.name == "cells" }
    return """
      \(command.summary.prefix(1).uppercased() + command.summary.dropFirst()).

      Usage: \(context.program) \(command.synopsis)

      \(aligned(rows))
      \(discussion)\(usesCells ? cellsLine(context.cells) : "")
      """
  }

  private static func cellsLine(_ cells: CellLibrary) -> String {
    "Cells: \(cells.names.joined(separator: ", "))\n\nFunctions in equations: \(EquationFunctions.list)\n"
  }

  /// Two columns, the first as wide as its widest word.
  private static func aligned(_ rows: [(String, String)]) -> String {
    let width = rows.map { $0.0.count }.max() ?? 0
    return rows.map { name, text in
      "  " + name + String(repeating: " ", count: width - name.count + 2) + text + "\n"
    }.joined()
  }
}

extension Command {
  /// The command with its positional options: `forecast predict MODEL FILE|VALUES [OPTIONS]`.
  var synopsis: String {
    let places = options.filter(\.isPositional).map { $0.standard == nil ? $0.usage : "[\($0.usage)]" }
    return ([name] + places + ["[OPTIONS]"]).joined(separator: " ")
  }

  /// The discussion with the program's name; it is written for `ebb`.
  func discussion(in program: String) -> String {
    discussion.replacing("\(EbbProgram.programName) ", with: program + " ")
  }
}

extension Option {
  /// The help followed by the default value.
  var explanation: String { help + (standard.map { " (\($0))" } ?? "") }
}
