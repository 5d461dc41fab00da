import EbbTensors
import Foundation
import Testing

@testable import EbbApplications

@Suite struct MomentTests {
  /// What rounding makes of equal numbers must not pass for a spread, whichever number it is and however many.
  @Test func equalNumbersHaveNoDeviation() {
    for value in [0.1, 0.3, 1.0 / 3, -7.7e100, 1e-300, .leastNonzeroMagnitude, 1e308] {
      for count in [1, 2, 3, 10, 240, 999] {
        let moments = Moments([Double](repeating: value, count: count))
        #expect(moments.mean == value && moments.deviation == 0 && !moments.isVarying)
      }
    }
  }

  /// The same numbers in other units: all moments scale with them, to the bit by powers of two.
  @Test func momentsScaleWithTheirNumbers() {
    let values = (0..<101).map { sin(Double($0 * $0)) + 2 }
    let plain = Moments(values)
    for exponent in [-1000, -700, -300, 300, 700, 1000] {
      let scaled = Moments(values.map { scalbn($0, exponent) })
      #expect(scaled.mean == scalbn(plain.mean, exponent), "2^\(exponent)")
      #expect(abs(scaled.deviation / scalbn(plain.deviation, exponent) - 1) < 1e-15, "2^\(exponent)")
    }
    #expect(Moments([.leastNonzeroMagnitude, 0, 0, 0]).deviation > 0)
    #expect(abs(Moments([1e308, -1e308]).deviation / 1e308 - 1) < 1e-15 && Moments([1e308, -1e308]).mean == 0)
  }

  /// A spread that is small beside the mean.
  @Test func aLargeMeanTakesNothingFromTheDeviation() {
    let values = (0..<1000).map { 1e9 + Double($0 % 2) * 0x1p-20 }
    #expect(abs(Moments(values).deviation / 0x1p-21 - 1) < 1e-9)
  }

  @Test func sumsAreRightAtEveryMagnitude() {
    for scale in [0x1p-1030, 1e-200, 1e-150, 1, 1e150, 1e200, 1e307] {
      let values = [3.0, -4, 0, 12].map { $0 * scale }
      #expect(abs(rootMeanSquare(values) / (6.5 * scale) - 1) < 1e-9, "\(scale)")
      var metrics = RegressionMetrics()
      metrics.add(values, targets: [0, 0, scale, 0])
      #expect(abs(metrics.rootMeanSquaredError / (sqrt(42.5) * scale) - 1) < 1e-9, "\(scale)")
      #expect(abs(metrics.meanAbsoluteError / (5 * scale) - 1) < 1e-9, "\(scale)")
      // Σ e² = 170 and Σ (y − ȳ)² = ¾, in units of the scale.
      #expect(metrics.determination.map { abs($0 - (1 - 170 / 0.75)) < 1e-4 } == true, "\(scale)")
    }
    // A mean of squares that is representable where their sum is not.
    var large = RegressionMetrics()
    large.add([1e154, 1e154, 1e154], targets: [0, 0, 0])
    #expect(abs(large.meanSquaredError / 1e308 - 1) < 1e-12)
    #expect(rootMeanSquare([1e-200, 1]) == 0.5.squareRoot() && rootMeanSquare([.infinity, 1]) == .infinity)
    #expect(rootMeanSquare([.nan, 1e-300, 1e300]).isNaN)
    let tiny = rootMeanSquare([1e-130, 1e-200])
    #expect(abs(tiny / (1e-130 / 2.0.squareRoot()) - 1) < 1e-15)
  }

  @Test func alikeTargetsLeaveNothingToExplain() {
    for value in [0.1, 0.3, 50.346] {
      var metrics = RegressionMetrics()
      metrics.add([1, 2, 3], targets: [value, value, value])
      #expect(metrics.determination == nil && metrics.rootMeanSquaredError > 0)
    }
  }
}

@Suite struct StudentTTests {
  /// From mpmath with 30 digits: P(|T| ≥ |t|).
  @Test(arguments: [
    (1, 0.5, 0.70483276469913345), (1, 12.706204736, 0.050000000000684654), (1, 1e6, 6.3661977236736914e-7),
    (2, 4.302652729696142, 0.050000000001147884), (2, 0.1, 0.92946543841414017), (3, 2.5, 0.087706647008065547),
    (4, -3.25, 0.031375734220153955), (7, 0.711, 0.50008259155201735), (12, 2.178812829667229, 0.049999999999999998),
    (30, 8.0, 6.2658224757007589e-9), (64, 1.9977, 0.050003300178620631), (64, 15.0, 1.2551248065672699e-22),
    (199, 3.0, 0.0030448267251061726), (1000, 0.001, 0.99920231501845273),
  ])
  func probabilitiesAreThoseOfWiderArithmetic(degrees: Int, t: Double, probability: Double) {
    let found = StudentT(degreesOfFreedom: degrees).twoSidedProbability(t)
    #expect(abs(found / probability - 1) < 1e-12, "\(found)")
  }

  @Test func theEnds() {
    let student = StudentT(degreesOfFreedom: 3)
    #expect(student.twoSidedProbability(0) == 1 && student.twoSidedProbability(.infinity) == 0)
    #expect(student.twoSidedProbability(1e300) == 0 && student.twoSidedProbability(.nan).isNaN)
  }
}
