internal import EbbDiagnostics
public import EbbMarkup
public import EbbStatistics

/// A study with several seeds.
///
/// ```swift
/// let runs = StudyRuns(try seeds.map { seed in … try Study(cells, settings: …).run() })
/// print(runs.comparisonByCell.terminal())
/// ```
public struct StudyRuns: Sendable, Hashable {
  /// The study of each seed; all of the same cells and with the same other settings.
  public var results: [StudyResult]

  /// - Precondition: At least one study, and all of them have the same cells.
  public init(_ results: [StudyResult]) {
    precondition(!results.isEmpty, "no study")
    precondition(
      results.allSatisfy { $0.cells.map(\.name) == results[0].cells.map(\.name) }, "studies of different cells")
    self.results = results
  }

  /// The seed of each study.
  public var seeds: [UInt64] { results.map(\.settings.seed) }

  /// One cell with every seed.
  struct Cell {
    var name: String
    var runs: [StudyResult.CellResult]

    func spread(_ value: (StudyResult.CellResult) -> Double) -> Spread { Spread(runs.map(value)) }

    var solved: SuccessCount { SuccessCount(runs.count { $0.training.isSolved }, of: runs.count) }
    var error: Spread { spread(\.training.heldOutError) }
    /// The training steps of the seeds that solved the task.
    var stepsToSolve: Spread { Spread(runs.filter(\.training.isSolved).map { Double($0.training.losses.count) }) }
    var factor: Spread { spread { $0.initial.states.first?.total.decay?.factor ?? .nan } }
    /// How many steps back the gradient is below 1%; infinite if it never is.
    var reach: Spread { spread { $0.initial.states.first?.total.stepsBack().map(Double.init) ?? .infinity } }
  }

  var cells: [Cell] {
    results[0].cells.indices.map { index in
      Cell(name: results[0].cells[index].name, runs: results.map { $0.cells[index] })
    }
  }

  /// Every pair of cells by held-out error, seed by seed.
  public var comparison: PairedComparison {
    PairedComparison(cells.map { ($0.name, $0.error.values) })
  }

  /// Every number of every seed, and what they have in common.
  public var json: JSONValue {
    [
      "seeds": .array(seeds.map { Int(exactly: $0).map(JSONValue.integer) ?? .string("\($0)") }),
      "summary": [
        "cells": .array(
          cells.map {
            [
              "name": .string($0.name), "solved": $0.solved.json, "heldOutError": $0.error.json,
              "stepsToSolve": $0.stepsToSolve.json, "initialFactor": $0.factor.json,
            ]
          }),
        "comparisons": comparison.json,
      ],
      "runs": .array(results.map(\.json)),
    ]
  }
}
