import Foundation
import Testing

import EbbReport

@Suite struct TickTests {
  static let linearRanges: [(Double, Double)] = [
    (0, 1), (0, 100), (1, 120), (-1, 1), (-5, -2), (0.3, 0.4), (1e-9, 3e-9), (-2e7, 9e8), (0, 1e300), (99.9, 100.1),
    (1_000_000, 1_000_010), (-1.7e308, 1.7e308), (0, 7), (0.05, 0.95), (-273.15, 1000), (1e-300, 2e-300),
  ]

  @Test(arguments: linearRanges) func linearTicksAreRoundAndInside(low: Double, high: Double) throws {
    let scale = AxisScale(.linear, values: [low, high], bounds: nil)
    #expect(scale.low == low && scale.high == high)
    for count in [2, 4, 6, 10] {
      let ticks = scale.ticks(count)
      #expect(ticks.count >= 1 && ticks.count <= 2 * count + 2, "\(low)…\(high), \(count): \(ticks.count)")
      #expect(ticks.map(\.fraction) == ticks.map(\.fraction).sorted())
      for tick in ticks {
        let number = try #require(tick.number)
        // The number stands where its value belongs.
        let value = low * (1 - tick.fraction) + high * tick.fraction
        #expect(abs(number.value / 2 - value / 2) <= 1e-9 * (high / 2 - low / 2))
        let digits = String(number.normalized.significand.magnitude)
        #expect(digits.count <= 9, "\(digits) is not round")
      }
      let labels = ticks.compactMap { $0.label(.ascii) }
      #expect(Set(labels).count == labels.count, "\(labels)")
    }
  }

  @Test func labelsHaveTheDigitsOfTheStep() {
    let tenths = AxisScale(.linear, values: [0, 1], bounds: nil).ticks(5).compactMap { $0.label(.ascii) }
    #expect(tenths == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    let fewTenths = AxisScale(.linear, values: [0, 0.4], bounds: nil).ticks(5).compactMap { $0.label(.ascii) }
    #expect(fewTenths == ["0.0", "0.1", "0.2", "0.3", "0.4"])
    let large = AxisScale(.linear, values: [0, 3e7], bounds: nil).ticks(3).compactMap { $0.label(.typographic) }
    #expect(large == ["0", "10⁷", "2×10⁷", "3×10⁷"])
    let negative = AxisScale(.linear, values: [-20, 0], bounds: nil).ticks(2).compactMap { $0.label(.typographic) }
    #expect(negative == ["−20", "−10", "0"])
  }

  /// The first and the last number belong to the axis where it begins and ends, though 0.14 / 0.01 is a little more than
  /// 14 and 0.6 / 0.1 a little less than 6.
  @Test(
    arguments: [
      (0.14, 0.18, ["0.14", "0.15", "0.16", "0.17", "0.18"]), (0.07, 0.11, ["0.07", "0.08", "0.09", "0.10", "0.11"]),
      (2.24, 2.28, ["2.24", "2.25", "2.26", "2.27", "2.28"]),
      (0, 0.6, ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6"]),
      (0.2, 1.2, ["0.2", "0.4", "0.6", "0.8", "1.0", "1.2"]),
    ] as [(Double, Double, [String])]) func endsAreMarked(low: Double, high: Double, labels: [String])
  {
    let ticks = AxisScale(.linear, values: [low, high], bounds: nil).ticks(5)
    #expect(ticks.compactMap { $0.label(.ascii) } == labels)
    #expect(ticks.first!.fraction >= 0 && ticks.last!.fraction <= 1)
  }

  /// About five steps: of 1 up to a fifth of 1.4, of 2 up to 3, of 5 up to 7, else of 10.
  @Test(arguments: [(7, 1), (7.5, 2), (15, 2), (15.5, 5), (35, 5), (35.5, 10), (70, 10)] as [(Double, Int)])
  func stepsGrowAtTheirThresholds(high: Double, step: Int) {
    let labels = AxisScale(.linear, values: [0, high], bounds: nil).ticks(5).compactMap { $0.label(.ascii) }
    #expect(labels == stride(from: 0, through: Int(high), by: step).map { "\($0)" })
  }

  /// Up to six digits before the point and five behind it are written out.
  @Test func longNumbersArePowers() {
    func labels(_ high: Double) -> [String] {
      AxisScale(.linear, values: [0, high], bounds: nil).ticks(2).compactMap { $0.label(.ascii) }
    }
    #expect(labels(400_000) == ["0", "200000", "400000"])
    #expect(labels(4_000_000) == ["0", "2e6", "4e6"])
    #expect(labels(4e-5) == ["0.00000", "0.00002", "0.00004"])
    #expect(labels(4e-6) == ["0", "2e-6", "4e-6"])
  }

  @Test func stepsAreCountedInWholeNumbers() {
    let labels = AxisScale(.linear, values: [0, 2], bounds: nil).ticks(8, wholeNumbers: true).compactMap {
      $0.label(.ascii)
    }
    #expect(labels == ["0", "1", "2"])
  }

  static let logarithmicRanges: [(Double, Double)] = [
    (1e-12, 1), (1e-300, 1e300), (0.1, 10), (2, 3), (1, 9), (0.9, 11), (Double.leastNonzeroMagnitude, 1), (3e-7, 8e-7),
    (1, 1e5),
    (0.02, 700), (1.0001, 1.0002),
  ]

  @Test(arguments: logarithmicRanges) func logarithmicTicksAreInside(low: Double, high: Double) throws {
    let scale = AxisScale(.log10, values: [low, high], bounds: nil)
    for count in [3, 6, 9] {
      let ticks = scale.ticks(count)
      let labelled = ticks.filter { $0.number != nil }
      #expect(ticks.count <= 80)
      #expect(labelled.count >= 2 && labelled.count <= 2 * count + 3, "\(low)…\(high): \(labelled.count)")
      #expect(ticks.map(\.fraction) == ticks.map(\.fraction).sorted())
      for tick in labelled {
        let number = try #require(tick.number)
        let power = Foundation.log10(Double(number.significand)) + Double(number.exponent)
        let expected = (power - Foundation.log10(low)) / (Foundation.log10(high) - Foundation.log10(low))
        #expect(abs(tick.fraction - expected) < 1e-6)
      }
      let labels = labelled.compactMap { $0.label(.ascii) }
      #expect(Set(labels).count == labels.count, "\(labels)")
    }
  }

  @Test func decadesAreLabelledAsPowersOrPlainly() {
    let wide = AxisScale(.log10, values: [1e-6, 1], bounds: nil).ticks(8).compactMap { $0.label(.typographic) }
    #expect(wide == ["10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰"])
    let narrow = AxisScale(.log10, values: [0.1, 100], bounds: nil).ticks(8).compactMap { $0.label(.typographic) }
    #expect(narrow == ["0.1", "1", "10", "100"])
    // A power of ten that rounding has moved inside by a billionth of a decade is still an end.
    let moved = AxisScale(.log10, values: [1e-3 * (1 + 1e-10), 1 - 1e-10], bounds: nil).ticks(8)
    #expect(moved.compactMap { $0.label(.ascii) } == ["0.001", "0.01", "0.1", "1"])
    #expect(moved.first?.fraction == 0 && moved.last?.fraction == 1)
    func isPower(_ low: Double, _ high: Double) -> Bool {
      AxisScale(.log10, values: [low, high], bounds: nil).ticks(8).contains { $0.label(.ascii)?.contains("e") == true }
    }
    #expect(!isPower(1e-3, 1) && isPower(1e-4, 1) && !isPower(1, 1e4) && isPower(1, 1e5))
    // Forty powers of ten have a small mark each, forty-one would run together.
    #expect(AxisScale(.log10, values: [1, 1e39], bounds: nil).ticks(8).count == 40)
    #expect(AxisScale(.log10, values: [1, 1e40], bounds: nil).ticks(8).count == 9)
    let within = AxisScale(.log10, values: [1.5, 9], bounds: nil).ticks(5).compactMap { $0.label(.typographic) }
    #expect(within == ["2", "5"] || within.count >= 3)
  }
}

@Suite struct AxisScaleTests {
  @Test func valuesWithoutAPlaceHaveNone() {
    let linear = AxisScale(.linear, values: [0, 10], bounds: nil)
    for value in [Double.nan, .infinity, -.infinity, -1, 11] { #expect(linear.fraction(of: value) == nil) }
    let logarithmic = AxisScale(.log10, values: [0, -3, .nan, 0.01, 100, .infinity], bounds: nil)
    #expect(logarithmic.low == 0.01 && logarithmic.high == 100)
    for value in [Double.nan, .infinity, 0, -0.0, -1, 1e-3] { #expect(logarithmic.fraction(of: value) == nil) }
    #expect(abs((logarithmic.fraction(of: 1) ?? -1) - 0.5) < 1e-12)
  }

  @Test func constantsAndNothingStillHaveAnAxis() {
    for kind in [ChartScale.linear, .log10] {
      for values in [[], [.nan], [0], [5], [5, 5.0.nextUp], [-3], [1.7e308], [Double.leastNonzeroMagnitude]]
        as [[Double]]
      {
        for margin in [AxisScale.Margin.none, .some, .fromZero] {
          let scale = AxisScale(kind, values: values, bounds: nil, margin: margin)
          #expect(scale.low.isFinite && scale.high.isFinite && scale.low < scale.high, "\(kind) \(values) \(margin)")
          #expect(kind == .linear || scale.low > 0)
          for value in values where value.isFinite && (kind == .linear || value > 0) {
            #expect(scale.fraction(of: value) != nil, "\(kind) \(values) \(margin)")
          }
          _ = scale.ticks(5)
        }
      }
    }
  }

  @Test func fractionAndValueAreInverse() throws {
    for scale in [
      AxisScale(.linear, values: [-3, 9], bounds: nil), AxisScale(.log10, values: [1e-9, 1e4], bounds: nil),
      AxisScale(.linear, values: [-1.7e308, 1.7e308], bounds: nil),
    ] {
      for place in [0, 0.1, 0.5, 0.77, 1] {
        #expect(abs(try #require(scale.fraction(of: scale.value(at: place))) - place) < 1e-9)
      }
    }
  }

  @Test func barsStartAtZero() {
    let positive = AxisScale(.linear, values: [90, 100], bounds: nil, margin: .fromZero)
    #expect(positive.low == 0 && positive.high > 100)
    let negative = AxisScale(.linear, values: [-2, -1], bounds: nil, margin: .fromZero)
    #expect(negative.high == 0 && negative.low < -2)
  }

  @Test func statedBoundsWin() {
    let scale = AxisScale(.linear, values: [0, 1000], bounds: 0...1, margin: .some)
    #expect(scale.low == 0 && scale.high == 1)
    // A logarithmic axis cannot begin at zero.
    #expect(AxisScale(.log10, values: [1, 10], bounds: 0...1).low == 1)
  }
}

@Suite struct DecimalTextTests {
  @Test(
    arguments: [
      (0, "0"), (1, "1"), (-1, "-1"), (0.3, "0.3"), (1234.5678, "1235"), (0.00012345, "0.0001234"), (1e-7, "1e-7"),
      (-1.5e-7, "-1.5e-7"), (123_456, "123500"), (1e6, "1e6"), (6.02e23, "6.02e23"), (.nan, "NaN"), (.infinity, "inf"),
      (-.infinity, "-inf"), (.leastNonzeroMagnitude, "4.941e-324"), (99999.9, "100000"), (0.1 + 0.2, "0.3"),
    ] as [(Double, String)]) func significantDigits(value: Double, text: String)
  {
    #expect(NumeralStyle.ascii.text(value) == text)
  }

  @Test func typographicNumbers() {
    #expect(NumeralStyle.typographic.text(-1.5e-7) == "−1.5×10⁻⁷")
    #expect(NumeralStyle.typographic.text(1e-12) == "10⁻¹²")
    #expect(NumeralStyle.typographic.text(-.infinity) == "−∞")
  }

  @Test(
    arguments: [
      (10.871, 2, "10.87"), (8.1, 2, "8.10"), (0, 2, "0.00"), (0.996, 2, "1.00"), (-0.126, 2, "-0.13"),
      (0.0045, 3, "0.004"), (1e-300, 2, "0.00"), (112.449, 0, "112"), (123_456.5, 1, "123456.5"), (.nan, 2, "NaN"),
      (1e20, 2, "1e20"), (99.999, 2, "100.00"),
    ] as [(Double, Int, String)]) func fixedDigits(value: Double, places: Int, text: String)
  {
    #expect(DataTable.Format.fixed(places).text(value, .ascii) == text)
  }
}
