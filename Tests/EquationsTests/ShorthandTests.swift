import EbbEquations
import EbbGraph
import EbbRecording
import EbbTensors
import Testing

/// Shorthand, against the equations for which it stands.
@Suite struct ShorthandTests {
  @Test(arguments: templates + sums + entries) func shorthandIsWrittenOut(_ spelling: Spelling) throws {
    #expect(try spelling.difference() == nil)
  }

  static let templates = [
    Spelling(
      name: "two equations in one",
      text: "[a_t; b_t] = [σ(W_a x_t); tanh(W_b x_t)]\nh_t = a_t ⊙ h_{t-1} + b_t",
      plain: "a_t = σ(W_a x_t)\nb_t = tanh(W_b x_t)\nh_t = a_t ⊙ h_{t-1} + b_t"),
    Spelling(
      name: "a set of gates",
      text: """
        y_t = σ(W_y x_t + U_y h_{t-1} + b_y), y ∈ {i, f, o}
        c_t = f_t ⊙ c_{t-1} + i_t ⊙ tanh(W_c x_t + U_c h_{t-1} + b_c)
        h_t = o_t ⊙ tanh(c_t)
        """,
      plain: """
        i_t = σ(W_i x_t + U_i h_{t-1} + b_i)
        f_t = σ(W_f x_t + U_f h_{t-1} + b_f)
        o_t = σ(W_o x_t + U_o h_{t-1} + b_o)
        c_t = f_t ⊙ c_{t-1} + i_t ⊙ tanh(W_c x_t + U_c h_{t-1} + b_c)
        h_t = o_t ⊙ tanh(c_t)
        """),
    Spelling(
      name: "a set after a space",
      text: #"""
        y_t = \sigma(W_y x_t + U_y h_{t-1} + b_y) \quad y \in \{i, f, o\} \\
        c_t = f_t \odot c_{t-1} + i_t \odot \tanh(W_c x_t + U_c h_{t-1} + b_c) \\
        h_t = o_t \odot \tanh(c_t)
        """#,
      plain: """
        i_t = σ(W_i x_t + U_i h_{t-1} + b_i)
        f_t = σ(W_f x_t + U_f h_{t-1} + b_f)
        o_t = σ(W_o x_t + U_o h_{t-1} + b_o)
        c_t = f_t ⊙ c_{t-1} + i_t ⊙ tanh(W_c x_t + U_c h_{t-1} + b_c)
        h_t = o_t ⊙ tanh(c_t)
        """),
    Spelling(
      name: "for k in; the letter within an index",
      text: """
        k_t = σ(W_{xk} x_t + W_{hk} h_{t-1} + b_k) for k in i, f, o
        c_t = f_t * c_{t-1} + i_t * tanh(W_xc x_t + W_hc h_{t-1} + b_c)
        h_t = o_t * tanh(c_t)
        """,
      plain: """
        i_t = σ(W_{xi} x_t + W_{hi} h_{t-1} + b_i)
        f_t = σ(W_{xf} x_t + W_{hf} h_{t-1} + b_f)
        o_t = σ(W_{xo} x_t + W_{ho} h_{t-1} + b_o)
        c_t = f_t ⊙ c_{t-1} + i_t ⊙ tanh(W_xc x_t + W_hc h_{t-1} + b_c)
        h_t = o_t ⊙ tanh(c_t)
        """),
    Spelling(
      name: "for k in, before its equation",
      text: """
        for k in i, f, o:
          k_t = σ(W_k x_t + U_k h_{t-1})
        c_t = f_t * c_{t-1} + i_t * tanh(W_c x_t + U_c h_{t-1})
        h_t = o_t * tanh(c_t)
        """,
      plain: """
        i_t = σ(W_i x_t + U_i h_{t-1})
        f_t = σ(W_f x_t + U_f h_{t-1})
        o_t = σ(W_o x_t + U_o h_{t-1})
        c_t = f_t ⊙ c_{t-1} + i_t ⊙ tanh(W_c x_t + U_c h_{t-1})
        h_t = o_t ⊙ tanh(c_t)
        """),
    Spelling(
      name: "two equations, a set in parentheses",
      text: #"""
        \hat{g}_t = W_g x_t + U_g h_{t-1} + b_g, \\
        g_t = \sigma(\hat{g}_t) \quad (g \in \{i, f\}) \\
        h_t = f_t \odot h_{t-1} + i_t \odot x_t
        """#,
      plain: """
        î_t = W_i x_t + U_i h_{t-1} + b_i
        f̂_t = W_f x_t + U_f h_{t-1} + b_f
        i_t = σ(î_t)
        f_t = σ(f̂_t)
        h_t = f_t ⊙ h_{t-1} + i_t ⊙ x_t
        """),
    Spelling(
      name: "for all",
      text: #"""
        y_t = \sigma(W_y x_t + U_y h_{t-1}) \quad \forall y \in \{i, f\} \\
        h_t = f_t \odot h_{t-1} + i_t \odot x_t
        """#,
      plain: """
        i_t = σ(W_i x_t + U_i h_{t-1})
        f_t = σ(W_f x_t + U_f h_{t-1})
        h_t = f_t ⊙ h_{t-1} + i_t ⊙ x_t
        """),
    Spelling(
      name: "words before the set",
      text: #"""
        y_t = \sigma(W_y x_t + U_y h_{t-1}), \text{ for } y \in \{i, f\} \\
        h_t = f_t \odot h_{t-1} + i_t \odot x_t
        """#,
      plain: """
        i_t = σ(W_i x_t + U_i h_{t-1})
        f_t = σ(W_f x_t + U_f h_{t-1})
        h_t = f_t ⊙ h_{t-1} + i_t ⊙ x_t
        """),
    Spelling(
      name: "a star",
      text: #"""
        g_t^{*} = \sigma(W_{*} x_t + U_{*} h_{t-1}), \quad * \in \{i, f\} \\
        h_t = g_t^f \odot h_{t-1} + g_t^i \odot x_t
        """#,
      plain: """
        a_t = σ(W_i x_t + U_i h_{t-1})
        b_t = σ(W_f x_t + U_f h_{t-1})
        h_t = b_t ⊙ h_{t-1} + a_t ⊙ x_t
        """),
    Spelling(
      name: "sets that are sizes",
      text: #"""
        h_t = \tanh(W x_t + U h_{t-1} + b) \in \mathbb{R}^n,
        \quad W, U \in \mathbb{R}^{n \times n}, \; b \in \mathbb{R}^n, h^{(t)} \in \mathbb{R}^{n},
        z \in \{0,1\}^n \text{ and } t \in \{1, \dots, T\}
        """#,
      plain: "h_t = tanh(W x_t + U h_{t-1} + b)"),
  ]

  static let sums = [
    Spelling(
      name: "a sum over delays",
      text: #"""
        h_t = \tanh(\sum_{k=1}^{K} W_k h_{t-k} + U x_t) \\
        K = 3
        """#,
      plain: "h_t = tanh(W_1 h_{t-1} + W_2 h_{t-2} + W_3 h_{t-3} + U x_t)"),
    Spelling(
      name: "a sum over inputs, ASCII",
      text: "h_t = tanh(sum_{k=0}^{2} U_k x_{t-k} + W h_{t-1} + b)",
      plain: "h_t = tanh(U_0 x_t + U_1 x_{t-1} + U_2 x_{t-2} + W h_{t-1} + b)"),
    Spelling(
      name: "a sum with a given bound",
      text: "h_t = tanh(∑_{k=1}^{K} W_k h_{t-k} + U x_t)",
      given: ["K = 2"],
      plain: "h_t = tanh(W_1 h_{t-1} + W_2 h_{t-2} + U x_t)"),
    Spelling(
      name: "delays from one on",
      text: "h_t = tanh(∑_{k=0}^{1} W_k h_{t-k-1} + U x_t)",
      plain: "h_t = tanh(W_0 h_{t-1} + W_1 h_{t-2} + U x_t)"),
    Spelling(
      name: "a sum of gated delays",
      text: #"""
        s_t = \sum_{k=1}^{2} \sigma(W_{xk} x_t) \odot h_{t-k} \\
        h_t = s_t
        """#,
      plain: """
        s_t = σ(W_x1 x_t) ⊙ h_{t-1} + σ(W_x2 x_t) ⊙ h_{t-2}
        h_t = s_t
        """),
    Spelling(
      name: "a sum of sums",
      text: #"h_t = \sum_{i=1}^{2} \sum_{k=0}^{1} W_{ik} \tanh(U_i x_{t-k}) + h_{t-1}"#,
      plain: """
        h_t = W_10 tanh(U_1 x_t) + W_11 tanh(U_1 x_{t-1}) + (W_20 tanh(U_2 x_t) + W_21 tanh(U_2 x_{t-1})) +
        h_{t-1}
        """),
    Spelling(
      name: "powers of the index",
      text: #"""
        h_t = \sum_{k=1}^{2} \gamma^{k} h_{t-k} + \tanh(W x_t) \\
        \gamma = 0.5
        """#,
      plain: "h_t = (0.5)^1 h_{t-1} + (0.5)^2 h_{t-2} + tanh(W x_t)"),
  ]

  static let entries = [
    Spelling(
      name: "an equation said again",
      text: "h_t = f_t ⊙ h_{t-1} + (1 - f_t) ⊙ g_t\nh_t = (1 - f_t) g_t + f_t h_{t-1}\nf_t = σ(W x_t)\ng_t = U x_t",
      plain: "h_t = f_t ⊙ h_{t-1} + (1 - f_t) ⊙ g_t\nf_t = σ(W x_t)\ng_t = U x_t"),
    Spelling(
      name: "a derivative and its steps", text: #"\dot{h} = -h + \tanh(W h + U x) \\ h_t = h_{t-1} + 0.1 \tanh(U x_t)"#,
      plain: "h_t = h_{t-1} + 0.1 tanh(U x_t)"),
    Spelling(
      name: "a scalar product",
      text: #"""
        a_t = W x_t
        e_t = \sum_i a_{t,i} h_{t-1,i}
        h_t = e_t h_{t-1} + \tanh(a_t)
        """#,
      plain: """
        a_t = W x_t
        e_t = a_t^T h_{t-1}
        h_t = e_t h_{t-1} + tanh(a_t)
        """),
    Spelling(
      name: "an equation of one neuron",
      text: #"h_{i,t} = \tanh(\sum_j W_{ij} h_{j,t-1} + \sum_{k=1}^{n} U_{ik} x_{k,t} + b_i)"#,
      plain: "h_t = tanh(W h_{t-1} + U x_t + b)"),
    Spelling(
      name: "Cho et al. 2014, entry by entry",
      text: #"""
        r_j = \sigma\left( [W_r x]_j + [U_r h_{\langle t-1 \rangle}]_j \right) \\
        z_j = \sigma\left( [W_z x]_j + [U_z h_{\langle t-1 \rangle}]_j \right) \\
        h_j^{\langle t \rangle} = z_j h_j^{\langle t-1 \rangle} + (1 - z_j) \tilde{h}_j^{\langle t \rangle} \\
        \tilde{h}_j^{\langle t \rangle} = \phi\left( [W x]_j + [U (r \odot h_{\langle t-1 \rangle})]_j \right)
        """#,
      plain: """
        r = σ(W_r x + U_r h)
        z = σ(W_z x + U_z h)
        h' = z h + (1 - z) g
        g = φ(W x + U (r ⊙ h))
        """),
    Spelling(
      name: "a sum of squares",
      text: #"""
        a_t = W x_t + h_{t-1}
        s_t = \sum_i a_{t,i}^2
        h_t = a_t / s_t
        """#,
      plain: """
        a_t = W x_t + h_{t-1}
        s_t = sum(a_t^2)
        h_t = a_t / s_t
        """),
    Spelling(
      name: "the first index is summed",
      text: #"h_{i,t} = \tanh(\sum_j W_{ji} h_{j,t-1} + x_{i,t})"#,
      plain: "h_t = tanh(W^T h_{t-1} + x_t)"),
    Spelling(
      name: "an equation of one entry beside that of all",
      text: """
        h_t = z_t ⊙ h_{t-1} + (1 - z_t) ⊙ tanh(W x_t)
        z_t = σ(W_z x_t + U_z h_{t-1})
        h_t^{(i)} = z_t^{(i)} h_{t-1}^{(i)} + (1 - z_t^{(i)}) a_t^{(i)}
        """,
      plain: """
        h_t = z_t ⊙ h_{t-1} + (1 - z_t) ⊙ tanh(W x_t)
        z_t = σ(W_z x_t + U_z h_{t-1})
        """),
  ]

  // MARK: Against cells in Swift

  /// Four gates that share a matrix.
  struct SharedMatrix: RecurrentCell {
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let h = scope.state("h", 5)
      let c = scope.state("c", 5)
      let all = scope.product("W", [x, h], 20).named("all")
      let i = sigmoid(slice(all, 0..<5)).named("i")
      let f = sigmoid(slice(all, 5..<10)).named("f")
      let o = sigmoid(slice(all, 10..<15)).named("o")
      let g = tanh(slice(all, 15..<20)).named("g")
      return h.next(o * tanh(c.next(f * c + i * g)))
    }
  }

  static let rest = "\nc_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t\nh_t = o_t ⊙ tanh(c_t)"
  static let columns = [
    #"""
    \begin{pmatrix} i_t \\ f_t \\ o_t \\ g_t \end{pmatrix}
      = \begin{pmatrix} \sigma \\ \sigma \\ \sigma \\ \tanh \end{pmatrix} W \begin{pmatrix} x_t \\ h_{t-1} \end{pmatrix}
    """#,
    #"""
    \left(\begin{array}{c} i_t \\ f_t \\ o_t \\ g_t \end{array}\right) =
      \left(\begin{array}{c} \mathrm{sigm} \\ \mathrm{sigm} \\ \mathrm{sigm} \\ \tanh \end{array}\right)
      W \left(\begin{array}{c} x_t \\ h_{t-1} \end{array}\right)
    """#,
    "[i_t; f_t; o_t; g_t] = [σ; σ; σ; tanh] (W [x_t; h_{t-1}])",
    "[i_t, f_t, o_t, g_t] = [σ, σ, σ, tanh] ⊙ W [x_t, h_{t-1}]",
  ]

  @Test(arguments: columns) func aColumnOfFunctionsSharesAMatrix(_ text: String) throws {
    let read = try TextbookTests.graph(EquationCell(text + Self.rest, units: 5)).graph.description
    let known = try TextbookTests.graph(SharedMatrix()).graph.description
    #expect(TextbookTests.firstDifference(read, known) == nil)
  }

  /// The lines without numbers of nodes, in order.
  private func operations(_ text: String) -> String {
    text.split(separator: "\n").map { $0.replacing(/%\d+|node\d+/, with: "") }.sorted().joined(separator: "\n")
  }

  /// Parts of unlike width.
  @Test func aColumnHasPartsOfAnyWidth() throws {
    let text = """
      [a_t; k_t; β_t] = W [x_t, h_{t-1}] + b
      h_t = tanh(a_t) ⊙ h_{t-1} + β_t V k_t
      k_t: [3]
      β_t: scalar
      """
    let model = try Recording(EquationCell(text, units: 5), features: 2)
    #expect(model.parameters.map(\.shape) == [Shape([7, 9]), Shape([9]), Shape([3, 5])])
  }

  struct RowAttention: RecurrentCell {
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let S = scope.state("S", shape: [5, 5])
      let k = scope.product("W_k", [x], 5).named("k")
      let v = scope.product("W_v", [x], 5).named("v")
      let q = scope.product("W_q", [x], 5).named("q")
      let next = S.next(S + outer(k, v))
      let a = matmul(k, q).named("a")
      return (a * matmul(q, next)).named("y")
    }
  }

  /// Where matrices follow their vectors, a vector is a row, and kᵀ v a matrix.
  @Test func vectorsMayBeRows() throws {
    let text = """
      k_t = x_t W_k
      v_t = x_t W_v
      q_t = x_t W_q
      S_t = S_{t-1} + k_t^T v_t
      a_t = k_t q_t^T
      y_t = a_t (q_t S_t)
      """
    let read = try TextbookTests.graph(EquationCell(text, units: 5)).graph.description
    let known = try TextbookTests.graph(RowAttention()).graph.description
    #expect(TextbookTests.firstDifference(read, known) == nil)
  }

  struct TwoInputs: RecurrentCell {
    func callAsFunction(_ input: Signal, _ scope: Scope) -> Signal {
      let (x, u) = (slice(input, 0..<2), slice(input, 2..<3))
      let h = scope.state("h", 5)
      return h.next(tanh(scope.product("W", [h], 5) + scope.product("U", [x], 5) + scope.product("V", [u], 5)))
    }
  }

  @Test(arguments: [["u_t: input [1]"], ["x_t: input [2]", "u_t: input [1]"]])
  func theInputHasParts(_ given: [String]) throws {
    let cell = try EquationCell("h_t = tanh(W h_{t-1} + U x_t + V u_t)", units: 5, given: given)
    let read = try TextbookTests.graph(cell).graph.description
    #expect(try TextbookTests.firstDifference(read, TextbookTests.graph(TwoInputs()).graph.description) == nil)
    let given = ["x_t: input [2]", "u_t: input [2]"]
    #expect(throws: RecordingError.self) {
      try Recording(EquationCell("h_t = h_{t-1} + U x_t + V u_t", units: 5, given: given), features: 3)
    }
  }

  /// Two inputs may be read at unlike steps: the latest is the current one.
  @Test func partsOfTheInputHaveDelays() throws {
    let text = "h_t = tanh(W h_{t-1} + U x_t + V a_{t-1})\na_t: input [1]"
    let model = try Recording(EquationCell(text, units: 5), features: 3)
    #expect(model.states.map(\.name) == ["h", "a.before"])
  }

  struct StepNumber: RecurrentCell {
    var isReversed = false
    var first = 1.0
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      guard let axis = scope.axis else { return scope.failure("no axis") }
      let index = scope.index(of: axis)
      let t =
        isReversed
        ? convert(scope.length(of: axis) - index, to: scope.element) + (first - 1)
        : convert(index, to: scope.element) + first
      let h = scope.state("h", 5)
      return h.next(h + power(scope.constant(0.5), t) * tanh(scope.product("W", [x], 5)) / t)
    }
  }

  @Test(arguments: [
    (#"h_t = h_{t-1} + \gamma^t \frac{\tanh(W x_t)}{t} \\ \gamma = 0.5"#, 1.0),
    ("h_t = h_{t-1} + (0.5)^{t} tanh(W x_t) / t", 1.0),
    ("h_t = h_{t-1} + (0.5)^t tanh(W x_t) / t\nt: from 0", 0.0),
  ]) func stepsAreNumbers(_ text: String, _ first: Double) throws {
    let cell = try EquationCell(text, units: 5)
    let read = try TextbookTests.graph(cell).graph.description
    let known = try TextbookTests.graph(StepNumber(first: first)).graph.description
    #expect(TextbookTests.firstDifference(operations(read), operations(known)) == nil)
    func backward(_ cell: some RecurrentCell) throws -> String {
      try Recording { scope in
        let time = scope.time("t")
        let x = scope.input("x", [3], over: [time])
        scope.output("y", scope.over(time).reversed.run(cell, x))
      }.graph.description
    }
    let reversed = try [backward(cell), backward(StepNumber(isReversed: true, first: first))].map(operations)
    #expect(TextbookTests.firstDifference(reversed[0], reversed[1]) == nil)
  }
}
