public import EbbMarkup

extension Spread {
  /// Every number, in the order of the runs, and what they have in common.
  public var json: JSONValue {
    [
      "values": .numbers(values), "median": .number(median), "lowerQuartile": .number(lowerQuartile),
      "upperQuartile": .number(upperQuartile), "mean": .number(mean), "meanInterval": meanInterval()?.json ?? .null,
    ]
  }
}

extension SuccessCount {
  /// The count with its interval.
  public var json: JSONValue {
    ["successes": .integer(successes), "trials": .integer(trials), "interval": interval()?.json ?? .null]
  }
}

extension PairedComparison {
  /// Every comparison.
  public var json: JSONValue {
    .array(
      rows.map {
        [
          "first": .string($0.first), "second": .string($0.second), "difference": .number($0.difference),
          "p": .number($0.probability), "pCorrected": .number($0.corrected),
        ]
      })
  }
}

extension ClosedRange<Double> {
  fileprivate var json: JSONValue { .numbers([lowerBound, upperBound]) }
}
