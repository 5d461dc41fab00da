import Ebb
import Foundation

/// The variances of a random network's parameters: W of N(0, σ_w²/n), V of N(0, σ_v²/n), b of N(μ_b, σ_b²).
struct RandomWeights: Sendable {
  /// σ_w
  var recurrent: Double
  /// σ_v
  var input = 0.3
  /// σ_b
  var bias = 0.0
  /// μ_b; of a gate only.
  var openness = 0.0
}

/// A random network whose mean-field theory the paper gives.
protocol TheorizedCell: RecurrentCell {
  init(units: Int, weights: RandomWeights)
  static var name: String { get }
  /// For infinitely many units and inputs of N(0, 1).
  static func theory(_ weights: RandomWeights) -> SignalTheory
}

/// The mean-field theory of a random network.
struct SignalTheory {
  /// q*, the stationary variance of a unit's sum e.
  var variance: Double
  /// χ, the factor per step back on the mean square of a gradient.
  var susceptibility: Double

  /// ξ = −1 / ln χ, the number of steps after which a signal's square has fallen to 1/e; in chaos, with a negative
  /// sign, after which a difference's square has grown by e.
  var timescale: Double { -1 / log(susceptibility) }
}

/// e = W h + V z + b, h' = tanh(e).
struct VanillaNetwork: TheorizedCell {
  var units: Int
  var weights: RandomWeights
  static let name = "tanh"

  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    return h.next(tanh(scope.weightedSum(of: h, and: scope.embedding(x, units), weights)))
  }

  static func theory(_ weights: RandomWeights) -> SignalTheory {
    let added = weights.input * weights.input + weights.bias * weights.bias
    let theory = MeanFieldTheory(weightVariance: weights.recurrent * weights.recurrent, biasVariance: added)
    return SignalTheory(variance: theory.fixedVariance, susceptibility: theory.susceptibility())
  }
}

/// The minimalRNN: e = W h + V z + b, u = σ(e), h' = u ⊙ h + (1 − u) ⊙ z.
struct MinimalNetwork: TheorizedCell {
  var units: Int
  var weights: RandomWeights
  static let name = "minimalRNN"

  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let z = scope.embedding(x, units)
    let update = sigmoid(scope.weightedSum(of: h, and: z, weights) + weights.openness)
    return h.next(update * h + (1 - update) * z)
  }

  /// With Q = E h², E z² = 1 and e of N(μ_b, q), independent of h and z:
  ///
  ///     Q = E u² Q + E (1 − u)²
  ///     q = σ_w² Q + σ_v² + σ_b²
  ///     χ = E u² + σ_w² E σ'(e)² (Q + 1)
  static func theory(_ weights: RandomWeights) -> SignalTheory {
    let quadrature = GaussHermite()
    let square = weights.recurrent * weights.recurrent
    let added = weights.input * weights.input + weights.bias * weights.bias
    // The map of q has a slope below 1 at q*, so iteration from small q converges to it.
    var (q, power, kept) = (added, 0.0, 0.0)
    for _ in 0..<300 {
      kept = quadrature.mean({ pow(logistic($0), 2) }, mean: weights.openness, deviation: q.squareRoot())
      let taken = quadrature.mean({ pow(logistic(-$0), 2) }, mean: weights.openness, deviation: q.squareRoot())
      power = taken / (1 - kept)
      q = square * power + added
    }
    let slope = quadrature.mean(
      { pow(logistic($0) * logistic(-$0), 2) }, mean: weights.openness, deviation: q.squareRoot())
    return SignalTheory(variance: q, susceptibility: kept + square * slope * (power + 1))
  }
}

private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

extension Scope {
  /// z = U x with U of N(0, 1/m), so that the units of z have the variance of the m features of x.
  fileprivate func embedding(_ x: Signal, _ units: Int) -> Signal {
    let deviation = 1 / Double(x.shape.count).squareRoot()
    return affine("embedding", [x], units, weights: [.normal(deviation: deviation)], bias: nil)
  }

  /// e = W h + V z + b
  fileprivate func weightedSum(of h: Signal, and z: Signal, _ weights: RandomWeights) -> Signal {
    let scale = 1 / Double(h.shape.count).squareRoot()
    return affine(
      "sum", [h, z], h.shape.count,
      weights: [.normal(deviation: weights.recurrent * scale), .normal(deviation: weights.input * scale)],
      bias: .normal(deviation: weights.bias)
    ).named("e")
  }
}

extension TheorizedCell {
  /// The theory's quantities, measured on a network of finitely many units over the second half of the steps, because
  /// the first half goes from h = 0 to the stationary state.
  static func measured(_ weights: RandomWeights, units: Int, length: Int) throws -> SignalTheory {
    let cell = Self(units: units, weights: weights)
    let experiment = FlowExperiment(length: length, features: units, batch: 8, element: .float64)
    let trial = try experiment.trial(of: cell)
    let curve = try Diagnostics.gradientFlow(of: trial)["h"]?.total
    let decay = curve.flatMap { DecayFit(Array($0.flow.prefix(length / 2)), resolution: $0.resolution) }
    let factor = decay?.factor ?? .nan
    let sums = try Diagnostics.activations(of: trial).first { $0.name.hasSuffix("e") }
    let late = sums?.steps.suffix(length / 2).flatMap { $0 } ?? []
    let variance = late.reduce(0) { $0 + $1 * $1 } / Double(late.count)
    return SignalTheory(variance: variance, susceptibility: factor * factor)
  }

  /// The σ_w at which χ crosses 1, by bisection.
  static func critical(
    _ weights: RandomWeights, within range: ClosedRange<Double>, _ susceptibility: (RandomWeights) throws -> Double
  ) rethrows -> Double {
    var (low, high) = (range.lowerBound, range.upperBound)
    var weights = weights
    for _ in 0..<9 {
      let middle = (low + high) / 2
      weights.recurrent = middle
      if try susceptibility(weights) < 1 { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
