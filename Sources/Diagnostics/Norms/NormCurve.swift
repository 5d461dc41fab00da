internal import EbbGraph
internal import EbbTensors
internal import Foundation

/// ‖dL/dh_t‖ for t = 1 … T, as it flows back through time.
///
/// The norm is taken over the features of each sample, then averaged over the samples.
public struct NormCurve: Sendable, Hashable {
  /// One number for each step t = 1 … T: the mean over the samples that have this step.
  public var means: [Double]
  /// For each step the norm of each sample; NaN at steps that a ragged sequence does not have.
  public var samples: [[Double]]
  /// Whether the gradient flows to earlier steps (as it does for a state that runs forward), or to later ones.
  public var flowsBackward: Bool
  /// Numbers below this are not resolved by the floating-point type, and not fitted.
  public var resolution: Double

  /// The norms of each step, of all its samples.
  public init(samples: [[Double]], flowsBackward: Bool = true, resolution: Double = 0) {
    self.samples = samples
    self.flowsBackward = flowsBackward
    self.resolution = resolution
    means = samples.map { step in
      let valid = step.filter { !$0.isNaN }
      return valid.isEmpty || valid.count < step.count && step.allSatisfy(\.isNaN)
        ? .nan : arithmeticMean(valid)
    }
  }

  /// The norms in the order in which the gradient flows: from the last state to the first.
  public var flow: [Double] { flowsBackward ? means.reversed() : means }

  /// How fast the gradient decays or grows on its way.
  public var decay: DecayFit? { DecayFit(flow, resolution: resolution) }

  /// How many steps back from the last state the norm first is below `fraction` of its last value; nil if it is not
  /// within the sequence.
  public func stepsBack(toFraction fraction: Double = 0.01) -> Int? {
    guard let start = flow.first, start > 0, start.isFinite else { return nil }
    return flow.firstIndex { $0 < fraction * start }
  }
}

/// An exponential ‖dL/dh_{T−k}‖ ≈ A · rᵏ through the norms: least squares of the logarithm over k.
public struct DecayFit: Sendable, Hashable {
  /// r, the factor of one step back: below 1 the gradient vanishes, above 1 it explodes.
  public var factor: Double
  /// A, the fitted norm at the last step.
  public var scale: Double
  /// How many steps were fitted: those whose norm is finite, not 0 and above the resolution.
  public var steps: Int
  /// The root mean square of the residuals of log₁₀: how far from an exponential the norms are, in decades.
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
