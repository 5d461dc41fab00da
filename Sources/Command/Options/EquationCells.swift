internal import EbbEquations
internal import Foundation

/// Cells that are given as equations instead of a name: a text with an `=`, a file, or a heading of a file.
struct EquationCells {
  private(set) var cells: CellLibrary
  /// The option values, with a short name in place of a text or a file.
  private(set) var values: [String: String]
  /// What the texts left open and was taken for granted.
  private(set) var assumptions: [String] = []
  /// The files, by the names of their cells.
  private(set) var files: [String: EquationFile] = [:]
  private var hasEquations = false
  /// Whether the command reads the file itself, which then need not be right yet.
  private let isFollowed: Bool

  init(_ values: [String: String], of command: any Command, _ cells: CellLibrary) throws {
    (self.values, self.cells) = (values, cells)
    isFollowed = command.followingOption.map { values[$0] != nil } ?? false
    let given = values["let"].map { $0.split(separator: "\n").map(String.init) } ?? []
    for option in command.options {
      guard let value = values[option.name] else { continue }
      switch option.values {
      case .cell: self.values[option.name] = try read(value, given)
      case .cells:
        let names = value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        self.values[option.name] = try names.map { try read($0, given) }.joined(separator: ",")
      case .any, .words, .list, .file, .folder, .written: break
      }
    }
    if !given.isEmpty, !hasEquations {
      throw UsageError("--let gives what equations leave open; --cell is not given as equations")
    }
  }

  /// The name of a cell; a text or a file is added to the cells under a name of its own.
  private mutating func read(_ value: String, _ given: [String]) throws -> String {
    if cells[value] != nil || value.isEmpty { return value }
    if let file = EquationFile(value, given: given) {
      hasEquations = true
      files[file.name] = file
      if !isFollowed { add(try file.cell(in: file.text()), file.name) }
      return file.name
    }
    guard value.contains("=") else { return value }
    hasEquations = true
    // Commas part the cells of a list.
    let line = value.split(whereSeparator: \.isWhitespace).joined(separator: " ").replacing(",", with: ";")
    let name = line.count > 60 ? line.prefix(59) + "…" : line
    do {
      add(try EquationCell(value, units: 1, given: given), name)
    } catch {
      throw UsageError("--cell: \(error)")
    }
    return name
  }

  private mutating func add(_ cell: EquationCell, _ name: String) {
    assumptions += cell.assumptions
    cells[name] = { units in
      var cell = cell
      cell.units = units
      return cell
    }
  }
}
