/// What the program says of itself.
enum Help {
  static func overview(_ commands: [any Command], _ cells: CellLibrary) -> String {
    let rows = commands.map { ($0.name, $0.summary) }
    return """
      Watch gradients flow back through time.

      Usage: \(EbbCommand.programName) COMMAND [OPTIONS]

      \(aligned(rows))
      \(cellsLine(cells))
      \(EbbCommand.programName) COMMAND --help tells a command's options.

      """
  }

  static func text(of command: any Command, _ cells: CellLibrary) -> String {
    let rows = command.options.map { option in
      (option.usage, option.help + (option.standard.map { " (\($0))" } ?? ""))
    }
    let places = command.options.filter(\.isPositional).map { $0.standard == nil ? $0.usage : "[\($0.usage)]" }
    let discussion = command.discussion.isEmpty ? "" : command.discussion + "\n\n"
    let usesCells = command.options.contains { $0.name == "cell" || $0.name == "cells" }
    return """
      \(command.summary.prefix(1).uppercased() + command.summary.dropFirst()).

      Usage: \(([EbbCommand.programName, command.name] + places + ["[OPTIONS]"]).joined(separator: " "))

      \(aligned(rows))
      \(discussion)\(usesCells ? cellsLine(cells) : "")
      """
  }

  private static func cellsLine(_ cells: CellLibrary) -> String {
    "Cells: \(cells.names.joined(separator: ", "))\n"
  }

  /// Two columns, the first as wide as its widest word.
  private static func aligned(_ rows: [(String, String)]) -> String {
    let width = rows.map { $0.0.count }.max() ?? 0
    return rows.map { name, text in
      "  " + name + String(repeating: " ", count: width - name.count + 2) + text + "\n"
    }.joined()
  }
}
