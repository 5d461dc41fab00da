public import EbbMarkup
public import EbbReport

extension TruncationReport {
  /// One row for each k, for all parameters together.
  public func table(title: String = "") -> DataTable {
    DataTable(
      title,
      columns: [
        .text(cut == .windows ? "window" : "lags", windows.map { $0.steps == 1 ? "1 step" : "\($0.steps) steps" }),
        .numbers("cosine with the full gradient", windows.map(\.all.cosine)),
        .numbers("ratio of norms", windows.map(\.all.normRatio)),
        .numbers("dropped", windows.map(\.all.dropped)),
      ])
  }

  /// Every number, for files and other programs.
  public var json: JSONValue {
    .array(
      windows.map { window in
        [
          "steps": .integer(window.steps), "cut": .string(cut.rawValue), "all": window.all.json,
          "parameters": .array(
            zip(parameters, window.parameters).map { ["name": .string($0), "gradient": $1.json] }),
        ]
      })
  }
}

extension TruncationReport.Comparison {
  var json: JSONValue {
    ["cosine": .number(cosine), "normRatio": .number(normRatio), "dropped": .number(dropped)]
  }
}
