import EbbGraph
import EbbRecording
import EbbTensors
import EbbTraining
import Foundation
import Testing

/// Values that are kept between training steps.
@Suite struct BufferTests {
  /// w (x − m), where m is the batch's mean in training and a running one otherwise; the loss is its mean square.
  private func centred(fixed: Bool = false) throws -> Recording {
    try Recording(element: .float64) { scope in
      let batch = scope.batch("b")
      let x = scope.input("x", [2], over: [batch])
      let running = scope.child("norm").buffer("mean", [2], initial: .constant(1))
      let own = mean(x, over: [batch])
      if !fixed { running.update(0.75 * running + 0.25 * own) }
      let w = scope.parameter("w", [2], .constant(0.5))
      let y = w * (x - scope.whileTraining(own, otherwise: running))
      scope.output("y", y)
      scope.output("loss", mean(square(y - 1)))
    }
  }

  private let batches: [[String: Tensor]] = [[1, 2, 3, 4.0], [0, -2, 6, 1.0], [-1, 5, 2, 2.0]].map {
    ["x": Tensor([2, 2], $0)]
  }

  /// m ← ¾ m + ¼ mean(x)
  private func running(_ batches: [[String: Tensor]]) -> [Double] {
    batches.reduce([1, 1]) { m, batch in
      let x = batch["x"]?.doubles ?? []
      return [0.75 * m[0] + 0.25 * (x[0] + x[2]) / 2, 0.75 * m[1] + 0.25 * (x[1] + x[3]) / 2]
    }
  }

  @Test func aRunningMeanIsKeptAndFixedInEvaluation() throws {
    let trainer = try Trainer(centred(), optimizer: SGD(learningRate: 0.1))
    #expect(trainer.trainedParameters == ["w"])
    for (count, batch) in batches.enumerated() {
      _ = try trainer.step(batch)
      #expect(trainer.parameters["norm.mean"]?.doubles == running(Array(batches[...count])))
    }
    let mean = running(batches)
    let w = try #require(trainer.parameters["w"]?.doubles)
    for _ in 0..<2 {
      let y = try trainer.evaluate(["x": Tensor([1, 2], [3, 4.0])])["y"]?.doubles
      #expect(y == [w[0] * (3 - mean[0]), w[1] * (4 - mean[1])])
    }
    // Gradients alone change nothing.
    _ = try trainer.gradients(batches[0])
    #expect(trainer.parameters["norm.mean"]?.doubles == mean)
  }

  /// The batches of one step pass the value on, one after the other.
  @Test func accumulatedBatches() throws {
    let trainer = try Trainer(centred(), optimizer: SGD(learningRate: 0.1))
    _ = try trainer.step(accumulating: batches)
    #expect(trainer.parameters["norm.mean"]?.doubles == running(batches))
  }

  @Test func aSkippedStepKeepsTheBuffer() throws {
    let trainer = try Trainer(centred(), optimizer: SGD(learningRate: 0.1), nonFinitePolicy: .skip)
    _ = try trainer.step(["x": Tensor([2, 2], [1, .infinity, 2, 3.0])])
    #expect(trainer.parameters["norm.mean"]?.doubles == [1, 1])
  }

  /// A resumed training has the same bits, also from the file of a model.
  @Test func buffersAreSaved() throws {
    let whole = try Trainer(centred(), optimizer: Adam())
    for batch in batches + batches { _ = try whole.step(batch) }
    let first = try Trainer(centred(), optimizer: Adam())
    for batch in batches { _ = try first.step(batch) }
    let saved = try JSONDecoder().decode(Recording.self, from: JSONEncoder().encode(centred()))
    #expect(saved.parameters.map(\.isTrained) == [false, true])
    for recording in [try centred(), saved] {
      let second = try Trainer(recording, optimizer: Adam())
      try second.restore(first.state)
      for batch in batches { _ = try second.step(batch) }
      #expect(second.state == whole.state)
    }
    let fixed = try JSONDecoder().decode(Recording.self, from: JSONEncoder().encode(centred(fixed: true)))
    #expect(fixed.parameters.map(\.isTrained) == [false, true] && fixed.parameters[0].update == nil)
  }

  /// The power iteration finds the largest singular value: u ← W v / ‖W v‖, v ← Wᵀ u / ‖Wᵀ u‖, one round a step.
  @Test func powerIteration() throws {
    let recording = try Recording(element: .float64) { scope in
      let x = scope.input("x", [1], over: [scope.batch("b")])
      let w = scope.parameter("w", [2, 2], .identity())
      let u = scope.buffer("u", [2], initial: .constant(1))
      let v = stopGradient(matmul(u, w))
      let next = stopGradient(matmul(w, v / norm(v)))
      u.update(next / norm(next))
      scope.output("sigma", sum(matmul(next / norm(next), matmul(w, v / norm(v)))))
      scope.output("loss", sum(0 * x))
    }
    let trainer = try Trainer(recording, optimizer: SGD(learningRate: 0.1))
    try trainer.setParameters(["w": Tensor([2, 2], [3, 1, 0, 2.0]), "u": Tensor([2], [1, 1.0])])
    let x = ["x": Tensor([1, 1], [1.0])]
    for _ in 0..<40 { _ = try trainer.step(x) }
    // σ² is the larger root of λ² − 14 λ + 36.
    let found = try #require(trainer.evaluate(x)["sigma"]?.doubles.first)
    #expect(abs(found - (7 + 13.0.squareRoot()).squareRoot()) < 1e-12)
  }

  @Test func errorsNameTheMistake() throws {
    func message(_ body: (Scope, Signal, Signal) -> Void) throws -> String {
      try #require(
        throws: RecordingError.self,
        performing: {
          try Recording { scope in
            body(scope, scope.input("x", [2], over: [scope.batch("b")]), scope.buffer("m", [2]))
          }
        }
      ).description
    }
    #expect(try message { _, x, m in m.update(x) }.contains("the update of the buffer m varies over {b}; reduce it"))
    #expect(try message { _, x, m in m.update(m[0..<1]) }.contains("the buffer m is f32 [2], and its update f32 [1]"))
    #expect(try message { _, x, m in x.update(m) }.contains("this value is no buffer"))
    #expect(
      try message { _, _, m in
        m.update(2 * m)
        m.update(m)
      }.contains("the buffer m already has an update"))
  }
}
