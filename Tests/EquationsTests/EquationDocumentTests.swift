import EbbEquations
import Testing

/// Where the equations of a document stand.
@Suite struct EquationDocumentTests {
  @Test func aCellKnowsItsLines() throws {
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
    #expect(try EquationCell(text, section: "First", units: 2).lines == ["h_t = W h_{t-1} + U x_t"])
    #expect(
      try EquationCell(text, section: "Second", units: 2).lines == [
        "z_t &= \\sigma(W x_t) \\\\", "h_t &= z_t h_{t-1} + x_t",
      ])
    #expect(try EquationCell("  h' = W h + x\n\n", units: 2).lines == ["h' = W h + x"])
  }
}
