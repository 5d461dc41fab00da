public import EbbMarkup
public import EbbReport
internal import Foundation

extension LogNormProfile {
  /// log₁₀ ‖dL/dh_t‖ over time: a straight line is exponential decay, over any range.
  public func chart(title: String = "Logarithm of the gradient's magnitude through time") -> Chart {
    .line(
      LineChart(
        title, x: ChartAxis("timestep t"), y: ChartAxis("log₁₀ ‖dL/dhₜ‖"),
        series: states.map { ChartSeries($0.name, $0.means.map { $0 / log(10) }, first: 1) }))
  }

  /// One row for each state.
  public func table(title: String = "") -> DataTable {
    func decades(_ value: Double?) -> Double? { value.map { $0 / log(10) } }
    func lag(_ value: Int?) -> String { value.map { "\($0) steps back" } ?? "never" }
    return DataTable(
      title,
      columns: [
        .text("state", states.map(\.name)),
        .numbers("log₁₀ at t = 1", states.map { decades($0.means.first) }),
        .numbers("decades a step", states.map { decades($0.rate) }),
        .text("plain gradient 0 from", states.map { lag($0.underflowLag) }),
        .text("infinite from", states.map { lag($0.overflowLag) }),
      ])
  }

  /// Every number, for files and other programs; logarithms are natural.
  public var json: JSONValue {
    .array(
      states.map { state in
        [
          "name": .string(state.name), "logs": .array(state.logs.map(JSONValue.numbers)),
          "plain": .array(state.plain.map(JSONValue.numbers)), "rate": state.rate.map(JSONValue.number) ?? .null,
          "underflowLag": state.underflowLag.map(JSONValue.integer) ?? .null,
          "overflowLag": state.overflowLag.map(JSONValue.integer) ?? .null,
        ]
      })
  }
}
