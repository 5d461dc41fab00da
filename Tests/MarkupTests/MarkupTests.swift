import EbbMarkup
import Testing

@Suite struct MarkupTests {
  @Test func markupBecomesText() {
    #expect(xmlEscaped("a < b & 'c' > \"d\"") == "a &lt; b &amp; &#39;c&#39; &gt; &quot;d&quot;")
    #expect(xmlEscaped("one\ttwo\nthree\rfour") == "one two three four")
    #expect(xmlEscaped("\u{0}\u{1B}\u{7F}\u{85}\u{FFFE}") == String(repeating: "\u{FFFD}", count: 5))
    #expect(xmlEscaped("‖∂L/∂hₜ‖ 😀") == "‖∂L/∂hₜ‖ 😀")
  }

  @Test func elementsLeaveAbsentAttributesOut() {
    #expect(xmlElement("rect", ["x": "1", "class": nil, "y": "\"2\""]) == "<rect x=\"1\" y=\"&quot;2&quot;\"/>")
    #expect(xmlElement("g", [:], content: xmlElement("a", [:])) == "<g><a/></g>")
    #expect(xmlElement("g", [:], content: "") == "<g></g>")
  }

  @Test(
    arguments: [
      (0, 2, "0"), (-0.004, 2, "0"), (0.005, 2, "0.01"), (-1.5, 2, "-1.5"), (3, 1, "3"), (10.04, 1, "10"),
      (10.06, 1, "10.1"), (-0.05, 1, "-0.1"), (2.03, 2, "2.03"), (999_999.999, 2, "1000000"), (7.6, 0, "8"),
    ] as [(Double, Int, String)])
  func coordinatesHaveNoZerosAtTheirEnd(value: Double, places: Int, text: String) {
    #expect(coordinate(value, places: places) == text)
  }

  @Test func pathsAreWrittenFromPointToPoint() {
    var path = SVGPath(places: 1)
    path.move(to: Point(x: 0, y: 0.25))
    path.line(to: Point(x: 1, y: -2))
    path.curve(to: Point(x: 3, y: 0), control: Point(x: 2, y: 2))
    path.curve(to: Point(x: 4, y: 4), controls: Point(x: 3, y: 1), Point(x: 3, y: 2))
    #expect(path.text == "M0 0.3L1 -2Q2 2 3 0C3 1 3 2 4 4")
    #expect(path.here == Point(x: 4, y: 4))
  }

  @Test func widthsAreThoseOfTheirFaces() {
    // i is narrow, m is wide, A is a capital, e is neither.
    #expect(abs(textWidth("imAe", size: 10) - 25.6) < 1e-9)
    #expect(abs(textWidth("imAe", size: 10, in: .formula) - 26) < 1e-9)
    // A sign of a formula is as wide as a capital, a Chinese character of a title wider than one.
    #expect(textWidth("⊙", size: 1, in: .formula) == 0.72)
    #expect(textWidth("語", size: 1) == 1.05)
    #expect(fitted("a long title", width: 39, size: 10) == "a long…")
    #expect(fitted("short", width: 40, size: 10) == "short")
  }

  @Test func controlsDoNotReachTheTerminal() {
    #expect("a\u{1B}[2J\n\tb\u{7F}\u{9B}é".withoutControls() == "a[2Jbé")
    #expect("a\u{1B}[2J\n\tb\u{7F}\u{9B}é".withoutControls(keeping: ["\n"]) == "a[2J\nbé")
  }

  @Test func columnsOfTerminals() {
    #expect(displayWidth("e\u{301}語😀a\u{200B}") == 6)
  }
}
