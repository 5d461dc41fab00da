import Foundation
import Testing

import EbbReport

@Suite struct HistogramTests {
  @Test func everyValueIsInItsBin() {
    let values = (0..<1000).map { Double(($0 * 7919) % 997) }
    let histogram = Histogram("t", value: ChartAxis("v"), of: values + [.nan, .infinity], bins: 10)
    #expect(histogram.counts.reduce(0, +) == 1000 && histogram.uncounted == 2 && histogram.edges.count == 11)
    #expect(histogram.edges.first == 0 && histogram.edges.last == 996)
    for bin in 0..<10 {
      let isLast = bin == 9
      let expected = values.filter {
        $0 >= histogram.edges[bin] && ($0 < histogram.edges[bin + 1] || isLast && $0 == histogram.edges[bin + 1])
      }
      #expect(histogram.counts[bin] == expected.count)
    }
  }

  @Test func logarithmicBinsHaveEqualRatios() {
    let histogram = Histogram("t", value: ChartAxis("v", scale: .log10), of: [1, 10, 100, 1000, 0, -1], bins: 3)
    #expect(histogram.counts == [1, 1, 2] && histogram.uncounted == 2)
    for (edge, power) in zip(histogram.edges, [0.0, 1, 2, 3]) { #expect(abs(log10(edge) - power) < 1e-12) }
  }

  @Test func manyValuesGetMoreBins() {
    func bins(_ count: Int) -> Int {
      Histogram("t", value: ChartAxis("v"), of: (0..<count).map(Double.init)).counts.count
    }
    #expect(bins(0) == 0 && bins(1) == 2 && bins(100) == 10 && bins(1_000_000) == 60)
  }
}

@Suite struct HeatMapTests {
  @Test func blocksKeepTheirPeak() {
    var values = [Double](repeating: 0.5, count: 6 * 4)
    values[1 * 4 + 3] = -9
    values[4 * 4 + 0] = .nan
    for index in [2 * 4, 2 * 4 + 1, 3 * 4, 3 * 4 + 1] { values[index] = .nan }
    let map = HeatMap(
      "t", x: ChartAxis("x"), y: ChartAxis("y"), value: ChartAxis("v"), rows: 6, columns: 4, values: values)
    let bins = Binning(map, maximumRows: 3, maximumColumns: 2)
    #expect(bins.rows == 3 && bins.columns == 2 && bins.note?.contains("2 × 2") == true)
    #expect(bins.values[1] == -9 && bins.values[2].isNaN && bins.values[4] == 0.5)
    #expect(Binning(map).note == nil)
  }

  @Test func zeroIsInTheMiddleOfSignedColors() {
    let scale = Awkward.signed.colorScale
    #expect(scale.low == -3 && scale.high == 3 && scale.fraction(of: 0) == 0.5)
  }

  @Test func firstRowIsAtTheTop() {
    let map = HeatMap(
      "t", x: ChartAxis("x"), y: ChartAxis("y"), value: ChartAxis("v"), rows: 2, columns: 1, values: [0, 1])
    let lines = Chart.heatMap(map).terminal().split(separator: "\n")
    #expect(lines[2].hasPrefix("0 ") && lines[3].hasSuffix("@@"))
    #expect(Binning(map).image(map.colorScale, .sequential).pixels == [0, 255])
  }
}

@Suite struct MarginTests {
  @Test func halfWidthsOfIntervalsAreInTheTable() {
    let first = ChartSeries("a", [1, 2], first: 1, margins: [0.5, .nan])
    let second = ChartSeries("b", [3, 4], first: 1)
    let together = LineChart(
      "t", x: ChartAxis("x"), y: ChartAxis("y", unit: "s"), series: [first, second],
      events: [ChartEvents("e", at: [2])])
    // After the curves and the events, which the page's script counts on.
    #expect(Chart.line(together).table.csv == "x,a (s),b (s),e,± 95% a (s)\n1,1,3,0,0.5\n2,2,4,1,\n")
    let apart = LineChart(
      "t", x: ChartAxis("x"), y: ChartAxis("y"), series: [first, ChartSeries("b", [3], first: 5)])
    #expect(Chart.line(apart).table.csv == "series,x,y,± 95% y\na,1,1,0.5\na,2,2,\nb,5,3,\n")
  }
}

@Suite struct BarTests {
  @Test func lengthsAreProportional() {
    let chart = Chart.bars(BarChart("t", categories: ["a", "b"], value: ChartAxis("v"), values: [10, 40]))
    let widths = chart.svg().components(separatedBy: "<rect class=\"bar").dropFirst()
      .compactMap { attributes("width", in: $0).first }.compactMap { Double($0) }
    #expect(widths.count == 2 && abs(widths[1] / widths[0] - 4) < 0.01)
    let lines = chart.terminal(TerminalStyle(usesColor: false, width: 60)).split(separator: "\n").dropFirst(2)
    let blocks = lines.map { line in line.filter { $0 == "█" }.count }
    #expect(blocks.count == 2 && abs(Double(blocks[1]) / Double(blocks[0]) - 4) < 0.5)
  }
}
