import EbbEquations
import EbbGraph
import EbbRecording
import Testing

/// A text and another one that says the same in plain words.
struct Spelling: CustomTestStringConvertible {
  var name: String
  var text: String
  var given: [String] = []
  var plain: String
  var testDescription: String { name }

  /// Where their graphs differ.
  func difference() throws -> String? {
    let graphs = try [(text, given), (plain, [])].map { text, given in
      try TextbookTests.graph(EquationCell(text, units: 5, given: given)).graph.description
    }
    return TextbookTests.firstDifference(graphs[0], graphs[1])
  }
}

/// The same cells as books, pages and programs print them.
@Suite struct SpellingTests {
  @Test(arguments: books + pages + programs + details) func spellingsSayTheSame(_ spelling: Spelling) throws {
    #expect(try spelling.difference() == nil)
  }

  static let books = [
    Spelling(
      name: "Goodfellow, Bengio and Courville: tags, time above the line",
      text: #"""
        \begin{align}
        a^{(t)} &= b + W h^{(t-1)} + U x^{(t)}, \tag{10.8} \\
        h^{(t)} &= \tanh(a^{(t)}), \tag{10.9} \\
        o^{(t)} &= c + V h^{(t)}, \tag{10.10} \\
        \hat{y}^{(t)} &= \mathrm{softmax}(o^{(t)}), \tag{10.11}
        \end{align}
        """#,
      plain: """
        a_t = b + W h_{t-1} + U x_t
        h_t = tanh(a_t)
        o_t = c + V h_t
        y_t = softmax(o_t)
        """),
    Spelling(
      name: "Dive into Deep Learning: rows",
      text: #"""
        \begin{aligned}
        \mathbf{H}_t = \phi(\mathbf{X}_t \mathbf{W}_{\textrm{xh}} + \mathbf{H}_{t-1} \mathbf{W}_{\textrm{hh}} +
        \mathbf{b}_\textrm{h}).
        \end{aligned}
        """#,
      plain: "h_t = φ(W_{xh} x_t + W_{hh} h_{t-1} + b_h)"),
    Spelling(
      name: "Dive into Deep Learning: LSTM of rows",
      text: #"""
        \begin{aligned}
        \mathbf{I}_t &= \sigma(\mathbf{X}_t \mathbf{W}_{\textrm{xi}} +
        \mathbf{H}_{t-1} \mathbf{W}_{\textrm{hi}} + \mathbf{b}_\textrm{i}),\\
        \mathbf{F}_t &= \sigma(\mathbf{X}_t \mathbf{W}_{\textrm{xf}} +
        \mathbf{H}_{t-1} \mathbf{W}_{\textrm{hf}} + \mathbf{b}_\textrm{f}),\\
        \mathbf{O}_t &= \sigma(\mathbf{X}_t \mathbf{W}_{\textrm{xo}} +
        \mathbf{H}_{t-1} \mathbf{W}_{\textrm{ho}} + \mathbf{b}_\textrm{o}),
        \end{aligned}
        \tilde{\mathbf{C}}_t = \tanh(\mathbf{X}_t \mathbf{W}_{\textrm{xc}} +
        \mathbf{H}_{t-1} \mathbf{W}_{\textrm{hc}} + \mathbf{b}_\textrm{c}),
        \mathbf{C}_t = \mathbf{F}_t \odot \mathbf{C}_{t-1} + \mathbf{I}_t \odot \tilde{\mathbf{C}}_t.
        \mathbf{H}_t = \mathbf{O}_t \odot \tanh(\mathbf{C}_t).
        """#,
      plain: """
        I_t = σ(W_{xi} x_t + W_{hi} h_{t-1} + b_i)
        F_t = σ(W_{xf} x_t + W_{hf} h_{t-1} + b_f)
        O_t = σ(W_{xo} x_t + W_{ho} h_{t-1} + b_o)
        g_t = tanh(W_{xc} x_t + W_{hc} h_{t-1} + b_c)
        C_t = F_t ⊙ C_{t-1} + I_t ⊙ g_t
        h_t = O_t ⊙ tanh(C_t)
        """),
    Spelling(
      name: "sigm, operatorname, left and right",
      text: #"""
        z_t = \mathrm{sigm}(W_z x_t + U_z h_{t-1} + b_z), \\
        r_t = \mathrm{sigm}(W_r x_t + U_r h_{t-1} + b_r), \\
        \tilde{h}_t = \operatorname{tanh}\left(W_h x_t + U_h \left(r_t \circ h_{t-1}\right) + b_h\right), \\
        h_t = z_t \circ h_{t-1} + (1 - z_t) \circ \tilde{h}_t.
        """#,
      plain: """
        z_t = σ(W_z x_t + U_z h_{t-1} + b_z)
        r_t = σ(W_r x_t + U_r h_{t-1} + b_r)
        g_t = tanh(W_h x_t + U_h (r_t ⊙ h_{t-1}) + b_h)
        h_t = z_t ⊙ h_{t-1} + (1 - z_t) ⊙ g_t
        """),
    Spelling(
      name: "labels, tags, words between displays",
      text: #"""
        \begin{equation}\label{eq:a}
        f_t = \text{sigmoid}(W_f x_t + U_f h_{t-1} + b_f) \tag{3}
        \end{equation}
        where $f_t$ is the forget gate, and
        \begin{equation}
        h_t = f_t \odot h_{t-1} + (1 - f_t) \odot \text{tanh}(W_h x_t + U_h h_{t-1} + b_h).
        \label{eq:b}
        \end{equation}
        """#,
      plain: """
        f_t = σ(W_f x_t + U_f h_{t-1} + b_f)
        h_t = f_t ⊙ h_{t-1} + (1 - f_t) ⊙ tanh(W_h x_t + U_h h_{t-1} + b_h)
        """),
    Spelling(
      name: "sizes after where",
      text: #"""
        h_t = \tanh(W x_t + U h_{t-1} + b),
        \quad \text{where } W \in \mathbb{R}^{n \times m}, \; b \in \mathbb{R}^n
        """#,
      plain: "h_t = tanh(W x_t + U h_{t-1} + b)"),
    Spelling(
      name: "bf without braces",
      text: #"\bf{h}_t = \tanh(\bf W \bf x_t + \bf U \bf h_{t-1})"#,
      plain: "h_t = tanh(W x_t + U h_{t-1})"),
    Spelling(
      name: "Ng: <t>",
      text: #"""
        a^{<t>} = \tanh(W_{aa} a^{<t-1>} + W_{ax} x^{<t>} + b_a)
        \hat{y}^{<t>} = \mathrm{softmax}(W_{ya} a^{<t>} + b_y)
        """#,
      plain: """
        a_t = tanh(W_{aa} a_{t-1} + W_{ax} x_t + b_a)
        y_t = softmax(W_{ya} a_t + b_y)
        """),
    Spelling(
      name: "Ng: langle",
      text: #"""
        a^{\langle t \rangle} = \tanh(W_{aa} a^{\langle t-1 \rangle} + W_{ax} x^{\langle t \rangle} + b_a)
        \hat{y}^{\langle t \rangle} = softmax(W_{ya} a^{\langle t \rangle} + b_y)
        """#,
      plain: """
        a_t = tanh(W_{aa} a_{t-1} + W_{ax} x_t + b_a)
        y_t = softmax(W_{ya} a_t + b_y)
        """),
    Spelling(
      name: "Ng: gates by one capital Greek letter",
      text: #"""
        \Gamma_u = \sigma(W_u [c^{<t-1>}, x^{<t>}] + b_u)
        \Gamma_f = \sigma(W_f [c^{<t-1>}, x^{<t>}] + b_f)
        \tilde{c}^{<t>} = \tanh(W_c [c^{<t-1>}, x^{<t>}] + b_c)
        c^{<t>} = \Gamma_u * \tilde{c}^{<t>} + \Gamma_f * c^{<t-1>}
        """#,
      plain: """
        u_t = σ(W_u [c_{t-1}, x_t] + b_u)
        f_t = σ(W_f [c_{t-1}, x_t] + b_f)
        g_t = tanh(W_c [c_{t-1}, x_t] + b_c)
        c_t = u_t ⊙ g_t + f_t ⊙ c_{t-1}
        """),
    Spelling(
      name: "split over lines",
      text: #"""
        \begin{split}
        h_t &= \tanh\bigl( W x_t \\
            &\quad + U h_{t-1} + b \bigr)
        \end{split}
        """#,
      plain: "h_t = tanh(W x_t + U h_{t-1} + b)"),
    Spelling(
      name: "eqnarray",
      text: #"""
        \begin{eqnarray}
        i_t &=& \sigma(W_{xi} x_t + W_{hi} h_{t-1} + b_i) \nonumber \\
        h_t &=& i_t \odot h_{t-1} + (1-i_t) \odot x_t \label{x}
        \end{eqnarray}
        """#,
      plain: """
        i_t = σ(W_{xi} x_t + W_{hi} h_{t-1} + b_i)
        h_t = i_t ⊙ h_{t-1} + (1 - i_t) ⊙ x_t
        """),
    Spelling(
      name: "words under braces",
      text: #"""
        h_t = \underbrace{\sigma(W x_t + b)}_{\text{input gate}} \odot h_{t-1} +
        \overbrace{U x_t}^{\text{update}}
        """#,
      plain: "h_t = σ(W x_t + b) ⊙ h_{t-1} + U x_t"),
    Spelling(
      name: "boldsymbol, no spaces",
      text: #"""
        \boldsymbol{h}_t=\operatorname{tanh}\!\left(\boldsymbol{W}\boldsymbol{x}_t+
        \boldsymbol{U}\boldsymbol{h}_{t-1}+\boldsymbol{b}\right)
        """#,
      plain: "h_t = tanh(W x_t + U h_{t-1} + b)"),
    Spelling(
      name: "a brace on the left",
      text: #"""
        \left\{\begin{array}{l}
        z_t = \sigma(W_z x_t + U_z h_{t-1}) \\
        h_t = z_t \circ h_{t-1} + (1 - z_t) \circ \tanh(W_h x_t)
        \end{array}\right.
        """#,
      plain: """
        z_t = σ(W_z x_t + U_z h_{t-1})
        h_t = z_t ⊙ h_{t-1} + (1 - z_t) ⊙ tanh(W_h x_t)
        """),
    Spelling(
      name: "Dense and FC are layers of their own",
      text: #"h_t = \tanh(\mathrm{Dense}(x_t) + \mathrm{FC}(h_{t-1}))"#,
      plain: "h_t = tanh(W_1 x_t + b_1 + (W_2 h_{t-1} + b_2))"),
    Spelling(
      name: "an abstract equation first",
      text: """
        h_t = f(h_{t-1}, x_t)
        h_t = tanh(W h_{t-1} + U x_t)
        """,
      plain: "h_t = tanh(W h_{t-1} + U x_t)"),
  ]
}
