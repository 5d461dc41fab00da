public import EbbTensors

/// A mean of the parameters over training steps, which often generalises better than the last parameters.
public enum WeightAveraging: Hashable, Sendable {
  /// θ̄ ← d θ̄ + (1 − d) θ, starting from the first averaged parameters.
  case exponential(decay: Double)
  /// The mean of the parameters after every update from number `after` on (Polyak & Juditsky 1992):
  /// θ̄ ← θ̄ + (θ − θ̄) / n
  case uniform(after: Int = 0)

  /// The problem with the setting and what would be right; nil if there is none.
  var problem: String? {
    switch self {
    case .exponential(let decay):
      decay >= 0 && decay < 1 ? nil : "the decay of averaged weights is in 0 ..< 1, not \(decay)"
    case .uniform: nil
    }
  }
}

/// A mean of parameters and the number of its terms.
public struct AveragedWeights: Hashable, Sendable {
  /// How many updates the mean counts.
  public var count = 0
  /// The mean of each parameter, by name.
  public var values: [String: Tensor] = [:]

  /// Counts the parameters after update number `update` = 1, 2, …: their weight in the mean, 1 for the first ones; nil if
  /// they do not count.
  mutating func count(_ rule: WeightAveraging, update: Int) -> Double? {
    if case .uniform(let after) = rule, update <= after { return nil }
    count += 1
    guard count > 1 else { return 1 }
    switch rule {
    case .exponential(let decay): return 1 - decay
    case .uniform: return 1 / Double(count)
    }
  }
}

extension Tensor {
  /// x + w (y − x), in Float64, rounded once.
  func moved(towards other: Tensor, by weight: Double) -> Tensor {
    switch (storage, other.storage) {
    case (.float32(let x), .float32(let y)):
      var result = x
      ParameterUpdate.move(&result, towards: y, by: weight)
      return Tensor(dimensions, result)
    case (.float64(let x), .float64(let y)):
      var result = x
      ParameterUpdate.move(&result, towards: y, by: weight)
      return Tensor(dimensions, result)
    case (.float32, _), (.float64, _), (.int32, _), (.bool, _):
      preconditionFailure("parameters are floats of one type")
    }
  }
}
