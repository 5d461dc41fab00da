internal import Foundation

/// How many steps a memory lasts, in steps: until a gradient, or a unit's content, has fallen to 1/e.
public struct MemoryLength: Sendable, Hashable {
  /// From the data: where the curve first is at 1/e of its last value, interpolated on the logarithm between two steps;
  /// nil if it stays above.
  public var measured: Double?
  /// From the fitted exponential A rᵏ: −1 / ln r; infinite if it does not fall. Nil if nothing could be fitted.
  public var fitted: Double?

  /// The steps after which what is multiplied by a factor at each step has fallen to 1/e: −1 / ln f.
  ///
  /// Of a forget gate f it is the unit's time constant (Mahto, Vo, Turek & Huth 2021). Infinite for f ≥ 1, 0 for f = 0.
  public static func steps(ofFactor factor: Double) -> Double {
    factor >= 1 ? .infinity : -1 / log(factor)
  }
}

extension NormCurve {
  /// The effective memory length of the gradient: how many steps back ‖dL/dhₜ‖ has fallen to 1/e of what it is at the
  /// last state.
  ///
  /// Data and fit agree where the decay is exponential. They differ where a slow tail lies beneath a fast start.
  public var memoryLength: MemoryLength {
    MemoryLength(measured: measuredMemoryLength, fitted: decay.map { MemoryLength.steps(ofFactor: $0.factor) })
  }

  private var measuredMemoryLength: Double? {
    let flow = self.flow
    guard let start = flow.first, start > 0, start.isFinite else { return nil }
    let threshold = start / M_E
    guard let after = flow.firstIndex(where: { $0 <= threshold }) else { return nil }
    let (above, below) = (flow[after - 1], flow[after])
    // Between two steps ln ‖g‖ is taken as linear; to 0 it falls at once.
    guard below > 0, above.isFinite else { return Double(after) }
    return Double(after - 1) + log(above / threshold) / log(above / below)
  }
}
