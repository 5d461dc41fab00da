import EbbEquations
import Testing

/// Texts that would be read as something else than they say: each is an error with its place and what would be right.
@Suite struct WrongMeaningTests {
  typealias Wrong = WrongTextTests.Wrong

  static let memory = "S_t = 0.9 S_{t-1} + (W x_t) (Y x_t)^T\n"
  static let membrane = "u_t = 0.9 u_{t-1} + W x_t - s_{t-1}\n"

  static let powers = [
    Wrong(
      text: memory + "y_t = S_t^{0.5} x_t", line: 2, column: 12,
      message: "the power of a matrix is a whole number from 1 to 64, or its inverse, A^{-1}; of its entries"),
    Wrong(
      text: "h_t = W^2 h_{t-1} + x_t\nW: [4, 3]", column: 7,
      message: "only a square matrix has powers, and this is a matrix of 4 by 3"),
    Wrong(
      text: "h_t = inverse(h_{t-1}) + x_t", column: 7,
      message: "only a square matrix has an inverse, and this is a vector of k; of entries it is 1 / a"),
    Wrong(
      text: memory + "y_t = solve(S_t, S_t x_t, x_t)", line: 2, column: 7, message: "solve takes two arguments, not 3"),
    Wrong(text: memory + "y_t = cumsum(S_t) x_t", line: 2, column: 7, message: "cumsum is of a vector's entries"),
    Wrong(
      text: memory + "y_t = diag(S_t)", line: 2, column: 7, message: "the diagonal of a matrix A is rowSums(I ⊙ A)"),
  ]

  static let quotients = [
    Wrong(
      text: "h_t = a_t/b_t c_t + h_{t-1}\na_t = x_t\nb_t = x_t\nc_t = x_t", column: 10,
      message: "what is divided is not clear: write a_t / (b_t c_t), or (a_t / b_t) c_t"),
    Wrong(text: "h_t = x_t / 2 h_{t-1}", column: 11, message: "write x_t / (2 h_{t-1}), or (x_t / 2) h_{t-1}"),
    Wrong(text: "h_t = h_{t-1} + 1/2π x_t\nπ = 3", column: 18, message: "write 1 / (2 π), or (1 / 2) π"),
    Wrong(
      text: "h_t = h_{t-1} + Δt/τ (x_t - h_{t-1})\nΔt = 1\nτ = 2", column: 20,
      message: "write Δt / (τ (x_t - h_{t-1})), or (Δt / τ) (x_t - h_{t-1})"),
  ]

  static let declared = [
    Wrong(
      text: "u_t = 2 h_{t-1}\nh_t = tanh(W x_t + u_t)\nu_t: scalar", column: 7,
      message: "u is declared as a number, and its equation gives a vector of"),
    Wrong(
      text: "h_t = tanh(W h_{t-1} + U x_t)\ny_t = sum(h_t)\ny_t: [4]", line: 2, column: 7,
      message: "y is declared as a vector of 4, and its equation gives a number; ones(…, 4)"),
    Wrong(
      text: "h_t = tanh(U x_t)\nh_t: [units, units]", column: 7, message: "h is a matrix of units by units"),
    Wrong(
      text: "h_t = W h_{t-1} + x_t\ny_t = V h_t\ny_t: [99999999999]", line: 3, column: 1, message: "sizes from 1 to"),
    Wrong(text: "h_t = W h_{t-1} + x_t\nb ~ constant(nan)", line: 2, column: 1, message: "after b ~ comes"),
    Wrong(
      text: "P_t = A P_{t-1} A^T + x_t x_t^T + D\ny_t = P_t x_t", column: 7,
      message: "D is taken for a vector, and --let 'D: [units, units]' makes it a matrix"),
  ]

  static let names = [
    Wrong(
      text: "h_t = x_t + h_{t-1000000}", column: 18, message: "a whole number of steps before its own, at most 99999"),
    Wrong(text: "h_t = x_t + h_{t-1.5}", column: 18, message: "a whole number of steps before its own"),
    Wrong(text: "h_t = x_t + h(t-99999999999999999999)", column: 17, message: "at most 99999, and not 9999"),
    Wrong(
      text: "h_t = h_{t-1} + q_{t-k} + x_t", column: 22, message: "how many steps k is, is not given: --let 'k = 3'"),
    Wrong(text: "h_t = 1e400 h_{t-1} + x_t", column: 7, message: "1e400 is beyond the numbers that are computed with"),
    Wrong(text: "h_t = 1e-400 h_{t-1} + x_t", column: 7, message: "1e-400 is beyond the numbers"),
    Wrong(
      text: "h_t = tanh(W_j h_{t-1} + U x_t), j ∈ {1, 2}", column: 34,
      message: "an equation of each has it on its left side, as h_{j,t}, and a sum over them is ∑_{j=1}^{2}"),
    Wrong(text: "h_t = λ ⊙ h_{t-1} + B x_t\ny_t = Re(C h_t)", line: 2, column: 7, message: "Re is of complex numbers"),
    Wrong(
      text: "h_t = λ ⊙ h_{t-1} + B x_t\nλ = exp(-exp(ν) + i exp(θ))", line: 2, column: 19,
      message: "i has no equation; if it is the imaginary unit, equations are real: a complex h is a pair"),
  ]

  static let conditions = [
    Wrong(
      text: membrane + "s_t = u_t > 1", line: 2, column: 7,
      message: "this is true or false, and no number: spike(a - b)"),
    Wrong(
      text: membrane + "s_t = greater(u_t, 1)", line: 2, column: 7, message: "this is true or false, and no number"),
    Wrong(text: membrane + "s_t = 2 greater(u_t, 1)", line: 2, column: 9, message: "this is true or false"),
    Wrong(
      text: membrane + "c_t = greater(u_t, 1)\ns_t = c_t + 1", line: 3, column: 7, message: "this is true or false"),
    Wrong(text: membrane + "s_t = select(u_t, 1, 0)", line: 2, column: 14, message: "select takes a condition first"),
    Wrong(
      text: membrane + "s_t = spike(u_t - 1, tanh)", line: 2, column: 22,
      message: "this is no surrogate gradient; those are"),
    Wrong(text: "h_t = h_{t-1} + 1[x_t < 0", column: 23, message: "a comparison is written with > or less(a, b)"),
  ]

  @Test(arguments: powers + quotients + declared + names + conditions)
  func errorsHaveTheirPlace(_ wrong: Wrong) {
    let error = #expect(throws: EquationError.self) { try EquationCell(wrong.text, units: 4, given: wrong.given) }
    guard let error else { return }
    #expect(error.message.contains(wrong.message))
    #expect([error.line, error.column] == [wrong.line, wrong.column])
  }
}
