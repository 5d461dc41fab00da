import EbbCells
import EbbFiles
import EbbReport
import Foundation
import Testing

@testable import EbbApplications

@Suite struct ForecastChartTests {
  private let settings = ForecastSettings(
    window: 4, horizon: 3, batchSize: 4, steps: 3, heldOutFraction: 0.4, evaluationInterval: 3)

  private func result(_ dates: [String]) throws -> ForecastTrainingResult {
    let rows = dates.enumerated().map { "\($1),\(5 + sin(Double($0) * 0.7))" }.joined(separator: "\n")
    let table = try ForecastTable(CSVTable("date,v\n" + rows, source: "f"), columns: ["v"])
    return try Forecaster(SimpleRNN(units: 2), table, settings: settings).train(name: "rnn")
  }

  private func lines(_ chart: Chart) throws -> LineChart {
    guard case .line(let chart) = chart else { throw FileError("chart", "is no line") }
    return chart
  }

  private let days = (0..<50).map { "2020-0\($0 / 25 + 1)-\($0 % 25 < 9 ? "0" : "")\($0 % 25 + 1)" }

  @Test func rowsStandAtTheirDates() throws {
    // Months on their first days: 2019-01 to 2023-02.
    let months = (0..<50).map { "\(2019 + $0 / 12)-\($0 % 12 < 9 ? "0" : "")\($0 % 12 + 1)-01" }
    let result = try result(months)
    let chart = try lines(result.forecastChart(cell: "rnn"))
    #expect(chart.x.scale == .time && result.areDates && result.places.count == 53)
    // Row 30 is the first that is held out.
    #expect(chart.series[0].x.first == Moment(year: 2021, month: 7, day: 1)?.seconds)
    #expect(chart.series[0].y == result.walkForward.actual.map { $0[0] })
    let next = try lines(result.nextChart(cell: "rnn"))
    #expect(
      next.series[1].x.map { Moment(seconds: $0)?.description } == [
        "2023-02-01", "2023-03-01", "2023-04-01", "2023-05-01",
      ])
    #expect(
      next.series[0].y == result.lastValues && next.series[1].y == [result.lastValues.last ?? 0] + result.nextValues)
    #expect(result.nextValues.count == 3 && result.lastValues.count == 9)
  }

  @Test func rowsWithoutDatesAreNumbered() throws {
    let table = try ForecastTable(["v"], [(0..<50).map { sin(Double($0)) }])
    let result = try Forecaster(SimpleRNN(units: 2), table, settings: settings).train(name: "rnn")
    let chart = try lines(result.forecastChart(cell: "rnn"))
    #expect(chart.x == ChartAxis("row") && chart.series[0].x.first == 31)
    #expect(try lines(result.nextChart(cell: "rnn")).series[1].x == [50, 51, 52, 53])
    // Dates that do not ascend are no axis.
    #expect(try !self.result(days.reversed()).areDates)
  }

  @Test func unevenDatesEndWithTheLastRow() throws {
    // 1, 2, 4, 7, 11 … days apart.
    let dates = (0..<50).map { Moment(microseconds: ($0 * $0 + $0) / 2 * Moment.day).description }
    let result = try result(dates)
    #expect(result.areDates && result.places.count == 50)
    #expect(try lines(result.forecastChart(cell: "rnn")).x.scale == .time)
    let next = try lines(result.nextChart(cell: "rnn"))
    #expect(next.x == ChartAxis("row") && next.series[1].x == [50, 51, 52, 53])
  }

  /// Where errors are known: the forecasts of persistence of a ramp are off by the number of steps ahead.
  @Test func theBandIsTheQuantilesOfTheErrors() throws {
    let values = (0..<50).map { Double($0 * $0) }
    let data = try ForecastData(ForecastTable(["v"], [values]), target: "v", settings)
    let forecasts = data.heldOutOrigins.map { origin in (1...3).map { _ in values[origin] } }
    let walk = WalkForward(data, season: nil, name: "rnn", forecasts: forecasts)
    // Origins 29 to 46: x_{T+1} − x_T = 2T + 1 from 59 to 93 in steps of 2; 18 errors.
    #expect(data.heldOutOrigins == 29..<47)
    let band = try #require(walk.errorBand(stepsAhead: 1))
    #expect(abs(band.range.lowerBound - (59 + 2 * 1.7)) < 1e-9 && abs(band.range.upperBound - (59 + 2 * 15.3)) < 1e-9)
    let few = ForecastSettings(window: 4, horizon: 3, heldOutFraction: 0.2)
    let short = try ForecastData(ForecastTable(["v"], [values]), target: "v", few)
    let eight = short.heldOutOrigins.map { origin in (1...3).map { _ in values[origin] } }
    #expect(eight.count == 8)
    #expect(WalkForward(short, season: nil, name: "rnn", forecasts: eight).errorBand(stepsAhead: 1) == nil)
  }

  @Test func chartsHaveTheirBands() throws {
    let result = try result(days)
    let charts = try result.forecastCharts(cell: "rnn").map(lines)
    #expect(charts.count == 2 && charts[0].y.bounds == charts[1].y.bounds && charts[0].x.bounds == charts[1].x.bounds)
    for (chart, ahead) in zip(charts, [1, 3]) {
      let forecast = chart.series[1]
      let (band, errors) = (try #require(forecast.band), try #require(result.walkForward.errorBand(stepsAhead: ahead)))
      #expect(
        band.lower == forecast.y.map { $0 + errors.range.lowerBound } && band.name.hasPrefix("80% of errors, \(ahead)"))
      #expect(chart.series[0].y == result.walkForward.actual.map { $0[ahead - 1] } && chart.series[0].x == forecast.x)
    }
    let next = try lines(result.nextChart(cell: "rnn")).series[1]
    let band = try #require(next.band)
    #expect(band.lower[0] == next.y[0] && band.upper[0] == next.y[0])
    for step in 1...3 {
      let errors = try #require(result.walkForward.errorBand(stepsAhead: step))
      #expect(band.upper[step] == next.y[step] + errors.range.upperBound)
    }
    let page = result.page(cell: "rnn", units: 2, source: "f", settings).html()
    #expect(page.contains("10% to the 90% quantile") && page.contains("The next 3 values of v"))
    #expect(page.contains("data-x=\"time "))
  }
}
