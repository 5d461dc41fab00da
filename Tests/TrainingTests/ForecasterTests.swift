import EbbCells
import EbbTensors
import EbbTraining
import Foundation
import Testing

@Suite struct TimeSeriesTests {
  @Test func theScaleComesFromTheTrainingPartAlone() throws {
    let split = try TimeSeries([1, 3, 1, 3, 1000]).split(heldOut: 0.2)
    #expect(split.trainingCount == 4 && split.heldOutCount == 1 && Array(split.heldOut) == [1000])
    #expect(split.mean == 2 && split.deviation == 1)
    #expect(split.scaled(5) == 3 && split.unscaled(3) == 5)
    #expect(split.persistenceError == 997)
  }

  @Test func whatCannotBeSplitIsAnError() {
    func message(_ values: [Double], _ fraction: Double) -> String {
      do {
        _ = try TimeSeries(values, name: "s").split(heldOut: fraction)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message([1, 2, 3], 0).contains("between 0 and 1, not 0.0"))
    #expect(message([1, 2, 3], .nan).contains("between 0 and 1, not nan"))
    #expect(message([1, 2], 0.5).contains("2 values are too few"))
    #expect(message([1, 2, 3], 0.01).contains("3 values are too few"))
    #expect(message([4, 4, 4, 5], 0.25) == "s: the 3 values to train on are all alike: there is nothing to learn")
    #expect(message([1e300, -1e300, 0, 5], 0.25).contains("s: the values to train on are too large"))
  }
}

@Suite struct ForecasterTests {
  /// A sine of twelve steps a period: persistence errs by 2 sin(π/12) of it, a network of a few units by far less.
  static let wave = TimeSeries((0..<160).map { 10 + 3 * sin(Double($0) * .pi / 6) }, name: "wave")
  static let settings = ForecastSettings(
    window: 6, batchSize: 16, steps: 60, learningRate: 0.03, heldOutFraction: 0.25, evaluationInterval: 20)

  @Test func aForecasterBeatsPersistenceOnAWave() throws {
    let forecaster = try Forecaster(GRU(units: 4), Self.wave, settings: Self.settings)
    var steps: [Int] = []
    let report = try forecaster.train { progress, _ in
      steps.append(progress.completed)
      return .continue
    }
    #expect(steps == Array(1...60) && report.evaluations.map(\.step) == [0, 20, 40, 60])
    #expect(report.trainingCount == 120 && report.heldOutCount == 40)
    // √(mean (2 sin(π/12) cos …)²) · 3 = 3 · 2 · 0.2588 / √2
    #expect(abs(report.persistenceError - 1.098) < 0.02)
    // It begins as persistence does, and ends far better.
    #expect(abs(report.evaluations[0].heldOutError / report.persistenceError - 1) < 0.1)
    #expect(report.heldOutError < report.persistenceError / 2 && report.beatsPersistence)
    let errors = zip(report.forecasts, report.heldOutValues).map { ($0 - $1) * ($0 - $1) }
    #expect(abs((errors.reduce(0, +) / 40).squareRoot() - report.heldOutError) < 1e-12)
    #expect(report.gradientNormsBefore["h"]?.count == 6 && report.gradientNormsAfter["h"]?.count == 6)
    #expect(report.gradientNormsBefore != report.gradientNormsAfter)

    // The value that follows the first 120 is the first held-out one.
    let next = try forecaster.forecast(after: Array(Self.wave.values[..<120]))
    #expect(abs(next - report.forecasts[0]) < 1e-5)
    #expect { try forecaster.forecast(after: [1, 2, 3]) } throws: { "\($0)".contains("6 finite values, of which 3") }
  }

  @Test func theHeldOutPartNeverEntersTraining() throws {
    var changed = Self.wave
    for index in 120..<160 { changed.values[index] = -50 }
    var settings = Self.settings
    settings.steps = 5
    let reports = try [Self.wave, changed].map { try Forecaster(SimpleRNN(units: 3), $0, settings: settings).train() }
    #expect(reports[0].parameters == reports[1].parameters)
    #expect(reports[0].heldOutError != reports[1].heldOutError)
  }

  @Test func aStoppedTrainingStillReports() throws {
    let forecaster = try Forecaster(SimpleRNN(units: 2), Self.wave, settings: Self.settings)
    let report = try forecaster.train { _, _ in .stop }
    #expect(report.run.end == .callback && report.run.losses.count == 1)
    #expect(report.evaluations.map(\.step) == [0, 1])
  }

  @Test func settingsThatMakeNoSenseAreErrors() {
    func message(_ change: (inout ForecastSettings) -> Void) -> String {
      var settings = Self.settings
      change(&settings)
      do {
        _ = try Forecaster(SimpleRNN(units: 2), Self.wave, settings: settings)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message { $0.window = 0 } == "the window is at least 1, not 0")
    #expect(message { $0.batchSize = 0 } == "the batch size is at least 1, not 0")
    #expect(message { $0.learningRate = .nan } == "the learning rate is a number above 0, not nan")
    #expect(message { $0.heldOutFraction = 1 }.contains("between 0 and 1"))
    #expect(message { $0.window = 120 }.contains("120 of 160 values are for training"))
    #expect(message { $0.window = 120 }.contains("a window of 120 needs at least 121"))
  }
}
