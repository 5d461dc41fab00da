import EbbCells
import EbbGraph
import EbbMarkup
import EbbRecording
import EbbReport
import EbbTensors
import EbbTraining
import Testing

@testable import EbbDiagnostics

@Suite struct HistoryPageTests {
  /// h' = 2 h + x w with a clip inside the recurrence: of the last step the gradient of each sample's own loss is 1.
  private struct Clipped: RecurrentCell {
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let h = scope.state("h", 1, clip: .norm(0.6))
      return h.next(2 * h + scope.affine("in", [x], 1))
    }
  }

  private func history(_ cell: some RecurrentCell, steps: Int = 5) throws -> GradientHistory {
    let recording = try Recording(cell, features: 1) { scope, y in
      scope.output("loss", mean(sumOverFeatures(last(y, along: Axis(0)))))
    }
    let trainer = try Trainer(recording, optimizer: SGD(learningRate: 1e-3), clipping: .globalNorm(1e-9))
    let monitor = try GradientMonitor(trainer, every: 2)
    _ = try trainer.train(
      until: StoppingCriteria(steps: steps),
      batch: { number in ["x": Tensor([6, 2, 1], (0..<12).map { Float($0 + number) / 10 })] })
    return monitor.history
  }

  /// Each sample's part of the mean is 1/2 at the last step, so not clipped; 1 a step before it, so clipped to 0.6; then
  /// always 1.2.
  @Test func clipsInsideTheRecurrenceAreCounted() throws {
    let history = try history(Clipped())
    #expect(history.measurements.map(\.step) == [0, 2, 4, 5])
    for measured in history.measurements {
      let clip = try #require(measured.clips.first)
      #expect(measured.clips.count == 1 && clip.state == "h" && clip.clipped == 10 && clip.places == 12)
      #expect([try #require(clip.largest)].isClose(to: [2.4], 1e-6))
      #expect(measured.states[0].total.flow.isClose(to: [1, 1.2, 1.2, 1.2, 1.2, 1.2], 1e-6))
    }
    let page = history.page(title: "Clipped").html()
    #expect(page.contains("Clipping inside the recurrence") && page.contains("clipped in 5 of 5 steps"))
    #expect(history.lines.last == "the gradient was clipped in 5 of 5 steps")
  }

  @Test func thePageHasASectionForEachState() throws {
    let history = try history(LSTM(units: 2))
    let running = HTMLReport.Running("Training", fraction: 0.5, interval: 3, time: 0)
    let evaluations = [ChartSeries("held out", x: [2, 4], y: [0.3, 0.2])]
    let page = history.page(
      title: "LSTM", lead: "Lead.", findings: ["First."], evaluations: evaluations,
      details: [HTMLReport.Detail("seed", "1")], running: running)
    #expect(
      page.sections.map(\.heading) == [
        "Loss", "Gradient of the parameters", "The gradient of `h` through time", "The gradient of `c` through time",
        "Growth over training", "Gates and activations",
      ])
    #expect(page.findings.first == "First." && page.findings.count == 4)
    #expect(page.findings[1].hasPrefix("The gradient of `h` changes by a factor of "))
    #expect(page.findings[1].contains(" a step back after 5 steps (") && page.findings[1].contains(" before training)"))
    #expect(page.details.map(\.name) == ["seed", "gradients through time"])
    let html = page.html()
    #expect(html.contains("held out") && html.contains("location.reload"))
    for chart in [history.heatMap(of: "c"), history.curveChart(of: "c"), history.factorChart(of: ["h", "c"])] {
      #expect(html.contains(chart.title) && !chart.svg().isEmpty)
    }
    // Rows are the measurements, columns the steps.
    guard case .heatMap(let map) = history.heatMap(of: "h") else {
      Issue.record("a heat map")
      return
    }
    #expect(map.rows == 4 && map.columns == 6 && map.rowNames == ["0", "2", "4", "5"] && map.firstColumn == 1)
    #expect(map.values.prefix(6).elementsEqual(history.measurements[0].states[0].total.means))
    guard case .line(let curves) = history.curveChart(of: "h") else {
      Issue.record("a line chart")
      return
    }
    #expect(curves.series.map(\.name) == ["before training", "after 4 steps", "after 5 steps"])
  }

  @Test func theNumbersAreJSON() throws {
    let history = try history(LSTM(units: 2))
    let json = try JSONValue(parsing: history.json.text())
    #expect(json["interval"]?.integer == 2 && json["firstStep"]?.integer == 1 && json["problem"] == .null)
    #expect(json["losses"]?.array?.count == 5 && json["clippedSteps"]?.array?.count == 5)
    let measured = try #require(json["measurements"]?.array)
    #expect(measured.compactMap { $0["step"]?.integer } == [0, 2, 4, 5])
    let state = try #require(measured[3]["states"]?.array?.last)
    #expect(state["name"]?.string == "c" && state["norms"]?.array?.count == 6)
    #expect(state["decay"]?["factor"]?.double == history.measurements[3].states[1].total.decay?.factor)
    #expect(measured[0]["gates"]?.array?.count == 5)
    #expect(measured[0]["gates"]?.array?[0]["saturation"]?["lower"]?.double != nil)
  }

  @Test func aTerminalGetsALineOrTwo() throws {
    let history = try history(LSTM(units: 2))
    let factors = history.measurements.map {
      $0.states.map { readableNumber($0.total.decay?.factor ?? .nan, digits: 4) }
    }
    #expect(
      history.lines == [
        "gradient a step back, after 0 and 5 steps: h × \(factors[0][0]) → \(factors[3][0]), "
          + "c × \(factors[0][1]) → \(factors[3][1])",
        "the gradient was clipped in 5 of 5 steps",
      ])
    let stack = try self.history(Stack((0..<3).map { _ in LSTM(units: 2) }))
    #expect(stack.lines[0].hasSuffix(", and 2 more states") && stack.findings.count == 5)
    #expect(stack.sections().filter { $0.heading.hasPrefix("The gradient of") }.count == 6)
    // With many gates each layer has a chart.
    #expect(stack.page(title: "x").html().contains("layer2: saturation"))
  }
}
