internal import Foundation

/// Finds likely sequences of tokens: each step keeps the best `width` continuations (Graves 2012; for translation
/// Sutskever, Vinyals & Le 2014). With a width of 1 this is greedy search.
///
/// A sequence's score is log p(y₁ … y_n) / ((5 + n) / 6)^α, for α = 0 its log-probability (Wu et al. 2016, equation 14,
/// without coverage). The result depends only on the step's numbers: for equal scores the earlier beam comes first,
/// then the smaller token.
public struct BeamSearch: Hashable, Sendable {
  /// A sequence and how likely it is.
  public struct Hypothesis: Hashable, Sendable {
    /// Without the end's token.
    public var tokens: [Int]
    /// log p of the tokens, and of the end token if it was reached.
    public var logProbability: Double
    /// log p with the length penalty, by which hypotheses are ranked.
    public var score: Double
    /// Whether the end token was reached; otherwise the sequence was cut at the maximum length.
    public var isComplete: Bool
  }

  /// The number of sequences kept after each step.
  public var width: Int
  /// The maximum number of tokens of a sequence, without the end token.
  public var longest: Int
  /// The token that ends a sequence.
  public var end: Int
  /// α: above 0, longer sequences are penalised less.
  public var lengthPenalty: Double

  /// A search; traps unless `width` and `longest` are at least 1.
  public init(width: Int = 4, longest: Int, end: Int, lengthPenalty: Double = 0) {
    precondition(width >= 1 && longest >= 1, "a search keeps at least one sequence of at least one token")
    self.width = width
    self.longest = longest
    self.end = end
    self.lengthPenalty = lengthPenalty
  }

  /// The best sequences, at most `width`, best first.
  ///
  /// - Parameters:
  ///   - start: The network's state before the first token, for one sample.
  ///   - step: For each kept sequence, given as its state and its last token (nil at the start), the state after that
  ///     token and log p of every token that can follow; all together, so that they can be rows of one batch.
  public func callAsFunction<State, Failure: Error>(
    from start: State,
    step: (_ beams: [(state: State, last: Int?)]) throws(Failure) -> [(state: State, logProbabilities: [Double])]
  ) throws(Failure) -> [Hypothesis] {
    var open = [Beam(state: start, tokens: [], logProbability: 0)]
    var finished: [Hypothesis] = []
    while !open.isEmpty {
      let results = try step(open.map { (state: $0.state, last: $0.tokens.last) })
      precondition(results.count == open.count, "a step gives a result for each sequence")
      let choices = best(continuing: open, results.map(\.logProbabilities))
      open = choices.compactMap { choice in
        let beam = open[choice.beam]
        if choice.token == end {
          finished.append(hypothesis(beam.tokens, choice.logProbability, isComplete: true))
          return nil
        }
        let tokens = beam.tokens + [choice.token]
        if tokens.count == longest {
          finished.append(hypothesis(tokens, choice.logProbability, isComplete: false))
          return nil
        }
        return Beam(state: results[choice.beam].state, tokens: tokens, logProbability: choice.logProbability)
      }
      finished = Array(finished.sorted(by: Self.isBetter).prefix(width))
      if finished.count == width, let last = finished.last, !canImprove(open, beyond: last.score) { break }
    }
    return finished
  }

  // MARK: Parts

  private struct Beam<State> {
    var state: State
    var tokens: [Int]
    var logProbability: Double
  }

  private struct Choice {
    var beam: Int
    var token: Int
    var logProbability: Double
  }

  /// The best `width` of all beams' continuations; impossible ones, with log p = −∞ or NaN, are excluded.
  private func best<State>(continuing beams: [Beam<State>], _ logProbabilities: [[Double]]) -> [Choice] {
    var choices: [Choice] = []
    for (index, beam) in beams.enumerated() {
      for (token, value) in logProbabilities[index].enumerated() where value > -.infinity {
        choices.append(Choice(beam: index, token: token, logProbability: beam.logProbability + value))
      }
    }
    choices.sort {
      ($1.logProbability, $0.beam, $0.token) < ($0.logProbability, $1.beam, $1.token)
    }
    return Array(choices.prefix(width))
  }

  /// Whether an unfinished sequence can still reach a better score: its log p only falls, but longer sequences are
  /// penalised less.
  private func canImprove<State>(_ beams: [Beam<State>], beyond score: Double) -> Bool {
    beams.contains { $0.logProbability / scale(lengthPenalty > 0 ? longest + 1 : $0.tokens.count + 1) > score }
  }

  /// ((5 + n) / 6)^α
  private func scale(_ count: Int) -> Double { pow(Double(5 + count) / 6, lengthPenalty) }

  private func hypothesis(_ tokens: [Int], _ logProbability: Double, isComplete: Bool) -> Hypothesis {
    let count = tokens.count + (isComplete ? 1 : 0)
    return Hypothesis(
      tokens: tokens, logProbability: logProbability, score: logProbability / scale(count), isComplete: isComplete)
  }

  private static func isBetter(_ left: Hypothesis, _ right: Hypothesis) -> Bool {
    left.score != right.score ? left.score > right.score : left.tokens.lexicographicallyPrecedes(right.tokens)
  }
}
