public import EbbMarkup
public import EbbReport
internal import EbbStatistics

extension SweepCollection {
  /// Every task with its numbers: the same for the same results, whoever ran them and when.
  public var taskTable: DataTable {
    let names = experiment.variedNames
    return DataTable(
      "",
      columns: [.numbers("task", format: .fixed(0), runs.map { Double($0.task.number) })]
        + names.map { name in DataTable.Column(name, cells: runs.map { cell($0.task, name) }) } + [
          DataTable.Column("seed", format: .fixed(0), cells: runs.map { .text("\($0.task.seed)") }),
          .text("state", runs.map(\.state.word)),
        ]
        + metrics.map { metric in
          .numbers(
            metric.name, runs.map { run in run.numbers.flatMap { metric.isFound(in: $0) ? metric.value(in: $0) : nil } }
          )
        })
  }

  private func cell(_ task: SweepTask, _ name: String) -> DataTable.Cell {
    guard let value = task.varied.first(where: { $0.name == name })?.value else { return .missing }
    return value.number.map(DataTable.Cell.number) ?? .text(value.text)
  }

  /// The settings with their spread over the seeds, the best first.
  ///
  /// - Parameter isBrief: Whether only the deciding number has its quartiles, so that the table is narrow.
  public func settingTable(isBrief: Bool = false) -> DataTable {
    let ranking = ranking
    let names = experiment.variedNames
    return DataTable(
      "",
      columns: [.numbers("rank", format: .fixed(0), ranking.indices.map { Double($0 + 1) })]
        + names.map { name in
          DataTable.Column(name, cells: ranking.map { cell($0.runs[0].task, name) })
        } + [.text("seeds", ranking.map { "\($0.measured.count) of \($0.runs.count)" })]
        + metrics.map { metric in
          .text(metric.name, ranking.map { text($0, metric, isBrief: isBrief && metric != best) })
        })
  }

  /// "4 of 5" for what is true or false, otherwise the median with the quartiles.
  func text(_ setting: Setting, _ metric: SweepMetric, isBrief: Bool = false) -> String {
    let truths = setting.measured.compactMap { $0.numbers?.value(at: metric.path)?.bool }
    guard truths.isEmpty else { return SuccessCount(truths.count { $0 }, of: truths.count).text }
    // A number that only some runs have, as the steps until a solution, is about those.
    let found = setting.measured.filter { metric.isFound(in: $0.numbers ?? .null) }
    guard !found.isEmpty else { return "" }
    let spread = Spread(found.map { metric.value(in: $0.numbers ?? .null) })
    return isBrief ? readableNumber(spread.median) : spread.text
  }

  /// The tasks without a result, and why.
  public var missingTable: DataTable {
    let missing = runs.filter { run in
      switch run.state {
      case .finished, .stopped: false
      case .waits, .failed, .begun, .missing: true
      }
    }
    return DataTable(
      "",
      columns: [
        .numbers("task", format: .fixed(0), missing.map { Double($0.task.number) }),
        .text("setting", missing.map(\.task.words)), .text("seed", missing.map { "\($0.task.seed)" }),
        .text("state", missing.map(\.state.word)),
        .text(
          "reason",
          missing.map { run in
            switch run.state {
            case .failed(let reason): reason
            case .finished, .stopped, .waits, .begun, .missing: ""
            }
          }),
      ])
  }

  private func isBetter(_ row: PairedComparison.Row) -> Bool {
    best.isLargestBest ? row.difference > 0 : row.difference < 0
  }

  /// Sentences on the result.
  public var findings: [String] {
    var findings: [String] = []
    let ranking = ranking
    if let first = ranking.first {
      findings.append(
        "Best by \(best.name): \(first.words), with \(text(first, best)) over \(first.measured.count) "
          + "seed\(first.measured.count == 1 ? "" : "s")"
          + (first.measured.count > 1
            ? "; mean \(first.spread(best).meanText), with a 95% bootstrap interval." : "."))
    }
    if let comparison {
      let beaten = comparison.rows.filter { $0.corrected <= 0.05 && isBetter($0) }
      if let few = comparison.tooFewSeeds {
        findings.append("Whether it is better than the next ones is open: \(few)")
      } else if beaten.count == comparison.rows.count {
        findings.append("It is better than each of the next \(beaten.count) beyond chance at 5%, corrected.")
      } else {
        let close = comparison.rows.filter { $0.corrected > 0.05 || !isBetter($0) }.map(\.second)
        findings.append("Not worse beyond chance: \(close.joined(separator: "; ")).")
      }
    }
    findings.append("Tasks: \(counts).")
    return findings
  }

  /// Every reported number, for other programs.
  public var json: JSONValue {
    [
      "experiment": experiment.json, "complete": .bool(isComplete),
      "settings": .array(
        ranking.map { setting in
          var object = JSONObject(setting.varied.map { ($0.name, $0.value.json) })
          object["metrics"] = .object(JSONObject(metrics.map { ($0.name, setting.spread($0).json) }))
          return .object(object)
        }),
      "comparisons": comparison?.json ?? .null,
      "tasks": .array(
        runs.map { run in
          var object = JSONObject()
          object["task"] = .integer(run.task.number)
          for option in run.task.varied { object[option.name] = option.value.json }
          object["seed"] = Int(exactly: run.task.seed).map(JSONValue.integer) ?? .string("\(run.task.seed)")
          object["state"] = .string(run.state.word)
          if case .failed(let reason) = run.state { object["reason"] = .string(reason) }
          for metric in metrics { object[metric.name] = run.numbers.flatMap { $0.value(at: metric.path) } }
          return .object(object)
        }),
    ]
  }
}
