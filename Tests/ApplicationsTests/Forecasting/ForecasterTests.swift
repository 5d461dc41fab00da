import EbbApplications
import EbbCells
import EbbTensors
import EbbTraining
import Foundation
import Testing

@Suite struct ForecasterTests {
  /// A sine of twelve steps a period: persistence errs by 2 sin(π/12) of it, a network of a few units by far less.
  static let values = (0..<160).map { 10 + 3 * sin(Double($0) * .pi / 6) }
  static let settings = ForecastSettings(
    window: 6, batchSize: 16, steps: 60, optimizer: Adam(learningRate: 0.03), heldOutFraction: 0.25,
    evaluationInterval: 20)
  private let wave: ForecastTable

  init() throws { wave = try ForecastTable(["wave"], [Self.values], source: "wave") }

  private func settings(_ change: (inout ForecastSettings) -> Void) -> ForecastSettings {
    var settings = Self.settings
    change(&settings)
    return settings
  }

  @Test func aForecasterBeatsPersistenceOnAWave() throws {
    let forecaster = try Forecaster(GRU(units: 4), wave, settings: Self.settings)
    var steps: [Int] = []
    let result = try forecaster.train { progress, _ in
      steps.append(progress.completed)
      return .continue
    }
    #expect(steps == Array(1...60) && result.evaluations.map(\.step) == [0, 20, 40, 60])
    #expect(result.trainingCount == 120 && result.heldOutCount == 40 && result.keptStep == nil)
    // √(mean (2 sin(π/12) cos …)²) · 3 = 3 · 2 · 0.2588 / √2
    #expect(abs(result.persistenceError - 1.098) < 0.02)
    // It begins as persistence does, and ends far better.
    #expect(abs(result.evaluations[0].heldOutError / result.persistenceError - 1) < 0.1)
    #expect(result.heldOutError < result.persistenceError / 2 && result.beatsPersistence)
    #expect(abs(result.evaluations[3].heldOutError - result.heldOutError) < 1e-12)
    let walk = result.walkForward
    let errors = zip(walk.model.forecasts, walk.actual).map { ($0[0] - $1[0]) * ($0[0] - $1[0]) }
    #expect(abs((errors.reduce(0, +) / 40).squareRoot() - result.heldOutError) < 1e-12)
    let comparison = try #require(walk.comparison(with: walk.persistence, stepsAhead: 1))
    #expect(comparison.statistic > 2 && comparison.isClear)
    #expect(result.gradientNormsBefore["h"]?.count == 6 && result.gradientNormsAfter["h"]?.count == 6)
    #expect(result.gradientNormsBefore != result.gradientNormsAfter)

    // The value that follows the first 120 is the first held-out one.
    let known = try ForecastTable(["wave"], [Array(Self.values[..<120])])
    #expect(abs(try forecaster.forecast(after: known)[0] - walk.model.forecasts[0][0]) < 1e-5)
    let other = try ForecastTable(["tide"], [[1, 2, 3]])
    #expect { try forecaster.forecast(after: other) } throws: { "\($0)".contains("reads wave, and this has tide") }
  }

  @Test func severalStepsAndColumnsAreLearned() throws {
    // The second column is the first one three steps later: only who reads it can know.
    let noise = (0..<203).map { sin(Double($0 * $0) * 0.37) }
    let table = try ForecastTable(["v", "hint"], [Array(noise[..<200]), Array(noise[3...])])
    let learner = settings {
      $0.horizon = 3
      $0.steps = 150
    }
    let alone = try Forecaster(GRU(units: 8), ForecastTable(["v"], [Array(noise[..<200])]), settings: learner).train()
    let both = try Forecaster(GRU(units: 8), table, target: "v", settings: learner).train()
    #expect(both.walkForward.model.steps.count == 3)
    #expect(both.heldOutError < 0.6 * alone.heldOutError, "\(both.heldOutError) and \(alone.heldOutError)")
  }

  @Test(arguments: [ForecastInput.differences, .logReturns])
  func changesAreReadAndForecast(input: ForecastInput) throws {
    let learner = settings { $0.input = input }
    let result = try Forecaster(GRU(units: 4), wave, settings: learner).train()
    #expect(abs(result.evaluations[0].heldOutError / result.persistenceError - 1) < 0.1)
    #expect(result.heldOutError < result.persistenceError / 2)
  }

  @Test func theHeldOutPartNeverEntersTraining() throws {
    var values = Self.values
    for index in 120..<160 { values[index] = 50 }
    let changed = try ForecastTable(["wave"], [values])
    let short = settings {
      $0.steps = 6
      $0.horizon = 2
      $0.validationFraction = 0.2
      $0.evaluationInterval = 2
    }
    let results = try [wave, changed].map { try Forecaster(SimpleRNN(units: 3), $0, settings: short).train() }
    #expect(results[0].parameters == results[1].parameters)
    #expect(results[0].heldOutError != results[1].heldOutError)
  }

  @Test func validationKeepsTheBestParametersAndEndsTraining() throws {
    let learner = settings {
      // So large a rate that the loss soon goes up and down.
      $0.optimizer = Adam(learningRate: 0.3)
      $0.schedule = .constant(0.3)
      $0.validationFraction = 0.25
      $0.evaluationInterval = 1
      $0.patience = 5
    }
    let forecaster = try Forecaster(SimpleRNN(units: 3), wave, settings: learner)
    let result = try forecaster.train()
    let losses = result.evaluations.dropFirst().compactMap(\.validationLoss)
    let best = try #require(losses.min())
    let kept = try #require(result.keptStep)
    #expect(losses[kept - 1] == best && result.run.end == .earlyStopping && losses.count == kept + 6)
    // What was kept is no step of the training, but the result.
    #expect(result.evaluations.map(\.step) == Array(0...(kept + 6)))
    #expect(result.evaluations[kept].heldOutError == result.heldOutError && losses[losses.count - 1] != best)
    // Nothing is left to train.
    let again = try forecaster.train()
    #expect(again.run.losses == result.run.losses && again.keptStep == kept && again.parameters == result.parameters)
  }

  @Test func aStoppedTrainingStillReports() throws {
    let forecaster = try Forecaster(SimpleRNN(units: 2), wave, settings: Self.settings)
    let result = try forecaster.train { _, _ in .stop }
    #expect(result.run.end == .callback && result.run.losses.count == 1)
    #expect(result.evaluations.map(\.step) == [0, 1])
  }

  @Test func settingsThatMakeNoSenseAreErrors() {
    func message(_ change: (inout ForecastSettings) -> Void) -> String {
      do {
        _ = try Forecaster(SimpleRNN(units: 2), wave, settings: settings(change))
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message { $0.window = 0 } == "the window is at least 1, not 0")
    #expect(message { $0.horizon = 0 } == "the horizon is at least 1, not 0")
    #expect(message { $0.season = 0 } == "the season is at least 1, not 0")
    #expect(message { $0.season = 121 }.contains("longer than the 120 rows to train on"))
    #expect(message { $0.batchSize = 0 } == "the batch size is at least 1, not 0")
    #expect(message { $0.optimizer.learningRate = .nan } == "the learning rate is a number above 0, not nan")
    #expect(message { $0.heldOutFraction = 1 }.contains("between 0 and 1, not 1.0"))
    #expect(message { $0.heldOutFraction = .nan }.contains("between 0 and 1, not nan"))
    #expect(message { $0.heldOutFraction = 0.001 }.contains("0 of 160 rows are held out"))
    #expect(message { $0.validationFraction = 0.001 }.contains("0 of 120 rows to train on are for validation"))
    #expect(message { $0.window = 120 }.contains("120 of 160 rows are for training"))
    #expect(message { $0.window = 120 }.contains("a window of 120 with a horizon of 1 needs at least 121"))
  }
}

@Suite struct ForecastModelTests {
  private static let table = try? ForecastTable(
    ["a", "b"], [(0..<40).map { sin(Double($0)) }, (0..<40).map { cos(Double($0)) }])

  @Test func aSavedModelForecastsTheSame() throws {
    let table = try #require(Self.table)
    let settings = ForecastSettings(window: 5, horizon: 3, input: .differences, steps: 3)
    let forecaster = try Forecaster(GRU(units: 3), table, target: "b", settings: settings)
    let result = try forecaster.train()
    let configuration = forecaster.configuration(cell: "gru", units: 3, result)
    let file = try ModelFile(kind: ForecastModel.kind, configuration: configuration, parameters: result.parameters)
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try file.write(to: path)
    let read = try ModelFile(contentsOf: path)
    let known = try read.configuration(ForecastModel.Configuration.self, kind: ForecastModel.kind)
    #expect(known == configuration && known.heldOutErrors.count == 3)
    let model = try ForecastModel(GRU(units: 3), known, parameters: read.parameters)
    #expect(try model.forecast(after: table) == forecaster.forecast(after: table))
    let damaged = try ForecastModel(
      GRU(units: 3), known,
      parameters: read.parameters.mapValues {
        Tensor($0.dimensions, $0.doubles.map { _ in .nan }, as: $0.element)
      })
    #expect { _ = try damaged.forecast(after: table) } throws: { "\($0)".contains("is not finite") }
    // Fewer rows than the window are read as well; another cell is refused.
    let short = try ForecastTable(["a", "b"], [[0.1, 0.2], [0.3, 0.4]])
    #expect(try model.forecast(after: short).count == 3)
    #expect { _ = try ForecastModel(GRU(units: 4), known, parameters: read.parameters) } throws: {
      "\($0)".contains("the parameter")
    }
  }

  @Test func damagedConfigurationsAreErrors() throws {
    let table = try #require(Self.table)
    let forecaster = try Forecaster(SimpleRNN(units: 2), table, settings: ForecastSettings(window: 4, steps: 1))
    let result = try forecaster.train()
    func message(_ change: (inout ForecastModel.Configuration) -> Void) -> String {
      var configuration = forecaster.configuration(cell: "rnn", units: 2, result)
      change(&configuration)
      do {
        _ = try ForecastModel(SimpleRNN(units: 2), configuration, parameters: result.parameters)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message { _ in } == "")
    #expect(message { $0.target = 2 }.contains("the columns do not fit"))
    #expect(message { $0.columns = ["a", "a"] }.contains("the columns do not fit"))
    #expect(message { $0.units = Int(Int32.max) }.contains("too few for 2147483647 units"))
    #expect(message { $0.window = -1 }.contains("a size is below 1"))
    #expect(message { $0.horizon = 1 << 40 }.contains("not as many scales"))
    #expect(message { $0.scales.means = [] }.contains("not as many scales"))
    #expect(message { $0.scales.changes = [0] }.contains("no number above 0"))
    #expect(message { $0.scales.deviations[0] = .infinity }.contains("no number above 0"))
  }
}
