import EbbEquations
import EbbRecording
import Testing

/// Where the equations of a document stand.
@Suite struct EquationDocumentTests {
  @Test(arguments: [("First", ["h"], ["W", "U"]), ("second", ["h"], ["W"])])
  func aHeadingHasItsEquations(_ heading: String, _ states: [String], _ parameters: [String]) throws {
    let text = """
      Prose with an = sign.

      ## First
      $$ h_t = W h_{t-1} + U x_t $$

      ## Second
      \\begin{align}
        z_t &= \\sigma(W x_t) \\\\

        h_t &= z_t h_{t-1} + x_t
      \\end{align}
      """
    let cell = try EquationCell(text, section: heading, units: 2)
    let recording = try Recording(cell, features: 2)
    #expect(recording.states.map(\.name) == states)
    #expect(recording.parameters.map(\.name) == parameters)
    #expect(recording.intermediates.map(\.name) == (heading == "second" ? ["z"] : []))
  }

  @Test func aTextWithoutDisplaysIsEquations() throws {
    let recording = try Recording(EquationCell("  h' = W h + x\n\n", units: 2), features: 2)
    #expect(recording.states.map(\.name) == ["h"] && recording.parameters.map(\.name) == ["W"])
  }
}
