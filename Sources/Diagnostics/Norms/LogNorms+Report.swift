public import EbbMarkup
public import EbbReport
internal import Foundation

extension LogNorms {
  /// log₁₀ ‖dL/dh_t‖ over time: a straight line is exponential decay, over any range. Sequences of several lengths are
  /// aligned at their ends, if the gradient of every state flows back.
  public func chart(title: String = "Logarithm of the gradient's magnitude through time") -> Chart {
    let isAligned = states.allSatisfy(\.flowsBackward) && states.contains { $0.lengths != nil }
    return .line(
      LineChart(
        title, x: ChartAxis(isAligned ? "timestep from the end of the sequence" : "timestep t"),
        y: ChartAxis("log₁₀ ‖dL/dhₜ‖"),
        series: states.map { state in
          let logs = isAligned ? state.flow.reversed() : state.means
          return ChartSeries(
            state.name, logs.map { $0 / log(10) }, first: isAligned ? 1 - Double(state.flow.count) : 1)
        }))
  }

  /// One row for each state.
  public func table(title: String = "") -> DataTable {
    func decades(_ value: Double?) -> Double? { value.map { $0 / log(10) } }
    func lag(_ value: Int?) -> String { value.map { "\($0) steps back" } ?? "never" }
    return DataTable(
      title,
      columns: [
        .text("state", states.map(\.name)),
        .numbers("log₁₀ at t = 1", states.map { decades($0.flowsBackward ? $0.flow.last : $0.means.first) }),
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
