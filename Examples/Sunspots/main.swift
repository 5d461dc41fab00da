// Forecasts the next monthly sunspot number with an LSTM, and compares it with the forecast of no change. The last
// fifth of 235 years is held out. The result is a function of the seed, for any number of threads.
// Run it from the package's folder with: swift run -c release Sunspots
import Ebb
import EbbApplications
import Foundation

func number(_ value: Double) -> String { readableNumber(value, digits: 4) }

do {
  let path = CommandLine.arguments.dropFirst().first ?? "Examples/Data/sunspots-monthly.csv"
  let table = try ForecastTable(CSVTable(contentsOf: path), columns: ["sunspots"])
  let settings = ForecastSettings(window: 24, steps: 600, seed: 1)
  let forecaster = try Forecaster(LSTM(units: 24), table, settings: settings)

  let result = try forecaster.train { progress, evaluation in
    if progress.completed % 100 == 0 {
      print("step \(progress.completed): error \(number(evaluation.heldOutError)) on held-out months")
    }
    return .continue
  }

  print("trained on \(result.trainingCount) months, held out \(result.heldOutCount)")
  print("LSTM         \(number(result.heldOutError))")
  print("persistence  \(number(result.persistenceError))")
  print("the month after the last one: \(number(try forecaster.forecast(after: table)[0]))")
  print("The LSTM \(result.beatsPersistence ? "beats" : "does not beat") persistence.")
  exit(result.beatsPersistence ? 0 : 1)
} catch {
  print(error)
  exit(1)
}
