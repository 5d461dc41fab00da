import EbbCells
import EbbExecution
import EbbDiagnostics
import EbbRecording
import EbbMarkup
import EbbReport
import EbbStudies
import Testing

@Suite struct StudyTests {
  static let settings = StudySettings(
    units: 3, length: 12, batch: 2, taskLength: 6, trainingBatch: 4, steps: 6, secondsPerCell: nil, measurements: 3,
    execution: ExecutionOptions(threads: 1))
  static let cells: [Study.NamedCell] = [
    ("rnn", { SimpleRNN(units: $0) }), ("mgu", { MinimalGatedUnit(units: $0) }), ("lstm", { LSTM(units: $0) }),
  ]

  /// The numbers that a study's settings decide: all but the times.
  private func withoutTimes(_ result: StudyResult) -> StudyResult {
    var result = result
    result.seconds = 0
    for index in result.cells.indices {
      result.cells[index].training.seconds = 0
      result.cells[index].training.stepsPerSecond = 0
    }
    return result
  }

  @Test func numbersDependOnTheSettingsAlone() throws {
    let study = Study(Self.cells, settings: Self.settings)
    var seen: [String] = []
    let first = try study.run { progress in
      switch progress {
      case .measuring(let name): seen.append("measuring \(name)")
      case .training(let name, let step, let total, _): if step == total { seen.append("training \(name)") }
      case .trained(let name, _): seen.append("trained \(name)")
      }
    }
    #expect(
      seen == [
        "measuring exploding", "measuring rnn", "measuring mgu", "measuring lstm", "training rnn", "trained rnn",
        "training mgu", "trained mgu", "training lstm", "trained lstm",
      ])
    #expect(withoutTimes(first) == withoutTimes(try study.run()))

    var threads = Self.settings
    threads.execution = ExecutionOptions(threads: 2)
    var second = withoutTimes(try Study(Self.cells, settings: threads).run())
    // The number of threads is a setting, and the only thing that may differ.
    second.settings = Self.settings
    for (index, cell) in first.cells.enumerated() {
      second.cells[index].cellReport.experiment = cell.cellReport.experiment
    }
    #expect(withoutTimes(first) == second)
  }

  @Test func everyPartIsThere() throws {
    let result = try Study(Self.cells, settings: Self.settings).run()
    for cell in result.cells {
      #expect(cell.initial.states.allSatisfy { $0.total.means.count == 12 })
      #expect(cell.training.losses.count == 6 && cell.training.end == .steps)
      #expect(cell.training.measurements.map(\.step) == [0, 2, 4, 6])
      #expect(cell.training.measurements.allSatisfy { $0.states[0].total.means.count == 6 })
      #expect(!cell.training.isSolved && cell.training.verdict == "not solved")
    }
    #expect(result.cells.map(\.facts.gates) == [0, 1, 3])
    #expect(result.cells.map(\.facts.parameterCount) == [18, 36, 72])
    #expect(result.cells.map(\.facts.states) == [["h"], ["h"], ["h", "c"]])
    // [h, x] · W, + b, tanh: 2 · 5 · 3 + 3 + 3
    #expect(result.cells[0].facts.operationsPerStep == 36)
    #expect(result.exploding.unclipped.clips.isEmpty)

    let json = try JSONValue(parsing: result.json.text())
    #expect(json["cells"]?.array?.count == 3)
    #expect(json["cells"]?.array?[1]["training"]?["losses"]?.array?.count == 6)
    #expect(json["settings"]?["units"] == 3)
    let page = result.page.html()
    for text in ["rnn", "mgu", "not solve", "Glorot uniform", "<svg"] { #expect(page.contains(text)) }
    #expect(result.comparison.rowCount == 3)
    #expect(result.comparisonByCell.columns.count == 4)
  }

  @Test func clippingHoldsTheExplodingGradient() throws {
    var settings = Self.settings
    settings.length = 60
    settings.units = 32
    settings.explodingGain = 3
    settings.steps = 1
    let result = try Study([Self.cells[0]], settings: settings).run()
    let (free, held) = (result.exploding.unclipped.states[0].total, result.exploding.clipped.states[0].total)
    #expect(free.means[0] > 10)
    #expect(held.means.allSatisfy { $0 <= 1 + 1e-5 })
    #expect(!result.exploding.clipped.clips.isEmpty)
  }

  @Test func trainingCanEndEarly() throws {
    var settings = Self.settings
    settings.steps = 500
    settings.targetLoss = 100
    let target = try Study([Self.cells[0]], settings: settings).run()
    #expect(target.cells[0].training.end == .targetLoss)
    #expect(target.cells[0].training.losses.count == 20)
    settings.targetLoss = 0
    settings.secondsPerCell = 1e-6
    let limit = try Study([Self.cells[0]], settings: settings).run()
    #expect(limit.cells[0].training.end == .seconds)
    #expect(limit.cells[0].training.losses.count == 1)
  }

  @Test func settingsWithoutMeaningAreNamed() {
    var settings = Self.settings
    settings.steps = 0
    #expect {
      try Study(Self.cells, settings: settings).run()
    } throws: {
      "\($0)" == "steps: at least 1, not 0"
    }
    #expect {
      try Study([], settings: Self.settings).run()
    } throws: {
      "\($0)".contains("needs a cell")
    }
  }
}
