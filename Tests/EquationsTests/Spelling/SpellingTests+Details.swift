extension SpellingTests {
  /// Details in which texts differ.
  static let details = [
    Spelling(
      name: "h_prev",
      text: "z = σ(W_z [h_prev, x] + b_z)\nh = (1 - z) * h_prev + z * tanh(W_h x)",
      plain: "z_t = σ(W_z [h_{t-1}, x_t] + b_z)\nh_t = (1 - z_t) ⊙ h_{t-1} + z_t ⊙ tanh(W_h x_t)"),
    Spelling(
      name: "h_next and h_prev", text: #"h_{\text{next}} = \tanh(W h_{\text{prev}} + U x)"#,
      plain: "h_t = tanh(W h_{t-1} + U x_t)"),
    Spelling(name: "h_new", text: "h_new = tanh(W h + U x)", plain: "h_t = tanh(W h_{t-1} + U x_t)"),
    Spelling(
      name: "labels before equations",
      text: "Forget gate: f_t = σ(W_f h_{t-1} + U_f x_t)\nOutput: h_t = f_t ⊙ h_{t-1} + W x_t",
      plain: "f_t = σ(W_f h_{t-1} + U_f x_t)\nh_t = f_t ⊙ h_{t-1} + W x_t"),
    Spelling(
      name: "numbers before equations", text: "(1) h_t = tanh(W h_{t-1} + U x_t)\n(2) y_t = V h_t",
      plain: "h_t = tanh(W h_{t-1} + U x_t)\ny_t = V h_t"),
    Spelling(
      name: "words in parentheses",
      text:
        #"z_t = \sigma(W^{(z)} x_t) ~~~~ \text{(Update gate)} \\ h_t = z_t \circ h_{t-1} + x_t \quad \text{(Output)}"#,
      plain: "z_t = σ(W_z x_t)\nh_t = z_t ⊙ h_{t-1} + x_t"),
    Spelling(
      name: "full width", text: "h_t = tanh（W h_{t-1} + U x_t），\ny_t = V h_t。",
      plain: "h_t = tanh(W h_{t-1} + U x_t)\ny_t = V h_t"),
    Spelling(
      name: "reStructuredText",
      text: """
        The state is

        .. math::

            z_t = \\sigma(W_z x_t + b_z) \\\\

            h_t = z_t * h_{(t-1)} + x_t

        where z = 3.
        """,
      plain: "z_t = σ(W_z x_t + b_z)\nh_t = z_t ⊙ h_{t-1} + x_t"),
    Spelling(
      name: "GitHub", text: "$`h_t = \\tanh(W h_{t-1} + U x_t)`$", plain: "h_t = tanh(W h_{t-1} + U x_t)"),
    Spelling(
      name: "e",
      text: #"a_t = e^{-\Delta_t \odot k} \\ \Delta_t = \mathrm{softplus}(W_\Delta x_t) \\ h_t = a_t h_{t-1} + x_t"#,
      plain: "a_t = exp(-d_t ⊙ k)\nd_t = softplus(W_d x_t)\nh_t = a_t h_{t-1} + x_t"),
    Spelling(
      name: "e is a variable", text: #"e^{(t)} = E x^{(t)} \\ h^{(t)} = \tanh(W h^{(t-1)} + U e^{(t)})"#,
      plain: "e_t = E x_t\nh_t = tanh(W h_{t-1} + U e_t)"),
    Spelling(
      name: "a norm with its order",
      text: #"k_t = \frac{W x_t}{\|W x_t\|_2} \\ h_t = \lVert k_t \rVert_2^2 h_{t-1} + k_t"#,
      plain: "k_t = W x_t / ‖W x_t‖\nh_t = ‖k_t‖^2 h_{t-1} + k_t"),
    Spelling(
      name: "what is positive", text: #"h_t = [W h_{t-1} + U x_t]_+ + (V x_t)_{+}"#,
      plain: "h_t = relu(W h_{t-1} + U x_t) + relu(V x_t)"),
    Spelling(
      name: "functions with powers and braces", text: #"h_t = \max\{0.5, \tanh^2(W h_{t-1})\} + \sigma^{2}(U x_t)"#,
      plain: "h_t = max(0.5, (tanh(W h_{t-1}))^2) + (σ(U x_t))^2"),
    Spelling(
      name: "1 as a vector",
      text: #"z_t = \sigma(W x_t) \\ h_t = (\mathbb{1} - z_t) \odot h_{t-1} + (\mathbf{1} - z_t) U x_t"#,
      plain: "z_t = σ(W x_t)\nh_t = (1 - z_t) ⊙ h_{t-1} + (1 - z_t) ⊙ (U x_t)"),
    Spelling(
      name: "one function or another",
      text: #"f_t = \sigma(W x_t) \text{ OR } \exp(W x_t), \quad h_t = f_t h_{t-1} + x_t"#,
      plain: "f_t = σ(W x_t)\nh_t = f_t h_{t-1} + x_t"),
    Spelling(
      name: "joined by a bar", text: #"h_t = \tanh(W [h_{t-1} \mid x_t] + b)"#,
      plain: "h_t = tanh(W [h_{t-1}, x_t] + b)"),
    Spelling(
      name: "a diagonal matrix", text: #"h_t = \mathrm{diag}(\lambda) h_{t-1} + \mathrm{diag}(W_a x_t) W U x_t"#,
      plain: "h_t = l h_{t-1} + (W_a x_t) ⊙ (W U x_t)\nl ~ zeros"),
    Spelling(
      name: "a diagonal matrix after a row", text: "h_t = h_{t-1} diag(a) + x_t", plain: "h_t = h_{t-1} ⊙ a + x_t"),
  ]
}
