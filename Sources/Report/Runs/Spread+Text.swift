public import EbbStatistics

extension Spread {
  /// The median with the quartiles, as "0.12 (0.1–0.15)"; a single number stands alone.
  public var text: String {
    guard count > 1 else { return readableNumber(median) }
    return "\(readableNumber(median)) (\(readableNumber(lowerQuartile))–\(readableNumber(upperQuartile)))"
  }

  /// The mean with its 95% interval, as "0.13 [0.1, 0.16]".
  public var meanText: String {
    guard let interval = meanInterval() else { return readableNumber(mean) }
    return
      "\(readableNumber(mean)) [\(readableNumber(interval.lowerBound)), \(readableNumber(interval.upperBound))]"
  }

  /// What `text` means, for the caption of a table of so many runs.
  public static func textMeaning(_ seeds: Int) -> String { "medians of \(seeds) seeds, with quartiles in parentheses" }
  /// What `meanText` means, for the caption of a table.
  public static let meanTextMeaning =
    "means with a 95% bootstrap interval in brackets (expanded percentiles, Hesterberg 2015)"
}

extension SuccessCount {
  /// "4 of 5 (38%–96%)", with the 95% interval.
  public var textWithInterval: String {
    guard let interval = interval() else { return text }
    return
      "\(text) (\(readableNumber(100 * interval.lowerBound, digits: 2))%–\(readableNumber(100 * interval.upperBound, digits: 2))%)"
  }
}

extension PairedComparison {
  /// One row for each pair.
  ///
  /// - Parameter quantity: What is compared; less is better.
  public func table(title: String = "", of quantity: String) -> DataTable {
    DataTable(
      title,
      columns: [
        .text("setting", rows.map(\.first)), .text("against", rows.map(\.second)),
        .numbers("difference in \(quantity)", format: .significant(3), rows.map(\.difference)),
        .numbers("p", format: .significant(2), rows.map(\.probability)),
        .numbers("p, corrected", format: .significant(2), rows.map(\.corrected)),
      ])
  }

  /// How the table's numbers were computed.
  public var caption: String {
    """
    The median difference between runs with the same seed, and the exact probability of ranks as far apart if there were \
    none (Wilcoxon's signed-rank test, two-sided, \(seeds) pair\(seeds == 1 ? "" : "s")), also corrected for \(rows.count) \
    comparison\(rows.count == 1 ? "" : "s") (Holm).\(tooFewSeeds.map { " " + $0 } ?? "")
    """
  }
}
