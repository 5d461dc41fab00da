import EbbApplications
import EbbCells
import EbbGraph
import EbbRecording
import EbbReport
import EbbTensors
import EbbTraining
import Foundation
import Testing

@testable import EbbDiagnostics

/// Sequences of different lengths, against closed forms.
@Suite struct RaggedHistoryTests {
  /// The mean over the samples of the last output of h' = a h + x w, forward in time, and of the first backward in time.
  private func trainer(_ factor: Double) throws -> Trainer {
    let recording = try Recording { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      scope.lengths("lengths", of: time, over: [batch])
      let x = scope.input("x", [1], over: [time, batch])
      let scaled = x * scope.parameter("w", [1], .constant(1))
      let inner = scope.over(time)
      let ahead = inner.run(Leaky(factor: factor), scaled, named: "forward")
      let back = inner.reversed.run(Leaky(factor: factor), scaled, named: "backward")
      scope.output("loss", mean(sumOverFeatures(last(ahead, along: time) + first(back, along: time))))
    }
    return try Trainer(recording, optimizer: SGD(learningRate: 1e-3))
  }

  private func batch(_ lengths: [Int], padding: Int = 0) -> [String: Tensor] {
    let steps = (lengths.max() ?? 0) + padding
    let x = (0..<steps * lengths.count).map { Float(sin(Double($0))) }
    return ["x": Tensor([steps, lengths.count, 1], x), "lengths": Tensor([lengths.count], lengths.map { Int32($0) })]
  }

  /// Each sample's own gradient k steps before its own end is aᵏ, whatever its length; the same from its beginning for the
  /// state that runs backward.
  @Test(arguments: [0.8, 1.1])
  func curvesAreAlignedWhereTheGradientEnters(factor: Double) throws {
    let trainer = try trainer(factor)
    let monitor = try GradientMonitor(trainer, every: 1)
    for lengths in [[5, 2, 7, 1], [3, 9], [6]] { _ = try trainer.step(batch(lengths, padding: lengths.count)) }
    let history = monitor.history
    #expect(history.isRagged && history.measurements.count == 3)
    for (measured, longest) in zip(history.measurements, [7, 9, 6]) {
      let powers = (0..<longest).map { pow(factor, Double($0)) }
      let ahead = try #require(measured["forward.h"]).total
      let back = try #require(measured["backward.h"]).total
      #expect(ahead.flow.isClose(to: powers, 1e-5) && ahead.means.isClose(to: powers.reversed(), 1e-5))
      #expect(back.flow.isClose(to: powers, 1e-5) && back.means.isClose(to: powers, 1e-5))
      #expect([try #require(ahead.decay).factor, try #require(back.decay).factor].isClose(to: [factor, factor], 1e-5))
    }
    let page = history.page(title: "x").html()
    #expect(page.contains("aligned at their ends") && page.contains("aligned at their beginnings"))
    #expect(page.contains("timestep from the end of the sequence") && page.contains("timestep t"))
  }

  @Test func aMeanOverTheSamplesIsRecognised() throws {
    func averages(_ loss: (Scope, Signal, Axis, Axis) -> Signal) throws -> Bool {
      let recording = try Recording { scope in
        let (time, batch) = (scope.time("t"), scope.batch("b"))
        let x = scope.input("x", [2], over: [time, batch])
        let y = scope.run(GRU(units: 2), x, named: "cell")
        scope.output("loss", loss(scope, y, time, batch))
      }
      return try Trainer(recording).averagesSamples
    }
    #expect(try averages { _, y, _, _ in mean(square(y)) })
    #expect(try averages { _, y, time, _ in mean(sumOverFeatures(square(last(y, along: time)))) })
    #expect(try !averages { _, y, time, batch in sum(sumOverFeatures(y), over: [time, batch]) })
    #expect(try !averages { _, y, time, batch in sum(mean(sumOverFeatures(y), over: [time]), over: [batch]) })
  }

  @Test func aClassifierOfTextsIsMeasuredWordByWord() throws {
    func trained(_ isRecorded: Bool) throws -> (TrainingState, GradientHistory?) {
      let texts = (0..<40).map { index in
        (Array(repeating: "it is", count: 1 + index % 5) + [index % 2 == 0 ? "good" : "dull"]).joined(separator: " ")
      }
      let trainer = try TextClassifierTrainer(
        LabelledTexts(texts, labels: texts.indices.map { 1 - $0 % 2 }),
        network: ClassifierNetwork(embedding: 3, units: 3), training: ClassifierSettings(epochs: 3, batchSize: 7))
      let monitor = isRecorded ? try GradientMonitor(trainer.trainer, every: 2) : nil
      _ = try trainer.train()
      return (trainer.trainer.state, monitor?.history)
    }
    let (state, recorded) = try trained(true)
    #expect(try state == trained(false).0)
    let history = try #require(recorded)
    #expect(history.isRagged && history.problem == nil)
    #expect(
      history.stateNames.prefix(4) == [
        "layer0.forward.h", "layer0.forward.c", "layer0.backward.h", "layer0.backward.c",
      ])
    for measured in history.measurements.dropLast() {
      #expect([measured.loss].isClose(to: [history.losses[measured.step]], 1e-5))
      #expect(measured.gates.contains { $0.name == "layer0.forward.forget" })
    }
  }
}
