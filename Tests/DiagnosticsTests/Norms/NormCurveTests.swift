import Foundation
import Testing

@testable import EbbDiagnostics

@Suite struct NormCurveTests {
  @Test func fitOfAnExponentialIsExact() throws {
    let fit = try #require(DecayFit((0..<40).map { 3 * pow(0.7, Double($0)) }))
    #expect(abs(fit.factor - 0.7) < 1e-12)
    #expect(abs(fit.scale - 3) < 1e-11)
    #expect(fit.deviation < 1e-12)
  }

  @Test func fitPassesOverWhatHasNoLogarithm() throws {
    let fit = try #require(DecayFit([1, 0, .nan, 1.0 / 8, 1.0 / 16, .infinity, 1e-30], resolution: 1e-20))
    #expect(fit.steps == 3)
    #expect(abs(fit.factor - 0.5) < 1e-12)
    #expect(DecayFit([1]) == nil)
    #expect(DecayFit([0, 0, 1]) == nil)
  }

  @Test func deviationIsInDecades() throws {
    // Residuals of ±½ decade about a level line.
    let fit = try #require(DecayFit([10, 1, 1, 10]))
    #expect(abs(fit.factor - 1) < 1e-12)
    #expect(abs(fit.deviation - 0.5) < 1e-12)
  }

  @Test func stepsBackCountsFromTheLastState() {
    let norms = [1e-5, 0.5, 0.009, 0.2, 1]
    #expect(NormCurve(samples: norms.map { [$0] }).stepsBack() == 2)
    #expect(NormCurve(samples: norms.map { [$0] }, flowsBackward: false).stepsBack() == nil)
    #expect(NormCurve(samples: [[1], [0]]).stepsBack() == nil)
  }

  /// Of numbers that are none it is not said that they stay above.
  @Test func whatIsNotANumberIsNotAboveAFraction() {
    #expect(NormCurve(samples: [[.nan], [.nan], [1]]).notWithin == "NaN after 1 step")
    #expect(NormCurve(samples: [[.nan], [0.5], [1]]).notWithin == "NaN after 2 steps")
    #expect(NormCurve(samples: [[0.5], [0.5], [1]]).notWithin == "not within 3")
    #expect(NormCurve(samples: [[0.5], [.nan]]).notWithin == "NaN at t = T")
  }

  @Test func meansAreOverTheSamplesThatThereAre() {
    let curve = NormCurve(samples: [[1, 3], [.nan, 5], [.nan, .nan]])
    #expect(curve.means[0] == 2)
    #expect(curve.means[1] == 5)
    #expect(curve.means[2].isNaN)
  }
}
