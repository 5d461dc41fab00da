internal import Foundation

/// The effect of a gate σ(b + s z) on a memory that it multiplies, for independent z ∼ N(0, 1) at each step.
///
/// At initialisation the sum of a gate is its bias b plus contributions of states and inputs with deviation s. Along
/// the path c_T ← … ← cₜ of an LSTM, or (1 − u) ⊙ h of a GRU, the derivative is the product of the gates. Other paths
/// are ignored, so the prediction is for the memory cell alone.
public struct GateTheory: Sendable, Hashable {
  /// b: the mean of the gate's sum.
  public var bias: Double
  /// s: the deviation of the contributions of states and inputs.
  public var deviation: Double
  /// Fixed nodes for the means over z; nil chooses them by an estimate of the error.
  public var quadrature: GaussHermite?

  /// A gate; by default with only its bias.
  public init(bias: Double, deviation: Double = 0, quadrature: GaussHermite? = nil) {
    self.bias = bias
    self.deviation = deviation
    self.quadrature = quadrature
  }

  /// The forget gate f of an LSTM; `LSTM` initialises its bias to 1.
  public static func forgetGate(bias: Double = 1, deviation: Double = 0) -> GateTheory {
    GateTheory(bias: bias, deviation: deviation)
  }

  /// 1 − u of a GRU with the update gate's bias, which `GRU` initialises to 0: σ(−b − s z).
  public static func retention(ofUpdateBias bias: Double = 0, deviation: Double = 0) -> GateTheory {
    GateTheory(bias: -bias, deviation: deviation)
  }

  /// E σ.
  public var mean: Double { moment { $0 } }
  /// E σ².
  public var meanSquare: Double { moment { $0 * $0 } }
  /// E ln σ = −E ln(1 + e^−(b + s z)): the rate at which a typical unit's memory decays.
  public var meanLogarithm: Double {
    mean { x in x < 0 ? x - log1p(exp(x)) : -log1p(exp(-x)) }
  }
  /// −1 / E ln σ: a typical unit's time constant, in steps.
  public var timeConstant: Double { -1 / meanLogarithm }
  /// ½ ln E σ²: the slope of ln ‖dL/dcₜ‖ per step back, for many units with independent gates.
  public var slope: Double { log(meanSquare) / 2 }

  /// ‖dL/dcₜ‖ for t = 1 … T: the last value times e^(slope · (T−t)).
  public func gradientNorms(length: Int, last: Double = 1) -> [Double] {
    exponential(exp(slope), length: length, last: last)
  }

  private func moment(_ function: (Double) -> Double) -> Double {
    mean { function(1 / (1 + exp(-$0))) }
  }

  /// E f(b + s z)
  private func mean(_ function: (Double) -> Double) -> Double {
    quadrature?.mean(function, mean: bias, deviation: deviation)
      ?? NormalMeans.mean(function, mean: bias, deviation: deviation)
  }
}

/// Gates under chrono initialisation: biases ln u with u uniform on [1, T − 1], so that f = u / (1 + u) and units remember
/// for 1 + u, 2 to T, steps (Tallec & Ollivier 2018, section 2).
public struct ChronoTheory: Sendable, Hashable {
  /// T, the longest dependency, in steps.
  public var longest: Double

  /// - Parameter longest: Greater than 2.
  public init(longest: Double) {
    precondition(longest > 2, "the longest dependency is greater than 2 steps, not \(longest)")
    self.longest = longest
  }

  /// E f = 1 − ln(T/2) / (T − 2).
  public var meanGate: Double { 1 - log(longest / 2) / (longest - 2) }

  /// The root mean square of fᵏ over units, ‖∂c_{t+k}/∂cₜ‖ along the memory cells; a mixture of exponentials, which falls
  /// as a power law up to T steps and as (1 − 1/T)ᵏ beyond.
  ///
  /// f = 1 − 1/v with v uniform on [2, T]; by Simpson's rule over ln v.
  public func gradientNorm(after steps: Int) -> Double {
    let intervals = 512
    let low: Double = log(2.0)
    let width: Double = (log(longest) - low) / Double(intervals)
    var sum = 0.0
    for index in 0...intervals {
      let v: Double = exp(low + width * Double(index))
      let isEnd = index == 0 || index == intervals
      let weight: Double = isEnd ? 1 : index.isMultiple(of: 2) ? 2 : 4
      // dv = v d ln v
      sum += weight * v * pow(1 - 1 / v, 2 * Double(steps))
    }
    return (sum * width / 3 / (longest - 2)).squareRoot()
  }

  /// ‖dL/dcₜ‖ for t = 1 … T' of a sequence.
  public func gradientNorms(length: Int, last: Double = 1) -> [Double] {
    (0..<length).map { last * gradientNorm(after: length - 1 - $0) }
  }
}
