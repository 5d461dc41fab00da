/// Splits an English text into words like the Penn Treebank, in lower case: `don't` is `do` and `n't`, `film's` is
/// `film` and `'s`, punctuation is separate, and a hyphen separates words. A text that is already split does not
/// change.
enum ReviewWords {
  static func words(of text: String) -> [String] {
    let characters: [Character] = text.lowercased().map { $0 == "\u{2019}" ? "'" : $0 }
    return characters.split { $0.isWhitespace || hyphens.contains($0) }.flatMap { pieces(of: $0) }
  }

  /// Whether a word has neither a letter nor a digit.
  static func isMark(_ word: String) -> Bool { !word.contains { $0.isLetter || $0.isNumber } }

  private static let hyphens: Set<Character> = ["-", "\u{2013}", "\u{2014}"]
  private static let endings = ["n't", "'s", "'re", "'ve", "'ll", "'d", "'m"].map { Array($0) }

  /// The marks before a word, its stem, its contraction, and the marks after it.
  private static func pieces(of word: ArraySlice<Character>) -> [String] {
    // As the Treebank writes them alone.
    if endings.contains(where: { word.elementsEqual($0) }) { return [String(word)] }
    guard let first = word.firstIndex(where: { $0.isLetter || $0.isNumber }),
      let last = word.lastIndex(where: { $0.isLetter || $0.isNumber })
    else { return word.map { String($0) } }
    var stem = word[first...last]
    var contracted: [String] = []
    while let ending = endings.first(where: { stem.count > $0.count && stem.suffix($0.count).elementsEqual($0) }) {
      contracted.insert(String(ending), at: 0)
      stem = stem.dropLast(ending.count)
    }
    return word[..<first].map { String($0) } + [String(stem)] + contracted + word[(last + 1)...].map { String($0) }
  }
}
