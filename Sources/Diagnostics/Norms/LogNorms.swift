internal import EbbGraph
internal import Foundation

/// log ‖dL/dh_t‖ of every state, beyond the range of floats.
///
/// A gradient through T steps is a product of T Jacobians, which leaves the range of Float32 at e^−103 or e^89 and that
/// of Float64 at e^−745 or e^710. Here the adjoint is normalised at each step and the logarithms of its lengths are
/// added up, as for Lyapunov exponents (Benettin et al. 1980). The result is the gradient of the loss itself, including
/// seeds at all steps.
public struct LogNorms: Sendable, Hashable {
  /// The measurement of one state.
  public struct State: Sendable, Hashable {
    /// The state's name.
    public var name: String
    /// The natural logarithm of ‖dL/dh_t‖₂ for each step t = 1 … T and sample; −∞ if the gradient is 0, NaN where a
    /// sample has ended.
    public var logs: [[Double]]
    /// ‖dL/dh_t‖₂ of the adjoint without rescaling, in the element type.
    public var plain: [[Double]]
    /// Whether the gradient flows to earlier steps rather than later ones.
    public var flowsBackward: Bool
    /// The smallest magnitude that the element type represents with full precision.
    public var resolution: Double
    /// The number of steps of each sample; nil if all have T.
    public var lengths: [Int]?
  }

  /// The states in the order of their declaration.
  public var states: [State]
  /// The state of this name, if there is one.
  public subscript(name: String) -> State? { states.first { $0.name == name } }
}

extension LogNorms.State {
  /// The mean of the logarithms over the samples for each step: the logarithm of the geometric mean of the norms.
  public var means: [Double] {
    logs.enumerated().map { step, logs in
      let present = lengths.map { lengths in logs.indices.filter { step < lengths[$0] }.map { logs[$0] } } ?? logs
      return present.reduce(0, +) / Double(present.count)
    }
  }

  /// The means in the direction of the gradient: lag 0 is the last step, of each sample its own.
  public var flow: [Double] {
    samplesByLag.map { samples in samples.reduce(0) { $0 + $1.log } / Double(samples.count) }
  }

  /// For each lag the logarithm and the plain norm of the samples that have it.
  private var samplesByLag: [[(log: Double, plain: Double)]] {
    logs.indices.map { lag in
      logs[lag].indices.compactMap { sample in
        let length = lengths?[sample] ?? logs.count
        guard lag < length else { return nil }
        let step = flowsBackward ? length - 1 - lag : lag
        return (logs[step][sample], plain[step][sample])
      }
    }
  }

  /// The first lag, in steps from the start of the gradient, at which a sample's plain gradient is 0 while the gradient
  /// itself is nonzero and below the resolution.
  ///
  /// If terms cancel, rounding may leave 0 for one of the two and not for the other; that does not count as underflow.
  public var underflowLag: Int? {
    firstLag { norm, plain in plain == 0 && norm > -.infinity && norm < log(resolution) }
  }

  /// The first lag at which the plain gradient of a sample is infinite or NaN but the gradient is a number.
  public var overflowLag: Int? { firstLag { log, plain in !plain.isFinite && !log.isNaN } }

  private func firstLag(where holds: (Double, Double) -> Bool) -> Int? {
    samplesByLag.firstIndex { samples in samples.contains { holds($0.log, $0.plain) } }
  }

  /// The mean change of log ‖dL/dh‖ per step back: the slope of the least-squares line through the finite means; nil
  /// with fewer than two. Negative if the gradient vanishes, positive if it explodes.
  public var rate: Double? {
    let points = flow.enumerated().filter { $1.isFinite }.map { (x: Double($0), y: $1) }
    guard points.count >= 2 else { return nil }
    let count = Double(points.count)
    let (meanX, meanY) = (points.reduce(0) { $0 + $1.x } / count, points.reduce(0) { $0 + $1.y } / count)
    // slope = Σ (x − x̄)(y − ȳ) / Σ (x − x̄)²
    return points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) }
      / points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
  }
}
