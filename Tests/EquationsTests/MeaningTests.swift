import EbbEquations
import EbbGraph
import EbbRecording
import EbbTensors
import Testing

/// Texts with two readings: which one is taken, and what is said of it.
@Suite struct MeaningTests {
  private func graph(_ text: String) throws -> Graph {
    try Recording(EquationCell(text, units: 4), features: 4).graph
  }

  private func notes(_ text: String) throws -> [String] { try EquationCell(text, units: 4).assumptions }

  private static let memory = "S_t = 0.9 S_{t-1} + (W x_t) (Y x_t)^T\n"

  // MARK: Powers

  @Test(arguments: [
    ("h_t = A^2 h_{t-1} + x_t", "h_t = (A A) h_{t-1} + x_t"),
    ("h_t = A^3 h_{t-1} + x_t", "h_t = ((A A) A) h_{t-1} + x_t"),
    ("h_t = A^1 h_{t-1} + x_t", "h_t = A^1 h_{t-1} + x_t"),
    ("h_t = A^{-1} h_{t-1} + x_t", "h_t = inverse(A) h_{t-1} + x_t"),
    ("h_t = A^{-2} h_{t-1} + x_t", "h_t = (inverse(A) inverse(A)) h_{t-1} + x_t"),
    ("h_t = A^{-T} h_{t-1} + x_t", "h_t = inverse(A)^T h_{t-1} + x_t"),
    (memory + "y_t = S_t^2 x_t", memory + "y_t = S_t S_t x_t"),
    (memory + "y_t = (S_t + I)^{-1} x_t", memory + "y_t = solve(S_t + I, x_t)"),
    (memory + "y_t = \\tanh^2(S_t) x_t", memory + "y_t = \\tanh(S_t)^{\\odot 2} x_t"),
  ])
  func aPowerOfAMatrixIsAProduct(_ text: String, _ same: String) throws {
    #expect(try graph(text).differences(from: graph(same), in: ["y"]).isEmpty)
  }

  @Test func twoReadingsAreTold() throws {
    #expect(
      try notes("h_t = tanh(A^2 h_{t-1} + x_t)") == [
        "line 1: the power 2 of a matrix is a product of matrices; of its entries it is written with ⊙, as in A^{⊙2}"
      ])
    #expect(
      try notes("h_t = tanh(exp(A) h_{t-1} + x_t)") == [
        "line 1: exp of a matrix is that of each entry; the matrix exponential is expm(…)"
      ])
    #expect(
      try notes(Self.memory + "y_t = |S_t| x_t") == [
        "line 2: |…| of a matrix is that of each entry, and no determinant"
      ])
    #expect(try notes(Self.memory + "y_t = expm(S_t) x_t + S_t^{⊙2} x_t + exp(x_t)") == [])
  }

  // MARK: Quotients

  @Test(arguments: [
    ("h_t = 1/2 (h_{t-1} + x_t)", "h_t = \\frac{1}{2} (h_{t-1} + x_t)"),
    ("h_t = 1/2(h_{t-1} + x_t)", "h_t = \\frac{1}{2} (h_{t-1} + x_t)"),
    ("h_t = 1/2 h_{t-1} + W x_t", "h_t = (1/2) h_{t-1} + W x_t"),
    ("h_t = 1 / 2 h_{t-1} + W x_t", "h_t = (1/2) h_{t-1} + W x_t"),
    ("h_t = h_{t-1} + Δt/6 (x_t + h_{t-1})\nΔt = 0.1", "h_t = h_{t-1} + (Δt/6) (x_t + h_{t-1})\nΔt = 0.1"),
    ("h_t = (a_t (x_t + h_{t-1}))^2\na_t = W x_t", "h_t = (a_t ⊙ (x_t + h_{t-1}))^2\na_t = W x_t"),
    ("h_t = h_{t-1}/2 + W x_t / 3", "h_t = (h_{t-1}/2) + (W x_t) / 3"),
    ("h_t = x_t / 2 · h_{t-1}", "h_t = (x_t / 2) · h_{t-1}"),
  ])
  func aNumberBelowASlashEndsTheQuotient(_ text: String, _ same: String) throws {
    #expect(try graph(text).differences(from: graph(same), in: ["y"]).isEmpty)
  }

  // MARK: Shapes without evidence

  @Test(arguments: [
    ("n_t = n_{t-1} + 1\nh_t = tanh(W h_{t-1} + U x_t) / n_t", "n", 0),
    ("s_t = 0.9 s_{t-1} + 0.1\nh_t = tanh(W h_{t-1} + U x_t) + s_t", "s", 0),
    ("c_t = c_{t-1} + log(σ(w^T x_t))\nh_t = c_t tanh(W h_{t-1} + U x_t)", "c", 0),
    ("n_t = n_{t-1} + 1\nh_t = tanh(W h_{t-1} + U x_t) / n_t\nn_t: vector", "n", 1),
    (
      "u_t = floor(v_{t-1} + 0.5)\nc_t = σ(w^T h_{t-1} + β)\nv_t = u_t c_t + (1 - u_t) (v_{t-1} + c_t)\n"
        + "h_t = u_t tanh(W h_{t-1} + U x_t) + (1 - u_t) h_{t-1}\nβ: scalar", "u", 0
    ),
    ("h_t = tanh(h_{t-1}) + U x_t", "h", 1), ("h_t = W h_{t-1}\ny_t = h_t + x_t", "h", 1),
    ("A_t = I + 0.1 (W x_t) (Y x_t)^T\nX_t = X_{t-1} (2 I - A_t X_{t-1})\ny_t = X_t x_t", "X", 2),
  ])
  func aStateIsWhatItsEquationGives(_ text: String, _ name: String, _ rank: Int) throws {
    let graph = try graph(text)
    let node = try #require(graph.node(named: name))
    #expect(graph.type(node).shape.rank == rank)
  }

  @Test func aStateOfNumbersIsTold() throws {
    let text = "n_t = n_{t-1} + 1\nh_t = tanh(W h_{t-1} + U x_t) / n_t"
    #expect(
      try notes(text) == [
        "n is one number, as all that its equation reads; --let 'n_t: vector' makes it one for each unit"
      ])
  }

  // MARK: Names that are none

  @Test func aDelayMayBeALetterWithANumber() throws {
    let same = try graph("h_t = tanh(W h_{t-3} + U x_t)")
    #expect(try graph("h_t = tanh(W h_{t-k} + U x_t)\nk = 3").differences(from: same, in: ["y"]).isEmpty)
  }

  @Test func whatIsReadAsANameOfItsOwnIsTold() throws {
    #expect(
      try notes("h_t = λ ⊙ h_{t-1} + \\bar{λ} ⊙ W x_t") == [
        "λ\u{304} is a parameter beside λ; a mark makes another name, and no conjugate"
      ])
    #expect(
      try notes("h_t = tanh(W h_{t-1} + U x_t), p ∈ {1, 2}") == [
        "nothing has the index p, and the list of its values is left out"
      ])
    #expect(
      try notes("u_t = 0.9 u_{t-1} + W x_t\ny_t = Θ(u_t - 1)") == [
        "Θ is 1 above 0, else 0, with the gradient of a fast sigmoid; --let 'Θ: arctangent(2)' takes another one"
      ])
  }

  /// A step is named in several ways.
  @Test(arguments: [
    ("Θ(u_t - 1)", "spike(u_t - 1)"), ("heaviside(u_t - 1)", "spike(u_t - 1)"), ("1[u_t > 1]", "spike(u_t - 1)"),
    ("\\mathbb{1}(u_t > 1)", "spike(u_t - 1)"), ("𝟙[u_t ≥ 1]", "1 - spike(1 - u_t)"),
    ("Θ(u_t - 1)\nΘ: arctangent(3)", "spike(u_t - 1, arctangent(3))"),
    ("H(u_t - 1)\nH = spike", "spike(u_t - 1)"), ("1[less(1, u_t)]", "spike(u_t - 1)"),
  ])
  func stepsHaveASurrogate(_ step: String, _ same: String) throws {
    let membrane = "u_t = 0.9 u_{t-1} + W x_t - s_{t-1}\ns_t = "
    #expect(try graph(membrane + step).differences(from: graph(membrane + same), in: ["y"]).isEmpty)
  }
}
