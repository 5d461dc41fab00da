import EbbEquations
import EbbRecording
import EbbTestSupport
import Testing

/// Damaged texts: each is a cell or an error with a place in it, and nothing else happens.
@Suite struct EquationFuzzTests {
  static let pieces: [String] = [
    "h_{t-1}", "x_t", "W", "b", "σ", "\\tanh", "(", ")", "[", "]", "{", "}", "_", "^", "=", "+", "-", "⊙", "\\frac",
    "|",
    "‖", "\\\\", "\n", ",", ";", "'", "\\tilde", "^\\top", "2", "0.5", "~", ":", "$$", "\\begin{aligned}", "\\sqrt",
    "I",
    "\\mathrm{ReLU}", "t", "&", "%", "#", ".", "₋₁", "ₜ", "\u{303}", "é", "\t", "∈", "∀", "\\sum_{k=1}^{3}", "∑_j",
    "\\{i, f\\}", "for y in", "\\begin{array}{c}", "\\end{array}", "\\underbrace{", "_{ij}", "^i", "[σ; tanh]", "u_t",
    "^t", ".T", ".*", "np.",
  ]

  static let texts: [(text: String, given: [String])] =
    TextbookTests.textbooks.map { ($0.text, $0.given) }
    + (SpellingTests.books + SpellingTests.pages + SpellingTests.programs + SpellingTests.details).map {
      ($0.text, $0.given)
    }
    + (ShorthandTests.templates + ShorthandTests.sums + ShorthandTests.entries).map { ($0.text, $0.given) }
    + ShorthandTests.columns.map { ($0 + ShorthandTests.rest, []) }

  @Test(arguments: 0..<40) func damagedTextsAreReadOrRefused(_ seed: Int) {
    var stream = SplitMix(UInt64(seed))
    func draw(_ count: Int) -> Int { Int.random(in: 0..<count, using: &stream) }
    for _ in 0..<16 {
      let book = Self.texts[draw(Self.texts.count)]
      var text = Array(book.text)
      for _ in 0...draw(4) {
        let place = draw(text.count + 1)
        let end = min(text.count, place + draw(6))
        let piece = draw(3) == 0 ? "" : Self.pieces[draw(Self.pieces.count)]
        text.replaceSubrange(place..<(draw(2) == 0 ? place : end), with: piece)
      }
      let damaged = String(text)
      do {
        let cell = try EquationCell(damaged, units: 3, given: book.given)
        // What is read is recorded, or refused with a reason.
        _ = try? Recording(cell, features: 2)
      } catch {
        let lines = damaged.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let isInGiven = book.given.contains { $0 == error.excerpt }
        #expect(isInGiven || (1...max(1, lines.count)).contains(error.line), "\(damaged)")
        #expect(
          isInGiven || error.column >= 1 && error.column <= lines[min(lines.count, error.line) - 1].count + 1,
          "\(damaged)")
      }
    }
  }
}
