import EbbReport
import Foundation
import Testing

@Suite struct PlaneTests {
  private static let plane = Chart.scatter(
    ScatterChart(
      "eigenvalues", x: ChartAxis("real part"), y: ChartAxis("imaginary part"),
      series: [ChartSeries("a", x: [0.5, 0.1, -2.5], y: [0.2, -0.2, 0]), ChartSeries("b", x: [0], y: [0.9])],
      circles: [.init(radius: 1, label: "unit circle")], hasEqualUnits: true))

  /// The circle goes through the places of the points on it, as they are drawn.
  @Test(arguments: [360, 720]) func unitsAreEqual(width: Int) throws {
    guard case .scatter(var chart) = Self.plane else { return }
    chart.series.append(ChartSeries("on it", x: [1, 0.6, 0], y: [0, 0.8, -1]))
    let svg = Chart.scatter(chart).svg(width: width)
    #expect(xmlProblem(svg) == nil)
    let radius = try #require(attributes("r", in: svg).first.flatMap { Double($0) })
    let x = try #require(attributes("cx", in: svg).first.flatMap { Double($0) })
    let y = try #require(attributes("cy", in: svg).first.flatMap { Double($0) })
    let paths = svg.components(separatedBy: "<path ").filter { $0.contains("scattered s2") }
    let marks = try #require(paths.compactMap { attributes("d", in: " " + $0).first }.last)
    // Triangles: the middle of each lies 1.2 of its size under its tip.
    for mark in marks.split(separator: "M") {
      let numbers = pathNumbers(String(mark))
      let size = (numbers[3] - numbers[1]) / 2
      let (px, py) = (numbers[0], numbers[1] + 1.2 * size)
      #expect(abs(((px - x) * (px - x) + (py - y) * (py - y)).squareRoot() - radius) < 0.3)
    }
  }

  @Test func theCircleStandsInTheTerminal() {
    let lines = Self.plane.terminal(.plain, rows: 16).split(separator: "\n").map(String.init)
    #expect(lines.contains("◌ unit circle") && lines.contains { $0.contains("B") })
    #expect(lines.allSatisfy { $0.count <= 80 })
    // The plot is as wide as it is high: two columns for each row.
    let edge = lines.first { $0.contains("└") }
    #expect(edge?.drop { $0 != "└" }.count == 1 + 32)
  }

  @Test func awkwardPlanesAreDrawn() {
    let axis = ChartAxis("y")
    for series in [[], [ChartSeries("a", x: [.nan], y: [0])], [ChartSeries("a", x: [1e308, -1e308], y: [0, 0])]] {
      for circles in [[], [ScatterChart.Circle(radius: .infinity, label: "far")], [.init(radius: 0, label: "none")]] {
        let chart = Chart.scatter(
          ScatterChart("t", x: axis, y: axis, series: series, circles: circles, hasEqualUnits: true))
        #expect(xmlProblem(chart.svg()) == nil && !chart.svg().contains("nan") && !chart.terminal().isEmpty)
      }
    }
    // Equal units of a logarithmic axis mean nothing: it is drawn as ever.
    let logarithmic = Chart.scatter(
      ScatterChart(
        "t", x: axis, y: ChartAxis("y", scale: .log10), series: [ChartSeries("a", [1, 10])],
        circles: [.init(radius: 1, label: "c")], hasEqualUnits: true))
    #expect(!logarithmic.svg().contains("<circle"))
  }

  @Test func theoryIsDashed() {
    let chart = Chart.line(
      LineChart(
        "t", x: ChartAxis("x"), y: ChartAxis("y"),
        series: [ChartSeries("measured", [1, 2, 3]), ChartSeries("theory", [1, 2.5, 3], isTheory: true)]))
    let curves = chart.svg().components(separatedBy: "<path ").filter { $0.hasPrefix("class=\"curve") }
    #expect(curves.filter { $0.contains("stroke-dasharray") }.count == 1)
    #expect(curves.contains { $0.contains("curve s1") && $0.contains("stroke-dasharray") })
    func dots(_ isTheory: Bool) -> Int {
      let line = Chart.line(
        LineChart("t", x: ChartAxis("x"), y: ChartAxis("y"), series: [ChartSeries("", [1, 2, 3], isTheory: isTheory)]))
      return line.terminal().unicodeScalars.filter { (0x2801...0x28FF).contains($0.value) }.reduce(0) {
        $0 + ($1.value - 0x2800).nonzeroBitCount
      }
    }
    #expect(dots(true) > 0 && abs(Double(dots(true)) / Double(dots(false)) - 0.5) < 0.1)
  }
}

@Suite struct RunningPageTests {
  private let row = HTMLReport.Block.row(
    (0..<3).map { .line(LineChart("chart \($0)", x: ChartAxis("x"), y: ChartAxis("y"), series: [])) }, caption: "three")

  @Test func aRowHasFiguresOfItsOwn() {
    let page = HTMLReport(title: "t", lead: "", sections: [.init("s", [row, row])]).html()
    for number in 1...6 { #expect(page.contains("<figure id=\"figure-\(number)\" data-name=\"chart-")) }
    #expect(page.components(separatedBy: "class=\"csv\" download").count == 7)
    #expect(page.contains("--columns:3"))
    // A single chart has the whole width.
    let line = Chart.line(LineChart("alone", x: ChartAxis("x"), y: ChartAxis("y"), series: []))
    let alone = HTMLReport(title: "t", lead: "", sections: [.init("s", [.row([line], caption: "one")])])
    let same = HTMLReport(title: "t", lead: "", sections: [.init("s", [.chart(line, caption: "one")])])
    #expect(alone.html() == same.html())
  }

  @Test func onlyARunningPageLoadsItselfAgain() {
    var report = HTMLReport(title: "t", lead: "", sections: [.init("s", [row])])
    #expect(!report.html().contains("location.reload"))
    report.running = .init("step <3>", fraction: 0.25, interval: 3, time: 1.5e9)
    let page = report.html()
    #expect(page.contains("location.reload") && page.contains("step &lt;3&gt;") && page.contains("value=\"0.25\""))
    #expect(page.contains("data-interval=\"3\" data-time=\"1500000000\""))
    for fraction in [-1, 7, Double.nan] {
      report.running?.fraction = fraction
      #expect(!report.html().contains("value=\"\(fraction)\""))
    }
  }

  @Test func aPageThatFollowsAFileAsksForItsVersion() {
    var report = HTMLReport(title: "t", lead: "", sections: [.init("s", [row])])
    #expect(!report.html().contains("ebb-version") && !report.html().contains("const version"))
    report.following = .init("`a<b.tex`, saved", time: 1.5e9)
    let page = report.html()
    #expect(page.contains("<div class=\"running\"><p><code>a&lt;b.tex</code>, saved</p></div>"))
    // The version is sent before anything else is read, and asked for at the end.
    let parts = page.components(separatedBy: "#ebb-version")
    #expect(parts.count == 3 && parts[0].contains("const version = \"1500000000\"") && !parts[0].contains("<style>"))
    #expect(page.contains("if (event.data.version !== version) reload()") && !page.contains("data-interval"))
  }

  @Test func anErrorStandsAboveTheRest() throws {
    var report = HTMLReport(title: "t", lead: "the lead", sections: [])
    #expect(!report.html().contains("class=\"problem\""))
    report.problem = "a.tex:1:2: x < y\n  a < b\n   ^"
    let page = report.html()
    let place = try #require(
      page.range(of: "role=\"alert\"><pre><code>a.tex:1:2: x &lt; y\n  a &lt; b\n   ^</code></pre>"))
    #expect(place.upperBound < (try #require(page.range(of: "<h1>"))).lowerBound)
  }
}
