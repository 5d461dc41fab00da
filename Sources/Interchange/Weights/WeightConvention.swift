/// How a framework, or a format of models, names and arranges the weights of recurrent networks.
///
/// Gate matrices that are separate parameters here are concatenated there. With G gates of H units over I features:
///
/// | | PyTorch | Keras 3 | Flax (nnx) | ONNX |
/// |---|---|---|---|---|
/// | over x | `weight_ih_l0` [GH, I] | `kernel` [I, GH] | `dense_i.kernel` [I, GH] | `W` [D, GH, I] |
/// | over h | `weight_hh_l0` [GH, H] | `recurrent_kernel` [H, GH] | `dense_h.kernel` [H, GH] | `R` [D, GH, H] |
/// | projection | `weight_hr_l0` [P, H], `weight_hh_l0` [GH, P] | none | none | none |
/// | biases | `bias_ih_l0`, `bias_hh_l0` [GH] | `bias` [GH] | `dense_h.bias` or `dense_i.bias` [GH] | `B` [D, 2GH] |
/// | peepholes | none | `input_gate_peephole_weights`, … [H] | none | `P` [D, 3H]: i, o, f |
/// | LSTM | i, f, g, o | i, f, c, o | i, f, g, o | i, o, f, c |
/// | GRU | r, z, n, reset after | z, r, h, reset after or before; `bias` [2, GH] if after | r, z, n, reset after | z, r, h, reset after or before |
///
/// ONNX's tensors are the operands of its operators, after the operator's name and a point: `LSTM`, `GRU` and `RNN` with
/// D directions, `Gemm` with `B` [I, O] and `C` [O], and the table `data` of `Gather`. Flax's `GRUCell` has no bias within its reset. The LSTM of nnx is `OptimizedLSTMCell`.
public enum WeightConvention: String, Hashable, Sendable, CaseIterable {
  /// PyTorch's `torch.nn`, Keras 3, Flax's `nnx`, and the operators of ONNX.
  case pytorch, keras, flax, onnx
}
