import EbbCells
import EbbDiagnostics
import EbbGraph
import EbbRecording
import EbbReport
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// Gradients through time of recordings that are not a cell alone.
@Suite struct RecordingFlowTests {
  @Test func raggedSequencesAverageOverTheSamplesThatHaveTheStep() throws {
    let a = 0.5
    let recording = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let batch = scope.batch("b")
      scope.lengths("lengths", of: time, over: [batch])
      let x = scope.input("x", [1], over: [time, batch])
      let h = scope.run(Leaky(factor: a), x)
      scope.output("loss", sumOverFeatures(last(h, along: time)))
    }
    let lengths: [Int32] = [5, 3, 1]
    let bindings = Bindings([
      "x": Tensor([5, 3, 1], [Double](repeating: 1, count: 15)), "lengths": Tensor([3], lengths),
    ])
    let flow = try Diagnostics.gradientFlow(of: Trial(recording, bindings))
    let h = try #require(flow["h"])
    for t in 1...5 {
      let norms = lengths.filter { $0 >= t }.map { pow(a, Double(Int($0) - t)) }
      #expect(abs(h.total.means[t - 1] - norms.reduce(0, +) / Double(norms.count)) < 1e-14)
      #expect(h.total.samples[t - 1].filter { !$0.isNaN } == norms)
    }
    // By the number of steps to each sample's own loss, the factor is a.
    #expect(h.total.flow == (0..<5).map { pow(a, Double($0)) })
    #expect(abs(try #require(h.total.decay).factor - a) < 1e-14)
    guard case .line(let chart) = flow.chart() else {
      Issue.record("a flow is drawn as lines")
      return
    }
    #expect(chart.x.label == "timestep from the end of the sequence")
    #expect(chart.series.map(\.name) == ["h, total"])
    #expect(chart.series[0].x == [-4, -3, -2, -1, 0] && chart.series[0].y == [0.0625, 0.125, 0.25, 0.5, 1])
  }

  @Test func gradientOfABackwardStateFlowsToLaterSteps() throws {
    let recording = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let batch = scope.batch("b")
      let x = scope.input("x", [1], over: [time, batch])
      let h = scope.reversed.run(Leaky(factor: 0.5), x)
      scope.output("loss", sumOverFeatures(first(h, along: time)))
    }
    let bindings = Bindings(["x": Tensor([6, 1, 1], [Double](repeating: 1, count: 6))])
    let total = try #require(try Diagnostics.gradientFlow(of: Trial(recording, bindings))["h"]).total
    #expect(total.means == (0..<6).map { pow(0.5, Double($0)) })
    #expect(total.flow == total.means)
    #expect(abs(try #require(total.decay).factor - 0.5) < 1e-14)
  }

  @Test func statesOfStackedLayersAreMeasuredSeparately() throws {
    let flow = try Diagnostics.gradientFlow(
      of: FlowExperiment(length: 5, batch: 2).trial(of: Stack([LSTM(units: 3), GRU(units: 2)])))
    #expect(flow.states.map(\.name) == ["layer0.h", "layer0.c", "layer1.h"])
    #expect(flow.states.allSatisfy { $0.total.means.allSatisfy { $0 > 0 } })
  }

  @Test func settingsWithoutMeaningAreNamed() throws {
    #expect { try Diagnostics.gradientFlow(of: FlowExperiment(length: 0).trial(of: LSTM(units: 2))) } throws: {
      "\($0)".contains("length")
    }
    #expect { try Diagnostics.gradientFlow(of: FlowExperiment(clip: .norm(0)).trial(of: LSTM(units: 2))) } throws: {
      "\($0)".contains("clipping")
    }
    #expect { try Diagnostics.gradientFlow(of: FlowExperiment(length: 2).trial(of: Dense(units: 2))) } throws: {
      "\($0)".contains("no state")
    }
  }
}
