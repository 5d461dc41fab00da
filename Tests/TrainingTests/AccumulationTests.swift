import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTraining
import Testing

/// Several batches of unequal sizes make the step of one large batch.
@Suite struct AccumulationTests {
  private static let lengths = [5, 1, 2, 4, 3]

  private static func number(_ step: Int, _ sample: Int, _ feature: Int) -> Double {
    RandomStream(seed: 2, stream: 3).value(.normal, at: [UInt32(step), UInt32(sample), UInt32(feature)], element: 0)
  }

  /// Some of the samples, padded to the longest of them.
  private static func batch(_ samples: [Int], isRagged: Bool = true) -> [String: Tensor] {
    let steps = isRagged ? samples.map { lengths[$0] }.max()! : 4
    var batch = [
      "x": Tensor(
        [steps, samples.count, 2],
        (0..<steps).flatMap { t in samples.flatMap { b in [number(t, b, 0), number(t, b, 1)] } }),
      "y": Tensor([steps, samples.count], (0..<steps).flatMap { t in samples.map { Int32(($0 + t) % 3) } }),
    ]
    if isRagged { batch["lengths"] = Tensor([samples.count], samples.map { Int32(lengths[$0]) }) }
    return batch
  }

  /// A recording whose loss is made of the losses [T, B] of its steps.
  private static func recording(
    isRagged: Bool = true, _ loss: (_ losses: Signal, _ scope: Scope, _ time: Axis, _ batch: Axis) -> Signal
  ) throws -> Recording {
    try Recording(element: .float64) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      if isRagged { scope.lengths("lengths", of: time, over: [batch]) }
      let x = scope.input("x", [2], over: [time, batch])
      let y = scope.input("y", over: [time, batch], as: .int32)
      let logits = scope.run(Stack([GRU(units: 3), Dense(units: 3)]), x, named: "net")
      scope.output("loss", loss(crossEntropy(logits, y, over: []), scope, time, batch))
    }
  }

  /// Compares a step of the batches with one of all samples.
  private func check(_ recording: Recording, isRagged: Bool = true, factor: Double = 1) throws {
    func trainer() throws -> Trainer { try Trainer(recording, optimizer: SGD(learningRate: 0.5), seed: 3) }
    let (one, several) = (try trainer(), try trainer())
    let parts = [[0], [1, 2, 3], [4]]
    let whole = try one.step(Self.batch(Array(0..<5), isRagged: isRagged))
    let found = try several.step(accumulating: parts.map { Self.batch($0, isRagged: isRagged) })
    #expect(abs(found.loss - whole.loss * factor) < 1e-14, "\(found.loss) and \(whole.loss)")
    #expect(abs(found.gradientNorm - whole.gradientNorm * factor) < 1e-14)
    guard factor == 1 else { return }
    for (name, value) in one.parameters {
      for (a, b) in zip(value.doubles, several.parameters[name]!.doubles) { #expect(abs(a - b) < 1e-14, "\(name)") }
    }
  }

  @Test func aMeanOverStepsCountsSteps() throws {
    try check(Self.recording { losses, _, _, _ in mean(losses) })
  }

  @Test func aMeanOverSamplesCountsSamples() throws {
    try check(Self.recording(isRagged: false) { losses, _, _, _ in mean(losses) }, isRagged: false)
    // Of each sample's own mean.
    try check(Self.recording { losses, _, time, batch in mean(mean(losses, over: [time]), over: [batch]) })
  }

  /// A mean over features after that over steps.
  @Test func aMeanOfSeveralMeansIsRead() throws {
    try check(
      Self.recording { losses, _, _, _ in
        meanOverFeatures(mean(concatenate([reshape(losses, [1]), reshape(square(losses), [1])])))
      })
  }

  @Test func quotientsAndSumsOfLossesAreRead() throws {
    // The steps of a mask, with a factor, another loss beside it, and a term of the parameters.
    try check(
      Self.recording { losses, scope, time, batch in
        let mask = convert(scope.index(of: time) .< 3.0, to: .float64)
        let steps = sum(mask + 0 * convert(scope.length(of: time), to: .float64), over: [time, batch])
        let first = sum(mask * losses, over: [time, batch]) / steps
        let second = reciprocal(steps) * sum(mask * square(losses), over: [time, batch])
        let penalty = 0.01 * sum(square(scope.parameter("extra", [2], .constant(0.5))))
        return 2 * first - 0.5 * second + penalty
      })
  }

  @Test func aSumCountsEachBatchAlike() throws {
    try check(Self.recording { losses, _, time, batch in sum(losses, over: [time, batch]) }, factor: 1.0 / 3)
  }

  @Test func whatCannotBeReadIsRefusedForUnequalBatches() throws {
    let recording = try Self.recording(isRagged: false) { losses, _, _, _ in sqrt(mean(square(losses))) }
    let trainer = try Trainer(recording, seed: 1)
    #expect {
      try trainer.step(accumulating: [Self.batch([0, 1], isRagged: false), Self.batch([2], isRagged: false)])
    } throws: { "\($0)".contains("differ in size") && "\($0)".contains("loss") }
    #expect(trainer.state.step == 0)
    _ = try trainer.step(accumulating: [Self.batch([0, 1], isRagged: false), Self.batch([2, 3], isRagged: false)])
    #expect(trainer.state.step == 1)
  }
}
