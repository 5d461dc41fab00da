public import EbbMarkup
public import EbbReport
internal import Foundation

extension LyapunovSpectrum {
  /// Half the width of the 95% confidence interval around each exponent, if block means are independent and normal:
  /// Student's quantile times the standard error.
  public var confidence: [Double] {
    let quantile = Self.studentQuantile(degrees: observations - 1)
    return standardErrors.map { $0 * quantile }
  }

  /// The 97.5% quantile of Student's distribution.
  ///
  /// One and two degrees of freedom have closed forms; above, t ≈ z + (z³ + z)/4ν + (5z⁵ + 16z³ + 3z)/96ν² + (3z⁷ +
  /// 19z⁵ + 17z³ − 15z)/384ν³ (Abramowitz & Stegun 1964, 26.7.5), with an error below 2% at ν = 3.
  static func studentQuantile(degrees: Int) -> Double {
    switch degrees {
    case ..<1: return .nan
    case 1: return tan(0.475 * Double.pi)
    case 2: return 0.95 * (2 / (1 - 0.95 * 0.95)).squareRoot()
    case _:
      let (z, nu) = (1.959963984540054, Double(degrees))
      let first: Double = (pow(z, 3) + z) / 4
      let second: Double = (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / 96
      let third: Double = (3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) / 384
      return z + first / nu + second / (nu * nu) + third / (nu * nu * nu)
    }
  }

  /// λ₁ ≥ λ₂ ≥ … over their index, with 95% intervals.
  public func chart(title: String = "Lyapunov spectrum") -> Chart {
    .line(
      LineChart(
        title, x: ChartAxis("index i"), y: Self.axis(exponents),
        series: [ChartSeries("λᵢ", exponents, first: 1, margins: confidence, color: .neutral())],
        references: [Self.reference]))
  }

  package static let reference = ReferenceLine(.y, at: 0, label: "neither grows nor shrinks")

  /// With room above the line at 0 for its name.
  package static func axis(_ exponents: [Double]) -> ChartAxis {
    let finite = exponents.filter(\.isFinite)
    let (low, high) = (min(0, finite.min() ?? -1), max(0, finite.max() ?? 0))
    let room = 0.12 * max(high - low, 1e-3)
    return ChartAxis("λᵢ", unit: "1/step", bounds: low - room / 3...high + room)
  }

  /// A sentence about the largest exponent.
  package var sentence: String {
    let (largest, error) = (exponents.first ?? .nan, standardErrors.first ?? .nan)
    let verdict =
      abs(largest) <= 2 * error
      ? "small changes neither grow nor shrink"
      : largest < 0 ? "the states forget where they began" : "the least difference grows"
    return """
      The largest Lyapunov exponent is \(readableNumber(largest)) ± \(readableNumber(error, digits: 1)) a step: \
      \(verdict).
      """
  }

  /// A caption for the chart.
  package var caption: String {
    let all = exponents.count == dimension ? "All \(dimension)" : "The largest \(exponents.count) of \(dimension)"
    let attractor = kaplanYorkeDimension.map { " Kaplan–Yorke dimension \(readableNumber($0))." } ?? ""
    return """
      \(all) exponents over \(steps) steps of one sample: the mean rate at which small changes grow or shrink, per step, \
      as natural logarithms. The CSV has the half widths of their 95% intervals too.\(attractor)
      """
  }

  /// The first exponents and the last ones, each with its 95% interval.
  ///
  /// - Parameter limit: The maximum number of rows.
  public func table(title: String = "", limit: Int = 12) -> DataTable {
    let all = Array(exponents.indices)
    let last = limit / 3
    let shown = all.count <= limit ? all : Array(all.prefix(limit - last) + all.suffix(last))
    let confidence = self.confidence
    func interval(_ sign: Double) -> [Double?] {
      shown.map { confidence[$0].isNaN ? nil : exponents[$0] + sign * confidence[$0] }
    }
    return DataTable(
      title,
      columns: [
        .numbers("i", format: .fixed(0), shown.map { Double($0 + 1) }),
        .numbers("λᵢ a step", format: .significant(4), shown.map { exponents[$0] }),
        .numbers(
          "standard error", format: .significant(2),
          shown.map { standardErrors[$0].isNaN ? nil : standardErrors[$0] }),
        .numbers("95% from", format: .significant(4), interval(-1)),
        .numbers("to", format: .significant(4), interval(1)),
      ])
  }

  /// Sentences about the attractor's dimension, and about the agreement of the sum with the determinants.
  public var remarks: [String] {
    var lines = ["\(steps) steps of \(samples.count == 1 ? "one trajectory" : "\(samples.count) trajectories")."]
    if let dimension = kaplanYorkeDimension {
      lines.append("Attractor dimension (Kaplan–Yorke): \(readableNumber(dimension, digits: 4)) of \(self.dimension).")
    }
    if let meanLogDeterminant, exponents.count == dimension {
      lines.append(
        "Sum of exponents \(readableNumber(sum, digits: 6)), mean ln|det J| \(readableNumber(meanLogDeterminant, digits: 6)): "
          + "they differ by \(readableNumber(abs(sum - meanLogDeterminant), digits: 2)).")
    }
    return lines
  }

  /// Every number, for files and other programs.
  public var json: JSONValue {
    [
      "exponents": .numbers(exponents), "standardErrors": .numbers(standardErrors), "confidence": .numbers(confidence),
      "samples": .array(samples.map(JSONValue.numbers)), "steps": .integer(steps), "dimension": .integer(dimension),
      "sum": .number(sum), "meanLogDeterminant": meanLogDeterminant.map(JSONValue.number) ?? .null,
      "kaplanYorkeDimension": kaplanYorkeDimension.map(JSONValue.number) ?? .null,
    ]
  }
}
