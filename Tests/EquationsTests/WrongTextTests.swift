import EbbEquations
import EbbRecording
import EbbTensors
import Testing

/// Texts that are no cell: the place of each error and its words.
@Suite struct WrongTextTests {
  struct Wrong: CustomTestStringConvertible {
    var text: String
    var line = 1
    var column: Int
    var message: String
    var given: [String] = []
    var testDescription: String { text }
  }

  static let elman = "h_t = tanh(W h_{t-1} + U x_t + b)"

  static let brackets = [
    Wrong(text: "h_t = tanh(W h_{t-1} + U x_t + b", column: 11, message: "( is never closed"),
    Wrong(
      text: "h_t = tanh(W [h_{t-1}, x_t + b)", column: 31,
      message: "found ); expected an operator, a comma, or the bracket that closes ["),
    Wrong(text: "h_t = tanh(W [h_{t-1}, x_t) + b]", column: 27, message: "found ); expected"),
    Wrong(text: "h_t = tanh W h_{t-1}) + x_t", column: 21, message: "found ); expected an operator, or the end"),
    Wrong(text: "h_t = tanh(W h_{t-1 + U x_t)", column: 16, message: "{ is never closed"),
    Wrong(text: "h_t = |h_{t-1} + x_t", column: 7, message: "| is never closed"),
    Wrong(text: #"h_t = \mathrm{tanh(h_{t-1}, x_t)"#, column: 14, message: "{ is never closed"),
    Wrong(text: "h_t = W [] + h_{t-1} + x_t", column: 10, message: "found ]; expected a name, a number or a bracket"),
    Wrong(text: "h_{} = x_t", column: 3, message: "an index cannot be empty"),
  ]

  static let operators = [
    Wrong(text: "h_t = W h_{t-1} + + x_t", column: 19, message: "found +; expected a name, a number or a bracket"),
    Wrong(text: "h_t = W h_{t-1} ⊙ x_t ⊙", column: 24, message: "the text ends here; expected a name"),
    Wrong(text: "h_t = tanh(x_t) =", column: 18, message: "the text ends here; expected a name"),
    Wrong(text: "h_t == x_t + h_{t-1}", column: 6, message: "found =; expected a name, a number or a bracket"),
    Wrong(
      text: "h_t = x_t h_{t-1} )", column: 19, message: "found ); expected an operator, or the end of the equation"),
    Wrong(text: "h_t = h_{t-1} + x_t^{2+}", column: 24, message: "the text ends here; expected a name"),
    Wrong(text: "h_t = softmax() + x_t", column: 15, message: "found ); expected a name, a number or a bracket"),
    Wrong(text: "h_t = ‖h_{t-1} + x_t", column: 7, message: "‖ is never closed"),
    Wrong(text: "h_t =", column: 6, message: "the text ends here; expected a name"),
    Wrong(text: "h_t", column: 4, message: "an equation needs = and a right side"),
    Wrong(text: "= tanh(x_t)", column: 1, message: "found =; expected the name that the equation defines"),
    Wrong(text: "h_t + c_t = x_t", column: 5, message: "found +; expected = after the name on the left side"),
    Wrong(text: "tanh(h_t) = x_t", column: 5, message: "found (; expected = after the name on the left side"),
    Wrong(text: "2 = x_t", column: 1, message: "found 2; expected the name that the equation defines"),
    Wrong(text: "h_t = tanh(W h_t-1 + x_t)", column: 17, message: "an index of several characters needs braces"),
    Wrong(text: "h_t = W ? x_t", column: 9, message: "? is not read in equations"),
    Wrong(text: #"h_t = \tanh(\foo x_t)"#, column: 13, message: #"the command \foo is not known"#),
    Wrong(text: #"h_t = \frac{x_t"#, column: 12, message: "{ is never closed"),
    Wrong(text: "h_t = x_t ^", column: 12, message: "the text ends where an index should stand"),
    Wrong(text: "", column: 1, message: "there is no equation here"),
    Wrong(text: "# only a comment", column: 1, message: "there is no equation here"),
  ]

  static let commands = [
    Wrong(text: #"\tilde = x_t"#, column: 8, message: "found =; expected the letter below the mark"),
    Wrong(text: #"\tilde{h_t = x_t"#, column: 12, message: "found =; expected } after the letter below the mark"),
    Wrong(text: #"h_t = h_{t-1} + x_t + \sqrt"#, column: 23, message: "sqrt needs an argument: sqrt(…)"),
    Wrong(text: #"h_t = h_{t-1} + \sqrt[3]{x_t}"#, column: 22, message: "only square roots are read"),
    Wrong(text: #"h_t = \text{abc + x_t"#, column: 12, message: "this brace is never closed"),
    Wrong(text: #"h_t = x_t + h_{t-1} \label{a"#, column: 27, message: "this { is never closed"),
    Wrong(
      text: #"h_t = \begin{cases} x_t & \text{if } a \\ h_{t-1} & \text{otherwise} \end{cases}"#, column: 7,
      message: "cases are not read"),
    Wrong(text: #"h_t = h_{t-1} + \tanh^{-1}(x_t)"#, column: 22, message: "a function has a number as its power"),
    Wrong(text: "h_t = x_t + h_{t-1} \\", column: 21, message: "a command is cut off after"),
  ]

  static let roles = [
    Wrong(text: "h_t = norm(x_t, h_{t-1})", column: 7, message: "norm takes one argument, not 2"),
    Wrong(text: "h_t = x_t + S_{t-1}", column: 13, message: "S has no equation, and neither has x"),
    Wrong(text: "h_t = tanh(W h_{t-1} + b)", column: 1, message: "nothing here is the input"),
    Wrong(text: "h_t = W h_{t-1} + U x_t + V u_t", column: 29, message: "u has no equation, and neither has x"),
    Wrong(
      text: "h_t = tanh(Wh_{t-1} + Ux_t)", column: 23,
      message: "a run of letters is one name: a product is written with a space, as in U x"),
    Wrong(text: "h_t = W h_{t-1} + x_t\nc_t = h_{t+1}", line: 2, column: 7, message: "h is read 1 steps later than c"),
    Wrong(text: "a_t = b_t + x_t\nb_t = a_t", column: 1, message: "a, b need each other's values at the same step"),
    Wrong(text: "h_t = h_t + x_t", column: 1, message: "h need each other's values at the same step"),
    Wrong(
      text: "h_t = tanh(W h_{t-1} + x_t)\nh_t = W h_{t-1}", line: 2, column: 1,
      message: "h has another equation already"),
    Wrong(
      text: "h_t = W ⊙ h_{t-1} + x_t\nh_t = W h_{t-1} + x_t", line: 2, column: 1,
      message: "h has another equation already"),
    Wrong(text: "h_t = W h_{t-1} + x_t\nc_0 = 0", line: 2, column: 1, message: "there is no equation of c_t"),
    Wrong(
      text: "h_t = W h_{t-1} + x_t\nh_0 = 1", line: 2, column: 1, message: "a state begins at 0 or at a trained value"),
    Wrong(
      text: "S_t = 0.9 S_{t-1} + v_t x_t^T\nv_t = V x_t\ny_t = S_t x_t\nS_0 = I", line: 4, column: 1,
      message: "a state begins at 0 or at a trained value, not at one that is computed: S_0 ~ trained"),
    Wrong(text: "h_t = α h_{t-1} + W x_t", column: 7, message: "α stands for a number that the text does not give"),
    Wrong(text: "h_t = h_{t-1} / d + W x_t", column: 17, message: "d stands for a number"),
    Wrong(text: "h_t = relu(h_{t-1}, x_t)", column: 7, message: "relu takes one argument, not 2"),
    Wrong(text: "h_t = max(h_{t-1}) + W x_t", column: 7, message: "max takes two arguments, not 1"),
    Wrong(text: "h_t = W(h_{t-1}, x_t)", column: 7, message: "W is no function that is known"),
    Wrong(text: "h_t = h_{t-1} + swiglu(W x_t)", column: 17, message: "swiglu is no function that is known"),
    Wrong(text: #"h_t = h_{t-1} + \mathrm{MLP}(x_t)"#, column: 24, message: "MLP is no function that is known"),
    Wrong(
      text: #"\dot{h} = -h + \tanh(W h + U x)"#, column: 1,
      message: "this is a derivative; write a step, as in h_t = h_{t-1} + Δt (…)"),
    Wrong(text: "h_t = h_{t-1} / ‖W x_t‖_1 + x_t", column: 24, message: "only the Euclidean norm is read"),
  ]

  static let shapes = [
    Wrong(
      text: "h_t = [h_{t-1}, x_t] + b", column: 7, message: "h is a vector of l, and this is a vector of l + inputs"),
    Wrong(
      text: "k_t = W_k x_t\nS_t = S_{t-1} + k_t k_t^T + x_t\ny_t = S_t k_t", line: 2, column: 7,
      message: "entry by entry they must be alike"),
    Wrong(text: "h_t = tanh(h_{t-1})^{x_t}", column: 22, message: "an exponent is a number"),
    Wrong(
      text: elman, column: 7, message: "h is", given: ["h_t: [4]", "W: [5, 4]"]),
    Wrong(
      text: "k_t = W_k x_t\nS_t = S_{t-1} + k_t k_t^T\nh_t = [S_t, x_t]", line: 3, column: 8,
      message: "only vectors are joined"),
    Wrong(
      text: "k_t = W_k x_t\nS_t = S_{t-1} + k_t k_t^T\ny_t = diag(S_t) k_t", line: 3, column: 7,
      message: "diag makes a matrix of a vector, and this is a matrix"),
  ]

  static let settings = [
    Wrong(text: elman, column: 1, message: "what is given beside the equations is a number", given: ["c_t = x_t"]),
    Wrong(text: elman, column: 1, message: "after W: comes diagonal, scalar, vector, input", given: ["W: round"]),
    Wrong(text: elman, column: 1, message: "after W: comes", given: ["W: [1, 2, 3]"]),
    Wrong(text: elman, column: 1, message: "after W: comes", given: ["W: [units, 0]"]),
    Wrong(text: elman, column: 1, message: "after W: comes", given: ["W: [3 4]"]),
    Wrong(text: elman, column: 1, message: "after W ~ comes zeros, ones", given: ["W ~ large"]),
    Wrong(text: elman, column: 1, message: "after W ~ comes", given: ["W ~ uniform(a)"]),
    Wrong(text: elman + "\nb ~ trained", line: 2, column: 1, message: "after b ~ comes"),
  ]

  static let shorthand = [
    Wrong(
      text: elman + ", y ∈ {i, f}", column: 36,
      message: "no equation beside this list defines a name with y, which stands for its members"),
    Wrong(text: "for k in i, f:\n" + elman, column: 5, message: "no equation beside this list defines a name with k"),
    Wrong(
      text: "[i_t; f_t] = [σ; tanh] W [x_t; h_{t-1}] + b\nh_t = i_t + f_t", column: 14,
      message: "a column of functions stands before all that they are applied to"),
    Wrong(
      text: "[i_t; f_t] = [σ; tanh; σ] W [x_t; h_{t-1}]\nh_t = i_t + f_t", column: 14,
      message: "there are 3 functions for 2 names"),
    Wrong(
      text: "[i_t; f_t] = [x_t; h_{t-1}; x_t]\nh_t = i_t + f_t", column: 14, message: "there are 3 values for 2 names"),
    Wrong(
      text: "[i_t; 2] = W [x_t; h_{t-1}]", column: 7, message: "found 2; expected a name that the equation defines"),
    Wrong(text: "[i_t; f_t = W x_t", column: 11, message: "found =; expected a comma, or the bracket that closes ["),
    Wrong(
      text: "[a_t; h_t] = W x_t\na_t: [3]\nh_t: [4]\nW: [8, inputs]", column: 1,
      message: "a, h share a vector of 8, and together they are a vector of 3 + 4"),
    Wrong(
      text: "h_t = ∑_{k=1}^{K} W_k h_{t-k} + x_t", column: 16,
      message: "how many steps the sum reads is not given: --let 'K = 3'"),
    Wrong(
      text: "h_t = ∑_k W_k h_{t-k} + x_t", column: 20, message: "how many steps the sum reads is not given: ∑_{k=1}^{3}"
    ),
    Wrong(text: "h_t = ∑_{k=3}^{1} W_k h_{t-k} + x_t", column: 7, message: "the sum has no terms: it goes from 3 to 1"),
    Wrong(text: "h_t = ∑_{k=1}^{1000} W_k h_{t-k} + x_t", column: 7, message: "the sum has 1000 terms"),
    Wrong(text: "h_t = ∑ x_t + h_{t-1}", column: 7, message: "a sum goes over one index"),
    Wrong(text: "h_t = U x_t + h_i + ∑_{i<t} h_i", column: 15, message: "i counts the past, and no sum goes over it"),
    Wrong(text: "h_t = U x_t + ∑_{i=2}^{t-1} h_i", column: 20, message: "begins at 0, the start, or at 1"),
    Wrong(text: "h_t = U x_t + ∑_{i=1}^{t+1} h_i", column: 24, message: "an equation of step t reads no later ones"),
    Wrong(text: "h_t = U x_t + ∑_{i=1}^{t-2} h_i", column: 24, message: "ends at t-1, or from 1 on at t"),
    Wrong(text: "h_t = U x_t + ∑_{i<t} h_{t-1}", column: 15, message: "nothing here has the index i"),
    Wrong(
      text: "h_t = U x_t + ∑_{i<t} h_i + ∑_{i≤t} x_i", column: 32, message: "i runs over other steps in another sum"),
    Wrong(
      text: "a_{t,i} = exp(sum(h_i))\nh_t = U x_t + ∑_{i<t} a_{t,i} h_i + ∑_{j≤t} a_{t,j} x_j", line: 2, column: 45,
      message: "a is defined for i<t, and is read with j for j≤t"),
    Wrong(text: "h_{t+1} = U x_t + ∑_{i<t} h_i", column: 1, message: "is one of step t"),
    Wrong(
      text: "h_t = U x_t + ∑_{i<t} b_{t,i} h_i", column: 23, message: "b has no equation for each step of the past"),
    Wrong(text: "h_t = h_{t-1} + ∑_t x_t", column: 17, message: "a sum over all steps is not read"),
    Wrong(text: "h_t = h_{t-1} + ∑_j x_t", column: 17, message: "a sum over j takes factors with the index j"),
    Wrong(
      text: "h_{i,t} = ∑_j tanh(W_{ij} h_{j,t-1}) + x_{i,t}", column: 15,
      message: "this has two indices; a sum takes factors with one, and a matrix with both"),
    Wrong(text: "h_t = h_{t-1} + x_t\nx_t: input 3", line: 2, column: 1, message: "after x: comes"),
    Wrong(text: "h_t = h_{t-1} + x_t\nt: from 2", line: 2, column: 1, message: "after t: comes"),
  ]

  @Test(arguments: brackets + operators + commands + roles + shapes + settings + shorthand)
  func errorsHaveTheirPlace(_ wrong: Wrong) {
    let error = #expect(throws: EquationError.self) { try EquationCell(wrong.text, units: 4, given: wrong.given) }
    guard let error else { return }
    #expect(error.message.contains(wrong.message))
    #expect([error.line, error.column] == [wrong.line, wrong.column])
  }

  @Test func anErrorShowsItsLine() {
    let error = #expect(throws: EquationError.self) { try EquationCell("x = 1\nh_t = W ? x_t", units: 1) }
    #expect(error?.description == "2:9: ? is not read in equations\n  h_t = W ? x_t\n          ^")
  }
}

/// What a text leaves open and is taken for granted.
@Suite struct AssumptionTests {
  @Test(arguments: [
    ("h_t = f(W h_{t-1} + U x_t)", ["f is tanh; --let 'f = relu' makes it another function"]),
    ("h_t = tanh(W h_{t-1} + U x_t)\ng_t = V x_t", ["g is defined and read by no equation; the output is h"]),
    ("h_t = tanh(W h_{t-1} + U x_t)\ny_t = V h_t", []),
    ("h_t = σ(W h_{t-1} + U x_t)", []),
    ("h_t = tanh(W h_{t-1} + U x_t) / t", ["t counts the steps from 1; --let 't: from 0' counts from 0"]),
    ("h_t = tanh(W h_{t-1} + U x_t) / t\nt: from 1", []),
    (
      "h_t = tanh(W h_{t-1})\\text{ or }σ(W h_{t-1}), x_t = h_t - u_t",
      ["of two values with “or” in line 1 the first is taken"]
    ),
    (
      "h_t = tanh(W h_{t-1} + U x_t)\nh_t^i = tanh(a_t^i)",
      ["h^i is an entry of a vector with an equation, and is left out"]
    ),
    ("h_t = σ_h(W h_{t-1} + U x_t)", ["σ_h is tanh; --let 'σ_h = relu' makes it another function"]),
  ])
  func assumptionsAreReported(_ text: String, _ assumptions: [String]) throws {
    #expect(try EquationCell(text, units: 2).assumptions == assumptions)
  }

  /// The read-out is the output, whatever its width; a value that only the past decides is none.
  @Test(arguments: [
    ("h_t = tanh(W h_{t-1} + U x_t)\ny_t = V h_t\ny_t: [7]", 7),
    ("h_t = tanh(W h_{t-1} + U x_t)\ng_t = V x_t\ng_t: [7]", 4),
    ("c_t = a_t ⊙ c_{t-1} + x_t\na_t = σ(x_t)\nh_t = [c_t, c_t]", 6), ("y_t = W x_t\ny_t: [2]", 2),
  ])
  func theOutputIsTheReadOut(_ text: String, _ width: Int) throws {
    var found = 0
    _ = try Recording(EquationCell(text, units: 4), features: 3) { _, y in found = y.shape[0] }
    #expect(found == width)
  }
}
