/// Cuts a text into words and punctuation, and writes such tokens as a text again.
///
/// A word is a run of letters and digits, with apostrophes and hyphens inside: `don't`, `well-known`. Every other character
/// that is no space is a token of its own, and so is the end of a line. Spaces are not kept; they are written again where
/// they are usual.
enum WordSplitter {
  static func tokens(of text: some StringProtocol) -> [String] {
    var tokens: [String] = []
    var word = ""
    func isLetter(_ character: Character) -> Bool { character.isLetter || character.isNumber }
    var position = text.startIndex
    while position < text.endIndex {
      let character = text[position]
      let next = text.index(after: position)
      let joins = "'’-".contains(character) && !word.isEmpty && next < text.endIndex && isLetter(text[next])
      if isLetter(character) || joins {
        word.append(character)
      } else {
        if !word.isEmpty { tokens.append(word) }
        word = ""
        if character.isNewline {
          tokens.append("\n")
        } else if !character.isWhitespace {
          tokens.append(String(character))
        }
      }
      position = next
    }
    if !word.isEmpty { tokens.append(word) }
    return tokens
  }

  /// What is written between two tokens.
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
