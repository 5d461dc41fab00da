import Testing

@testable import EbbApplications

@Suite struct SpellingTests {
  @Test(arguments: [
    ("", "abc", 3), ("kitten", "sitting", 3), ("lenght", "length", 1), ("ca", "abc", 3), ("abc", "abc", 0),
    ("flaw", "lawn", 2),
  ])
  func distances(a: String, b: String, distance: Int) {
    #expect(Spelling.distance(Array(a), Array(b)) == distance)
    #expect(Spelling.distance(Array(b), Array(a)) == distance)
  }

  @Test func nearWordsAreProposed() {
    let words = ["lstm", "lnlstm", "gru", "gru-after", "permutation"]
    #expect(Spelling.suggestions(for: "LSTN", among: words) == ["lstm"])
    #expect(Spelling.suggestions(for: "gur", among: words) == ["gru"])
    #expect(Spelling.suggestions(for: "after", among: words) == ["gru-after"])
    #expect(Spelling.suggestions(for: "transformer", among: words).isEmpty)
    #expect(Spelling.question("gro", among: words, prefix: "--") == "\nDid you mean --gru?")
    #expect(Spelling.question("xyz", among: words) == "")
  }
}
