internal import EbbTensors
internal import Foundation

/// How the next token is chosen.
public struct Sampling: Hashable, Sendable {
  /// The divisor of the logits: below 1, likely tokens become more likely; 0 always takes the most likely token.
  public var temperature: Double
  /// Restricts the choice to this many most likely tokens; nil for all.
  public var topK: Int?
  /// The same seed, model and prompt give the same text.
  public var seed: UInt64

  /// How tokens are drawn; by default from all, by their probabilities.
  public init(temperature: Double = 1, topK: Int? = nil, seed: UInt64 = 1) {
    self.temperature = temperature
    self.topK = topK
    self.seed = seed
  }

  /// The problem with the settings; nil if there is none.
  var problem: String? {
    if !(temperature >= 0 && temperature.isFinite) { return "the temperature is at least 0, not \(temperature)" }
    if let topK, topK < 1 { return "at least one token is chosen from, not \(topK)" }
    return nil
  }

  /// The probabilities softmax(logits / temperature), most likely first, without the unknown token.
  func distribution(_ logits: [Double]) -> [(token: Int32, probability: Double)] {
    let ranked = ranking(logits)
    let kept = ranked.prefix(temperature == 0 ? 1 : topK ?? ranked.count)
    guard let largest = kept.first?.logit else { return [] }
    let weights = kept.map { temperature == 0 ? 1 : exp(($0.logit - largest) / temperature) }
    let total = weights.reduce(0, +)
    return zip(kept, weights).map { ($0.token, $1 / total) }
  }

  /// The token of draw number `draw`: the first at which the cumulative probability exceeds a uniform number.
  package func token(_ logits: [Double], draw: Int) -> Int32? {
    let choices = distribution(logits)
    let random = RandomStream(seed: seed, run: UInt64(draw), stream: 0x7E87_0000_0000_0000)
    var rest = random.value(.uniform, at: .zero, element: 0)
    for choice in choices {
      rest -= choice.probability
      if rest < 0 { return choice.token }
    }
    return choices.last?.token
  }

  /// The tokens except the unknown one by their logits, equal ones by their numbers, without NaN logits.
  private func ranking(_ logits: [Double]) -> [(token: Int32, logit: Double)] {
    logits.indices.dropFirst().filter { logits[$0].isFinite }
      .map { (Int32($0), logits[$0]) }
      .sorted { left, right in left.1 == right.1 ? left.0 < right.0 : left.1 > right.1 }
  }
}
