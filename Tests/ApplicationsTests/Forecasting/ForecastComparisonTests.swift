import EbbTensors
import EbbTestSupport
import Foundation
import Testing

@testable import EbbApplications

@Suite struct ForecastComparisonTests {
  /// How two forecasters' errors come about, 1, 2, … steps ahead from consecutive origins.
  enum Errors: CaseIterable {
    /// Each its own sums of the steps' shocks: of h steps a moving average of order h − 1.
    case apart
    /// An autoregression, y ← 0.9 y + u, whose last value each sees with noise of its own: most of the error is shared.
    case shared
    /// The same, with noise that lasts over several origins.
    case lasting
  }

  /// Errors of two forecasters by the number of steps, whose noise has these deviations.
  private func errors(
    _ kind: Errors, _ count: Int, _ horizon: Int, run: Int, noise: (Double, Double) = (1, 1)
  ) -> [[[Double]]] {
    let random = RandomStream(seed: 8, run: UInt64(run), stream: 1)
    func normal(_ column: Int, _ row: Int) -> Double {
      random.value(.normal, at: [UInt32(column), UInt32(row), 0], element: 0)
    }
    return [noise.0, noise.1].enumerated().map { forecaster, deviation in
      let shocks = (0..<count + horizon).map { normal(kind == .apart ? forecaster : 2, $0) }
      var seen = (0..<count).map { normal(3 + forecaster, $0) }
      if kind == .lasting { for row in 1..<count { seen[row] = 0.8 * seen[row - 1] + 0.6 * seen[row] } }
      let factor = kind == .apart ? 1 : 0.9
      // e_h = Σ_{j ≤ h} φ^{h−j} u_j − φ^h noise
      var sums = [Double](repeating: 0, count: count)
      return (1...horizon).map { step in
        for row in 0..<count { sums[row] = factor * sums[row] + shocks[row + step - 1] }
        return kind == .apart
          ? sums.map { $0 * deviation }
          : sums.indices.map { sums[$0] - pow(factor, Double(step)) * deviation * seen[$0] }
      }
    }
  }

  /// In how many runs a difference is called clear at any number of steps, for each of these largest ones.
  private func calls(
    _ kind: Errors, _ count: Int, _ horizons: [Int], runs: Int, noise: (Double, Double) = (1, 1)
  ) -> [Int] {
    let longest = horizons.max() ?? 1
    var found = horizons.map { _ in 0 }
    for run in 0..<runs {
      let errors = errors(kind, count, longest, run: run, noise: noise)
      let comparisons = (0..<longest).map { step in
        ForecastComparison(
          errors: errors[0][step], baseline: errors[1][step], stepsAhead: step + 1, resolution: 1e-15)
      }
      for (index, horizon) in horizons.enumerated() {
        let adjusted = Array(comparisons[..<horizon]).adjustedForAll()
        if adjusted.contains(where: { $0?.isClear == true }) { found[index] += 1 }
      }
    }
    return found
  }

  private static let runs = effort(debug: 400, optimized: 2000)

  /// Two equally good forecasters: at most one run in twenty may show a difference.
  @Test(arguments: [(2, [7]), (12, [12]), (60, [7, 30]), (300, [7])], Errors.allCases)
  func equalForecastsSeldomDiffer(size: (count: Int, horizons: [Int]), kind: Errors) {
    let found = calls(kind, size.count, size.horizons, runs: Self.runs)
    #expect(
      found.allSatisfy { 20 * $0 <= Self.runs },
      "\(found) of \(Self.runs) runs with \(size.count) forecasts of \(size.horizons) steps")
  }

  /// What is really better is found: with few forecasts often, with many always.
  @Test func betterForecastsAreFound() {
    #expect(calls(.shared, 60, [1], runs: 200, noise: (0.5, 1.5))[0] > 140)
    #expect(calls(.shared, 300, [7], runs: 100, noise: (0.5, 1.5))[0] > 95)
  }

  @Test func theStatisticIsThatOfTheFormula() throws {
    let errors: [Double] = (0..<11).map { sin(Double($0 * $0)) }
    let baseline: [Double] = (0..<11).map { 1.3 * cos(Double(3 * $0)) }
    let found = try #require(
      ForecastComparison(errors: errors, baseline: baseline, stepsAhead: 2, resolution: 1e-15))
    let d: [Double] = zip(errors, baseline).map { $1 * $1 - $0 * $0 }
    // ⌈0.41 · 11^⅔⌉ = 3, and ⌊11 / 4⌋ = 2.
    #expect(found.degreesOfFreedom == 2)
    let weights = (1...2).map { (j: Int) -> Double in
      var sum = 0.0
      for i in 0..<11 { sum += d[i] * cos(Double.pi * Double(j) * (Double(i) + 0.5) / 11) }
      return sum * (2.0 / 11).squareRoot()
    }
    let variance: Double = (weights[0] * weights[0] + weights[1] * weights[1]) / 2
    let mean: Double = d.reduce(0, +) / 11
    let statistic: Double = mean / (variance / 11).squareRoot()
    #expect(abs(found.statistic - statistic) < 1e-12)
    #expect(abs(found.probability - StudentT(degreesOfFreedom: 2).twoSidedProbability(statistic)) < 1e-12)
    // In other units it is the same, even where squares leave the range of floats.
    for scale in [1e-200, 1e200] {
      let scaled = try #require(
        ForecastComparison(
          errors: errors.map { $0 * scale }, baseline: baseline.map { $0 * scale }, stepsAhead: 2, resolution: 0))
      #expect(abs(scaled.statistic - statistic) < 1e-12)
    }
  }

  @Test func withoutSpreadOrForecastsNothingIsTold() {
    func comparison(_ errors: [Double], _ baseline: [Double], _ steps: Int = 1) -> ForecastComparison? {
      ForecastComparison(errors: errors, baseline: baseline, stepsAhead: steps, resolution: 1e-14)
    }
    let few = [0.3, -0.1, 0.2]
    #expect(comparison([0.1], [0.2]) == nil && comparison(few, [0, 0, 0], 2) == nil)
    #expect(comparison(few, few) == nil && comparison([0, 0, 0, 0], [0, 0, 0, 0]) == nil)
    // One is right, the other wrong by the same each time, up to rounding.
    let forecast = 50.346 + 0.01
    let same = (0..<50).map { (row: Int) -> Double in forecast - (50.346 + Double(row % 2) * 1e-14) }
    #expect(comparison(same, [Double](repeating: 0, count: 50)) == nil)
  }

  /// After Holm: 3 p₁, then the larger of that and 2 p₂, then p₃.
  @Test func probabilitiesAllowForAllComparisons() {
    let errors = [4.0, 1, 2].map { (scale: Double) -> [Double] in
      (0..<40).map { (index: Int) -> Double in 1 + sin(Double(index * index)) / scale }
    }
    let alone: [ForecastComparison?] = errors.map {
      ForecastComparison(errors: $0, baseline: errors[1].reversed(), stepsAhead: 1, resolution: 1e-15)
    }
    var all: [ForecastComparison?] = [nil]
    all += alone
    all = all.adjustedForAll()
    #expect(all[0] == nil && all.count == 4)
    let order = alone.indices.sorted { (alone[$0]?.probability ?? 2) < (alone[$1]?.probability ?? 2) }
    let p = order.map { alone[$0]?.probability ?? .nan }
    let adjusted = order.map { all[$0 + 1]?.probability ?? .nan }
    let first = min(1, 3 * p[0])
    let second = max(first, min(1, 2 * p[1]))
    #expect(adjusted == [first, second, max(second, p[2])])
  }
}
