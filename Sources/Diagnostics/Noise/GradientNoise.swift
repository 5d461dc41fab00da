internal import Foundation

/// The variation of gradients between samples: the mean gradient is the signal, each sample's deviation from it the
/// noise.
public struct GradientNoise: Sendable, Hashable {
  /// How many samples were compared.
  public var samples: Int
  /// ‖ḡ‖, with ḡ the mean over the samples.
  public var meanNorm: Double
  /// (tr Σ)^½, with tr Σ = Σ_b ‖g_b − ḡ‖² / (B − 1): the deviation of a sample's gradient; NaN for one sample.
  public var deviation: Double

  /// - Parameter gradients: One vector for each sample.
  init(_ gradients: [[Double]]) {
    samples = gradients.count
    let count = Double(gradients.count)
    // Relative to the first one, so that equal gradients have exactly that mean and no deviation.
    let first = gradients.first ?? []
    var mean = [Double](repeating: 0, count: first.count)
    for gradient in gradients { mean.add(zip(gradient, first).map { $0 - $1 }) }
    for index in mean.indices { mean[index] = first[index] + mean[index] / count }
    meanNorm = mean.norm
    let distances = gradients.map { gradient in zip(gradient, mean).map { $0 - $1 }.norm }
    deviation = samples > 1 ? distances.norm / (count - 1).squareRoot() : .nan
  }

  /// tr Σ, the variance of a sample's gradient; for gradients of about 10⁻¹⁶⁰ or less it underflows.
  public var variance: Double { deviation * deviation }

  /// ‖ḡ‖ / (tr Σ)^½: the signal in units of the noise of a single sample.
  public var signalToNoise: Double { meanNorm / deviation }

  /// tr Σ / ‖G‖², the simple noise scale (McCandlish et al. 2018, equation 2.9): the number of samples whose mean
  /// gradient has equal noise and signal.
  ///
  /// ‖G‖² is estimated without bias by ‖ḡ‖² − tr Σ / B (their appendix A.1); infinite if this is not positive.
  public var noiseScale: Double {
    if meanNorm == 0, !deviation.isNaN { return .infinity }
    // In units of ‖ḡ‖², because squares leave the range of floats early.
    let variance = (deviation / meanNorm) * (deviation / meanNorm)
    let signal = 1 - variance / Double(samples)
    // A difference of equal numbers, up to rounding, does not count as positive.
    return signal > 64 * .ulpOfOne ? variance / signal : signal.isNaN ? .nan : .infinity
  }
}

/// The noise of the gradients of each parameter and each state.
public struct NoiseStatistics: Sendable, Hashable {
  /// The gradients of one parameter.
  public struct Parameter: Sendable, Hashable {
    /// The parameter's name.
    public var name: String
    /// ‖dL_b/dW‖ of each sample's own loss.
    public var sampleNorms: [Double]
    /// How they differ between the samples.
    public var noise: GradientNoise
  }
  /// The gradients of one state.
  public struct State: Sendable, Hashable {
    /// The state's name.
    public var name: String
    /// For each step t = 1 … T.
    public var steps: [GradientNoise]
  }
  /// The parameters in the order of their first use.
  public var parameters: [Parameter]
  /// The states in the order of their declaration.
  public var states: [State]
}
