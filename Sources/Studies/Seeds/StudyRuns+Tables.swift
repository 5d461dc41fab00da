public import EbbReport
internal import EbbStatistics

extension StudyRuns {
  /// What was counted, and the spread of what was measured: a column for each cell.
  public var comparisonByCell: DataTable {
    let rows: [(String, (Cell) -> String)] = [
      ("gates", { "\($0.runs[0].facts.gates)" }),
      ("parameters", { "\($0.runs[0].facts.parameterCount)" }),
      ("FLOP a step, forward", { "\($0.runs[0].facts.operationsPerStep)" }),
      ("training speed", { readableNumber($0.spread(\.training.stepsPerSecond).median) + " steps/s" }),
      ("long-term dependency", { "solved in \($0.solved.text)" }),
      ("  of all seeds, 95%", { Self.percent($0.solved) }),
      ("  after steps", { $0.stepsToSolve.count == 0 ? "" : $0.stepsToSolve.text }),
      ("held-out error", { $0.error.text }),
      ("  mean", { $0.error.meanText }),
      ("initial gradient, × a step", { $0.factor.text }),
      ("  below 1%, steps back", { $0.reach.text }),
    ]
    return DataTable(
      "", columns: [.text("", rows.map(\.0))] + cells.map { cell in .text(cell.name, rows.map { $0.1(cell) }) })
  }

  private static func percent(_ count: SuccessCount) -> String {
    guard let interval = count.interval() else { return "" }
    return "\(readableNumber(100 * interval.lowerBound, digits: 2))%–"
      + "\(readableNumber(100 * interval.upperBound, digits: 2))%"
  }

  /// How the comparison's numbers were computed.
  var comparisonCaption: String {
    """
    Numbers are \(Spread.textMeaning(results.count)); below the error, \(Spread.meanTextMeaning). The share of \
    all seeds that solve the task lies in the stated interval (Wilson). A run that diverged counts as the worst.
    """
  }

  /// Every pair of cells by held-out error.
  public var comparisonTable: DataTable { comparison.table(of: "held-out error") }

  /// Sentences on what the seeds show together.
  public var findings: [String] {
    let cells = cells
    var findings = cells.map {
      "`\($0.name)` solved the adding problem with \($0.solved.text) seeds; its error is \($0.error.text)."
    }
    let differences = comparison.rows.filter { $0.corrected <= 0.05 }
    for row in differences {
      let (better, worse) = row.difference < 0 ? (row.first, row.second) : (row.second, row.first)
      findings.append(
        "The error of `\(better)` is below that of `\(worse)` beyond chance: p = \(readableNumber(row.corrected, digits: 2))"
          + ", corrected for \(comparison.rows.count) comparisons.")
    }
    if let few = comparison.tooFewSeeds {
      findings.append(few)
    } else if differences.isEmpty, cells.count > 1 {
      findings.append("No difference between the cells' errors is beyond chance at 5%.")
    }
    return findings
  }
}
