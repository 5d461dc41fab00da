public import EbbMarkup
public import EbbReport

extension FlowTheory.Prediction {
  /// A short label of the prediction.
  public var label: String {
    switch kind {
    case .meanField: "mean field"
    case .pascanuBound: "bound γ σ₁"
    case .gate: "gate \(gate ?? "")"
    }
  }

  /// A sentence or two about the prediction's quantities and result.
  public var explanation: String {
    func number(_ name: String) -> String { readableNumber(quantities[name] ?? .nan) }
    let factor = readableNumber(factor, digits: 4)
    switch kind {
    case .meanField:
      return """
        Mean-field theory of a random tanh network with σ_w² = \(number("σ_w²")) and σ_b² = \(number("σ_b²")) predicts \
        q* = \(number("q*")), χ = \(number("χ")) and so a factor of √χ = \(factor) a step back\(measured). \
        Sources: Schoenholz et al. 2017, Chen et al. 2018.
        """
    case .pascanuBound:
      // Orthogonal weights have σ₁ = 1 up to the rounding of Float32.
      let bound = abs(self.factor - 1) < 1e-5 ? 1 : self.factor
      let verdict =
        bound < 1 ? "the gradient must vanish" : bound > 1 ? "it could explode, and need not" : "it cannot explode"
      return """
        No step back can multiply the gradient by more than γ σ₁ = \(factor), of the recurrent weights and the slope of \
        the activation: \(verdict) (Pascanu et al. 2013).
        """
    case .gate:
      return """
        The gate `\(gate ?? "")` multiplies the state, by \(number("E σ")) in the mean; its sums have mean \
        \(number("mean b")) and deviation \(number("mean s")) at a unit. Along that path alone the gradient changes by a \
        factor of \(factor) a step back\(measured); all other paths are left out.
        """
    }
  }

  private var measured: String { measuredFactor.map { " (measured: \(readableNumber($0, digits: 4)))" } ?? "" }
}

extension FlowTheory {
  /// For each state with a prediction, the measured curve and the predicted curves, dashed.
  public var charts: [Chart] {
    measured.compactMap { state in
      let predictions = series(of: state.name)
      guard !predictions.isEmpty else { return nil }
      return .line(
        LineChart(
          "Theory and measurement of \(state.name)", x: ChartAxis("timestep t"),
          y: ChartAxis("‖dL/d\(state.name)ₜ‖", scale: .log10, bounds: Self.bounds(around: state.total.means)),
          series: [ChartSeries("measured", state.total.means, first: 1)] + predictions))
    }
  }

  /// The predicted norms of a state.
  package func series(of state: String) -> [ChartSeries] {
    predictions.filter { $0.state == state }.enumerated().map { index, prediction in
      ChartSeries(prediction.label, prediction.norms, first: 1, isTheory: true, color: .neutral(shade: index))
    }
  }

  /// The measured range and a decade around it, on a logarithmic axis. Otherwise a bound far from the measured curve
  /// would fill the chart.
  package static func bounds(around norms: [Double]) -> ClosedRange<Double>? {
    let positive = norms.filter { $0 > 0 && $0.isFinite }
    guard let least = positive.min(), let largest = positive.max() else { return nil }
    let (low, high) = (max(least / 10, .leastNormalMagnitude), min(largest * 10, .greatestFiniteMagnitude))
    return low < high ? low...high : nil
  }

  /// One row for each prediction.
  public func table(title: String = "") -> DataTable {
    DataTable(
      title,
      columns: [
        .text("state", predictions.map(\.state)),
        .text("theory", predictions.map(\.label)),
        .numbers("factor a step", format: .significant(4), predictions.map(\.factor)),
        .numbers("measured", format: .significant(4), predictions.map(\.measuredFactor)),
        .text(
          "from",
          predictions.map { prediction in
            prediction.quantities.sorted { $0.key < $1.key }
              .map { "\($0.key) = \(readableNumber($0.value, digits: 4))" }.joined(separator: ", ")
          }),
      ])
  }

  /// Every number, for files and other programs.
  public var json: JSONValue {
    .array(
      predictions.map { prediction in
        var quantities = JSONObject()
        for (name, value) in prediction.quantities.sorted(by: { $0.key < $1.key }) { quantities[name] = .number(value) }
        return [
          "kind": .string(prediction.kind.rawValue), "state": .string(prediction.state),
          "gate": prediction.gate.map(JSONValue.string) ?? .null, "quantities": .object(quantities),
          "factor": .number(prediction.factor), "norms": .numbers(prediction.norms),
          "measuredFactor": prediction.measuredFactor.map(JSONValue.number) ?? .null,
        ]
      })
  }
}
