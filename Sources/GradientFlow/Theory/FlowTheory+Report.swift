public import EbbReport

extension FlowTheory.Prediction {
  /// What the prediction is of, in a few words.
  public var label: String {
    switch kind {
    case .meanField: "mean field"
    case .pascanuBound: "bound γ σ₁"
    case .gate: "gate \(gate ?? "")"
    }
  }
}

extension FlowTheory {
  /// For each state with a prediction the measured curve and those of the predictions.
  public var charts: [Chart] {
    measured.compactMap { state in
      let predictions = predictions.filter { $0.state == state.name }
      guard !predictions.isEmpty else { return nil }
      // A bound that leaves the measured curve far behind would be all that is seen.
      let largest = state.total.means.filter(\.isFinite).max() ?? 0
      let series = predictions.map { prediction in
        ChartSeries(
          prediction.label,
          prediction.norms.map { prediction.kind == .pascanuBound && $0 > 10 * largest ? .nan : $0 }, first: 1)
      }
      return .line(
        LineChart(
          "Theory and measurement of \(state.name)", x: ChartAxis("timestep t"),
          y: ChartAxis("‖dL/d\(state.name)ₜ‖", scale: .log10),
          series: [ChartSeries("measured", state.total.means, first: 1)] + series))
    }
  }

  /// One row for each prediction.
  public func table(title: String = "") -> DataTable {
    DataTable(
      title,
      columns: [
        .text("state", predictions.map(\.state)),
        .text("theory", predictions.map(\.label)),
        .numbers("factor a step", format: .significant(4), predictions.map(\.factor)),
        DataTable.Column(
          "measured", format: .significant(4),
          cells: predictions.map { $0.measuredFactor.map { .number($0) } ?? .missing }),
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
