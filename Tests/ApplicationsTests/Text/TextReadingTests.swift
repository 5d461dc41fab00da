import EbbApplications
import Foundation
import Testing

/// What is read quickly is what is read character by character.
@Suite struct TextReadingTests {
  /// What is easily cut wrongly: clusters of several scalars, marks that join to letters, characters that are equal to
  /// ASCII ones, and ends of lines.
  private static let pieces = [
    "a", "b", "Z", "7", "é", "e\u{301}", "\u{301}", "\r\n", "\r", "\n", "\u{B}", "\u{85}", "\u{2028}", " ", "\t",
    "\u{A0}", "👩‍👩‍👧", "\u{200D}", "🇩🇪", "K", "\u{212A}", ";", "\u{37E}", "'", "’", "-", ".", "٣", "中", "\u{600}",
    "\u{FFFD}",
  ]

  private static func text(_ seed: Int) -> String {
    var state = UInt64(seed)
    return (0..<60).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return pieces[Int(state >> 33) % pieces.count]
    }.joined()
  }

  private static func precedes(_ left: String, _ right: String) -> Bool {
    left.precomposedStringWithCanonicalMapping.unicodeScalars
      .lexicographicallyPrecedes(right.precomposedStringWithCanonicalMapping.unicodeScalars)
  }

  private static func words(of text: String) -> [String] {
    var tokens: [String] = []
    var word = ""
    func isLetter(_ character: Character) -> Bool { character.isLetter || character.isNumber }
    let characters = Array(text)
    for (index, character) in characters.enumerated() {
      let joins =
        "'’-".contains(character) && !word.isEmpty && index + 1 < characters.count && isLetter(characters[index + 1])
      if isLetter(character) || joins {
        word.append(character)
        continue
      }
      if !word.isEmpty { tokens.append(word) }
      word = ""
      if character.isNewline {
        tokens.append("\n")
      } else if !character.isWhitespace {
        tokens.append(String(character))
      }
    }
    return word.isEmpty ? tokens : tokens + [word]
  }

  @Test(arguments: Vocabulary.TokenKind.allCases)
  func tokensAreThoseOfTheDefinition(tokenKind: Vocabulary.TokenKind) {
    for seed in 0..<200 {
      let text = Self.text(seed)
      let tokens = tokenKind == .characters ? text.map { String($0) } : Self.words(of: text)
      var counts: [String: Int] = [:]
      for token in tokens { counts[token, default: 0] += 1 }
      counts[Vocabulary.unknown] = nil
      let ranked = counts.sorted { left, right in
        left.value == right.value ? Self.precedes(left.key, right.key) : left.value > right.value
      }
      let vocabulary = Vocabulary(of: text, tokenKind: tokenKind)
      // Scalar by scalar, as strings may be equal and yet written in another way.
      let expected = [Vocabulary.unknown] + ranked.map(\.key)
      #expect(vocabulary.tokens.map { Array($0.unicodeScalars) } == expected.map { Array($0.unicodeScalars) })
      #expect(vocabulary.encode(text) == tokens.map { Int32(expected.firstIndex(of: $0) ?? 0) })
      // A part of a text ends before what follows it there.
      for place in text.indices where text.distance(from: text.startIndex, to: place) % 7 == 0 {
        let count = tokenKind == .characters ? text[place...].count : Self.words(of: String(text[place...])).count
        #expect(vocabulary.encode(text[place...]).count == count)
      }
      #expect(Vocabulary(of: "", tokenKind: tokenKind).unknownTokens(of: text).count == counts.count)
    }
  }

  @Test func manyTokensTakeMoreBytes() throws {
    for count in [3, 255, 256, 300, 65_535, 65_536] {
      let text = (0..<count).map { "w\($0)" }.joined(separator: " ")
      let vocabulary = Vocabulary(of: text, tokenKind: .words)
      #expect(vocabulary.count == count + 1)
      #expect(Set(vocabulary.encode(text)) == Set(1...Int32(count)))
    }
  }

  /// A file is read in parts of 2²⁰ bytes, whose border may fall into a character or an end of a line.
  @Test func partsOfAFileAreJoined() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID()).txt").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    for before in 0...9 {
      let start = String(repeating: "a", count: (1 << 20) - before)
      try Data((start + "é👩‍👩‍👧\r\nz\r\r\n\r").utf8).write(to: URL(fileURLWithPath: path))
      #expect(try TextFile(contentsOf: path).text == start + "é👩‍👩‍👧\nz\n\n\n")
      var fractions: [Double] = []
      _ = try TextFile(contentsOf: path) { fractions.append($0) }
      #expect(fractions.last == 1 && fractions == fractions.sorted())
    }
    let lines = String(repeating: "line\n", count: 300_000)
    for end in [[0xC3, 0x28], [0xE2, 0x82], [0x80]] as [[UInt8]] {
      try Data(lines.utf8 + end).write(to: URL(fileURLWithPath: path))
      #expect { try TextFile(contentsOf: path) } throws: { "\($0)".contains("\(path):300001: this is no UTF-8") }
    }
  }
}
