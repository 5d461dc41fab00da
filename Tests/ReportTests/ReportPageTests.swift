import EbbReport
import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct ReportPageTests {
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
}
