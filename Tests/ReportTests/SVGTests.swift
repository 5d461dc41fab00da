import EbbReport
import Foundation
import Testing

@Suite struct SVGTests {
  static let charts = Awkward.charts + Sample.charts.map { ($0.title, $0) }

  @Test func everyChartIsWellFormedAndInsideItsFrame() throws {
    for (name, chart) in SVGTests.charts {
      let svg = chart.svg()
      #expect(xmlProblem(svg) == nil, "\(name)")
      #expect(svg == chart.svg(), "\(name): two drawings differ")
      let width = try #require(attributes("width", in: svg).first.flatMap { Double($0) })
      let height = try #require(attributes("height", in: svg).first.flatMap { Double($0) })
      for key in ["x", "x1", "x2"] {
        for value in attributes(key, in: svg) {
          let number = try #require(Double(value), "\(name): \(key)=\(value)")
          #expect(number >= 0 && number <= width, "\(name): \(key)=\(value)")
        }
      }
      for key in ["y", "y1", "y2"] {
        for value in attributes(key, in: svg) {
          let number = try #require(Double(value), "\(name): \(key)=\(value)")
          #expect(number >= 0 && number <= height, "\(name): \(key)=\(value)")
        }
      }
      for key in ["width", "height"] {
        for value in attributes(key, in: svg) where value != "100%" {
          #expect(Double(value).map { $0 >= 0 } == true, "\(name): \(key)=\(value)")
        }
      }
      #expect(!svg.contains("alert('1')") && !svg.contains("<script"), "\(name)")
    }
  }

  @Test func everySizeIsWellFormed() {
    for (name, chart) in SVGTests.charts {
      for (width, height) in [(240, 120), (300, nil), (1600, 900)] as [(Int, Int?)] {
        #expect(xmlProblem(chart.svg(width: width, height: height)) == nil, "\(name) \(width)")
      }
    }
  }

  /// A date at the end of an axis stands inside the chart.
  @Test func datesAreNotCut() throws {
    let day = 86_400.0
    // Up to 4 January 2016, which is a tick; there is no name of a series beside the plot.
    let last = 1_451_865_600.0
    let days = (0..<22).map { last - Double(21 - $0) * day }
    let series = [ChartSeries("", x: days, y: days.map { _ in 1 })]
    for width in [240, 300, 368, 720] {
      let svg = Chart.line(
        LineChart("t", x: ChartAxis("date", scale: .time), y: ChartAxis("y"), series: series)
      ).svg(width: width)
      let labels = svg.components(separatedBy: "<text ").dropFirst().filter {
        $0.contains("class=\"tick\"") && $0.contains("\"middle\"")
      }
      #expect(!labels.isEmpty)
      for label in labels {
        let text = try #require(label.split(separator: ">").dropFirst().first?.split(separator: "<").first)
        let place = try #require(attributes("x", in: " " + label).first.flatMap { Double($0) })
        // A digit of the size 11 is wider than 5.5.
        #expect(place + Double(text.count) * 2.75 <= Double(width), "\(text) at \(place) of \(width)")
      }
    }
  }

  /// The drawn numbers of pieces and of points, taken back out of the path.
  @Test func gapsInterruptTheLine() throws {
    let y: [Double] = [1, 2, .nan, 3, 0, 4, 5, 6]
    let chart = Chart.line(
      LineChart("t", x: ChartAxis("x"), y: ChartAxis("y", scale: .log10), series: [ChartSeries("y", y)]))
    let svg = chart.svg()
    let paths = svg.components(separatedBy: "<path ").dropFirst()
    let curve = try #require(paths.first { $0.hasPrefix("class=\"curve s0\"") })
    let d = try #require(attributes("d", in: " " + curve).first)
    #expect(d.filter { $0 == "M" }.count == 2 && d.filter { $0 == "L" }.count == 3)
    // The single point between two gaps is a dot.
    #expect(paths.contains { $0.hasPrefix("class=\"dot s0\"") })
    #expect(svg.contains("Not drawn: 1 at or below 0 on a logarithmic scale, 1 NaN"))
  }

  /// What is counted has no halves, along either axis and in a terminal.
  @Test func countsHaveWholeNumbers() {
    let chart = Chart.line(
      LineChart(
        "t", x: ChartAxis("step"), y: ChartAxis("samples", bounds: 0...4), series: [ChartSeries("h", [0, 1, 2])]))
    let (svg, terminal) = (chart.svg(), chart.terminal(.plain))
    for number in ["0.5", "1.5", "2.0", "2.5"] {
      #expect(!svg.contains(">\(number)<") && !terminal.contains(number), "\(number)")
    }
    #expect(svg.contains(">2<") && terminal.contains("2 ┤"))
    let fractions = Chart.line(
      LineChart("t", x: ChartAxis("step"), y: ChartAxis("loss"), series: [ChartSeries("h", [0, 0.25, 1])]))
    #expect(fractions.svg().contains(">0.2<"))
  }

  /// A curve does not cross out the name of a line that it is compared with.
  @Test func namesOfReferencesAreUponTheData() throws {
    let references = [ReferenceLine(.y, at: 1, label: "REFERENCE")]
    let (x, y) = (ChartAxis("x"), ChartAxis("y"))
    let line = LineChart("t", x: x, y: y, series: [ChartSeries("s", [0, 1, 2])], references: references)
    let scatter = ScatterChart("t", x: x, y: y, series: [ChartSeries("s", [0, 1, 2])], references: references)
    for (chart, mark) in [(Chart.line(line), "class=\"curve"), (Chart.scatter(scatter), "class=\"scattered")] {
      let svg = chart.svg()
      let data = try #require(svg.range(of: mark, options: .backwards))
      let name = try #require(svg.range(of: "REFERENCE"))
      let rule = try #require(svg.range(of: "class=\"reference\""))
      #expect(rule.lowerBound < data.lowerBound && data.lowerBound < name.lowerBound)
    }
  }

  /// Numbers of rows leave room between them; names are all there as long as they fit.
  @Test func rowsAreNamedWithRoom() {
    func map(_ names: [String]) -> Chart {
      .heatMap(
        HeatMap(
          "t", x: ChartAxis("x"), y: ChartAxis("y"), value: ChartAxis("v"), rows: names.count, columns: 3,
          values: [Double](repeating: 1, count: 3 * names.count), rowNames: names))
    }
    let numbers = map((0..<30).map { "\(1000 + $0)" }).svg(width: 320)
    let written = (0..<30).count { numbers.contains(">\(1000 + $0)<") }
    #expect(written >= 8 && written <= 18, "\(written)")
    let names = map((0..<30).map { "name\($0)" }).svg(width: 320)
    #expect((0..<30).allSatisfy { names.contains(">name\($0)<") })
  }

  @Test func pointsStandWhereTheirValuesBelong() throws {
    let chart = Chart.line(
      LineChart(
        "t", x: ChartAxis("x"), y: ChartAxis("y", bounds: 0...4), series: [ChartSeries("y", [0, 1, 4])]))
    let svg = chart.svg()
    let curve = try #require(svg.components(separatedBy: "<path ").first { $0.hasPrefix("class=\"curve s0\"") })
    let numbers = pathNumbers(try #require(attributes("d", in: " " + curve).first))
    #expect(numbers.count == 6)
    // x goes right in equal steps, y goes up in proportion.
    #expect(abs((numbers[2] - numbers[0]) - (numbers[4] - numbers[2])) < 0.02)
    #expect(abs(3 * (numbers[1] - numbers[3]) - (numbers[3] - numbers[5])) < 0.05)
    #expect(numbers[5] < numbers[1])
  }

  @Test func longSeriesKeepTheirPeaks() throws {
    var y = [Double](repeating: 0, count: 100_000)
    y[33_333] = 1
    y[77_777] = -1
    let chart = Chart.line(LineChart("t", x: ChartAxis("x"), y: ChartAxis("y"), series: [ChartSeries("y", y)]))
    let svg = chart.svg()
    #expect(svg.utf8.count < 100_000)
    let curve = try #require(svg.components(separatedBy: "<path ").first { $0.hasPrefix("class=\"curve s0\"") })
    let numbers = pathNumbers(try #require(attributes("d", in: " " + curve).first))
    let heights = stride(from: 1, to: numbers.count, by: 2).map { numbers[$0] }
    let middle = heights[0]
    #expect(heights.filter { $0 < middle - 50 }.count == 1 && heights.filter { $0 > middle + 50 }.count == 1)
  }

  @Test func namesStandAtLineEndsOrInALegend() {
    func names(_ ends: [Double]) -> String {
      Chart.line(
        LineChart(
          "t", x: ChartAxis("x"), y: ChartAxis("y"),
          series: ends.enumerated().map { ChartSeries("s\($0)", [0, $1]) })
      ).svg()
    }
    #expect(names([1, 2, 3]).components(separatedBy: "class=\"name ").count == 4)
    // More names than colours are not told apart at the ends of their lines.
    #expect(!names((0...SeriesPalette.count).map(Double.init)).contains("class=\"name "))
  }

  @Test func namesDoNotCoverEachOther() throws {
    let series = (0..<3).map { ChartSeries("s\($0)", [Double($0), 1]) }
    let svg = Chart.line(LineChart("t", x: ChartAxis("x"), y: ChartAxis("y"), series: series)).svg()
    let heights = svg.components(separatedBy: "<text class=\"name ").dropFirst()
      .compactMap { attributes("y", in: $0).first }.compactMap { Double($0) }.sorted()
    #expect(heights.count == 3)
    for (upper, lower) in zip(heights, heights.dropFirst()) { #expect(lower - upper >= 14.9) }
  }
}
