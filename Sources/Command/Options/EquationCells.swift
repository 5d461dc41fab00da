internal import EbbEquations
internal import EbbInterchange
internal import Foundation

/// Cells that are given as equations instead of a name: a text with an `=`, a file, or a heading of a file.
struct EquationCells {
  private(set) var cells: CellLibrary
  /// The option values, with a short name in place of a text or a file.
  private(set) var values: [String: String]
  /// What the texts left open and was taken for granted.
  private(set) var assumptions: [String] = []
  private var hasEquations = false

  init(_ values: [String: String], of command: any Command, _ cells: CellLibrary) throws {
    (self.values, self.cells) = (values, cells)
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
    let parts = value.split(separator: "#", maxSplits: 1).map(String.init)
    let path = parts.first ?? value
    var (name, text, section, place) = (value, value, String?.none, "--cell: ")
    let isFile = FileManager.default.fileExists(atPath: path)
    if isFile || !value.contains("=") {
      guard isFile || path.contains(".") || path.contains("/") else { return value }
      name = value.split(separator: "/").last.map(String.init) ?? value
      text = String(decoding: try InputFile.bytes(path, expecting: "a file of equations"), as: UTF8.self)
      (section, place) = (parts.count > 1 ? parts[1] : nil, path + ":")
    } else {
      // Commas part the cells of a list.
      let line = value.split(whereSeparator: \.isWhitespace).joined(separator: " ").replacing(",", with: ";")
      name = line.count > 60 ? line.prefix(59) + "…" : line
    }
    let cell: EquationCell
    do {
      cell = try EquationCell(text, section: section, units: 1, given: given)
    } catch {
      throw UsageError("\(place)\(error)")
    }
    hasEquations = true
    assumptions += cell.assumptions
    cells[name] = { units in
      var cell = cell
      cell.units = units
      return cell
    }
    return name
  }
}
