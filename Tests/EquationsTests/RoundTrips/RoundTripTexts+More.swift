extension RoundTripTexts {
  static let fromM: [(name: String, text: String)] = [
    (
      "mesa",
      #"""
      k_t = W_k x_t
      v_t = W_v x_t
      q_t = W_q x_t
      u_t = R_{t-1} k_t
      R_t = R_{t-1} - \frac{u_t u_t^T}{1 + k_t^T u_t}
      S_t = S_{t-1} + v_t k_t^T
      y_t = S_t R_t q_t
      """#
    ),
    (
      "mlstmstab",
      #"""
      C_t = f_t C_{t-1} + i_t v_t k_t^T
      n_t = f_t n_{t-1} + i_t k_t
      h_t = o_t ⊙ (C_t q_t) / max(|n_t^T q_t|, exp(-m_t))
      q_t = W_q x_t + b_q
      k_t = 0.125 W_k x_t + b_k
      v_t = W_v x_t + b_v
      a_t = w_i^T x_t + b_i
      d_t = w_f^T x_t + b_f
      m_t = max(log(σ(d_t)) + m_{t-1}, a_t)
      i_t = exp(a_t - m_t)
      f_t = exp(log(σ(d_t)) + m_{t-1} - m_t)
      o_t = σ(W_o x_t + b_o)
      b_i: scalar
      b_f: scalar
      """#
    ),
    (
      "muon",
      #"""
      G_t = 0.9 G_{t-1} + (W_v x_t) (W_k x_t)^T
      N_t = \frac{G_t}{\sqrt{sum(G_t ⊙ G_t) + 0.001}}
      O_t = 1.5 N_t - 0.5 N_t N_t^T N_t
      M_t = M_{t-1} + 0.1 O_t
      y_t = M_t (W_q x_t)
      """#
    ),
    (
      "ntmcos",
      #"""
      k_t = W_k x_t
      n_t = rowSums(M_{t-1} ⊙ M_{t-1})
      w_t = softmax(\frac{M_{t-1} k_t}{\sqrt{n_t + 0.001}})
      M_t = M_{t-1} + w_t (V x_t)^T
      y_t = M_t^T w_t
      w_t: [32]
      """#
    ),
    (
      "ntmshift",
      #"""
      k_t = tanh(W_k h_{t-1})
      w_t = softmax(5 M_{t-1} k_t / (|k_t| + 0.001))
      e_t = σ(W_e h_{t-1})
      a_t = tanh(W_a h_{t-1})
      M_t = M_{t-1} ⊙ (1 - w_t e_t^T) + w_t a_t^T
      r_t = M_t^T w_t
      h_t = tanh(W [h_{t-1}, r_t, x_t] + b)
      w_t: [32]
      M_0 ~ trained
      """#
    ),
    (
      "oja",
      #"""
      h_t = tanh(W x_t + (A + α ⊙ H_{t-1}) h_{t-1})
      H_t = H_{t-1} + η (h_t h_{t-1}^T - diag(h_t ⊙ h_t) H_{t-1})
      α: [units, units]
      η = 0.01
      """#
    ),
    (
      "orth",
      #"""
      h_t = relu((I - A) (I - A^T) h_{t-1} + U x_t)
      """#
    ),
    (
      "pastmat",
      #"""
      h_t = tanh(W h_{t-1} + ∑_{i<t} α_{t,i} V h_i + U x_t)
      α_{t,i} = softmax_{i<t}(h_{t-1}^T K h_i)
      """#
    ),
    (
      "pastsig",
      #"""
      q_t = W_q x_t
      k_t = W_k x_t
      v_t = W_v x_t
      y_t = ∑_{i≤t} σ(q_t^T k_i) v_i
      """#
    ),
    (
      "pc",
      #"""
      p_t = W tanh(h_{t-1})
      ε_t = U x_t - C p_t
      h_t = p_t + η C^T ε_t - λ sign(p_t)
      η = 0.1
      λ = 0.001
      """#
    ),
    (
      "rglru",
      #"""
      r_t = σ(W_a x_t + b_a)
      i_t = σ(W_x x_t + b_x)
      a_t = exp(-8 softplus(Λ) ⊙ r_t)
      h_t = a_t ⊙ h_{t-1} + sqrt(1 - a_t^2) ⊙ (i_t ⊙ (W x_t))
      Λ: [units]
      """#
    ),
    (
      "rowln",
      #"""
      S_t = LN(S_{t-1} + (W x_t) (Y x_t)^T)
      y_t = S_t (Q x_t)
      """#
    ),
    (
      "rowsm",
      #"""
      S_t = softmax(S_{t-1} + (W x_t) (Y x_t)^T)
      y_t = S_t (Q x_t)
      """#
    ),
    (
      "rwkv6",
      #"""
      r_t = W_r (x_t + μ_r ⊙ (x_{t-1} - x_t))
      k_t = W_k (x_t + μ_k ⊙ (x_{t-1} - x_t))
      v_t = W_v (x_t + μ_v ⊙ (x_{t-1} - x_t))
      w_t = exp(-exp(λ + B tanh(A x_t)))
      S_t = diag(w_t) S_{t-1} + k_t v_t^T
      y_t = (S_{t-1} + diag(u) k_t v_t^T)^T r_t
      λ: [units]
      μ_r: [inputs]
      μ_k: [inputs]
      μ_v: [inputs]
      u: [units]
      A: [8, inputs]
      B: [units, 8]
      """#
    ),
    (
      "rwkv7",
      #"""
      r_t = W_r x_t
      k_t = W_k x_t
      v_t = W_v x_t
      w_t = exp(-0.606531 σ(W_w x_t + b_w))
      a_t = σ(W_a x_t + b_a)
      κ_t = k_t / sqrt(k_t^T k_t + 0.000001)
      S_t = S_{t-1} diag(w_t) - S_{t-1} κ_t (a_t ⊙ κ_t)^T + v_t k_t^T
      o_t = S_t r_t
      """#
    ),
    (
      "sandwich",
      #"""
      H_t = tanh(U H_{t-1} V + (W x_t) (Y x_t)^T)
      y_t = H_t q_t
      q_t = W_q x_t
      """#
    ),
    (
      "scal",
      #"""
      c_t = c_{t-1} + log(σ(w^T x_t))
      h_t = c_t tanh(W h_{t-1} + U x_t)
      """#
    ),
    (
      "sinkhorn",
      #"""
      A_t = exp((W x_t) (Y x_t)^T)
      B_t = diag(1/rowSums(A_t)) A_t
      h_t = tanh(B_t h_{t-1} + U x_t)
      """#
    ),
    (
      "skip",
      #"""
      u_t = floor(v_{t-1} + 0.5)
      c_t = σ(w^T h_{t-1} + β)
      v_t = u_t c_t + (1 - u_t) (v_{t-1} + min(c_t, 1 - v_{t-1}))
      h_t = u_t tanh(W h_{t-1} + U x_t + b) + (1 - u_t) h_{t-1}
      y_t = h_t
      u_t: scalar
      β: scalar
      """#
    ),
    (
      "slstmexp",
      #"""
      z_t = tanh(W_z x_t + R_z h_{t-1} + b_z)
      i_t = W_i x_t + R_i h_{t-1} + b_i
      f_t = W_f x_t + R_f h_{t-1} + b_f
      o_t = σ(W_o x_t + R_o h_{t-1} + b_o)
      m_t = max(log(σ(f_t)) + m_{t-1}, i_t)
      c_t = exp(log(σ(f_t)) + m_{t-1} - m_t) ⊙ c_{t-1} + exp(i_t - m_t) ⊙ z_t
      n_t = exp(log(σ(f_t)) + m_{t-1} - m_t) ⊙ n_{t-1} + exp(i_t - m_t)
      h_t = o_t ⊙ c_t / n_t
      """#
    ),
    (
      "tensorprod",
      #"""
      F_t = F_{t-1} + (W_f x_t) (W_r x_t)^T
      n_t = F_t u
      o_t = F_t^T (F_t (W_q x_t))
      y_t = [n_t, o_t]
      u: [units]
      """#
    ),
    (
      "transp",
      #"""
      S_t = 0.9 S_{t-1}^T + (W x_t) (Y x_t)^T
      y_t = S_t (Q x_t)
      """#
    ),
    (
      "ttt",
      #"""
      k_t = W_k x_t
      v_t = W_v x_t
      q_t = W_q x_t
      η_t = σ(w_η^T x_t)
      z_t = W_{t-1} k_t
      n_t = LN(z_t) + k_t
      W_t = W_{t-1} - η_t (LN(z_t) + k_t - v_t) k_t^T
      y_t = q_t + LN(W_t q_t)
      """#
    ),
    (
      "tttmlp2",
      #"""
      k_t = W_k x_t
      v_t = W_v x_t
      q_t = W_q x_t
      z_t = A_{t-1} k_t
      a_t = tanh(z_t)
      e_t = B_{t-1} a_t - v_t
      d_t = (B_{t-1}^T e_t) ⊙ (1 - a_t^2)
      A_t = A_{t-1} - η d_t k_t^T
      B_t = B_{t-1} - η e_t a_t^T
      y_t = B_t tanh(A_t q_t)
      η = 0.001
      A_0 ~ trained
      B_0 ~ trained
      a_t: [128]
      """#
    ),
    (
      "twoheads",
      #"""
      k_{j,t} = softmax(W_{k,j} x_t), j ∈ {1, 2, 3, 4}
      v_{j,t} = W_{v,j} x_t, j ∈ {1, 2, 3, 4}
      q_{j,t} = W_{q,j} x_t, j ∈ {1, 2, 3, 4}
      S_{j,t} = S_{j,t-1} + (v_{j,t} - S_{j,t-1} k_{j,t}) k_{j,t}^T, j ∈ {1, 2, 3, 4}
      y_t = W_o [S_{1,t} q_{1,t}, S_{2,t} q_{2,t}, S_{3,t} q_{3,t}, S_{4,t} q_{4,t}]
      k_{1,t}: [16]
      k_{2,t}: [16]
      k_{3,t}: [16]
      k_{4,t}: [16]
      v_{1,t}: [16]
      v_{2,t}: [16]
      v_{3,t}: [16]
      v_{4,t}: [16]
      """#
    ),
    (
      "uromm",
      #"""
      g_t = L softmax(W_g [h_{t-1}, x_t])
      f_t = σ(W_f [h_{t-1}, x_t] + b_f)
      h_t = f_t ⊙ g_t ⊙ h_{t-1} + (1 - g_t) ⊙ tanh(W [h_{t-1}, x_t] + b)
      """#
    ),
    (
      "weightgen",
      #"""
      A_t = tanh(U (W x_t) (Y x_t)^T V)
      h_t = tanh(A_t h_{t-1} + B x_t)
      """#
    ),
    (
      "window",
      #"""
      S_t = S_{t-1} + v_t k_t^T - v_{t-8} k_{t-8}^T
      v_t = W_v x_t
      k_t = W_k x_t
      y_t = S_t (Q x_t)
      """#
    ),
  ]
}
