import EbbCells
import EbbExecution
import EbbGraph
import EbbRecording
import EbbReport
import EbbTensors
import EbbTransforms
import Foundation
import Testing

@testable import EbbDiagnostics
@testable import EbbStudies

/// Elman's network in another form than the library's: two products, and a state under another name.
private struct Split: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let s = scope.state("s", units)
    let weights = [Initializer.orthogonal(gain: 1.2)]
    return s.next(tanh(scope.affine("fromInput", [x], units) + scope.affine("fromState", [s], units, weights: weights)))
  }
}

/// A network that reads the mean of its own past.
private struct Remembering: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let past = scope.past()
    let h = scope.state("h", units)
    let context = mean(h.history(along: past), over: [past])
    return h.next(tanh(scope.affine("recurrent", [h, context, x], units)))
  }
}

@Suite struct CellReportTests {
  private static let experiment = FlowExperiment(
    length: 24, features: 3, batch: 2, element: .float64, run: RunOptions(ExecutionOptions(threads: 1)))

  private func cellReport(_ cell: some RecurrentCell, _ experiment: FlowExperiment = experiment) throws -> CellReport {
    try Diagnostics.cellReport(cell, experiment)
  }

  @Test func theoryIsThatOfTheLibrary() throws {
    let found = try cellReport(Split(units: 5))
    let theory = try Diagnostics.theory(Split(units: 5), Self.experiment, beside: found.flow)
    #expect(theory.predictions.count == 2)
    #expect(found.theory?.predictions == theory.predictions)
    guard case .line(let chart) = found.gradientChart() else { Issue.record("lines"); return }
    #expect(chart.series.filter(\.isTheory).map(\.y) == theory.predictions.map(\.norms))
    let page = found.page(cell: "split").html()
    #expect(page.contains("mean field") && page.contains("σ_w² = 1.44"))
    // What the theories say nothing of has no prediction, and that is no omission.
    var clipped = Self.experiment
    clipped.clip = .norm(0.1)
    var all = Self.experiment
    all.loss = .all
    for experiment in [clipped, all] {
      let cellReport = try cellReport(SimpleRNN(units: 4), experiment)
      #expect(cellReport.theory == nil && cellReport.omissions.isEmpty)
      #expect(!cellReport.page(cell: "rnn").html().contains("dashed is what theory predicts"))
    }
  }

  /// A page without what needs a Jacobian of one step, each with its reason; and counts of a step.
  @Test func aCellThatReadsItsPastHasAPage() throws {
    let found = try cellReport(Remembering(units: 3))
    let page = found.page(cell: "remembering").html()
    #expect(page.contains("a step reads the past of a value"))
    // The mean over the past is a sum over its number of steps.
    #expect(page.contains("no notation for the gradient through the own past") && page.contains("<munder>"))
    let facts = try CellFacts(Remembering(units: 3), features: 3, length: 12, batch: 2)
    #expect(facts.states == ["h"] && facts.operationsPerStep > 0 && facts.memory > 0)
  }

  @Test func gatesAreThoseOfTheLibrary() throws {
    let found = try cellReport(LSTM(units: 3))
    let gates = try #require(found.gates)
    #expect(try gates == Diagnostics.gates(of: Self.experiment.trial(of: LSTM(units: 3)), beside: found.flow))
    #expect(gates.records.bounded.map(\.name) == ["input", "forget", "candidate", "output", "tanh(c)"])
    guard case .bars(let chart) = gates.records.bounded.saturationChart() else { Issue.record("bars"); return }
    // Counted here: the share of the forget gate's numbers above 0.95.
    let numbers = try #require(gates.records.first { $0.name == "forget" }).steps.flatMap { $0 }
    let share = Double(numbers.count { $0 > 0.95 }) / Double(numbers.count)
    #expect(chart.groups[1].values[try #require(chart.categories.firstIndex(of: "forget"))] == 100 * share)
  }

  @Test func dynamicsAreThoseOfTheStepJacobians() throws {
    let dynamics = try #require(try cellReport(LSTM(units: 3)).dynamics)
    let spectra = try Diagnostics.stepJacobians(of: Self.experiment.ofOneSample.trial(of: LSTM(units: 3))).spectra()
    let jacobians = try #require(dynamics.jacobians)
    #expect(jacobians.dimension == 6 && jacobians.steps.map(\.step) == [1, 4, 7, 10, 14, 17, 20, 24])
    for step in jacobians.steps { #expect(step.spectrum == spectra[step.step - 1]) }
    let measured = try Diagnostics.jacobianSpectra(of: Self.experiment.ofOneSample.trial(of: LSTM(units: 3)), steps: 8)
    #expect(measured.steps.map(\.spectrum) == jacobians.steps.map(\.spectrum))
    let lyapunov = try Diagnostics.lyapunovSpectrum(of: Self.experiment.ofOneSample.trial(of: LSTM(units: 3)))
    #expect(dynamics.lyapunov.exponents == lyapunov.exponents)
    #expect(dynamics.lyapunov.standardErrors == lyapunov.standardErrors)
  }

  @Test func largeStatesHaveFewSpectra() throws {
    #expect(StepDynamics.spectrumCount(8, dimension: 128) == 8)
    #expect(StepDynamics.spectrumCount(8, dimension: 512) == 1)
    #expect(StepDynamics.spectrumCount(8, dimension: 513) == 0)
    // Of one step it is the last: what the others led to.
    let experiment = Self.experiment.ofOneSample
    let recording = try experiment.record(LSTM(units: 3))
    let one = try Diagnostics.stepDynamics(of: Trial(recording, experiment.bindings(for: recording)), spectra: 1)
    #expect(one.jacobians?.steps.map(\.step) == [24] && one.omission == nil)
    let measured = try Diagnostics.jacobianSpectra(of: experiment.trial(of: LSTM(units: 3)), steps: 1)
    #expect(measured.steps.map(\.step) == [24] && measured.steps[0].spectrum == one.jacobians?.steps[0].spectrum)
  }

  @Test func lyapunovExponentsHaveTheirIntervalsInTheNumbers() throws {
    let spectrum = try #require(try cellReport(LSTM(units: 3)).dynamics).lyapunov
    let table = spectrum.chart().table
    #expect(table.columns.map(\.name) == ["index i", "λᵢ", "± 95% λᵢ"])
    #expect(table.columns[2].cells == spectrum.confidence.map { .number($0) })
  }

  @Test func whatIsMissingIsSaid() throws {
    // Two directions have no common step.
    let cellReport = try cellReport(Bidirectional(SimpleRNN(units: 2), SimpleRNN(units: 2)))
    #expect(cellReport.dynamics == nil && cellReport.omissions.contains { $0.contains("Jacobians") })
    let page = cellReport.page(cell: "both").html()
    #expect(page.contains("What is missing") && !page.contains("Lyapunov spectrum"))
  }

  @Test func thePageHasEveryPicture() throws {
    var experiment = Self.experiment
    experiment.clip = .norm(0.05)
    experiment.loss = .all
    let page = try cellReport(LSTM(units: 3), experiment).page(cell: "lstm", units: 3).html()
    for text in [
      "Gradient through time", "Credit", "unit circle", "Singular values", "Lyapunov spectrum", "Saturation",
      "Clipped samples", "Norms before clipping",
    ] { #expect(page.contains(text), "\(text)") }
    let single = FlowExperiment(length: 1, features: 1, batch: 1, run: RunOptions(ExecutionOptions(threads: 1)))
    #expect(try cellReport(SimpleRNN(units: 1), single).page(cell: "rnn").html().contains("</html>"))
  }

  @Test func aQuickReportLeavesOutWhatTakesLong() throws {
    let full = try cellReport(LSTM(units: 3))
    var quick = try Diagnostics.cellReport(LSTM(units: 3), Self.experiment, measuresDynamics: false, creditLength: nil)
    #expect(quick.dynamics == nil && quick.credit == nil && quick.omissions.isEmpty)
    (quick.dynamics, quick.credit) = (full.dynamics, full.credit)
    #expect(quick == full)
  }

  @Test func threadsChangeNoNumber() throws {
    var experiment = Self.experiment
    let one = try cellReport(GRU(units: 4))
    experiment.run.execution = ExecutionOptions(threads: 2)
    var two = try cellReport(GRU(units: 4), experiment)
    two.experiment = one.experiment
    #expect(one == two)
  }
}
