internal import EbbMarkup
internal import EbbReport
internal import EbbStatistics
internal import Foundation

extension SweepCollection {
  /// An option with at least two values.
  struct Axis {
    var name: String
    var values: [SettingValue]

    var numbers: [Double]? {
      let numbers = values.compactMap(\.number)
      return numbers.count == values.count ? numbers.sorted() : nil
    }

    /// Values that span more than a decade are spaced by factors.
    var scale: ChartScale {
      guard let numbers, let low = numbers.first, let high = numbers.last, low > 0 else { return .linear }
      return high / low > 10 ? .log10 : .linear
    }
  }

  var axes: [Axis] {
    experiment.variedNames.compactMap { name in
      var values: [SettingValue] = []
      for setting in settings {
        if let value = setting.value(name), !values.contains(value) { values.append(value) }
      }
      return values.count > 1 ? Axis(name: name, values: values) : nil
    }
  }

  private func values(of runs: [Run]) -> [Double] { runs.map { best.value(in: $0.numbers ?? .null) } }

  private var measured: [Run] { runs.filter { $0.numbers != nil } }

  private func value(_ run: Run, _ option: String) -> SettingValue? {
    run.task.varied.first { $0.name == option }?.value
  }

  private var metricAxis: ChartAxis {
    let numbers = values(of: measured).filter(\.isFinite)
    let isWide = (numbers.min() ?? 0) > 0 && (numbers.max() ?? 0) / (numbers.min() ?? 1) > 20
    return ChartAxis(best.name, scale: isWide ? .log10 : .linear)
  }

  /// The deciding number over each numeric option: medians of all runs with a value, with bands, a line for each word of
  /// the first option that has words. Where values are drawn, every run is a point.
  var settingCharts: [Chart] {
    let axes = axes
    let words = axes.first { $0.numbers == nil }
    return axes.compactMap { axis -> Chart? in
      guard let numbers = axis.numbers else { return nil }
      let x = ChartAxis(axis.name, scale: axis.scale)
      let isDrawn = experiment.draw?.options.contains { $0.name == axis.name } ?? false
      let series = (words?.values.map { Optional($0) } ?? [nil]).map { word -> ChartSeries in
        let runs = measured.filter { run in word == nil || words.flatMap { value(run, $0.name) } == word }
        let name = word?.text ?? best.name
        if isDrawn {
          let points = runs.compactMap { run in
            value(run, axis.name)?.number.map { ($0, best.value(in: run.numbers ?? .null)) }
          }
          return ChartSeries(name, x: points.map(\.0), y: points.map(\.1))
        }
        let spreads = numbers.map { number in Spread(values(of: runs.filter { value($0, axis.name)?.number == number }))
        }
        let isSeveral = spreads.contains { $0.count > 1 }
        return ChartSeries(
          name, x: numbers, y: spreads.map(\.median),
          band: isSeveral
            ? .init("\(name), quartiles", lower: spreads.map(\.lowerQuartile), upper: spreads.map(\.upperQuartile))
            : nil)
      }
      let title = "\(best.name) over \(axis.name)"
      return isDrawn
        ? .scatter(ScatterChart(title, x: x, y: metricAxis, series: series))
        : .line(LineChart(title, x: x, y: metricAxis, series: series))
    }
  }

  /// The deciding number over each pair of the first three options of the grid: the median of all runs in a cell.
  var heatMaps: [Chart] {
    let axes = axes.filter { axis in experiment.grid.contains { $0.name == axis.name } }.prefix(3)
    return axes.indices.flatMap { first in
      axes[(first + 1)...].map { second in
        let (rows, columns) = (axes[first], second)
        let places = columns.values.enumerated().map { "\($0 + 1) = \($1.text)" }.joined(separator: ", ")
        let cells = rows.values.flatMap { row in
          columns.values.map { column in
            Spread(
              values(of: measured.filter { value($0, rows.name) == row && value($0, columns.name) == column })
            ).median
          }
        }
        return .heatMap(
          HeatMap(
            "\(best.name) over \(rows.name) and \(columns.name)", x: ChartAxis("\(columns.name): \(places)"),
            y: ChartAxis(rows.name), value: metricAxis, rows: rows.values.count, columns: columns.values.count,
            values: cells, rowNames: rows.values.map(\.text), firstColumn: 1))
      }
    }
  }

  /// Each setting as a line through its values, from 0 at the smallest to 1 at the largest; the last axis is the deciding
  /// number. Every other line is drawn from the right, so that a series is one line.
  var parallelCoordinates: Chart? {
    let (axes, ranking) = (axes, ranking.filter { $0.spread(best).median.isFinite })
    guard axes.count > 1, ranking.count > 3 else { return nil }
    func position(_ value: Double, _ numbers: [Double], _ scale: ChartScale) -> Double {
      guard let low = numbers.min(), let high = numbers.max(), low < high else { return 0.5 }
      return scale == .log10 ? log(value / low) / log(high / low) : (value - low) / (high - low)
    }
    let results = ranking.map { $0.spread(best).median }
    let scale = metricAxis.scale
    func line(_ setting: Setting) -> [Double] {
      axes.map { axis -> Double in
        guard let value = setting.value(axis.name) else { return 0.5 }
        if let numbers = axis.numbers, let number = value.number { return position(number, numbers, axis.scale) }
        let index = axis.values.firstIndex(of: value) ?? 0
        return Double(index) / Double(axis.values.count - 1)
      } + [position(setting.spread(best).median, results, scale)]
    }
    let quarter = max(1, ranking.count / 4)
    let parts = [
      ("worst quarter", Array(ranking.suffix(quarter)), SeriesColor.neutral(shade: 1)),
      ("best quarter", Array(ranking.prefix(quarter)), SeriesColor.of("best quarter")),
    ]
    let names = (axes.map(\.name) + [best.name]).enumerated().map { "\($0 + 1) \($1)" }.joined(separator: ", ")
    return .line(
      LineChart(
        "Parallel coordinates", x: ChartAxis(names), y: ChartAxis("from the smallest (0) to the largest (1)"),
        series: parts.map { name, settings, color in
          var (x, y): ([Double], [Double]) = ([], [])
          for (index, setting) in settings.enumerated() {
            let values = line(setting)
            let places = values.indices.map { Double($0 + 1) }
            x += index % 2 == 0 ? places : places.reversed()
            y += index % 2 == 0 ? values : values.reversed()
          }
          return ChartSeries(name, x: x, y: y, color: color)
        }))
  }

  /// The loss over the training steps of the eight best settings; each point is a mean over neighbouring steps.
  var lossChart: Chart? {
    let best = Array(ranking.prefix(8)).filter { $0.measured.contains { !$0.losses.isEmpty } }
    guard let longest = best.flatMap({ $0.measured.map(\.losses.count) }).max(), longest > 1 else { return nil }
    let width = max(1, longest / 100)
    func means(_ losses: [Double]) -> [Double] {
      stride(from: 0, to: losses.count, by: width).map { start in
        let part = losses[start..<min(start + width, losses.count)]
        return part.reduce(0, +) / Double(part.count)
      }
    }
    let x = stride(from: 0, to: longest, by: width).map { Double($0) + Double(min(width, longest - $0)) / 2 }
    return .line(
      LineChart(
        "Training loss of the best settings", x: ChartAxis("training step"), y: ChartAxis("loss", scale: .log10),
        series: best.map { setting in ChartSeries(setting.words, x: x, runs: setting.measured.map { means($0.losses) })
        }))
  }

  /// ‖dL/dhₜ‖ over t, a row for each setting: the median of its seeds, on one colour scale.
  var gradientChart: Chart? {
    guard let gradientPath else { return nil }
    let rows = settings.prefix(60).compactMap { setting -> (name: String, norms: [Double])? in
      let curves = setting.measured.compactMap { run in
        run.numbers?.value(at: gradientPath)?.array.map { $0.map { $0.double ?? .nan } }
      }
      guard let length = curves.map(\.count).min(), length > 1 else { return nil }
      // Of different lengths, the ends are compared.
      let norms = (0..<length).map { t in Spread(curves.map { $0[$0.count - length + t] }).median }
      return (setting.words, norms)
    }
    guard rows.count > 1, let length = rows.map(\.norms.count).max() else { return nil }
    let isEven = rows.allSatisfy { $0.norms.count == length }
    let values = rows.flatMap { [Double](repeating: .nan, count: length - $0.norms.count) + $0.norms }
    let positive = values.filter { $0 > 0 && $0.isFinite }
    let high = positive.max() ?? 1
    let low = max(positive.min() ?? 1, high * 1e-12)
    return .heatMap(
      HeatMap(
        "Gradient through time, by setting",
        x: ChartAxis(isEven ? "timestep t" : "timestep from the end of the sequence"), y: ChartAxis("setting"),
        value: ChartAxis("‖dL/dhₜ‖", scale: .log10, bounds: low < high ? low...high : nil), rows: rows.count,
        columns: length, values: values, rowNames: rows.map(\.name), firstColumn: isEven ? 1 : Double(1 - length)))
  }
}
