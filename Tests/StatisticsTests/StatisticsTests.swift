import EbbStatistics
import EbbTensors
import Testing

/// Quantiles, intervals and tests against closed forms.
@Suite struct StatisticsTests {
  @Test func quantilesAreThoseOfNumPy() {
    // numpy.quantile([3, 1, 4, 1, 5, 9, 2, 6], [0.25, 0.5, 0.75]) = 1.75, 3.5, 5.25
    let spread = Spread([3, 1, 4, 1, 5, 9, 2, 6])
    #expect([spread.lowerQuartile, spread.median, spread.upperQuartile] == [1.75, 3.5, 5.25])
    #expect(spread.mean == 31.0 / 8)
    #expect(Spread([2]).upperQuartile == 2)
    #expect(Spread([]).median.isNaN)
  }

  @Test func aRunThatDivergedIsTheLargest() {
    let spread = Spread([1, .nan, 3, 2, 2])
    #expect([spread.lowerQuartile, spread.median, spread.upperQuartile] == [2, 2, 3])
    #expect(spread.mean.isNaN)
    #expect(spread.meanInterval() == nil)
    #expect(Spread([1, .infinity, .infinity]).median == .infinity)
    #expect(Spread([1, .nan, .nan]).median.isNaN)
  }

  @Test func wilsonsIntervalIsThatOfItsFormula() throws {
    // The formula in Python, for 4 of 5 and 0 of 5.
    let interval = try #require(SuccessCount(4, of: 5).interval())
    #expect(abs(interval.lowerBound - 0.37553463) < 1e-7)
    #expect(abs(interval.upperBound - 0.96377589) < 1e-7)
    let none = try #require(SuccessCount(0, of: 5).interval())
    #expect(none.lowerBound == 0)
    #expect(abs(none.upperBound - 0.43448246) < 1e-7)
    #expect(SuccessCount(0, of: 0).interval() == nil)
  }

  @Test func probabilitiesOfSignedRanksAreExact() {
    // Five differences of one sign: two of the 32 choices are as far.
    #expect(SignedRankTest([1, 2, 3, 4, 5], [0, 0, 0, 0, 0]).probability == 2.0 / 32)
    // Ranks 1 … 4 with 1 negative: sums ≤ 1 or ≥ 9 are 4 of the 16 choices.
    #expect(SignedRankTest([-1, 2, 3, 4], [0, 0, 0, 0]).probability == 4.0 / 16)
    // A tie of magnitudes: ranks 1.5, 1.5, 3; sums ≥ 4.5 or ≤ 1.5 are 6 of 8.
    #expect(SignedRankTest([-1, 1, 2], [0, 0, 0]).probability == 6.0 / 8)
    // scipy.stats.wilcoxon([1.83,.50,1.62,2.48,1.68,1.88,1.55,3.06,1.30], [.878,.647,.598,2.05,1.06,1.29,1.06,3.14,1.29])
    let depression = SignedRankTest(
      [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30],
      [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])
    #expect(depression.positiveRanks == 40)
    #expect(abs(depression.probability - 0.0390625) < 1e-12)
    // Equal pairs say nothing, and a diverged run is worse than a finite one.
    #expect(SignedRankTest([1, 1], [1, 1]).probability == 1)
    #expect(SignedRankTest([.nan, .nan, .nan], [1, 2, 3]).positiveRanks == 6)
  }

  @Test func holmsCorrectionMultipliesAndNeverFalls() {
    let corrected = holmCorrected([0.01, 0.04, 0.03, 0.005])
    let expected = [0.03, 0.06, 0.06, 0.02]
    #expect(zip(corrected, expected).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(holmCorrected([0.9, 0.8]) == [1, 1])
  }

  @Test func fewSeedsAreSaid() {
    #expect(SignedRankTest.pairsNeeded(comparisons: 1) == 6)
    #expect(SignedRankTest.pairsNeeded(comparisons: 3) == 7)
    let few = PairedComparison([("a", [1, 2, 3]), ("b", [2, 3, 4])])
    #expect(few.rows.map(\.difference) == [-1])
    #expect(few.tooFewSeeds?.contains("6 seeds can show a difference") == true)
    #expect(PairedComparison([("a", [1, 2, 3, 4, 5, 6]), ("b", [2, 3, 4, 5, 6, 7])]).tooFewSeeds == nil)
  }

  @Test func equalNumbersHaveEqualIntervals() throws {
    let first = try #require(Spread([1, 2, 3, 4, 5]).meanInterval())
    #expect(first == Spread([1, 2, 3, 4, 5]).meanInterval())
    #expect(first.lowerBound >= 1 && first.upperBound <= 5 && first.contains(3))
    #expect(try #require(Spread([2, 2, 2]).meanInterval()) == 2...2)
    #expect(Spread([2]).meanInterval() == nil)
  }
}

/// How often intervals hold the truth and tests raise a false alarm, over 2,000 experiments each.
@Suite struct StatisticsSimulations {
  private let experiments = 2000

  private func normal(_ experiment: Int, _ run: Int, _ setting: Int = 0) -> Double {
    RandomStream(seed: 7, stream: 1)
      .value(.normal, at: [UInt32(experiment), UInt32(run), UInt32(setting)], element: 0)
  }

  /// The largest share that chance explains: three deviations of a binomial share above the nominal one.
  private func bound(_ share: Double) -> Double {
    share + 3 * (share * (1 - share) / Double(experiments)).squareRoot()
  }

  @Test func intervalsOfTheMeanHoldIt() {
    // With 5 numbers no interval within them can hold the mean more often than 1 − 2 / 2⁵ = 93.75%.
    for (count, expected) in [(5, 0.92), (10, 0.94)] {
      let held = (0..<experiments).count { experiment in
        Spread((0..<count).map { normal(experiment, $0) }).meanInterval(draws: 399)?.contains(0) == true
      }
      let share = Double(held) / Double(experiments)
      #expect(share > expected - 0.015, "\(count) numbers: \(share)")
      #expect(share < 0.975, "\(count) numbers: \(share)")
    }
  }

  @Test func wilsonsIntervalsHoldTheProbability() {
    for probability in [0.3, 0.5, 0.8] {
      let stream = RandomStream(seed: 7, stream: 2)
      let held = (0..<experiments).count { experiment in
        let successes = (0..<20).count {
          stream.value(.uniform, at: [UInt32(experiment), UInt32($0), 0], element: 0) < probability
        }
        return SuccessCount(successes, of: 20).interval()?.contains(probability) == true
      }
      #expect(Double(held) / Double(experiments) > 0.92, "at \(probability)")
    }
  }

  @Test func testsRaiseNoMoreFalseAlarmsThanTheirLevel() {
    for count in [6, 9] {
      let alarms = (0..<experiments).count { experiment in
        let first = (0..<count).map { normal(experiment, $0) }
        let second = (0..<count).map { normal(experiment, $0, 1) }
        return SignedRankTest(first, second).probability <= 0.05
      }
      #expect(Double(alarms) / Double(experiments) <= bound(0.05), "\(count) seeds")
      #expect(alarms > 0)
    }
  }

  @Test func comparisonsOfFourSettingsTogetherDoNeither() {
    let alarms = (0..<experiments).count { experiment in
      let settings = (0..<4).map { setting in
        (name: "\(setting)", values: (0..<10).map { normal(experiment, $0, setting) })
      }
      return PairedComparison(settings).rows.contains { $0.corrected <= 0.05 }
    }
    #expect(Double(alarms) / Double(experiments) <= bound(0.05))
  }

  @Test func aClearDifferenceIsFound() {
    let found = (0..<200).count { experiment in
      let first = (0..<10).map { normal(experiment, $0) }
      let second = (0..<10).map { normal(experiment, $0, 1) + 3 }
      return SignedRankTest(first, second).probability <= 0.05
    }
    #expect(found > 190)
  }
}
