import Foundation
import Testing

@testable import EbbReport

@Suite struct PageLayoutTests {
  /// The drawings of a page: the elements from `<svg` to `</svg>`.
  private func drawings(_ page: String) -> [String] {
    page.components(separatedBy: "<svg ").dropFirst().map { $0.components(separatedBy: "</svg>")[0] }
  }

  @Test func aWideChartHasASecondDrawingForPhones() {
    let all = drawings(Sample.report.html())
    let wide = all.filter { $0.contains("class=\"ebb-chart wide\"") }
    let narrow = all.filter { $0.contains("class=\"ebb-chart narrow\"") }
    #expect(wide.count == 8 && narrow.count == 8 && all.count == 16)
    #expect(wide.allSatisfy { $0.contains("viewBox=\"0 0 696 ") })
    #expect(narrow.allSatisfy { $0.contains("viewBox=\"0 0 336 ") })
    // Charts in a row are as narrow as phones everywhere.
    let row = HTMLReport(title: "t", lead: "", sections: [.init("s", [.row(Sample.charts, caption: "")])])
    let inRow = drawings(row.html())
    #expect(inRow.count == 8 && inRow.allSatisfy { $0.contains("viewBox=\"0 0 336 ") })
    #expect(inRow.allSatisfy { $0.contains("class=\"ebb-chart\"") })
  }

  /// A page at 390 px has 366 px for a chart that is drawn 336 px wide, so letters are never smaller than drawn.
  @Test func lettersHaveElevenPixels() {
    let page = Sample.report.html()
    let charts = ChartStylesheet.css(root: ":root").components(separatedBy: "font-size:").dropFirst()
    let sizes = charts.compactMap { Double($0.prefix { $0.isNumber || $0 == "." }) }
    #expect(sizes.count >= 4 && sizes.allSatisfy { $0 >= 11 }, "\(sizes)")
    // Of the page around them, in units of 16 px, and of a part of that.
    let around = page.components(separatedBy: "font-size:").dropFirst().filter { $0.prefix(6).contains("rem") }
    let rems = around.compactMap { Double(($0.hasPrefix(".") ? "0" : "") + $0.prefix { $0.isNumber || $0 == "." }) }
    #expect(rems.count > 10 && rems.allSatisfy { $0 * 16 >= 11 }, "\(rems)")
  }

  @Test func notesAreBrokenIntoLines() {
    let lines = wrappedLines("Not drawn: 12 at or below 0 on a logarithmic scale, 3 NaN", width: 200, size: 11)
    #expect(lines.count > 1 && lines.joined(separator: " ").hasSuffix("3 NaN") && !lines.contains(""))
    #expect(
      wrappedLines("", width: 10, size: 11).isEmpty && wrappedLines("longword", width: 1, size: 11) == ["longword"])
    let chart = Chart.line(
      LineChart(
        "t", x: ChartAxis("x"), y: ChartAxis("y", scale: .log10),
        series: [ChartSeries("y", [0, .nan, .infinity, 1, 2])]))
    func notes(_ width: Int) -> Int { chart.svg(width: width).components(separatedBy: "class=\"note\"").count - 1 }
    #expect(notes(720) == 1 && notes(300) == 2)
  }

  @Test func wideTablesAreStackedOnPhones() {
    let words = DataTable("t", columns: [.text("cell", ["a"]), .numbers("error", [1])])
    #expect(!words.html().contains("stacked"))
    let wide = DataTable(
      "t", columns: [.text("cell", ["a"])] + (0..<6).map { .numbers("a long name \($0)", unit: "ms", [1.5]) })
    let html = wide.html()
    #expect(html.contains("<table class=\"stacked\">") && html.contains("data-label=\"a long name 3 (ms)\">1.5</td>"))
    #expect(attributes("data-label", in: html).count == 7)
    #expect(!wide.html(isStacked: false).contains("stacked"))
    #expect(Sample.report.html().contains("content:attr(data-label)"))
  }

  @Test func manyChartsHaveThreeColumns() {
    func columns(_ count: Int) -> String? {
      let charts = (0..<count).map { Chart.line(LineChart("\($0)", x: ChartAxis("x"), y: ChartAxis("y"), series: [])) }
      let page = HTMLReport(title: "t", lead: "", sections: [.init("s", [.row(charts, caption: "")])]).html()
      return attributes("style", in: page).first
    }
    #expect(columns(2) == "--columns:2" && columns(3) == "--columns:3" && columns(4) == "--columns:2")
    #expect(columns(5) == "--columns:3" && columns(10) == "--columns:3")
  }

  @Test func thePageSaysHowItWasMade() {
    var report = HTMLReport(title: "t", lead: "", sections: [], details: [.init("seed", "7")])
    #expect(!report.html().contains("<dt>date</dt>"))
    report.origin = .init(version: "ebb 0.1.0", command: "ebb flow --cell 'a <b>'", date: "2023-11-14 22:13 UTC")
    let page = report.html()
    for text in [
      "<dt>made with</dt><dd>ebb 0.1.0</dd>",
      "<dt>command</dt><dd><code>ebb flow --cell &#39;a &lt;b&gt;&#39;</code></dd>",
      "<dt>date</dt><dd>2023-11-14 22:13 UTC</dd>", "<dt>seed</dt><dd>7</dd>",
    ] { #expect(page.contains(text), "\(text)") }
    #expect(page == report.html())
  }

  @Test func chartsCanBeSavedFromThePage() {
    var report = Sample.report
    let page = report.html()
    #expect(page.contains("<body data-name=\"how-far-back-does-the-gradient-reach\">"))
    #expect(page.contains("<figure id=\"figure-1\" data-name=\"gradient-magnitude-over-time\">"))
    #expect(page.contains("add(\"SVG\"") && page.contains("add(\"PNG\"") && page.contains("canvas.toBlob"))
    // The script has the colours for paper, whatever the page shows.
    #expect(page.contains("const paper = `\(ChartStylesheet.paper)`"))
    report.name = "A name"
    #expect(attributes("download", in: report.html())[0] == "a-name-gradient-magnitude-over-time.csv")
  }
}

@Suite struct ReadoutTests {
  /// The attributes of the first drawing of a chart alone on a page.
  private func readout(_ chart: Chart) -> String {
    let page = HTMLReport(title: "t", lead: "", sections: [.init("s", [.chart(chart, caption: "")])]).html()
    return String(page.components(separatedBy: "<svg ")[1].prefix { $0 != ">" }) + " "
  }

  @Test func everyKindOfChartAnswersThePointer() {
    let kinds = Sample.charts.map { attributes("data-readout", in: " " + readout($0)).first }
    #expect(kinds == ["line", "lines", "cells", "cells", "bars", "bars", "bins", "points"])
    for kind in Set(kinds.compactMap { $0 }) {
      #expect(HTMLReport.readoutScript.contains("\n    \(kind)(rows"), "\(kind)")
    }
  }

  @Test func theScriptKnowsColumnsAndColors() {
    let line = readout(.line(Sample.gradientNorms))
    #expect(attributes("data-columns", in: line) == ["s0 s1 s2 s3 event"])
    #expect(attributes("data-x", in: line) == ["linear 1 120"])
    let banded = LineChart(
      "t", x: ChartAxis("date", scale: .time), y: ChartAxis("y"),
      series: [
        ChartSeries(
          "a", [1, 2], margins: [1, 1], band: .init("b", lower: [0, 1], upper: [2, 3]), color: .neutral()),
        ChartSeries("c", [1, 2], color: .of("a", shade: 1)),
      ])
    #expect(attributes("data-columns", in: readout(.line(banded))) == ["n s0.v1 number number number"])
    #expect(
      Chart.line(banded).table.csv
        == "date,a,c,± 95% a,\"b, from\",\"b, to\"\n1970-01-01,1,1,1,0,2\n1970-01-01 00:00:01,2,2,1,1,3\n")
    #expect(attributes("data-cells", in: readout(.bars(Sample.times))) == ["4 3"])
    #expect(attributes("data-cells", in: readout(.heatMap(Sample.gates))) == ["4 90"])
    #expect(attributes("data-columns", in: readout(.scatter(Sample.scatter))) == ["s0 s1 s2 s3"])
    #expect(attributes("data-x", in: readout(.histogram(Sample.updateNorms)))[0].hasPrefix("log10 "))
    // What is empty answers nothing.
    #expect(!readout(.line(LineChart("t", x: ChartAxis("x"), y: ChartAxis("y"), series: []))).contains("data-readout"))
  }

  @Test func bandsOfPointsAreInTheirNumbers() {
    let chart = LineChart(
      "t", x: ChartAxis("x"), y: ChartAxis("y"),
      series: [
        ChartSeries("a", [1]),
        ChartSeries("b", x: [1, 2], y: [3, 4], band: .init("q", lower: [2, .nan], upper: [5, 6])),
      ])
    #expect(Chart.line(chart).table.csv == "series,x,y,\"q, from\",\"q, to\"\na,0,1,,\nb,1,3,2,5\nb,2,4,,6\n")
  }

  @Test func touchesAndKeysAreHeard() {
    for word in ["pointerdown", "pointermove", "keydown", "ArrowRight", "Escape", "tabIndex = 0"] {
      #expect(HTMLReport.readoutScript.contains(word), "\(word)")
    }
    #expect(HTMLReport.stylesheet.contains("touch-action:pan-y"))
  }
}
