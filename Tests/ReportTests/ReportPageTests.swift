import EbbFiles
import EbbReport
import Foundation
import Testing

@Suite struct ReportPageTests {
  /// Draws everything into the folder that EBB_REPORT_SAMPLE names, for people to look at.
  @Test func sampleCanBeLookedAt() throws {
    guard let folder = ProcessInfo.processInfo.environment["EBB_REPORT_SAMPLE"] else { return }
    try writeAtomically(Sample.report.html(), to: folder + "/page.html")
    for (index, chart) in Sample.charts.enumerated() {
      try writeAtomically(chart.svg(), to: folder + "/chart-\(index).svg")
    }
    for (name, style) in [("plain", TerminalStyle.plain), ("color", .color)] {
      let text = Sample.charts.map { $0.terminal(style) }.joined(separator: "\n") + "\n" + Sample.table.terminal(style)
      try writeAtomically(text, to: folder + "/terminal-\(name).txt")
    }
  }

  /// The page without what XML cannot hold: the style's and the script's own text.
  private func markup(_ page: String) -> String {
    var text = page.replacingOccurrences(of: "<!DOCTYPE html>\n", with: "")
    for name in ["style", "script"] {
      while let start = text.range(of: "<\(name)>"), let end = text.range(of: "</\(name)>") {
        text.removeSubrange(start.lowerBound..<end.upperBound)
      }
    }
    return text
  }

  @Test func pageIsWellFormedAndWhole() {
    let page = Sample.report.html()
    #expect(xmlProblem(markup(page)) == nil)
    #expect(page == Sample.report.html())
    #expect(page.components(separatedBy: "<figure ").count == 1 + 8 + 1)
    for number in 1...8 { #expect(page.contains("<span>Figure \(number)</span>")) }
    #expect(page.contains("prefers-color-scheme:dark") && page.contains("@media print"))
  }

  @Test func pageNeedsNoNetwork() {
    let page = Sample.report.html().replacingOccurrences(of: "xmlns=\"http://www.w3.org/2000/svg\"", with: "")
    for word in ["http:", "https:", "//cdn", "@import", "url(", "src="] { #expect(!page.contains(word), "\(word)") }
  }

  @Test func hostileTextStaysText() {
    let text = Awkward.hostile
    let report = HTMLReport(
      title: text, lead: text, findings: [text],
      sections: [
        .init(
          text,
          [
            .paragraph(text), .list([text]), .code(text),
            .table(DataTable(text, columns: [.text(text, [text]), .numbers(text, unit: text, [1])]), caption: text),
          ] + Awkward.charts.map { .chart($0.chart, caption: text) })
      ], details: [.init(text, text)])
    let page = report.html()
    #expect(xmlProblem(markup(page)) == nil)
    #expect(page.components(separatedBy: "<script>").count == 2 && !page.contains("alert('1')"))
  }

  @Test func emptyReportIsAPage() {
    #expect(xmlProblem(markup(HTMLReport(title: "", lead: "", sections: []).html())) == nil)
  }

  @Test func everyChartCarriesItsNumbers() throws {
    let page = Sample.report.html()
    let links = attributes("href", in: page).filter { $0.hasPrefix("data:text/csv") }
    #expect(links.count == 9)
    let encoded = try #require(links.first?.split(separator: ",", maxSplits: 1).last)
    let csv = try #require(String(encoded).removingPercentEncoding)
    #expect(csv == Chart.line(Sample.gradientNorms).table.csv)
    let lines = csv.split(separator: "\n")
    #expect(lines[0] == "timestep,rnn,lstm,gru,mgu,clipped" && lines.count == 121)
    #expect(lines[1].hasPrefix("1,0,") && lines[61].contains(",NaN,"))
    let fields = lines[20].split(separator: ",")
    #expect(Double(fields[2]) == Sample.gradientNorms.series[1].y[19] && fields[5] == "1")
  }

  @Test func backticksSetCode() {
    let page = HTMLReport(title: "a `b` c", lead: "one ` tick", sections: []).html()
    #expect(page.contains("<h1>a <code>b</code> c</h1>") && page.contains("one ` tick"))
  }
}

@Suite struct DataTableTests {
  @Test func csvQuotesWhatWouldEndAField() {
    let table = DataTable(
      "t",
      columns: [
        .text("a,b", ["x", "say \"hi\"", "two\nlines"]),
        DataTable.Column("n", unit: "ms", cells: [.number(0.1), .missing, .number(-.infinity)]),
      ])
    #expect(table.csv == "\"a,b\",n (ms)\nx,0.1\n\"say \"\"hi\"\"\",\n\"two\nlines\",-inf\n")
  }

  @Test func numbersAreExactInFiles() {
    let values: [Double] = [0.1, 1 / 3, 3, -0.0, 1e-300, 123_456_789, 1e22]
    let lines = DataTable("t", columns: [.numbers("n", values)]).csv.split(separator: "\n").dropFirst()
    #expect(lines.map { Double($0)?.bitPattern } == values.map(\.bitPattern))
    #expect(lines.contains("3"))
  }

  @Test func seriesWithDifferentXAreListedPointByPoint() {
    let chart = Chart.line(
      LineChart(
        "t", x: ChartAxis("x"), y: ChartAxis("y"),
        series: [ChartSeries("a", x: [0, 1], y: [5, 6]), ChartSeries("b", x: [0.5], y: [7])],
        events: [ChartEvents("e", at: [2])]))
    #expect(chart.table.csv == "series,x,y\na,0,5\na,1,6\nb,0.5,7\ne,2,\n")
  }

  @Test func terminalColumnsAreAligned() {
    let text = Sample.table.terminal()
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.count == 6)
    #expect(lines[3] == "lstm          10.87            31.1              14.25         3.1e-7")
    #expect(lines[5].hasPrefix("peephole     112.45"))
    let narrow = DataTable("t", columns: [.text("name", [String(repeating: "long ", count: 20)]), .numbers("n", [1])])
    for line in narrow.terminal(TerminalStyle(usesColor: false, width: 30)).split(separator: "\n") {
      #expect(line.count <= 30)
    }
  }

  @Test func wordsGoOnBelowInsteadOfBeingCut() {
    let table = DataTable(
      "",
      columns: [
        .text("", ["one label", "a label of several words", "  inner words"]),
        .text("first", ["x", "some value", "y"]),
        .text("second", ["y", "another value", "z"]),
      ])
    #expect(
      table.terminal(TerminalStyle(usesColor: false, width: 34)) == """
                    first       second
        ──────────  ──────────  ──────────
        one label   x           y
        a label of  some value  another
          several                 value
          words
          inner     y           z
            words

        """)
    let wide = table.terminal(TerminalStyle(usesColor: false, width: 80))
    #expect(wide.contains("a label of several words  some value  another value\n"))
  }
}
