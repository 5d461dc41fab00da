/// How a framework names and arranges the weights of recurrent networks.
///
/// Gate matrices that are separate parameters here are concatenated there. With G gates of H units over I features:
///
/// | | PyTorch | Keras 3 | Flax (nnx) |
/// |---|---|---|---|
/// | over x | `weight_ih_l0` [GH, I] | `kernel` [I, GH] | `dense_i.kernel` [I, GH] |
/// | over h | `weight_hh_l0` [GH, H] | `recurrent_kernel` [H, GH] | `dense_h.kernel` [H, GH] |
/// | projection | `weight_hr_l0` [P, H], `weight_hh_l0` [GH, P] | none | none |
/// | biases | `bias_ih_l0`, `bias_hh_l0` [GH] | `bias` [GH] | `dense_h.bias` or `dense_i.bias` [GH] |
/// | LSTM | i, f, g, o | i, f, c, o | i, f, g, o |
/// | GRU | r, z, n, reset after | z, r, h, reset after or before; `bias` [2, GH] if after | r, z, n, reset after |
///
/// Flax's `GRUCell` has no bias within its reset. The LSTM of nnx is `OptimizedLSTMCell`.
public enum WeightConvention: String, Hashable, Sendable, CaseIterable {
  /// PyTorch's `torch.nn`, Keras 3, and Flax's `nnx`.
  case pytorch, keras, flax
}
