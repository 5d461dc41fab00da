import EbbApplications
import EbbCells
import EbbExecution
import EbbDiagnostics
import EbbGraph
import EbbMarkup
import EbbRecording
import EbbReport
import EbbTensors
import EbbTraining
import EbbTransforms
import Testing

@testable import EbbStudies

/// a' = 2 a + x + w, clipped or not.
private struct Doubling: RecurrentCell {
  var clip: GradientClip?
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let a = scope.state("a", 1, clip: clip)
    return a.next(2 * a + (x.shape == [1] ? x : sumOverFeatures(x)) + scope.parameter("w", [1], .zeros))
  }
}

/// What pages and studies tell of clipped gradients is what the diagnostics measure.
@Suite struct ClippedStudyTests {
  /// What a page is made of, and what is written on it.
  @Test func pagesTellTheSame() throws {
    let experiment = FlowExperiment(length: 5, features: 1, batch: 1, clip: .norm(4), element: .float64)
    let expected: [Double] = [4, 4, 4, 2, 1]
    let cellReport = try Diagnostics.cellReport(Doubling(), experiment)
    #expect(cellReport.omissions.isEmpty && cellReport.theory == nil)
    #expect(cellReport.flow["a"]?.total.means == expected)
    #expect(cellReport.flow.clips.map(\.before) == [8, 8] && cellReport.flow.clips.map(\.after) == [4, 4])
    // Each row is the gradient of one step's loss: the fewer steps back, the less is clipped.
    #expect(cellReport.credit?["a"]?.norms.last == expected)
    #expect(cellReport.credit?["a"]?.norms[2] == [4, 2, 1, 0, 0])
    let norms = cellReport.flow.json["states"]?.array?.first?["total"]?["norms"]
    #expect(norms?.array?.compactMap(\.double) == expected)
    guard case .line(let chart) = cellReport.gradientChart() else { Issue.record("lines"); return }
    #expect(chart.series.first?.y == expected)
    guard case .line(let events) = cellReport.flow.clippingChart(of: 1) else { Issue.record("lines"); return }
    #expect(events.series.first?.y == [1, 1, 0, 0, 0])
    #expect(cellReport.page(cell: "doubling").html().contains("Clipping changed 2 of 5 gradients"))
  }

  /// What a study observes of a network in training is what is measured of it: after the clip of the training step, which
  /// acts on a mean over the samples.
  @Test(arguments: [nil, GradientClip.norm(1e-3), .value(1e-3)]) func observersTellTheSame(_ clip: GradientClip?) throws
  {
    let settings = StudySettings(taskLength: 6, steps: 1)
    let recording = try Recording.sequenceToOne(Doubling(clip: clip), features: 2)
    let trainer = try Trainer(recording, seed: 3)
    let measurement = try TrainingObserver(recording, settings).measurement(of: trainer, step: 0)
    let batch = AddingProblem(length: 6).batch(size: 32, seed: settings.seed, step: 0, for: .heldOut)
    let measured = try Diagnostics.gradientFlow(
      of: Trial(recording, Bindings(trainer.parameters.merging(batch) { $1 })), direct: false)
    let (found, expected) = (try #require(measurement.states.first), try #require(measured["a"]))
    #expect(found.total.samples == expected.total.samples.map { $0.map { $0 * 32 } })
    if clip != nil {
      #expect(expected.total.samples[0].allSatisfy { abs($0 - 1e-3) < 1e-9 })
      #expect(measured.clips.contains { $0.before > 1.5e-3 })
    }
  }
}
