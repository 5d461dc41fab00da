/// Splits a text into words and punctuation, and joins such tokens into a text again.
///
/// A word is a run of letters and digits, with apostrophes and hyphens inside: `don't`, `well-known`. Every other
/// character except spaces is a separate token, and so is the end of a line. Spaces are not kept; they are inserted
/// again where they are usual.
enum WordSplitter {
  private enum Kind {
    /// A letter or a digit.
    case letter
    /// An apostrophe or a hyphen.
    case joiner
    case newline, space, mark

    init(_ character: Character) {
      if character.isLetter || character.isNumber {
        self = .letter
      } else if "'’-".contains(character) {
        self = .joiner
      } else if character.isNewline {
        self = .newline
      } else {
        self = character.isWhitespace ? .space : .mark
      }
    }
  }

  private static let asciiKinds = (0..<128 as Range<UInt8>).map { Kind(Character(Unicode.Scalar($0))) }

  static func forEachToken(
    of text: Substring, progress: (Double) -> Void = { _ in }, _ body: (String) -> Void
  ) {
    let kinds = asciiKinds
    var word: String.Index?
    text.forEachCharacter(progress: progress) { piece, place, next in
      let kind =
        switch piece {
        case .ascii(let byte): kinds[Int(byte)]
        case .other(let character): Kind(character)
        }
      let joins = kind == .joiner && word != nil && next < text.endIndex && Kind(text[next]) == .letter
      if kind == .letter || joins {
        if word == nil { word = place }
        return
      }
      if let start = word { body(String(text[start..<place])) }
      word = nil
      switch kind {
      case .newline: body("\n")
      case .mark, .joiner: body(String(text[place..<next]))
      case .space, .letter: break
      }
    }
    if let start = word { body(String(text[start...])) }
  }

  /// The text between two tokens.
  static func separator(after left: String?, before right: String) -> String {
    guard let left, left != "\n", right != "\n" else { return "" }
    if left.count == 1, "([{“‘$£€¿¡#@/".contains(left) { return "" }
    if right.count == 1, ",.;:!?)]}”’%…/".contains(right) { return "" }
    return " "
  }

  static func text(of tokens: [String], after previous: String? = nil) -> String {
    var (text, left) = ("", previous)
    for token in tokens {
      text += separator(after: left, before: token) + token
      left = token
    }
    return text
  }
}
