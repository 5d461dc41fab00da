public import EbbMarkup
public import EbbReport

extension TruncationBias {
  /// One row for each k, for all parameters together.
  public func table(title: String = "") -> DataTable {
    DataTable(
      title,
      columns: [
        .text(cut == .windows ? "window" : "lags", truncations.map { $0.steps == 1 ? "1 step" : "\($0.steps) steps" }),
        .numbers("cosine with the full gradient", truncations.map(\.all.cosine)),
        .numbers("ratio of norms", truncations.map(\.all.normRatio)),
        .numbers("dropped", truncations.map(\.all.dropped)),
      ])
  }

  /// Every number, for files and other programs.
  public var json: JSONValue {
    .array(
      truncations.map { truncation in
        [
          "steps": .integer(truncation.steps), "cut": .string(cut.rawValue), "all": truncation.all.json,
          "parameters": .array(
            zip(parameters, truncation.parameters).map { ["name": .string($0), "gradient": $1.json] }),
        ]
      })
  }
}

extension TruncationBias.Comparison {
  var json: JSONValue {
    ["cosine": .number(cosine), "normRatio": .number(normRatio), "dropped": .number(dropped)]
  }
}
