internal import Foundation

/// The adjoint of a value at every step, sample and unit, and statistics of it.
public struct AdjointSamples: Sendable, Hashable {
  /// The number of features of the value at one step, whatever its shape.
  public let units: Int
  /// For each step t = 1 … T the units of the first sample, then the units of the next.
  public let steps: [[Double]]
  /// The number of steps of each sample; nil if all have T. Statistics of a step are over the samples that have it.
  public let lengths: [Int]?

  /// Numbers of a value's units.
  ///
  /// - Parameters:
  ///   - units: The number of features of the value at one step.
  ///   - steps: For each step the units of the first sample, then the units of the next.
  ///   - lengths: The number of steps of each sample; nil if all have them all.
  public init(units: Int, steps: [[Double]], lengths: [Int]? = nil) {
    (self.units, self.steps, self.lengths) = (units, steps, lengths)
  }

  /// Samples at one step.
  public var samples: Int { (steps.first?.count ?? 0) / max(1, units) }

  /// Whether a sample has a step.
  public func has(step: Int, sample: Int) -> Bool { lengths.map { step < $0[sample] } ?? true }

  /// The samples that have a step.
  private func present(at step: Int) -> [Int] { (0..<samples).filter { has(step: step, sample: $0) } }

  /// g_t of a sample: one number per unit.
  public func adjoint(step: Int, sample: Int) -> ArraySlice<Double> {
    steps[step][sample * units..<(sample + 1) * units]
  }

  /// ‖g_t‖₂ over the units, for each step and sample; NaN where a sample has ended.
  public var norms: [[Double]] {
    steps.indices.map { step in
      (0..<samples).map { has(step: step, sample: $0) ? Array(adjoint(step: step, sample: $0)).norm : .nan }
    }
  }

  /// ( Σ_b g_{t,b,u}² / B )^½ for each step and unit: the root mean square over the samples.
  public var unitNorms: [[Double]] {
    steps.indices.map { step in
      let present = present(at: step)
      return (0..<units).map { unit in
        present.map { steps[step][$0 * units + unit] }.norm / Double(present.count).squareRoot()
      }
    }
  }

  /// Quantiles of the norm over the samples: for each step one number per level in 0 … 1.
  ///
  /// Interpolates linearly between order statistics (Hyndman & Fan 1996, definition 7).
  public func quantiles(_ levels: [Double]) -> [[Double]] {
    let norms = norms
    return steps.indices.map { index in
      let step = present(at: index).map { norms[index][$0] }
      let sorted = step.sorted()
      return levels.map { level in
        guard !step.contains(where: \.isNaN), let last = sorted.indices.last else { return .nan }
        let position = min(max(level, 0), 1) * Double(last)
        let (below, above) = (Int(position.rounded(.down)), Int(position.rounded(.up)))
        return below == above
          ? sorted[below] : sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
      }
    }
  }

  /// cos(g_t, g_{t+1}) for t = 1 … T − 1 and each sample: how far the gradient turns in one step. NaN if either is 0, or
  /// beyond the sample's end.
  public var cosines: [[Double]] {
    steps.indices.dropLast().map { step in
      (0..<samples).map { sample in
        guard has(step: step + 1, sample: sample) else { return .nan }
        return Array(adjoint(step: step, sample: sample)).cosine(to: Array(adjoint(step: step + 1, sample: sample)))
      }
    }
  }

  /// The variation of the adjoint between samples, for each step.
  public var noise: [GradientNoise] {
    steps.indices.map { step in
      GradientNoise(present(at: step).map { Array(adjoint(step: step, sample: $0)) })
    }
  }
}

extension [Double] {
  /// The cosine of the angle to another vector; NaN if either is 0 or not finite.
  func cosine(to other: [Double]) -> Double {
    let (own, others) = (norm, other.norm)
    guard own > 0, others > 0, own.isFinite, others.isFinite else { return .nan }
    return zip(self, other).reduce(0) { $0 + ($1.0 / own) * ($1.1 / others) }
  }
}
