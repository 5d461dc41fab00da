internal import Foundation

/// Why a text of equations is not a cell: the place in the user's text, what was read there, and what would be right.
public struct EquationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line, from 1.
  public var line: Int
  /// The column in characters, from 1.
  public var column: Int
  /// What is wrong, and what would be right.
  public var message: String
  /// The line of the text.
  public var excerpt: String

  /// `2:14: message`, the line, and a mark below the character.
  public var description: String {
    let mark = String(repeating: " ", count: column - 1) + "^"
    return "\(line):\(column): \(message)\n  \(excerpt)\n  \(mark)"
  }
}

/// The user's text with its lines, so that an offset in characters becomes a place.
struct EquationText: Hashable, Sendable {
  let characters: [Character]

  init(_ text: String) { characters = Array(text) }

  /// An error at the character with this offset; the end of the text is a place too.
  func error(at offset: Int, _ message: String) -> EquationError {
    let before = characters[..<min(offset, characters.count)]
    let start = before.lastIndex(where: \.isNewline).map { $0 + 1 } ?? 0
    let line = characters[start...].prefix { !$0.isNewline }
    return EquationError(
      line: before.count(where: \.isNewline) + 1, column: before.count - start + 1, message: message,
      excerpt: String(line))
  }
}
