/// The vocabulary of a classifier. Number 0 stands for every unknown word.
public struct WordList: Hashable, Sendable {
  /// The known words, in the order of their numbers from 1.
  public let words: [String]
  private let numbers: [String: Int32]

  /// The words of these texts that occur at least this often, most frequent first.
  public init(of texts: [String], minimumCount: Int = 1) {
    var counts: [String: Int] = [:]
    for text in texts {
      for word in ReviewWords.words(of: text) { counts[word, default: 0] += 1 }
    }
    self.init(counts.ranked(atLeast: minimumCount))
  }

  init(_ words: [String]) {
    self.words = words
    numbers = Dictionary(zip(words, words.indices.map { Int32($0 + 1) })) { first, _ in first }
  }

  /// The number of words, including the unknown word.
  public var count: Int { words.count + 1 }

  /// The words of a text and their numbers. Unknown marks are left out; a text without words becomes one unknown word.
  public func encode(_ text: String) -> [(word: String, number: Int32)] {
    let found = ReviewWords.words(of: text)
      .map { (word: $0, number: numbers[$0] ?? 0) }
      .filter { $0.number > 0 || !ReviewWords.isMark($0.word) }
    return found.isEmpty ? [(word: "", number: 0)] : found
  }
}

extension WordList: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let words = try container.decode([String].self)
    guard Set(words).count == words.count else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "a word comes twice")
    }
    self.init(words)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(words)
  }
}
