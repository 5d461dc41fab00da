internal import Foundation

/// How gradients differ between samples: the mean gradient is the signal, what each sample adds to it the noise.
public struct GradientNoise: Sendable, Hashable {
  public var samples: Int
  /// ‖ḡ‖, with ḡ the mean over the samples.
  public var meanNorm: Double
  /// tr Σ = Σ_b ‖g_b − ḡ‖² / (B − 1), the variance of a sample's gradient; NaN for one sample.
  public var variance: Double

  /// - Parameter gradients: One vector for each sample.
  init(_ gradients: [[Double]]) {
    samples = gradients.count
    let count = Double(gradients.count)
    var mean = [Double](repeating: 0, count: gradients.first?.count ?? 0)
    for gradient in gradients { mean.add(gradient) }
    for index in mean.indices { mean[index] /= count }
    meanNorm = mean.norm
    let squares = gradients.reduce(0.0) { sum, gradient in
      let deviation = zip(gradient, mean).map { $0 - $1 }.norm
      return sum + deviation * deviation
    }
    variance = samples > 1 ? squares / (count - 1) : .nan
  }

  /// ‖ḡ‖ / (tr Σ)^½: the signal in units of the noise of a single sample.
  public var signalToNoise: Double { meanNorm / variance.squareRoot() }

  /// tr Σ / ‖G‖², the simple noise scale (McCandlish et al. 2018, equation 2.9): the number of samples whose mean has as
  /// much noise as signal.
  ///
  /// ‖G‖² is estimated without bias by ‖ḡ‖² − tr Σ / B (their appendix A.1); infinite where that is not positive.
  public var noiseScale: Double {
    let signal = meanNorm * meanNorm - variance / Double(samples)
    return signal > 0 ? variance / signal : signal.isNaN ? .nan : .infinity
  }
}

/// The noise of the gradients of parameters and states.
public struct NoiseProfile: Sendable, Hashable {
  public struct Parameter: Sendable, Hashable {
    public var name: String
    /// ‖dL_b/dW‖ of each sample's own loss.
    public var sampleNorms: [Double]
    public var noise: GradientNoise
  }
  public struct State: Sendable, Hashable {
    public var name: String
    /// For each step t = 1 … T.
    public var steps: [GradientNoise]
  }
  public var parameters: [Parameter]
  public var states: [State]
}
