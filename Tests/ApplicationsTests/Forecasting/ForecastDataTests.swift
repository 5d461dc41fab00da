import EbbApplications
import EbbCells
import EbbTensors
import Foundation
import Testing

@Suite struct ForecastTableTests {
  @Test func columnsOfAFileAreFoundByNameOrNumberAndRowsChosen() throws {
    let table = try CSVTable("kind,a,b\nx,1,10\ny,2,20\nx,3,30\n", source: "f.csv")
    let all = try ForecastTable(table, columns: ["3", "a"])
    #expect(all.names == ["b", "a"] && all.columns == [[10, 20, 30], [1, 2, 3]] && all.lines == [2, 3, 4])
    let chosen = try ForecastTable(table, columns: ["a"], where: ("kind", "x"))
    #expect(chosen.columns == [[1, 3]] && chosen.lines == [2, 4] && chosen.count == 2)
    // A name wins over a number.
    let years = try CSVTable("b,1\n5,6\n7,8\n", format: CSVFormat(header: .present))
    #expect(try ForecastTable(years, columns: ["1", "b"]).columns == [[6, 8], [5, 7]])
    // What a column without a name is called finds it again.
    let bare = try ForecastTable(CSVTable("1,2\n3,4\n"), columns: ["2"])
    #expect(bare.names == ["column 2"])
    #expect(try ForecastTable(CSVTable("5,6\n7,8\n"), columns: bare.names).columns == [[6, 8]])
  }

  @Test func whatIsNoTableIsAnError() {
    func message(_ names: [String], _ columns: [[Double]]) -> String {
      do {
        _ = try ForecastTable(names, columns, source: "s")
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message(["a", "b"], [[1]]) == "s: 2 names are given for 1 columns")
    #expect(message(["a", "b"], [[1, 2], [1]]) == "s, column b: the column has 1 values, the first one 2")
    #expect(message(["a"], [[1, .nan]]) == "s, column a: value 2 is nan; a finite number is expected")
  }

  @Test func blocksOfWordsAreSeen() throws {
    let prices = try CSVTable("symbol,price\nA,1\nA,2\nB,1\nB,2\n")
    #expect(prices.blocks?.column == "symbol" && prices.blocks?.values == ["A", "B"])
    // Words that come back, as of the weather, are no blocks; nor is a word a row, nor a year.
    #expect(try CSVTable("sky,t\nsun,1\nrain,2\nsun,3\nsun,4\n").blocks == nil)
    #expect(try CSVTable("day,t\nmo,1\ntu,2\nwe,3\nth,4\n").blocks == nil)
    #expect(try CSVTable("year,t\n1,1\n1,2\n2,3\n2,4\n").blocks == nil)
  }
}

@Suite struct ForecastDataTests {
  /// Two columns of 20 rows, of which 5 are held out.
  static let table: ForecastTable = {
    let rows = (0..<20).map(Double.init)
    guard let table = try? ForecastTable(["a", "b"], [rows.map { $0 * $0 + 1 }, rows.map { cos($0) }]) else {
      preconditionFailure("the table is sound")
    }
    return table
  }()

  private func data(_ change: (inout ForecastSettings) -> Void = { _ in }) throws -> ForecastData {
    var settings = ForecastSettings(window: 3, horizon: 2, heldOutFraction: 0.25)
    change(&settings)
    return try Forecaster(SimpleRNN(units: 2), Self.table, settings: settings).data
  }

  @Test func originsNeverReachIntoTheNextPart() throws {
    let plain = try data()
    #expect(plain.trainingCount == 15 && plain.heldOutCount == 5)
    // The first window is rows 0, 1, 2; the last targets to train on are rows 13 and 14, those held out 18 and 19.
    #expect(plain.trainingOrigins == 2..<13 && plain.validationOrigins.isEmpty && plain.heldOutOrigins == 14..<18)
    let differences = try data { $0.input = .differences }
    #expect(differences.trainingOrigins == 3..<13)
    let validated = try data { $0.validationFraction = 0.2 }
    #expect(validated.trainingOrigins == 2..<10 && validated.validationOrigins == 11..<13)
    #expect(validated.scales == plain.scales)
  }

  @Test(arguments: ForecastInput.allCases)
  func scalesAreThoseOfTheRowsToTrainOn(input: ForecastInput) throws {
    let table = try ForecastTable(["a"], [(0..<20).map { Double($0 * $0 + 1) }])
    let settings = ForecastSettings(window: 3, horizon: 2, input: input, heldOutFraction: 0.25)
    let scales = try Forecaster(SimpleRNN(units: 2), table, settings: settings).data.scales
    let x = Array(table.columns[0][..<15])
    let read: [Double] =
      switch input {
      case .levels: x
      case .differences: zip(x.dropFirst(), x).map { $0 - $1 }
      case .logReturns: zip(x.dropFirst(), x).map { log($0) - log($1) }
      }
    let mean = read.reduce(0, +) / Double(read.count)
    let variance = read.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(read.count)
    #expect(abs(scales.means[0] - mean) < 1e-12 && abs(scales.deviations[0] - variance.squareRoot()) < 1e-12)
    let changes = zip(x.dropFirst(2), x).map { input == .logReturns ? log($0 / $1) : $0 - $1 }
    let square = changes.map { $0 * $0 }.reduce(0, +) / Double(changes.count)
    #expect(scales.changes.count == 2 && abs(scales.changes[1] - square.squareRoot()) < 1e-12)
  }

  @Test func whatHasNoScaleIsAnError() throws {
    func message(_ values: [Double], _ input: ForecastInput = .levels) -> String {
      do {
        let table = try ForecastTable(["v"], [values], source: "s")
        let settings = ForecastSettings(window: 1, input: input, heldOutFraction: 0.25)
        _ = try Forecaster(SimpleRNN(units: 2), table, settings: settings)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message([4, 4, 4, 4]) == "s, column v: the 3 values to train on are all alike: there is nothing to learn")
    #expect(message([4, 4, 4, 5]).contains("the first other one comes in row 4, which is held out: hold out less"))
    // The deviation of equal values from their rounded mean is not 0; that of these is too small to square.
    #expect(message([Double](repeating: 0.1, count: 40)).contains("the 30 values to train on are all alike"))
    #expect(message((0..<40).map { Double($0 * $0 % 7) * 1e-199 }) == "")
    // The changes of a straight line differ by rounding alone, as do the factors of a geometric series.
    #expect(
      message((0..<40).map { 0.1 * Double($0) }, .differences).contains("the 29 changes to train on are all alike"))
    #expect(
      message((0..<40).map { pow(1.01, Double($0)) }, .logReturns).contains("log returns to train on are all alike"))
    #expect(message([1, 2, 3, 4, 5, 6, 7, 0], .differences).contains("the 5 changes to train on are all alike"))
    #expect(message([1e300, -1e300, 0, 5]) == "")
    #expect(
      message([1, 2, 3, -1e308]).contains("s, column v: row 4: -1e+308 is so large that differences of such values"))
    // Right in Float64, and no number in units of the rows to train on.
    #expect(message([1, 2, 3, 1e300]).contains("s, column v: row 4: 1e+300 is too far from the rows to train on"))
    #expect(
      message([1, 2, 0, 4], .logReturns) == "s, column v: row 3: 0.0 has no logarithm; log returns need values above 0")
  }
}

@Suite struct WalkForwardTests {
  /// A series of 24 values with the exact period 4, of which 8 are held out.
  private func walk(_ values: [Double], horizon: Int, season: Int?) throws -> WalkForward {
    let table = try ForecastTable(["v"], [values])
    let settings = ForecastSettings(
      window: 2, horizon: horizon, season: season, heldOutFraction: 8 / Double(values.count))
    return try Forecaster(SimpleRNN(units: 2), table, settings: settings).walkForward()
  }

  @Test func seasonalForecastsRepeatTheLastSeasonEvenBeyondIt() throws {
    let values = (0..<24).map { [1.0, 5, 2, 7][$0 % 4] }
    let walk = try walk(values, horizon: 6, season: 4)
    #expect(walk.origins == 15..<18 && walk.methods.map(\.name) == ["network", "persistence", "seasonal"])
    #expect(walk.actual[0] == Array(values[16..<22]))
    // x̂ = x four steps before, or eight where that is not yet known: on this series without error.
    #expect(walk.methods[2].forecasts == walk.actual && walk.methods[2].total.rootMeanSquaredError == 0)
    #expect(walk.persistence.forecasts[1] == [Double](repeating: values[16], count: 6))
    // On this series the seasonal forecast has no error to measure by.
    #expect(walk.model.scaledError(walk.model.total) == nil)
  }

  /// The newest value that is known at the origin and lies whole seasons before the target, found by going back.
  @Test func seasonalForecastsReadNothingThatIsNotKnown() throws {
    let values: [Double] = (0..<24).map { Double(($0 * $0) % 23) }
    let walk = try walk(values, horizon: 7, season: 3)
    for (row, origin) in walk.origins.enumerated() {
      for step in 1...7 {
        var index = origin + step
        while index > origin { index -= 3 }
        #expect(walk.methods[2].forecasts[row][step - 1] == values[index])
      }
    }
  }

  @Test func errorsAndTheirScaleAreThoseOfTheDefinitions() throws {
    let values: [Double] = (0..<24).map { Double(($0 * 7) % 11) }
    let walk = try walk(values, horizon: 2, season: nil)
    #expect(walk.origins == 15..<22 && walk.methods.count == 2)
    let errors = (15..<22).map { abs(values[$0 + 2] - values[$0]) }
    let mean = errors.reduce(0, +) / 7
    #expect(abs(walk.persistence.steps[1].meanAbsoluteError - mean) < 1e-12)
    // The mean |x_t − x_{t−1}| of the 16 values to train on.
    let naive = (1..<16).map { abs(values[$0] - values[$0 - 1]) }.reduce(0, +) / 15
    #expect(abs(try #require(walk.persistence.scaledError(walk.persistence.steps[1])) - mean / naive) < 1e-12)
  }

  @Test func errorsThatDoNotVaryAreNotCompared() throws {
    let values: [Double] = (0..<24).map { Double(($0 * 7) % 11) }
    let walk = try walk(values, horizon: 2, season: 3)
    // The network itself is no baseline; of 7 forecasts, 2 steps ahead, one slow change is seen.
    #expect(walk.comparison(with: walk.model, stepsAhead: 1) == nil)
    #expect(walk.comparison(with: walk.persistence, stepsAhead: 2)?.degreesOfFreedom == 1)
    let constant = try self.walk(values.dropLast(12) + [Double](repeating: 0.1, count: 12), horizon: 1, season: nil)
    #expect(constant.model.steps[0].determination == nil)
    #expect(constant.comparison(with: constant.persistence, stepsAhead: 1) == nil)
  }

  @Test func persistenceOnTheSunspots() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = try CSVTable(contentsOf: root.appendingPathComponent("Examples/Data/sunspots-monthly.csv").path)
    let table = try ForecastTable(file, columns: ["sunspots"])
    let walk = try Forecaster(SimpleRNN(units: 1), table).walkForward()
    // By hand: the root mean square of the differences of the last fifth.
    #expect(walk.origins.count == 564 && abs(walk.persistence.total.rootMeanSquaredError - 20.0907) < 1e-3)
  }
}
