public import EbbMarkup
public import EbbReport
internal import Foundation

extension GradientDetail {
  /// The quantiles that reports show.
  static let levels = [0, 0.25, 0.5, 0.75, 1]

  /// The root mean square over the samples of each unit's gradient, as colours: a row for each unit, a column for each
  /// step.
  public func chart(of value: Value) -> Chart {
    let norms = value.total.unitNorms
    return .heatMap(
      HeatMap(
        "dL/d\(value.name) by unit", x: ChartAxis("timestep t"), y: ChartAxis("unit"),
        value: ChartAxis("|dL/d\(value.name)ₜ|", scale: .log10), rows: value.total.units, columns: norms.count,
        values: (0..<value.total.units).flatMap { unit in norms.map { $0[unit] } }, firstRow: 1, firstColumn: 1))
  }

  /// One row for each state and named intermediate: the median sample, and the angles between successive gradients.
  public func table(title: String = "") -> DataTable {
    let quantiles = values.map { $0.total.quantiles([0.5]).map { $0[0] } }
    return DataTable(
      title,
      columns: [
        .text("value", values.map(\.name)),
        .text("kind", values.map { $0.isState ? "state" : "named" }),
        .numbers("median ‖·‖ at t = T", format: .significant(3), quantiles.map { $0.last ?? .nan }),
        .numbers("at t = 1", format: .significant(3), quantiles.map { $0.first ?? .nan }),
        .numbers("mean cosine of successive steps", format: .significant(3), values.map(meanCosine)),
      ])
  }

  private func meanCosine(_ value: Value) -> Double? {
    let cosines = value.total.cosines.joined().filter { !$0.isNaN }
    return cosines.isEmpty ? nil : cosines.reduce(0, +) / Double(cosines.count)
  }

  /// Norms by sample and by unit, quantiles and cosines, for files and other programs.
  public var json: JSONValue {
    .array(
      values.map { value in
        [
          "name": .string(value.name), "isState": .bool(value.isState), "total": value.total.json,
          "direct": value.direct.map(\.json) ?? .null,
        ]
      })
  }
}

extension AdjointSamples {
  var json: JSONValue {
    [
      "samples": .array(norms.map(JSONValue.numbers)), "units": .array(unitNorms.map(JSONValue.numbers)),
      "levels": .numbers(GradientDetail.levels),
      "quantiles": .array(quantiles(GradientDetail.levels).map(JSONValue.numbers)),
      "cosines": .array(cosines.map(JSONValue.numbers)),
    ]
  }
}
