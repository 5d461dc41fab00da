public import EbbMarkup
public import EbbReport

extension GateStatistics {
  /// One row for each gate, activation and state: statistics of its values, and the share within 5% of an end.
  public func activationTable(title: String = "") -> DataTable {
    let statistics = records.map(\.statistics)
    let saturations = records.map { $0.saturation() }
    func percent(_ read: (Saturation) -> Double) -> [Double?] { saturations.map { $0.map { 100 * read($0) } } }
    return DataTable(
      title,
      columns: [
        .text("value", records.map(\.name)),
        .text("kind", records.map(\.kind.rawValue)),
        .numbers("mean", format: .significant(3), statistics.map(\.mean)),
        .numbers("deviation", format: .significant(3), statistics.map(\.deviation)),
        .numbers("least", format: .significant(3), statistics.map(\.minimum)),
        .numbers("greatest", format: .significant(3), statistics.map(\.maximum)),
        .numbers("low", unit: "%", format: .fixed(1), percent(\.lower)),
        .numbers("high", unit: "%", format: .fixed(1), percent(\.upper)),
      ])
  }

  /// One row for each state: the number of steps back after which its gradient has fallen to 1/e.
  public func memoryTable(title: String = "") -> DataTable {
    DataTable(
      title,
      columns: [
        .text("state", memories.map(\.state)),
        .numbers("memory from fit", unit: "steps", memories.map(\.length.fitted)),
        DataTable.Column(
          "from data", unit: "steps",
          cells: memories.map { $0.length.measured.map { .number($0) } ?? .text("beyond the sequence") }),
      ])
  }

  /// One row for each gate that keeps a state: the time constants −1 / mean ln f of its units.
  public func retentionTable(title: String = "") -> DataTable {
    DataTable(
      title,
      columns: [
        .text("gate", retentions.map(\.gate)),
        .text("keeps", retentions.map(\.state)),
        .numbers("shortest", unit: "steps", retentions.map { $0.timeConstants.min() ?? .nan }),
        .numbers("median", unit: "steps", retentions.map(\.timeConstants.median)),
        .numbers("longest", unit: "steps", retentions.map { $0.timeConstants.max() ?? .nan }),
      ])
  }

  /// Statistics of all values and of each step, saturation of each unit and step, memory lengths and time constants, for
  /// files and other programs.
  public var json: JSONValue {
    [
      "values": .array(records.map(\.json)),
      "memories": .array(
        memories.map { memory in
          [
            "state": .string(memory.state), "fitted": memory.length.fitted.map(JSONValue.number) ?? .null,
            "measured": memory.length.measured.map(JSONValue.number) ?? .null,
          ]
        }),
      "retentions": .array(
        retentions.map {
          ["gate": .string($0.gate), "state": .string($0.state), "timeConstants": .numbers($0.timeConstants)]
        }),
    ]
  }
}

extension ActivationRecord {
  package var json: JSONValue {
    let all = statistics
    var object = JSONObject()
    object["name"] = .string(name)
    object["kind"] = .string(kind.rawValue)
    object["units"] = .integer(units)
    object["mean"] = .number(all.mean)
    object["deviation"] = .number(all.deviation)
    object["minimum"] = .number(all.minimum)
    object["maximum"] = .number(all.maximum)
    object["saturation"] = saturation()?.json ?? .null
    object["saturationByUnit"] = saturationByUnit().map { .array($0.map(\.json)) } ?? .null
    object["saturationByStep"] = saturationByStep().map { .array($0.map(\.json)) } ?? .null
    object["meansByStep"] = .numbers(statisticsByStep.map(\.mean))
    return .object(object)
  }
}

extension Saturation {
  var json: JSONValue { ["lower": .number(lower), "upper": .number(upper)] }
}
