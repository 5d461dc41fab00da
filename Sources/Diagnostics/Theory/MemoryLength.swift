internal import Foundation

/// The length of a memory in steps: until a gradient, or a unit's content, has fallen to 1/e.
public struct MemoryLength: Sendable, Hashable {
  /// From the data: where the curve first reaches 1/e of its last value, interpolated logarithmically between two
  /// steps; nil if it stays above.
  public var measured: Double?
  /// From the fitted exponential A rᵏ: −1 / ln r; infinite if it does not fall. Nil if nothing could be fitted.
  public var fitted: Double?

  /// The number of steps after which a value multiplied by a factor at each step has fallen to 1/e: −1 / ln f.
  ///
  /// For a forget gate f this is the unit's time constant (Mahto, Vo, Turek & Huth 2021). Infinite for f ≥ 1, 0 for f =
  /// 0.
  public static func steps(ofFactor factor: Double) -> Double {
    factor >= 1 ? .infinity : -1 / log(factor)
  }
}

extension NormCurve {
  /// The effective memory length of the gradient: the number of steps back after which ‖dL/dhₜ‖ has fallen to 1/e of
  /// its value at the last state.
  ///
  /// Data and fit agree if the decay is exponential. They differ if a fast start hides a slow tail.
  public var memoryLength: MemoryLength {
    MemoryLength(measured: measuredMemoryLength, fitted: decay.map { MemoryLength.steps(ofFactor: $0.factor) })
  }

  private var measuredMemoryLength: Double? {
    let flow = self.flow
    guard let start = flow.first, start > 0, start.isFinite else { return nil }
    let threshold = start / M_E
    guard let after = flow.firstIndex(where: { $0 <= threshold }) else { return nil }
    let (above, below) = (flow[after - 1], flow[after])
    // ln ‖g‖ is linear between two steps; a fall to 0 is immediate.
    guard below > 0, above.isFinite else { return Double(after) }
    return Double(after - 1) + log(above / threshold) / log(above / below)
  }
}
