import EbbEquations
import EbbGraph
import EbbRecording
import Testing

/// Texts of all kinds: what is written of each is read back to an equal graph, and so is its gradient, unless text has no
/// words for an operation of it, which then is named.
@Suite struct RoundTripTests {
  @Test(arguments: RoundTripTexts.all.indices) func textsReadBack(_ index: Int) throws {
    let (name, text) = RoundTripTexts.all[index]
    let cell = try EquationCell(text, units: 4)
    for latex in [false, true] {
      #expect(try WritingTests.text(WritingTests.differences(cell, latex: latex)) == "", "\(name)")
      do {
        #expect(try WritingTests.text(WritingTests.gradientDifferences(cell, latex: latex)) == "", "\(name)")
      } catch let error as EquationWritingError {
        // The value is one of the text, and no number of the graph or place in a program.
        #expect(!"\(error)".contains("%") && !"\(error)".contains(".swift"), "\(name): \(error)")
      }
    }
  }

  /// Those whose gradient has no words, so that the others keep theirs.
  @Test func mostGradientsHaveWords() throws {
    let without = try RoundTripTexts.all.filter { _, text in
      let cell = try EquationCell(text, units: 4)
      return (try? CellEquations(of: cell, features: 3, part: .gradient)) == nil
    }
    #expect(
      without.map(\.name) == [
        "diff", "forgettingtf", "kwta", "ntmshift", "pastmat", "pastsig", "rowln", "rowsm", "tttmlp2",
      ])
  }

  @Test(arguments: [
    "h_t = tanh(W h_{t-8} + U x_t)", "h_t = tanh(W h_{t-8} + V h_{t-1} + U x_t)\nh_0 ~ trained",
    "v_t = V x_t\nS_t = S_{t-1} + v_t x_t^T - v_{t-8} x_{t-8}^T\ny_t = S_t x_t",
    "c_t = c_{t-1} + log(σ(w^T x_t))\nh_t = c_t tanh(W h_{t-1} + U x_t)", "c_t = c_{t-1} + σ(W x_t)\nc_t: [1]",
    "A_t = I + 0.1 (W x_t) (Y x_t)^T\nX_t = X_{t-1} (2 I - A_t X_{t-1})\ny_t = X_t q",
    "n_t = n_{t-1} + 1\nh_t = tanh(W h_{t-1} + U x_t) / n_t",
    "h_t = tanh(A^2 h_{t-1} + U x_t)", "h_t = tanh(A^{-1} h_{t-1} + U x_t)", "h_t = tanh(A^{-T} h_{t-1} + U x_t)",
    "h_t = tanh(expm(A) h_{t-1} + U x_t)", "h_t = tanh(solve(A, h_{t-1}) + U x_t)",
    "S_t = 0.9 S_{t-1} + (W x_t) (Y x_t)^T\ny_t = S_t^2 (Q x_t)",
    "S_t = 0.9 S_{t-1} + (W x_t) (Y x_t)^T\ny_t = S_t^{⊙2} (Q x_t)",
    "S_t = 0.9 S_{t-1} + (W x_t) (W x_t)^T\ny_t = (S_t + I)^{-1} (Q x_t)",
    "h_t = (I - 2 \\frac{u u^T}{u^T u}) h_{t-1} + tanh(W x_t)", "h_t = tanh((D + diag(d)) h_{t-1} + U x_t)",
    "h_t = tanh((D + diag(σ(G x_t))) h_{t-1} + U x_t)", "h_t = tanh(softmax(A) h_{t-1} + U x_t)\nA: [units, units]",
    "S_t = softmax(S_{t-1}^T + (W x_t) (Y x_t)^T)\ny_t = S_t (Q x_t)",
    "S_t = 0.9 S_{t-1} + (W x_t) (Y x_t)^T\ny_t = (mean(S_t) + largest(S_t)) (Q x_t)",
    "u_t = 0.9 u_{t-1} + W x_t - s_{t-1}\ns_t = spike(u_t - 1)",
    "u_t = 0.9 u_{t-1} + W x_t - s_{t-1}\ns_t = spike(u_t - 1, arctangent(2))",
    "u_t = 0.9 u_{t-1} + W x_t - s_{t-1}\ns_t = 1[u_t ≥ 1]\nu_t: [4]",
    "u_t = 0.9 u_{t-1} + W x_t - s_{t-1}\ns_t = spike(u_t - 1, straightThrough) + spike(u_t - 2, fastSigmoid(10))",
    "h_t = round(4 tanh(W h_{t-1} + U x_t)) / 4", "h_t = cumsum(softmax(W h_{t-1} + U x_t)) ⊙ cumprod(σ(V x_t))",
    "h_t = clip(W h_{t-1}, -1, 2) + relu6(U x_t) + hardtanh(V x_t) + logsigmoid(Y x_t) + max(x_t, 0, 1)\nW: [inputs, inputs]",
  ])
  func whatIsPrintedReadsBack(_ text: String) throws {
    let cell = try EquationCell(text, units: 4)
    for latex in [false, true] {
      #expect(try WritingTests.text(WritingTests.differences(cell, latex: latex)) == "")
      do {
        #expect(try WritingTests.text(WritingTests.gradientDifferences(cell, latex: latex)) == "")
      } catch is EquationWritingError {}
    }
  }

  /// A value that is read at several steps has one name and one equation.
  @Test func delaysHaveTheNameOfTheirValue() throws {
    let text = "h_t = tanh(W h_{t-8} + U x_t + b)\ng_t = tanh(V g_{t-4} + R h_t + c)\ny_t = g_t + h_{t-1}\n"
    #expect(try CellEquations(of: EquationCell(text, units: 4), features: 3).text == text)
  }
}
