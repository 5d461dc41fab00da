internal import EbbLinearAlgebra
public import EbbMarkup
public import EbbReport
internal import Foundation

extension JacobianSpectra {
  /// Singular values and eigenvalue moduli of the last measured step, by rank.
  public var spectrumChart: Chart {
    guard let last = steps.last else { preconditionFailure("at least one step is measured") }
    return .line(
      LineChart(
        "Spectrum of ∂sₜ/∂sₜ₋₁ at t = \(last.step)", x: ChartAxis("index"), y: ChartAxis("value", scale: .log10),
        series: [
          ChartSeries("singular values", last.spectrum.singularValues, first: 1),
          ChartSeries("moduli of eigenvalues", last.spectrum.eigenvalues.map(\.modulus), first: 1),
        ]))
  }

  /// The eigenvalues of the first, a middle and the last measured step on the complex plane, with the unit circle.
  public func eigenvalueChart(title: String = "Eigenvalues of the step Jacobian") -> Chart {
    let shown = steps.count > 3 ? [steps[0], steps[(steps.count - 1) / 2], steps[steps.count - 1]] : steps
    // The last step has the full colour.
    let series = shown.enumerated().map { index, step in
      (name: "t = \(step.step)", step: step, color: SeriesColor.neutral(shade: shown.count - 1 - index))
    }
    return Self.eigenvalueChart(title: title, series: series)
  }

  package static func eigenvalueChart(title: String, series: [(name: String, step: Step, color: SeriesColor)]) -> Chart
  {
    .scatter(
      ScatterChart(
        title, x: ChartAxis("real part"), y: ChartAxis("imaginary part"),
        series: series.map { name, step, color in
          let values = step.spectrum.eigenvalues
          return ChartSeries(name, x: values.map(\.real), y: values.map(\.imaginary), color: color)
        },
        circles: [ScatterChart.Circle(radius: 1, label: "unit circle")], hasEqualUnits: true))
  }

  /// The singular values of all measured steps together.
  ///
  /// - Parameters:
  ///   - title: Stands above the chart.
  ///   - bounds: The ends of the axis; nil takes them from the values.
  ///   - color: The meaning of the bars' colour.
  public func singularValueChart(
    title: String = "Singular values of the step Jacobian", bounds: ClosedRange<Double>? = nil,
    color: SeriesColor = .neutral()
  ) -> Chart {
    .histogram(
      Histogram(
        title, value: ChartAxis("singular value σ", scale: .log10, bounds: bounds),
        of: steps.flatMap(\.spectrum.singularValues), bins: 30,
        references: [ReferenceLine(.x, at: 1, label: "σ = 1")], color: color))
  }

  package var stepList: String { steps.map { "\($0.step)" }.joined(separator: ", ") }

  /// One row for each measured step.
  public func table(title: String = "") -> DataTable {
    func values(_ read: (Step) -> Double) -> [Double] { steps.map(read) }
    let decades = log(10.0)
    return DataTable(
      title,
      columns: [
        .numbers("t", format: .fixed(0), values { Double($0.step) }),
        .numbers("σ₁", format: .significant(4), values { $0.spectrum.singularValues.first ?? 0 }),
        .numbers("median σ", format: .significant(4), values { $0.spectrum.singularValues.median }),
        .numbers("σₙ", format: .significant(3), values { $0.spectrum.singularValues.last ?? 0 }),
        .numbers("spectral radius", format: .significant(4), values(\.spectrum.spectralRadius)),
        .numbers("rank", format: .fixed(0), values { Double($0.spectrum.rank) }),
        .numbers("log₁₀ σ₁ to T", format: .fixed(2), values { ($0.endToEndLogSingularValues.first ?? .nan) / decades }),
        .numbers("median", format: .fixed(2), values { $0.endToEndLogSingularValues.median / decades }),
      ])
  }

  /// Every number, for files and other programs.
  public var json: JSONValue {
    [
      "states": .strings(states), "dimension": .integer(dimension), "length": .integer(length),
      "steps": .array(
        steps.map { step in
          let spectrum = step.spectrum
          return [
            "step": .integer(step.step), "singularValues": .numbers(spectrum.singularValues),
            "eigenvalues": .array(spectrum.eigenvalues.map { .numbers([$0.real, $0.imaginary]) }),
            "moduli": .numbers(spectrum.eigenvalues.map(\.modulus)), "spectralRadius": .number(spectrum.spectralRadius),
            "rank": .integer(spectrum.rank), "endToEndLogSingularValues": .numbers(step.endToEndLogSingularValues),
          ]
        }),
    ]
  }
}

extension [Double] {
  /// The median of the numbers; NaN if there are none.
  package var median: Double {
    guard !isEmpty else { return .nan }
    let sorted = sorted()
    let (below, above) = (sorted[(count - 1) / 2], sorted[count / 2])
    return below == above ? below : (below + above) / 2
  }
}
