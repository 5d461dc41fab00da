internal import EbbEquations
internal import EbbInterchange
internal import Foundation

/// A file with the equations of a cell, as `FILE` or `FILE#HEADING`.
struct EquationFile: Hashable, Sendable {
  var path: String
  /// The heading below which the equations stand; nil for all of the file.
  var section: String?
  /// What the text leaves open, a line each.
  var given: [String]
  /// The end of the value: the cell's name.
  var name: String

  /// Nil if the value is something else: the name of a cell, or equations.
  init?(_ value: String, given: [String]) {
    let parts = value.split(separator: "#", maxSplits: 1).map(String.init)
    path = parts.first ?? value
    guard
      FileManager.default.fileExists(atPath: path)
        || !value.contains("=") && (path.contains(".") || path.contains("/"))
    else { return nil }
    section = parts.count > 1 ? parts[1] : nil
    self.given = given
    name = value.split(separator: "/").last.map(String.init) ?? value
  }

  /// The text as it is now.
  func text() throws -> String {
    String(decoding: try InputFile.bytes(path, expecting: "a file of equations"), as: UTF8.self)
  }

  /// The cell in this text of the file.
  func cell(in text: String) throws(UsageError) -> EquationCell {
    do {
      return try EquationCell(text, section: section, units: 1, given: given)
    } catch {
      throw UsageError("\(path):\(error)")
    }
  }
}
