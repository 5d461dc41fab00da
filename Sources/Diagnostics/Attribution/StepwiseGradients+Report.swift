public import EbbMarkup
public import EbbReport

extension StepwiseGradients {
  /// ‖dL/dW_t‖ over the steps, one line for each parameter.
  public func chart(title: String = "Contribution of each step to the gradients of parameters") -> Chart {
    .line(
      LineChart(
        title, x: ChartAxis("timestep t"), y: ChartAxis("‖dL/dWₜ‖", scale: .log10),
        series: parameters.filter { $0.norms.contains { $0 > 0 } }.map { ChartSeries($0.name, $0.norms, first: 1) }))
  }

  /// One row for each parameter.
  public func table(title: String = "") -> DataTable {
    DataTable(
      title,
      columns: [
        .text("parameter", parameters.map(\.name)),
        .numbers("‖dL/dW‖", format: .significant(3), parameters.map(\.totalNorm)),
        .numbers("of step 1", format: .significant(3), parameters.map { $0.norms.first ?? 0 }),
        .numbers("of step T", format: .significant(3), parameters.map { $0.norms.last ?? 0 }),
        .numbers("outside time", format: .significant(3), parameters.map(\.restNorm)),
        .numbers("Σ‖·‖ / ‖Σ·‖", format: .significant(3), parameters.map(\.cancellation)),
        .numbers("sum differs by", format: .significant(2), parameters.map(\.discrepancy)),
      ])
  }

  /// Every number, for files and other programs.
  public var json: JSONValue {
    .array(
      parameters.map { parameter in
        [
          "name": .string(parameter.name), "norms": .numbers(parameter.norms), "rest": .number(parameter.restNorm),
          "total": .number(parameter.totalNorm), "discrepancy": .number(parameter.discrepancy),
          "lags": .numbers(parameter.lagNorms), "lagDiscrepancy": .number(parameter.lagDiscrepancy),
        ]
      })
  }
}
