import Foundation
import Testing

@testable import EbbReport

@Suite struct FigureTests {
  @Test func everyChartIsAFigureWithAName() {
    let figures = Sample.report.figures
    #expect(figures.map(\.number) == Array(1...8))
    #expect(
      figures.map(\.name) == [
        "gradient-magnitude-over-time", "credit-matrix", "mean-gate-values", "training-loss",
        "gradient-norms-of-all-updates", "memory-against-gradient", "lyapunov-exponents", "time-of-one-training-step",
      ])
    #expect(FileNames.safe("rnn: σ at ‖∂Lₛ/∂hₜ‖, 50% … Größe") == "rnn-sigma-at-dl-dh-50-percent-gr-e")
    #expect(FileNames.safe("‖ … ‖") == "figure")
    var names = FileNames()
    #expect(["a b", "A, b!", "a-b"].map { names.next($0) } == ["a-b", "a-b-2", "a-b-3"])
  }

  @Test func picturesForPapersAreLightAndPlain() {
    for figure in Sample.report.figures {
      let svg = figure.svg
      #expect(xmlProblem(svg) == nil)
      for word in ["var(", "@media", "class=\"title\"", "#14171b", "data-readout"] {
        #expect(!svg.contains(word), "\(figure.name): \(word)")
      }
      #expect(svg.contains("<rect class=\"paper\"") && svg.contains(".ebb-chart .paper{fill:#ffffff}"))
      #expect(svg.contains("width=\"696\""))
    }
    let paper = ChartStylesheet.paper
    #expect(paper.contains(".ebb-chart .curve.s0{fill:none;stroke:#093a7b;") && !paper.contains("var("))
    #expect(
      paper.contains(".ebb-chart .bar.s1.v1{fill-opacity:.4}") && paper.contains(".ebb-chart .name.n{fill:#5d5d5e;"))
    // The standalone drawing follows the reader's colours unless it is for a paper.
    let chart = Sample.charts[0]
    #expect(chart.svg().contains("prefers-color-scheme:dark") && !chart.svg(colors: .paper).contains("@media"))
  }

  private let x = ChartAxis("t", unit: "s")
  private let y = ChartAxis("‖g‖")

  @Test func linesHaveAColumnForEachSeries() {
    let line = LineChart(
      "t", x: x, y: y,
      series: [
        ChartSeries("a, b", [0.5, .nan], margins: [0.1, .nan]),
        ChartSeries("A b", [-1e-7, .infinity], band: .init("q", lower: [1, 2], upper: [3, 4])),
      ], events: [ChartEvents("clipped", at: [1])])
    #expect(
      Chart.line(line).plotCSV
        == "t,a_b,a_b_2,a_b_margin,a_b_lower,a_b_upper,clipped\n0,0.5,-1e-07,0.1,1,3,nan\n1,nan,inf,nan,2,4,1\n")
    let apart = LineChart(
      "t", x: x, y: y, series: [ChartSeries("a", x: [2, 0], y: [5, 6]), ChartSeries("", x: [1, 2], y: [7, 8])])
    #expect(Chart.line(apart).plotCSV == "t,a,g\n0,6,nan\n1,nan,7\n2,5,8\n")
    let dated = LineChart(
      "t", x: ChartAxis("date", scale: .time), y: y, series: [ChartSeries("a", x: [0, 90_061], y: [1, 2])])
    #expect(Chart.line(dated).plotCSV == "date,a\n1970-01-01,1\n1970-01-02 01:01,2\n")
  }

  @Test func pointsHaveARowEach() {
    let scatter = ScatterChart(
      "t", x: x, y: y, series: [ChartSeries("a", x: [1, 1], y: [2, -2]), ChartSeries("b", x: [0], y: [.nan])])
    #expect(Chart.scatter(scatter).plotCSV == "t,a,b\n1,2,nan\n1,-2,nan\n0,nan,nan\n")
  }

  @Test func barsAndBinsAreNumbered() {
    let bars = BarChart(
      "t", categories: ["a, \"b\"", "c"], value: ChartAxis("time"),
      groups: [.init("Ebb 2", [1, .nan]), .init("other", [3, 4])])
    #expect(Chart.bars(bars).plotCSV == "index,ebb_2,other,category\n1,1,3,a   b \n2,nan,4,c\n")
    let histogram = Histogram("t", value: ChartAxis("σ"), of: [0, 1, 2, 2], bins: 2)
    #expect(Chart.histogram(histogram).plotCSV == "sigma,count\n0,1\n1,3\n2,0\n")
    #expect(Chart.histogram(Histogram("t", value: ChartAxis("v"), of: [])).plotCSV == "v,count\n")
  }

  @Test func cellsHaveARowEach() {
    func map(_ names: [String]) -> String {
      Chart.heatMap(
        HeatMap(
          "t", x: ChartAxis("t"), y: ChartAxis("row"), value: ChartAxis("v"), rows: 2, columns: 2,
          values: [1, .nan, 3, 4], rowNames: names, firstRow: 5, firstColumn: 1)
      ).plotCSV
    }
    #expect(map([]) == "t,row,v\n1,5,1\n2,5,nan\n1,6,3\n2,6,4\n")
    #expect(map(["0", "40"]) == "t,row,v\n1,0,1\n2,0,nan\n1,40,3\n2,40,4\n")
    #expect(map(["in", "out"]) == "t,row,v,row_name\n1,1,1,in\n2,1,nan,in\n1,2,3,out\n2,2,4,out\n")
  }
}

@Suite struct PageColorTests {
  private func line(_ names: [String], _ colors: [SeriesColor] = []) -> Chart {
    .line(
      LineChart(
        "t", x: ChartAxis("x"), y: ChartAxis("y"),
        series: names.enumerated().map {
          ChartSeries($1, [Double($0), 1, 2], color: $0 < colors.count ? colors[$0] : .ofName)
        }))
  }

  /// The stylesheet classes of a figure's curves, in order.
  private func curves(_ figure: HTMLReport.Figure) -> [String] {
    figure.svg.components(separatedBy: "class=\"curve ").dropFirst().map { String($0.prefix { $0 != "\"" }) }
  }

  @Test func aNameHasOneColorOnThePage() {
    let page = HTMLReport(
      title: "t", lead: "",
      sections: [
        .init(
          "s",
          [
            .row([line(["a", "b"]), line(["b", "c"])], caption: ""),
            .chart(line(["before", "after"], [.of("b", shade: 1), .of("b")]), caption: ""),
            .chart(line(["x", "y"], [.neutral(), .neutral(shade: 1)]), caption: ""),
            .chart(line(["c", "d"]), caption: ""),
          ])
      ])
    #expect(
      page.figures.map(curves) == [["s0", "s1"], ["s1", "s2"], ["s1 v1", "s1"], ["n", "n v1"], ["s2", "s3"]])
    // The page and the files agree.
    let html = page.html()
    #expect(html.contains("class=\"curve s1 v1\"") && html.contains("class=\"curve n v1\""))
  }

  @Test func tenCellsHaveTenColors() {
    let names = (0..<10).map { "cell \($0)" }
    let page = HTMLReport(title: "t", lead: "", sections: [.init("s", [.chart(line(names), caption: "")])])
    let classes = curves(page.figures[0]).filter { !$0.contains("v") }
    #expect(Set(classes).count == 10)
    #expect(!page.figures[0].svg.contains("stroke-dasharray=\"6 3\""))
    // With more, dashes help.
    #expect(line((0..<12).map { "cell \($0)" }).svg().contains("stroke-dasharray=\"6 3\""))
  }

  @Test func equalNamesInOneChartAreToldApart() {
    #expect(line(["a", "a"]).svg().contains("curve s1"))
  }

  @Test func otherKindsShareTheColors() {
    let bars = Chart.bars(
      BarChart(
        "t", categories: ["c"], value: ChartAxis("v"),
        groups: [.init("before", [1], color: .of("b", shade: 1)), .init("after", [2], color: .of("b"))]))
    let histogram = Chart.histogram(Histogram("t", value: ChartAxis("σ"), of: [1, 2, 3], color: .of("b")))
    let scatter = Chart.scatter(
      ScatterChart(
        "t", x: ChartAxis("x"), y: ChartAxis("y"), series: [ChartSeries("p", [1, 2], color: .of("b", shade: 1))]))
    let page = HTMLReport(
      title: "t", lead: "",
      sections: [.init("s", ([line(["a", "b"])] + [bars, histogram, scatter]).map { .chart($0, caption: "") })])
    let svgs = page.figures.map(\.svg)
    #expect(svgs[1].contains("class=\"bar s1 v1\"") && svgs[1].contains("class=\"bar s1\""))
    #expect(svgs[2].contains("class=\"bar s1\"") && !svgs[2].contains("class=\"bar s0\""))
    #expect(svgs[3].contains("class=\"scattered s1 v1\""))
  }
}

@Suite struct SharedAxesTests {
  private func line(_ y: [Double], _ label: String = "y", _ bounds: ClosedRange<Double>? = nil) -> Chart {
    .line(LineChart("t", x: ChartAxis("x"), y: ChartAxis(label, bounds: bounds), series: [ChartSeries("a", y)]))
  }

  private func bounds(_ chart: Chart) -> ClosedRange<Double>? {
    switch chart {
    case .line(let chart): chart.y.bounds
    case .scatter(let chart): chart.y.bounds
    case .bars(let chart): chart.value.bounds
    case .histogram(let chart): chart.value.bounds
    case .heatMap(let chart): chart.value.bounds
    }
  }

  @Test func equalQuantitiesHaveEqualEnds() {
    let shared = [line([0, 1]), line([0, 50, 100]), line([7, 8], "other"), line([-3, 3], "y", -5...2)].sharingAxes
    #expect(bounds(shared[0]) == -5...105 && bounds(shared[1]) == -5...105 && bounds(shared[3]) == -5...105)
    #expect(bounds(shared[2]) != -5...105)
    guard case .line(let first) = shared[0] else { return }
    #expect(first.x.bounds == 0...2)
    // One chart, and charts without data, change nothing.
    #expect([line([1, 2])].sharingAxes == [line([1, 2])])
    #expect(bounds([line([.nan]), line([0, 1])].sharingAxes[1]) == 0...1.05)
  }

  @Test func otherKindsShareToo() {
    func histogram(_ values: [Double]) -> Chart {
      .histogram(Histogram("t", value: ChartAxis("v"), of: values, bins: 2))
    }
    let counts = [histogram([0, 1]), histogram([0, 4, 4, 4])].sharingAxes
    for case .histogram(let chart) in counts { #expect(chart.highestCount == 3.15 && chart.value.bounds == 0...4) }
    func bars(_ value: Double) -> Chart {
      .bars(BarChart("t", categories: ["a"], value: ChartAxis("v"), values: [value]))
    }
    #expect([bars(1), bars(10)].sharingAxes.map(bounds) == [0...10.5, 0...10.5])
    func map(_ value: Double) -> Chart {
      let axis = ChartAxis("x")
      return .heatMap(
        HeatMap("t", x: axis, y: axis, value: ChartAxis("v"), rows: 1, columns: 2, values: [value, 1]))
    }
    #expect([map(0), map(5)].sharingAxes.map(bounds) == [0...5, 0...5])
    func plane(_ value: Double) -> Chart {
      .scatter(
        ScatterChart(
          "t", x: ChartAxis("re"), y: ChartAxis("im"), series: [ChartSeries("a", x: [value], y: [0])],
          circles: [.init(radius: 1, label: "c")], hasEqualUnits: true))
    }
    let planes = [plane(0), plane(9)].sharingAxes
    #expect(bounds(planes[0]) == bounds(planes[1]) && planes[0].svg().contains("<circle"))
  }

  @Test func rowsOfAPageShareTheirAxes() {
    let row = HTMLReport.Block.row([line([0, 1]), line([0, 100])], caption: "")
    let apart = [line([0, 1]), line([0, 100])].map { HTMLReport.Block.chart($0, caption: "") }
    func ends(_ blocks: [HTMLReport.Block]) -> [ClosedRange<Double>?] {
      HTMLReport(title: "t", lead: "", sections: [.init("s", blocks)]).figures.map { bounds($0.chart) }
    }
    #expect(ends([row]) == [0...105, 0...105] && ends(apart) == [nil, nil])
  }
}

@Suite struct TimeAxisScaleTests {
  private func labels(_ from: String, _ to: String, _ count: Int = 6) throws -> [String] {
    func seconds(_ text: String) throws -> Double {
      let parts = text.split { !$0.isNumber }.compactMap { Int($0) }
      let day = try #require(Moment(year: parts[0], month: parts[1], day: parts[2])).seconds
      return day + (parts.count > 3 ? Double(parts[3] * 3600 + parts[4] * 60) : 0)
    }
    let scale = AxisScale(.time, values: [try seconds(from), try seconds(to)], bounds: nil)
    return scale.ticks(count).compactMap { $0.label(.ascii) }
  }

  @Test func datesAreMarkedAsPeopleCountThem() throws {
    #expect(try labels("2001-06-01", "2006-03-01") == ["2002", "2003", "2004", "2005", "2006"])
    #expect(try labels("1950-01-01", "2020-01-01") == ["1950", "1960", "1970", "1980", "1990", "2000", "2010", "2020"])
    #expect(try labels("2020-11-15", "2021-03-20") == ["Dec 2020", "Jan 2021", "Feb", "Mar"])
    #expect(try labels("2020-02-10", "2021-05-20") == ["Apr 2020", "Jul", "Oct", "Jan 2021", "Apr"])
    // Weeks begin on Mondays.
    #expect(try labels("2021-05-29", "2021-06-26") == ["31 May 2021", "7 Jun", "14 Jun", "21 Jun"])
    #expect(try labels("2021-12-30", "2022-01-03") == ["30 Dec 2021", "31 Dec", "1 Jan 2022", "2 Jan", "3 Jan"])
    #expect(try labels("2021-03-01 10:30", "2021-03-02 13:00") == ["1 Mar 12:00", "18:00", "2 Mar", "06:00", "12:00"])
  }

  @Test func datesAreTicksInsideTheAxis() {
    for (low, high) in [(0.0, 1.0), (0, 1e4), (-1e9, 3e9), (-6e10, 2e11), (1.6e9, 1.6e9)] {
      let scale = AxisScale(.time, values: [low, high], bounds: nil)
      for count in [3, 6, 10] {
        let ticks = scale.ticks(count)
        #expect(ticks.count <= 2 * count + 3, "\(low)…\(high)")
        #expect(ticks.map(\.fraction) == ticks.map(\.fraction).sorted())
        // A month or an hour comes again, but not at once.
        let labels = ticks.compactMap { $0.label(.ascii) }
        #expect(labels.count == ticks.count && zip(labels, labels.dropFirst()).allSatisfy { $0 != $1 })
      }
    }
    #expect(AxisScale(.time, values: [-1e18, 1e18], bounds: nil).ticks(5).isEmpty)
  }

  @Test func pagesAndTerminalsShowDates() {
    let chart = Chart.line(
      LineChart("t", x: ChartAxis("date", scale: .time), y: ChartAxis("y"), series: [Awkward.dated]))
    #expect(chart.svg().contains(">Jul<") && chart.svg().contains(">Jan 1970<"))
    #expect(chart.terminal().contains("Jul"))
    #expect(chart.table.csv.hasPrefix("date,a\n1970-01-01,0\n1970-01-02,1\n"))
  }

  @Test func bandsAreDrawnUnderTheLine() throws {
    let chart = Chart.line(
      LineChart(
        "t", x: ChartAxis("x"), y: ChartAxis("y"),
        series: [
          ChartSeries(
            "a", [1, 2, .nan, 4, 5], band: .init("most", lower: [0, 1, .nan, 3, 4], upper: [9, 3, .nan, 5, 6]))
        ]))
    let svg = chart.svg()
    let band = try #require(svg.range(of: "<path class=\"band s0\""))
    let curve = try #require(svg.range(of: "<path class=\"curve s0\""))
    #expect(band.lowerBound < curve.lowerBound && svg.contains(">most</text>"))
    // A gap divides it, and the axis reaches its ends.
    let outline = svg[band.lowerBound...].prefix { $0 != ">" }
    #expect(outline.filter { $0 == "Z" }.count == 2 && svg.contains(">8<"))
  }
}
