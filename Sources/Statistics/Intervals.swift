internal import EbbTensors

extension Spread {
  /// An interval for the mean of the runs that could have been, by the bootstrap.
  ///
  /// Means of n draws with replacement; between their α' and 1 − α' quantiles, where
  /// α' = Φ(−√(n / (n − 1)) t_{n−1, α/2}) corrects for the percentile interval of few numbers being too short
  /// (the expanded percentile interval: Hesterberg 2015, "What teachers should know about the bootstrap", section 4.3).
  /// The draws are a function of n alone, so that equal numbers have equal intervals.
  ///
  /// No resampling reaches beyond the numbers themselves: of 3 normal numbers at best 75% of the intervals hold the
  /// mean, of 5 at best 94%.
  ///
  /// - Parameters:
  ///   - level: The share of intervals that is to hold the mean.
  ///   - draws: How many means are drawn.
  /// - Returns: Nil for fewer than two numbers, or if one is not finite.
  public func meanInterval(level: Double = 0.95, draws: Int = 9999) -> ClosedRange<Double>? {
    guard count > 1, values.allSatisfy(\.isFinite) else { return nil }
    let factor = (Double(count) / Double(count - 1)).squareRoot()
    let tail = normalShare(below: -factor * studentPoint(tail: (1 - level) / 2, freedom: count - 1))
    let stream = RandomStream(seed: 0, stream: UInt64(count))
    let means = (0..<draws).map { draw -> Double in
      var sum = 0.0
      for position in 0..<count {
        let share = stream.value(.uniform, at: [UInt32(draw), UInt32(position), 0], element: 0)
        sum += values[min(count - 1, Int(share * Double(count)))]
      }
      return sum / Double(count)
    }.ascending
    return quantile(tail, ofSorted: means)...quantile(1 - tail, ofSorted: means)
  }
}

/// How many of several runs succeeded.
public struct SuccessCount: Sendable, Hashable {
  /// How many succeeded.
  public var successes: Int
  /// How many there were.
  public var trials: Int

  /// - Precondition: No more successes than trials.
  public init(_ successes: Int, of trials: Int) {
    precondition((0...trials).contains(successes), "\(successes) successes of \(trials)")
    (self.successes, self.trials) = (successes, trials)
  }

  /// An interval for the probability of success, which stays within 0 and 1.
  ///
  /// With p = k / n and z the normal quantile of the level:
  /// (p + z² / 2n ± z √(p (1 − p) / n + z² / 4n²)) / (1 + z² / n)     (Wilson 1927)
  ///
  /// - Returns: Nil without trials.
  public func interval(level: Double = 0.95) -> ClosedRange<Double>? {
    guard trials > 0 else { return nil }
    let z = inverse((1 + level) / 2, within: 0...40, normalShare)
    let (n, p) = (Double(trials), Double(successes) / Double(trials))
    let middle = p + z * z / (2 * n)
    let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    // At 0 and at n the end is exactly 0 or 1.
    let lower = successes == 0 ? 0 : (middle - half) / (1 + z * z / n)
    let upper = successes == trials ? 1 : (middle + half) / (1 + z * z / n)
    return lower...upper
  }

  /// "4 of 5".
  public var text: String { "\(successes) of \(trials)" }
}
