internal import EbbGraph
internal import EbbTensors
internal import Foundation

/// ‖dL/dh_t‖ for t = 1 … T.
///
/// The norm is taken over the features of each sample, then averaged over the samples.
public struct NormCurve: Codable, Sendable, Hashable {
  /// One number for each step t = 1 … T: the mean over the samples that have this step.
  public var means: [Double]
  /// For each step the norm of each sample; NaN at steps beyond a ragged sequence. Empty if only the means were kept.
  public var samples: [[Double]]
  /// Whether the gradient flows to earlier steps, as for a state that runs forward, rather than to later ones.
  public var flowsBackward: Bool
  /// Numbers below this are not resolved by the floating-point type and are not fitted.
  public var resolution: Double

  /// The norms of all samples at each step.
  public init(samples: [[Double]], flowsBackward: Bool = true, resolution: Double = 0) {
    self.samples = samples
    self.flowsBackward = flowsBackward
    self.resolution = resolution
    means = samples.map { step in
      let valid = step.filter { !$0.isNaN }
      return valid.isEmpty ? .nan : arithmeticMean(valid)
    }
  }

  /// The norms in the direction of the gradient: from the last state to the first, each sample's own where the sequences
  /// have several lengths. What decides the size of a gradient is the number of steps to the loss, and at a common t the
  /// mean would mix samples at different distances.
  public var flow: [Double] {
    guard flowsBackward else { return means }
    guard let lengths, let longest = lengths.max() else { return means.reversed() }
    return (0..<longest).map { lag in
      let norms = lengths.indices.filter { lag < lengths[$0] }.map { samples[lengths[$0] - 1 - lag][$0] }
      return arithmeticMean(norms.filter { !$0.isNaN })
    }
  }

  /// The number of steps of each sample, where they differ.
  var lengths: [Int]? {
    let lengths = (samples.first ?? []).indices.map { sample in
      (samples.lastIndex { !$0[sample].isNaN } ?? -1) + 1
    }
    guard let longest = lengths.max(), longest > 0, lengths.contains(where: { $0 != longest }) else { return nil }
    return lengths
  }

  /// The rate at which the gradient decays or grows.
  public var decay: DecayFit? { DecayFit(flow, resolution: resolution) }

  /// The number of steps back from the last state at which the norm first falls below `fraction` of its last value; nil
  /// if it does not within the sequence.
  public func stepsBack(toFraction fraction: Double = 0.01) -> Int? {
    guard let start = flow.first, start > 0, start.isFinite else { return nil }
    return flow.firstIndex { $0 < fraction * start }
  }
}

/// An exponential ‖dL/dh_{T−k}‖ ≈ A · rᵏ through the norms: least squares of the logarithm over k.
public struct DecayFit: Sendable, Hashable {
  /// r, the factor per step back: below 1 the gradient vanishes, above 1 it explodes.
  public var factor: Double
  /// A, the fitted norm at the last step.
  public var scale: Double
  /// The number of fitted steps: those with a finite, nonzero norm above the resolution.
  public var steps: Int
  /// The root mean square of the residuals of log₁₀, in decades: the deviation from an exponential.
  public var deviation: Double

  /// Nil with fewer than two norms to fit.
  public init?(_ norms: [Double], resolution: Double = 0) {
    let points = norms.enumerated().filter { $1.isFinite && $1 > resolution && $1 > 0 }
      .map { (x: Double($0), y: log($1)) }
    guard points.count >= 2 else { return nil }
    let count = Double(points.count)
    let meanX = points.reduce(0) { $0 + $1.x } / count
    let meanY = points.reduce(0) { $0 + $1.y } / count
    // slope = Σ (x − x̄)(y − ȳ) / Σ (x − x̄)²
    let covariance = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) }
    let variance = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
    let slope = covariance / variance
    let residuals = points.reduce(0) { sum, point in
      let residual = point.y - meanY - slope * (point.x - meanX)
      return sum + residual * residual
    }
    factor = exp(slope)
    scale = exp(meanY - slope * meanX)
    steps = points.count
    deviation = (residuals / count).squareRoot() / log(10)
  }
}
