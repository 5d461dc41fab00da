internal import EbbKernels

/// What becomes of a result below the normal range: 2⁻¹²⁶ ≈ 1.2 · 10⁻³⁸ in 32 bits, 2⁻¹⁰²² ≈ 2.2 · 10⁻³⁰⁸ in 64 (IEEE
/// 754-2019, section 7.5).
///
/// Where a network saturates or its gradients vanish, such results are frequent, and many processors take a hundred
/// cycles for each. They have few digits: nothing is lost that a diagnosis may rely on, and those of logarithmic norms
/// have no underflow at all.
public enum Underflow: String, Sendable, Hashable, CaseIterable {
  /// It is 0 with its sign, and an operand that small counts as 0; what only moves numbers keeps them.
  case abrupt
  /// It is the nearest of the subnormal numbers, multiples of 2⁻¹⁴⁹ and 2⁻¹⁰⁷⁴.
  case gradual

  /// Computes on this thread with such underflow.
  package func during(_ work: () -> Void) {
    switch self {
    case .abrupt:
      let before = ebb_underflow_abruptly()
      work()
      ebb_restore_underflow(before)
    case .gradual:
      work()
    }
  }
}
