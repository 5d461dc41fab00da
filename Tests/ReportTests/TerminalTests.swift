import Foundation
import Testing

import EbbMarkup
import EbbReport

@Suite struct TerminalTests {
  /// The text without its escape codes.
  private func visible(_ text: String) -> String {
    var result = ""
    var isCode = false
    for scalar in text.unicodeScalars {
      if scalar == "\u{1B}" { isCode = true }
      if !isCode { result.unicodeScalars.append(scalar) }
      if isCode && scalar == "m" { isCode = false }
    }
    return result
  }

  @Test func everyChartFitsItsWidth() {
    for (name, chart) in SVGTests.charts {
      for width in [20, 40, 80, 200] {
        for usesColor in [false, true] {
          let style = TerminalStyle(usesColor: usesColor, width: width)
          let text = chart.terminal(style, rows: 10)
          #expect(text == chart.terminal(style, rows: 10))
          #expect(usesColor || !text.contains("\u{1B}"), "\(name)")
          #expect(text.hasSuffix("\n"))
          for line in visible(text).split(separator: "\n") {
            #expect(displayWidth(String(line)) <= width, "\(name) at \(width): \(line)")
          }
        }
      }
    }
  }

  @Test func colorChangesNothingButColor() {
    let chart = Chart.line(
      LineChart("t", x: ChartAxis("x"), y: ChartAxis("y"), series: [ChartSeries("a", [1, 3, 2])]))
    #expect(visible(chart.terminal(.color)) == chart.terminal(.plain))
    #expect(chart.terminal(.color) != chart.terminal(.plain))
  }

  @Test func brailleDotsHaveTheirPlaces() {
    var canvas = BrailleCanvas(columns: 2, rows: 1)
    canvas.set(0, 0, owner: nil)
    #expect(canvas.text(row: 0, style: .plain) == "⠁ ")
    canvas.line(from: (0, 0), to: (0, 3), owner: nil)
    #expect(canvas.text(row: 0, style: .plain) == "⡇ ")
    canvas.line(from: (3, 3), to: (0, 3), owner: nil)
    #expect(canvas.text(row: 0, style: .plain) == "⣇⣀")
    canvas.set(9, 9, owner: nil)
    canvas.set(-1, 0, owner: nil)
    #expect(canvas.text(row: 0, style: .plain) == "⣇⣀")
  }

  @Test func risingLineGoesUp() {
    let chart = Chart.line(
      LineChart("t", x: ChartAxis("x"), y: ChartAxis("y", bounds: 0...1), series: [ChartSeries("", [0, 1])]))
    let rows = chart.terminal(TerminalStyle(usesColor: false, width: 40), rows: 8).split(separator: "\n")
      .dropFirst(2).prefix(8).map { line in
        line.firstIndex { (0x2801...0x28FF).contains($0.unicodeScalars.first!.value) }
          .map { line.distance(from: line.startIndex, to: $0) } ?? -1
      }
    #expect(rows == rows.sorted(by: >) && Set(rows).count == 8, "\(rows)")
  }

  @Test func sparklines() {
    #expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█")
    #expect(sparkline([1, .nan, 8]) == "▁ █")
    #expect(sparkline([1e-8, 1e-4, 1], scale: .log10) == "▁▅█")
    #expect(sparkline([]) == "" && sparkline([.nan]) == " ")
    // The peak of a long series stays.
    var values = [Double](repeating: 0, count: 1000)
    values[555] = 1
    let line = sparkline(values, width: 10)
    #expect(line.count == 10 && line.filter { $0 == "█" }.count == 1)
  }

  @Test func styleFollowsTheEnvironment() {
    func style(_ isTerminal: Bool, _ own: Int?, _ environment: [String: String]) -> TerminalStyle {
      TerminalStyle.detected(isTerminal: isTerminal, ownWidth: own, environment: environment)
    }
    #expect(style(true, 120, [:]) == TerminalStyle(usesColor: true, width: 120))
    #expect(style(true, 120, ["COLUMNS": "60"]).width == 60)
    #expect(style(true, nil, ["COLUMNS": "many"]).width == 80)
    #expect(style(false, nil, [:]) == .plain)
    #expect(!style(true, 80, ["NO_COLOR": "1"]).usesColor && style(true, 80, ["NO_COLOR": ""]).usesColor)
    #expect(!style(true, 80, ["TERM": "dumb"]).usesColor)
    #expect(style(true, 3, [:]).width == 20)
  }
}

@Suite struct ProgressLineTests {
  /// A clock and a page that the line writes to.
  private final class Stage {
    var time = 0.0
    var written: [String] = []
  }

  @Test func terminalLineIsRewrittenAtMostTenTimesASecond() {
    let stage = Stage()
    var progress = ProgressLine(
      "training", total: 1000, unit: "steps", style: .plain, isTerminal: true, now: { stage.time },
      write: { stage.written.append($0) })
    for step in 1...1000 {
      stage.time = Double(step) / 500
      progress.update(step, note: "loss 0.5")
    }
    progress.finish()
    #expect(stage.written.count >= 19 && stage.written.count <= 22)
    #expect(stage.written.allSatisfy { $0.hasPrefix("\r\u{1B}[2K") })
    #expect(stage.written.dropLast().allSatisfy { !$0.hasSuffix("\n") })
    #expect(stage.written[10].contains("500 steps/s") && stage.written[10].contains(" left"))
    #expect(stage.written.last?.contains("training  1000/1000 steps  100%  2.0 s  500 steps/s  loss 0.5") == true)
    #expect(stage.written.last?.hasSuffix("\n") == true)
  }

  @Test func pipeGetsAPlainLineEveryFiveSeconds() {
    let stage = Stage()
    var progress = ProgressLine(
      "training", total: 0, unit: "steps", style: .plain, isTerminal: false, now: { stage.time },
      write: { stage.written.append($0) })
    for step in 1...120 {
      stage.time = Double(step) / 10
      progress.update(step)
    }
    progress.finish()
    #expect(stage.written.count == 3)
    #expect(stage.written.allSatisfy { $0.hasSuffix("\n") && !$0.contains("\u{1B}") && !$0.contains("\r") })
    #expect(stage.written[0] == "training  50 steps  5.0 s  10 steps/s\n")
  }

  @Test func lineNeverWraps() {
    let stage = Stage()
    var progress = ProgressLine(
      "training", total: 10, unit: "steps", style: TerminalStyle(usesColor: false, width: 30), isTerminal: true,
      now: { stage.time }, write: { stage.written.append($0) })
    stage.time = 1
    progress.update(1, note: String(repeating: "long \n\u{1B}[2J", count: 20))
    let line = stage.written[0].replacingOccurrences(of: "\r\u{1B}[2K", with: "")
    #expect(line.count <= 29 && !line.contains("\n") && !line.contains("\u{1B}"))
    progress.clear()
    #expect(stage.written.last == "\r\u{1B}[2K")
  }

  @Test(
    arguments: [
      (0.44, "0.4 s"), (12.4, "12 s"), (59.6, "1:00"), (185, "3:05"), (3723, "1:02:03"), (.infinity, "?"),
    ] as [(Double, String)]) func durations(seconds: Double, text: String)
  {
    #expect(durationText(seconds) == text)
  }
}
