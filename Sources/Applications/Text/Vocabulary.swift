internal import Foundation

/// The tokens of a text with their numbers: characters, or words and punctuation.
///
/// Token 0 stands for everything that is not in the vocabulary. The others are sorted by frequency, most frequent
/// first, then in Unicode order.
public struct Vocabulary: Hashable, Sendable {
  /// The kind of token.
  public enum TokenKind: String, Codable, Hashable, Sendable, CaseIterable {
    /// A user-perceived character: a Unicode extended grapheme cluster.
    case characters
    /// A word, a punctuation mark or the end of a line.
    case words
  }

  /// The kind of token.
  public let tokenKind: TokenKind
  /// All tokens by their numbers; the first is the unknown one.
  public let tokens: [String]
  private let numbers: [String: Int32]
  /// Those of single ASCII characters.
  private let asciiNumbers: [Int32]

  /// How the token 0 is written.
  public static let unknown = "\u{FFFD}"

  /// The vocabulary of a text.
  ///
  /// - Parameters:
  ///   - text: The text whose tokens are counted.
  ///   - tokenKind: The kind of token.
  ///   - minimumCount: Tokens that occur less often are unknown.
  ///   - limit: The largest number of tokens, the unknown one included; nil for no limit.
  public init(of text: some StringProtocol, tokenKind: TokenKind, minimumCount: Int = 1, limit: Int? = nil) {
    self.init(ofPart: String(text)[...], tokenKind: tokenKind, minimumCount: minimumCount, limit: limit)
  }

  init(
    ofPart text: Substring, tokenKind: TokenKind, minimumCount: Int, limit: Int?, progress: (Double) -> Void = { _ in }
  ) {
    var counts: [String: Int] = [:]
    var asciiCounts = [Int](repeating: 0, count: 128)
    tokenKind.forEachToken(of: text, progress: progress) { token in
      switch token {
      case .ascii(let byte):
        // Of tokens that are equal in Unicode the first is kept.
        if asciiCounts[Int(byte)] == 0 { counts[Self.text(byte), default: 0] += 0 }
        asciiCounts[Int(byte)] += 1
      case .text(let text): counts[text, default: 0] += 1
      }
    }
    for (byte, count) in asciiCounts.enumerated() where count > 0 {
      counts[Self.text(UInt8(byte)), default: 0] += count
    }
    counts[Self.unknown] = nil
    self.init(tokenKind, [Self.unknown] + counts.ranked(atLeast: minimumCount).prefix(max(0, (limit ?? .max) - 1)))
  }

  private init(_ tokenKind: TokenKind, _ tokens: [String]) {
    self.tokenKind = tokenKind
    self.tokens = tokens
    let numbers = Dictionary(zip(tokens, tokens.indices.map { Int32($0) })) { first, _ in first }
    self.numbers = numbers
    asciiNumbers = (0..<128).map { numbers[Self.text($0)] ?? 0 }
  }

  private static func text(_ byte: UInt8) -> String { String(Character(Unicode.Scalar(byte))) }

  /// The number of tokens, including the unknown one.
  public var count: Int { tokens.count }

  /// The numbers of a text's tokens; 0 for unknown tokens.
  public func encode(_ text: some StringProtocol) -> [Int32] {
    let numbers = numbers(of: String(text)[...])
    return (0..<numbers.count).map { numbers[$0] }
  }

  /// The numbers of a long text's tokens.
  ///
  /// - Parameter capacity: The number of tokens, if known.
  func numbers(
    of text: Substring, capacity: Int = 0, progress: (Double) -> Void = { _ in }
  ) -> TokenNumbers {
    var result = TokenNumbers(below: count, capacity: capacity)
    tokenKind.forEachToken(of: text, progress: progress) { token in
      switch token {
      case .ascii(let byte): result.append(asciiNumbers[Int(byte)])
      case .text(let text): result.append(numbers[text] ?? 0)
      }
    }
    return result
  }

  /// The tokens of a text that are not in the vocabulary, each once.
  public func unknownTokens(of text: some StringProtocol) -> [String] {
    var seen: Set<String> = []
    var unknown: [String] = []
    tokenKind.forEachToken(of: String(text)[...]) { token in
      let text =
        switch token {
        case .ascii(let byte): Self.text(byte)
        case .text(let text): text
        }
      if numbers[text] == nil, seen.insert(text).inserted { unknown.append(text) }
    }
    return unknown
  }

  /// The tokens as a text. Numbers outside the vocabulary are unknown tokens.
  ///
  /// - Parameters:
  ///   - ids: Numbers of tokens, from 0.
  ///   - previous: The token before them, which decides whether words begin with a space.
  public func decode(_ ids: [Int32], after previous: Int32? = nil) -> String {
    let words = ids.map { token($0) }
    switch tokenKind {
    case .characters: return words.joined()
    case .words: return WordSplitter.text(of: words, after: previous.map { token($0) })
    }
  }

  /// The token of a number.
  public func token(_ id: Int32) -> String { tokens.indices.contains(Int(id)) ? tokens[Int(id)] : Self.unknown }
}

extension String {
  /// The order of Unicode: by the scalars in canonical composition. Swift's own order leaves some pairs unordered, such
  /// as "é7" and "e\u{301}", which would then depend on the order of a dictionary.
  func precedes(_ other: String) -> Bool {
    if utf8.allSatisfy({ $0 < 0x80 }), other.utf8.allSatisfy({ $0 < 0x80 }) { return self < other }
    return precomposedStringWithCanonicalMapping.unicodeScalars
      .lexicographicallyPrecedes(other.precomposedStringWithCanonicalMapping.unicodeScalars)
  }
}

extension [String: Int] {
  /// The words that are counted at least this often, most frequent first, then in Unicode order.
  func ranked(atLeast minimumCount: Int) -> [String] {
    filter { $0.value >= minimumCount }.sorted { left, right in
      left.value == right.value ? left.key.precedes(right.key) : left.value > right.value
    }.map(\.key)
  }
}

extension Vocabulary.TokenKind {
  /// A token of a text, possibly as a single ASCII character.
  enum Token {
    case ascii(UInt8)
    case text(String)
  }

  func forEachToken(
    of text: Substring, progress: (Double) -> Void = { _ in }, _ body: (Token) -> Void
  ) {
    switch self {
    case .characters:
      text.forEachCharacter(progress: progress) { piece, _, _ in
        switch piece {
        case .ascii(let byte): body(.ascii(byte))
        case .other(let character): body(.text(String(character)))
        }
      }
    case .words: WordSplitter.forEachToken(of: text, progress: progress) { body(.text($0)) }
    }
  }
}

extension Vocabulary: Codable {
  private enum CodingKeys: String, CodingKey {
    case tokenKind = "unit"
    case tokens
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let tokens = try container.decode([String].self, forKey: .tokens)
    guard tokens.first == Self.unknown, Set(tokens).count == tokens.count, tokens.allSatisfy({ !$0.isEmpty }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .tokens, in: container, debugDescription: "the tokens differ, and the first is the unknown one")
    }
    self.init(try container.decode(TokenKind.self, forKey: .tokenKind), tokens)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(tokenKind, forKey: .tokenKind)
    try container.encode(tokens, forKey: .tokens)
  }
}
