/// Cells as researchers would type them: memories, fast weights, attention over the past, spikes and states of numbers.
enum RoundTripTexts {
  static let all = toM + fromM

  private static let toM: [(name: String, text: String)] = [
    (
      "bilin",
      #"""
      h_t = tanh(W h_{t-1} + (h_{t-1}^T A h_{t-1}) U x_t + b)
      """#
    ),
    (
      "colsums",
      #"""
      S_t = tanh(0.9 S_{t-1} + (W x_t) (Y x_t)^T)
      y_t = columnSums(S_t) + rowSums(S_t) + sum(S_t)
      """#
    ),
    (
      "complexlru",
      #"""
      a_t = exp(-exp(ν)) ⊙ (cos(θ) ⊙ a_{t-1} - sin(θ) ⊙ b_{t-1}) + B_r x_t
      b_t = exp(-exp(ν)) ⊙ (sin(θ) ⊙ a_{t-1} + cos(θ) ⊙ b_{t-1}) + B_i x_t
      y_t = gelu(C_r a_t - C_i b_t + D x_t)
      ν: [units]
      θ: [units]
      """#
    ),
    (
      "complexmat",
      #"""
      S_t = 0.9 S_{t-1} - 0.1 Z_{t-1} + (W x_t) (Y x_t)^T
      Z_t = 0.1 S_{t-1} + 0.9 Z_{t-1}
      y_t = S_t (Q x_t) + Z_t (R x_t)
      """#
    ),
    (
      "congruence",
      #"""
      P_t = F P_{t-1} F^T + (W x_t) (W x_t)^T
      y_t = P_t q
      q: [units]
      """#
    ),
    (
      "delta1",
      #"""
      k_t = W_k x_t / |W_k x_t|
      v_t = W_v x_t
      q_t = W_q x_t
      β_t = σ(w_β^T x_t)
      S_t = S_{t-1} (I - β_t k_t k_t^T) + β_t v_t k_t^T
      y_t = S_t q_t
      """#
    ),
    (
      "deltaproduct3",
      #"""
      k_t = W_k x_t / \|W_k x_t\|
      l_t = W_l x_t / \|W_l x_t\|
      m_t = W_m x_t / \|W_m x_t\|
      v_t = W_v x_t
      q_t = W_q x_t
      β_t = 2 σ(w_β^T x_t)
      A_t = S_{t-1} (I - β_t k_t k_t^T)
      B_t = A_t (I - β_t l_t l_t^T)
      S_t = B_t (I - β_t m_t m_t^T) + v_t m_t^T
      y_t = S_t q_t
      """#
    ),
    (
      "diff",
      #"""
      q_t = W_q x_t
      k_t = W_k x_t
      p_t = W_p x_t
      r_t = W_r x_t
      v_t = W_v x_t
      α_{t,i} = softmax_{i≤t}(q_t^T k_i)
      γ_{t,i} = softmax_{i≤t}(p_t^T r_i)
      y_t = ∑_{i≤t} (α_{t,i} - 0.5 γ_{t,i}) v_i
      """#
    ),
    (
      "dilated",
      #"""
      h_t = tanh(W h_{t-8} + U x_t + b)
      g_t = tanh(V g_{t-4} + R h_t + c)
      y_t = g_t + h_{t-1}
      """#
    ),
    (
      "dynlow",
      #"""
      h_t = tanh((D + diag(σ(G x_t))) h_{t-1} + U x_t)
      """#
    ),
    (
      "forgettingtf",
      #"""
      q_t = W_q x_t
      k_t = W_k x_t
      v_t = W_v x_t
      c_t = c_{t-1} + log(σ(w^T x_t))
      α_{t,i} = softmax_{i≤t}(q_t^T k_i + c_t - c_i)
      y_t = ∑_{i≤t} α_{t,i} v_i
      """#
    ),
    (
      "gatedmat",
      #"""
      f_t = σ(W_f x_t)
      i_t = σ(W_i x_t)
      C_t = (f_t i_t^T) ⊙ C_{t-1} + v_t k_t^T
      v_t = W_v x_t
      k_t = W_k x_t
      y_t = C_t (Q x_t)
      """#
    ),
    (
      "gram",
      #"""
      S_t = 0.9 S_{t-1} + (W x_t) (Y x_t)^T
      y_t = S_t^T S_t (Q x_t)
      """#
    ),
    (
      "gram2",
      #"""
      S_t = 0.9 S_{t-1} + (W x_t) (Y x_t)^T
      G_t = S_t^T S_t
      y_t = tanh(G_t) (Q x_t)
      """#
    ),
    (
      "gsa",
      #"""
      q_t = W_q x_t
      k_t = W_k x_t
      v_t = W_v x_t
      α_t = σ(W_α x_t + b_α)^{1/16}
      K_t = diag(α_t) K_{t-1} + (1 - α_t) k_t^T
      V_t = diag(α_t) V_{t-1} + (1 - α_t) v_t^T
      p_t = softmax(K_t q_t)
      y_t = V_t^T p_t
      α_t: [16]
      """#
    ),
    (
      "hgrn2",
      #"""
      f_t = γ + (1 - γ) σ(W_f x_t + b_f)
      q_t = silu(W_q x_t)
      i_t = silu(W_i x_t)
      S_t = S_{t-1} diag(f_t) + i_t (1 - f_t)^T
      y_t = S_t q_t
      γ = 0.1
      """#
    ),
    (
      "hopfield3",
      #"""
      ξ_t = W_q h_{t-1} + U_q x_t
      ζ_t = X^T softmax(4 X ξ_t)
      ω_t = X^T softmax(4 X ζ_t)
      h_t = tanh(W [h_{t-1}, ω_t] + b)
      X: [32, units]
      """#
    ),
    (
      "kalmandiag",
      #"""
      a_t = f ⊙ m_{t-1} + B x_t
      p_t = f ⊙ f ⊙ s_{t-1} + exp(d)
      k_t = p_t / (p_t + exp(W_r x_t))
      m_t = a_t + k_t ⊙ (W_z x_t - a_t)
      s_t = (1 - k_t) ⊙ p_t
      y_t = m_t
      """#
    ),
    (
      "kwta",
      #"""
      a_t = W h_{t-1} + U x_t
      h_t = relu(a_t - 0.5 largest(a_t))
      """#
    ),
    (
      "left",
      #"""
      H_t = tanh(U H_{t-1} + (W x_t) (Y x_t)^T)
      y_t = H_t q_t
      q_t = W_q x_t
      """#
    ),
    (
      "longhorn",
      #"""
      q_t = W_q x_t
      k_t = W_k x_t
      β_t = σ(W_β x_t)
      Δ_t = β_t / (1 + β_t (k_t^T k_t))
      S_t = (1 - Δ_t (k_t ⊙ k_t)^T) ⊙ S_{t-1} + (Δ_t ⊙ x_t) k_t^T
      y_t = S_t q_t
      k_t: [16]
      """#
    ),
    (
      "matrixgru",
      #"""
      Z_t = σ(U_z H_{t-1} V_z + (W_z x_t) (Y_z x_t)^T)
      N_t = tanh(U_n H_{t-1} V_n + (W_n x_t) (Y_n x_t)^T)
      H_t = Z_t ⊙ H_{t-1} + (1 - Z_t) ⊙ N_t
      y_t = H_t q
      """#
    ),
  ]
}
