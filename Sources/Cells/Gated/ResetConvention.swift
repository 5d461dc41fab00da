/// Where the reset gate r of a gated unit multiplies, and what its update gate is the share of.
public enum ResetConvention: Hashable, Sendable, CaseIterable {
  /// Before the candidate's product, W_c [r ⊙ h, x], with the update gate as the share of the new value: as in `GRU`.
  case before
  /// After it, W_c x + b_c + r ⊙ (U_c h + d_c), with the update gate as the share of the old value: as in
  /// `ResetAfterGRU`, PyTorch, Keras (by default) and Flax.
  case after
}
