extension SpellingTests {
  static let pages = [
    Spelling(
      name: "Wikipedia: Unicode, minus sign",
      text: """
        h_t = σ_h(W_h x_t + U_h h_{t−1} + b_h)
        y_t = σ_y(W_y h_t + b_y)
        """,
      plain: """
        h_t = tanh(W_h x_t + U_h h_{t-1} + b_h)
        y_t = tanh(W_y h_t + b_y)
        """),
    Spelling(
      name: "Wikipedia: LSTM, braces around all",
      text: #"""
        {\begin{aligned}f_{t}&=\sigma _{g}(W_{f}x_{t}+U_{f}h_{t-1}+b_{f})\\
        i_{t}&=\sigma _{g}(W_{i}x_{t}+U_{i}h_{t-1}+b_{i})\\o_{t}&=\sigma _{g}(W_{o}x_{t}+U_{o}h_{t-1}+b_{o})\\
        {\tilde {c}}_{t}&=\sigma _{c}(W_{c}x_{t}+U_{c}h_{t-1}+b_{c})\\
        c_{t}&=f_{t}\odot c_{t-1}+i_{t}\odot {\tilde {c}}_{t}\\
        h_{t}&=o_{t}\odot \sigma _{h}(c_{t})\end{aligned}}
        """#,
      plain: """
        f_t = σ(W_f x_t + U_f h_{t-1} + b_f)
        i_t = σ(W_i x_t + U_i h_{t-1} + b_i)
        o_t = σ(W_o x_t + U_o h_{t-1} + b_o)
        g_t = tanh(W_c x_t + U_c h_{t-1} + b_c)
        c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
        h_t = o_t ⊙ tanh(c_t)
        """),
    Spelling(
      name: "Wikipedia: displaystyle",
      text: #"""
        {\displaystyle {\begin{aligned}h_{t}&=\sigma _{h}(W_{h}x_{t}+U_{h}h_{t-1}+b_{h})\\
        y_{t}&=\sigma _{y}(W_{y}h_{t}+b_{y})\end{aligned}}}
        """#,
      plain: """
        h_t = tanh(W_h x_t + U_h h_{t-1} + b_h)
        y_t = tanh(W_y h_t + b_y)
        """),
    Spelling(
      name: "PyTorch: RNN, transposed weights",
      text: #"h_t = \tanh(x_t W_{ih}^T + b_{ih} + h_{t-1}W_{hh}^T + b_{hh})"#,
      plain: "h_t = tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})"),
    Spelling(
      name: "PyTorch: GRU",
      text: #"""
        \begin{array}{ll}
            r_t = \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_{(t-1)} + b_{hr}) \\
            z_t = \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{(t-1)} + b_{hz}) \\
            n_t = \tanh(W_{in} x_t + b_{in} + r_t \odot (W_{hn} h_{(t-1)}+ b_{hn})) \\
            h_t = (1 - z_t) \odot n_t + z_t \odot h_{(t-1)}
        \end{array}
        """#,
      plain: """
        r = σ(W_ir x + b_ir + W_hr h + b_hr)
        z = σ(W_iz x + b_iz + W_hz h + b_hz)
        n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))
        h' = (1 - z) ⊙ n + z ⊙ h
        """),
    Spelling(
      name: "PyTorch: LSTMCell, primes",
      text: #"""
        \begin{array}{ll}
        i = \sigma(W_{ii} x + b_{ii} + W_{hi} h + b_{hi}) \\
        f = \sigma(W_{if} x + b_{if} + W_{hf} h + b_{hf}) \\
        g = \tanh(W_{ig} x + b_{ig} + W_{hg} h + b_{hg}) \\
        o = \sigma(W_{io} x + b_{io} + W_{ho} h + b_{ho}) \\
        c' = f \odot c + i \odot g \\
        h' = o \odot \tanh(c') \\
        \end{array}
        """#,
      plain: """
        i_t = σ(W_{ii} x_t + b_{ii} + W_{hi} h_{t-1} + b_{hi})
        f_t = σ(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf})
        g_t = tanh(W_{ig} x_t + b_{ig} + W_{hg} h_{t-1} + b_{hg})
        o_t = σ(W_{io} x_t + b_{io} + W_{ho} h_{t-1} + b_{ho})
        c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
        h_t = o_t ⊙ tanh(c_t)
        """),
    Spelling(
      name: "a letter with its hat",
      text: """
        ẑ_t = σ(W_z x_t + U_z h_{t−1} + b_z)
        h_t = (1 − ẑ_t) ⊙ h_{t−1} + ẑ_t ⊙ φ_h(W_h x_t + U_h h_{t−1} + b_h)
        """,
      plain: """
        z_t = σ(W_z x_t + U_z h_{t-1} + b_z)
        h_t = (1-z_t) ⊙ h_{t-1} + z_t ⊙ tanh(W_h x_t + U_h h_{t-1} + b_h)
        """),
    Spelling(
      name: "∘ and a letter with its tilde",
      text: """
        c_t = f_t ∘ c_{t-1} + i_t ∘ c̃_t
        f_t = σ(W_f x_t + b_f)
        i_t = σ(W_i x_t + b_i)
        c̃_t = tanh(W_c x_t + b_c)
        """,
      plain: """
        c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
        f_t = σ(W_f x_t + b_f)
        i_t = σ(W_i x_t + b_i)
        g_t = tanh(W_c x_t + b_c)
        """),
  ]

  static let programs = [
    Spelling(
      name: "NumPy: np.dot",
      text: "h = np.tanh(np.dot(W_hh, h) + np.dot(W_xh, x) + b)",
      plain: "h' = tanh(W_hh h + W_xh x + b)"),
    Spelling(
      name: "Keras: dot",
      text: "h_t = tanh(dot(x_t, W) + dot(h_{t-1}, U) + b)",
      plain: "h_t = tanh(W x_t + U h_{t-1} + b)"),
    Spelling(
      name: "JAX: matmul and .T",
      text: "h = jnp.tanh(jnp.matmul(W_hh, h) + jnp.matmul(x, W_xh.T) + b)",
      plain: "h' = tanh(W_hh h + W_xh x + b)"),
    Spelling(
      name: "torch.cat",
      text: """
        z = torch.sigmoid(W_z @ torch.cat([h, x]) + b_z)
        h = (1 - z) * h + z * torch.tanh(W_h @ torch.cat([h, x]) + b_h)
        """,
      plain: """
        z = σ(W_z [h, x] + b_z)
        h' = (1 - z) ⊙ h + z ⊙ tanh(W_h [h, x] + b_h)
        """),
    Spelling(
      name: "a README: * for every product",
      text: """
        f_t = sigmoid(W_f * x_t + U_f * h_{t-1} + b_f)
        i_t = sigmoid(W_i * x_t + U_i * h_{t-1} + b_i)
        o_t = sigmoid(W_o * x_t + U_o * h_{t-1} + b_o)
        c_t = f_t * c_{t-1} + i_t * tanh(W_c * x_t + U_c * h_{t-1} + b_c)
        h_t = o_t * tanh(c_t)
        """,
      plain: """
        f_t = σ(W_f x_t + U_f h_{t-1} + b_f)
        i_t = σ(W_i x_t + U_i h_{t-1} + b_i)
        o_t = σ(W_o x_t + U_o h_{t-1} + b_o)
        c_t = f_t ⊙ c_{t-1} + i_t ⊙ tanh(W_c x_t + U_c h_{t-1} + b_c)
        h_t = o_t ⊙ tanh(c_t)
        """),
    Spelling(
      name: "h[t]",
      text: """
        h[t] = tanh(W_hh h[t-1] + W_xh x[t] + b_h)
        y[t] = W_hy h[t] + b_y
        """,
      plain: """
        h_t = tanh(W_hh h_{t-1} + W_xh x_t + b_h)
        y_t = W_hy h_t + b_y
        """),
    Spelling(
      name: "rows, ASCII",
      text: "h_t = tanh(x_t W + h_{t-1} U + b)",
      plain: "h_t = tanh(W x_t + U h_{t-1} + b)"),
    Spelling(
      name: "c~",
      text: """
        c~_t = tanh(W_c x_t + U_c h_{t-1})
        h_t = c~_t + h_{t-1}
        """,
      plain: """
        g_t = tanh(W_c x_t + U_c h_{t-1})
        h_t = g_t + h_{t-1}
        """),
    Spelling(
      name: "a program: @ and *",
      text: """
        i = sigmoid(W_i @ x + U_i @ h + b_i)
        f = sigmoid(W_f @ x + U_f @ h + b_f)
        c = f * c + i * tanh(W_c @ x + U_c @ h + b_c)
        h = tanh(c)
        """,
      plain: """
        i_t = σ(W_i x_t + U_i h_{t-1} + b_i)
        f_t = σ(W_f x_t + U_f h_{t-1} + b_f)
        c_t = f_t ⊙ c_{t-1} + i_t ⊙ tanh(W_c x_t + U_c h_{t-1} + b_c)
        h_t = tanh(c_t)
        """),
    Spelling(
      name: "a program of rows",
      text: "h = tanh(x @ W + h @ U + b)",
      plain: "h' = tanh(W x + U h + b)"),
    Spelling(
      name: "Julia: dots",
      text: "h = tanh.(Wi * x .+ Wh * h .+ b)",
      plain: "h' = tanh(Wi x + Wh h + b)"),
    Spelling(
      name: "Flux: dots and a prime",
      text: "h′ = tanh.(Wi * x .+ Wh * h .+ b)",
      plain: "h' = tanh(Wi x + Wh h + b)"),
  ]
}
