import EbbApplications
import EbbCells
import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

@testable import EbbTraining

/// h_t = a · h_{t−1} + x_t with the trained number a.
struct Leak: RecurrentCell {
  var start = 0.5
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", 1)
    return h.next(scope.parameter("a", [1], .constant(start)) * h + x)
  }
}

/// The loss h_T of one sample with the inputs 1, 0, 0, …: a^(T−1), with the gradient (T−1) a^(T−2).
private func leaky(_ start: Double = 0.5, _ element: ElementType = .float64) throws -> Recording {
  try Recording(element: element) { scope in
    let time = scope.time("t")
    let x = scope.input("x", [1], over: [time, scope.batch("b")])
    scope.output("loss", sum(last(scope.run(Leak(start: start), x), along: time)))
  }
}

private func impulse(_ length: Int) -> [String: Tensor] {
  ["x": Tensor([length, 1, 1], [1.0] + [Double](repeating: 0, count: length - 1))]
}

private func smallTrainer(
  _ cell: some RecurrentCell = LSTM(units: 5), threads: Int = 2, seed: UInt64 = 7,
  policy: NonFinitePolicy = .throw
) throws -> Trainer {
  try Trainer(
    .sequenceToOne(cell, features: 2), optimizer: Adam(learningRate: 0.01), clipping: .globalNorm(1),
    nonFinitePolicy: policy, seed: seed, options: ExecutionOptions(threads: threads))
}

private let task = AddingProblem(length: 6)

@Suite struct TrainerTests {
  @Test func aStepFollowsTheGradient() throws {
    let trainer = try Trainer(leaky(), optimizer: SGD(learningRate: 0.1))
    let result = try trainer.step(impulse(4))
    // a³ = 1/8; da³/da = 3/4
    #expect(result.step == 0 && abs(result.loss - 0.125) < 1e-15 && abs(result.gradientNorm - 0.75) < 1e-15)
    #expect(!result.isSkipped && !result.clip.isClipped)
    #expect(abs(trainer.parameters["a"]!.doubles[0] - 0.425) < 1e-15)
    #expect(trainer.state.step == 1 && trainer.state.optimizer.step == 1)
  }

  @Test(arguments: [Double.nan, .infinity])
  func aLearningRateThatIsNoNumberChangesNothing(rate: Double) throws {
    let trainer = try Trainer(leaky(), optimizer: SGD(learningRate: 0.1))
    trainer.optimizer.learningRate = rate
    let error = #expect(throws: TrainingError.self) { try trainer.step(impulse(4)) }
    #expect(error.map { "\($0)" }?.contains("the learning rate is a finite number") == true)
    #expect(trainer.parameters["a"]!.doubles == [0.5] && trainer.state.step == 0)
  }

  @Test func gradientsAreClippedBeforeTheUpdate() throws {
    let trainer = try Trainer(leaky(), optimizer: SGD(learningRate: 1), clipping: .globalNorm(0.25))
    let result = try trainer.step(impulse(4))
    #expect(abs(result.gradientNorm - 0.75) < 1e-15 && abs(result.clip.factor - 1.0 / 3) < 1e-15)
    #expect(abs(trainer.parameters["a"]!.doubles[0] - 0.25) < 1e-15)
  }

  @Test func evaluationChangesNothing() throws {
    let trainer = try smallTrainer()
    let before = trainer.state
    let batch = task.batch(size: 4, seed: 1, step: 0)
    let outputs = try trainer.evaluate(batch)
    #expect(Set(outputs.keys) == ["loss", "prediction"] && outputs["prediction"]?.dimensions == [4, 1])
    let loss = try trainer.loss(on: batch)
    #expect(trainer.state == before)
    #expect(try trainer.step(batch).loss == loss)
    #expect(try trainer.loss(on: batch) < loss)
  }

  /// dL/dhₜ = a^(T−t), so its logarithm falls evenly.
  @Test func gradientNormsAreMeasuredAtEveryStep() throws {
    let trainer = try Trainer(leaky())
    let norms = try trainer.jointGradientNorms(on: impulse(5))
    #expect(norms.keys.sorted() == ["h"])
    #expect(norms["h"]!.count == 5)
    for (norm, expected) in zip(norms["h"]!, [0.0625, 0.125, 0.25, 0.5, 1]) {
      #expect(abs(norm - expected) < 1e-15)
    }
    let direct = try trainer.jointGradientNorms(on: impulse(5), dependence: .direct)
    #expect(direct["h"]! == [0, 0, 0, 0, 1])
  }

  /// 1e-8 a step: the squares of Float32 gradients would be 0 after three steps.
  @Test func vanishingGradientsAreMeasuredFarBelowTheirSquares() throws {
    let x = Tensor([5, 1, 1], [1, 0, 0, 0, 0] as [Float])
    let norms = try Trainer(leaky(1e-8, .float32)).jointGradientNorms(on: ["x": x])["h"]!
    for (norm, expected) in zip(norms, [1e-32, 1e-24, 1e-16, 1e-8, 1]) { #expect(abs(norm / expected - 1) < 1e-5) }
  }

  @Test func measuringDoesNotDisturbTraining() throws {
    let (plain, watched) = (try smallTrainer(), try smallTrainer())
    for step in 0..<6 {
      let batch = task.batch(size: 3, seed: 1, step: step)
      let result = try plain.step(batch)
      if step % 2 == 0 { _ = try watched.jointGradientNorms(on: batch) }
      if step % 3 == 0 { _ = try watched.evaluate(task.batch(size: 9, seed: 2, step: step)) }
      #expect(try watched.step(batch) == result)
    }
    #expect(plain.state == watched.state)
  }

  @Test func theSameSeedGivesTheSameBits() throws {
    func train(_ threads: Int, _ seed: UInt64) throws -> TrainingState {
      let trainer = try smallTrainer(GRU(units: 5), threads: threads, seed: seed)
      for step in 0..<8 { _ = try trainer.step(task.batch(size: 37, seed: seed, step: step)) }
      return trainer.state
    }
    let once = try train(1, 7)
    #expect(try train(1, 7) == once)
    #expect(try train(2, 7) == once)
    #expect(try train(1, 8).parameters != once.parameters)
  }

  @Test func aSavedStateGoesOnToTheBit() throws {
    let trainer = try smallTrainer()
    for step in 0..<3 { _ = try trainer.step(task.batch(size: 3, seed: 1, step: step)) }
    let saved = trainer.state
    let result = try trainer.step(task.batch(size: 3, seed: 1, step: 3))
    let other = try smallTrainer(seed: 99)
    // The seed is a setting, not a part of the state; here it only gave the initial values.
    try other.restore(saved)
    #expect(try other.step(task.batch(size: 3, seed: 1, step: 3)) == result)
    #expect(other.state == trainer.state)

    var broken = saved
    broken.optimizer.slots["forget.bias"] = [Tensor([5], [Float](repeating: 0, count: 5))]
    #expect { try other.restore(broken) } throws: { "\($0)".contains("firstMoment, secondMoment") }
  }

  @Test func parametersAreSetOnlyIfTheyFit() throws {
    let trainer = try Trainer(leaky())
    try trainer.setParameters(["a": Tensor([1], [2.0])])
    #expect(abs(try trainer.loss(on: impulse(4)) - 8) < 1e-12)
    func message(_ values: [String: Tensor]) -> String {
      do {
        try trainer.setParameters(values)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message([:]) == "there is no value for the parameter a, which is f64 [1]")
    #expect(message(["a": Tensor([2], [1.0, 2])]) == "the parameter a is f64 [1], the value given f64 [2]")
    #expect(message(["a": Tensor([1], [1] as [Float])]) == "the parameter a is f64 [1], the value given f32 [1]")
    #expect(
      message(["a": Tensor([1], [1.0]), "b": Tensor([1], [1.0])])
        == "the network has no parameter named b; its parameters are a")
    #expect(trainer.parameters == ["a": Tensor([1], [2.0])])
  }

  @Test func whatDoesNotFitIsAnError() throws {
    let trainer = try smallTrainer()
    #expect { try trainer.step(["x": Tensor([2, 1, 2], [Float](repeating: 0, count: 4))]) } throws: {
      "\($0)" == "input target has no value; it takes f32 [b, 1]"
    }
    var batch = task.batch(size: 3, seed: 1, step: 0)
    batch["forget.bias"] = Tensor([5], [Float](repeating: 0, count: 5))
    #expect { try trainer.step(batch) } throws: { "\($0)".contains("forget.bias is a parameter") }
    #expect(trainer.state.step == 0)
    #expect { try Trainer(leaky(), loss: "cost") } throws: {
      "\($0)" == "the recording has no output named cost; its outputs are loss"
    }
    #expect { try Trainer(leaky(), clipping: .value(0)) } throws: { "\($0)".contains("more than 0, not 0.0") }
  }

  // MARK: Numbers that are not finite

  @Test func aNonFiniteGradientThrows() throws {
    let trainer = try Trainer(leaky(1e200))
    let before = trainer.state
    // a³ overflows
    #expect(throws: TrainingError.nonFinite(NonFiniteEvent(step: 0, loss: .infinity, parameters: ["a"]))) {
      try trainer.step(impulse(4))
    }
    #expect(trainer.state == before)
  }

  @Test func aNonFiniteGradientCanBeSkippedAndIsCounted() throws {
    let trainer = try smallTrainer(policy: .skip)
    var batch = task.batch(size: 3, seed: 1, step: 0)
    _ = try trainer.step(batch)
    let before = trainer.state
    var x = batch["x"]!.doubles
    x[5] = .nan
    batch["x"] = Tensor([6, 3, 2], x, as: .float32)
    let result = try trainer.step(batch)
    #expect(result.isSkipped && result.loss.isNaN && result.nonFinite?.parameters.contains("forget.weight") == true)
    #expect(trainer.state.parameters == before.parameters && trainer.state.optimizer == before.optimizer)
    #expect(trainer.state.skippedSteps == 1 && trainer.state.step == 2)
    #expect(try !trainer.step(task.batch(size: 3, seed: 1, step: 2)).isSkipped)
  }
}

@Suite struct LoopTests {
  @Test func trainingLowersTheLoss() throws {
    let trainer = try smallTrainer()
    let batch = task.batch(size: 8, seed: 1, step: 0)
    var seen: [Int] = []
    let run = try trainer.train(until: StoppingCriteria(steps: 40, recentSteps: 5)) { _ in
      batch
    } progress: { progress in
      seen.append(progress.completed)
      return .continue
    }
    #expect(run.end == .steps && run.losses.count == 40 && seen == Array(1...40))
    #expect(run.recentLoss < run.losses[0] / 2)
    #expect(abs(run.recentLoss - run.losses[35...].reduce(0, +) / 5) < 1e-15)
    #expect(run.gradientNorms.count == 40 && run.stepsPerSecond > 0)
    #expect(run.clippedSteps == run.gradientNorms.count { $0 > 1 })
  }

  @Test func eachCriterionEndsTheLoop() throws {
    func run(_ criteria: StoppingCriteria, stopAt: Int = .max) throws -> TrainingRun {
      try smallTrainer().train(until: criteria) { step in
        task.batch(size: 2, seed: 1, step: step)
      } progress: { progress in
        progress.completed == stopAt ? .stop : .continue
      }
    }
    let low = try run(StoppingCriteria(steps: 50, lossBelow: 1e9, recentSteps: 3))
    #expect(low.end == .lossBelow && low.losses.count == 3)
    let late = try run(StoppingCriteria(steps: 50, duration: .zero))
    #expect(late.end == .duration && late.losses.count == 1)
    let stopped = try run(StoppingCriteria(steps: 50), stopAt: 2)
    #expect(stopped.end == .callback && stopped.losses.count == 2)
    #expect(try run(StoppingCriteria(steps: 0)).losses.isEmpty)
  }

  @Test func aScheduleSetsTheRateOfEachStep() throws {
    let trainer = try Trainer(leaky(1), optimizer: SGD())
    // The gradient of a¹ is 1, so that each step is the rate: 0.4 and 0.2.
    _ = try trainer.train(until: StoppingCriteria(steps: 2), schedule: .cosine(0.4, steps: 2)) { _ in impulse(2) }
    #expect(abs(trainer.parameters["a"]!.doubles[0] - 0.4) < 1e-15)
  }

  @Test func batchesGoOnWhereTrainingStopped() throws {
    let trainer = try smallTrainer()
    var steps: [Int] = []
    for _ in 0..<2 {
      _ = try trainer.train(until: StoppingCriteria(steps: 2)) { step in
        steps.append(step)
        return task.batch(size: 2, seed: 1, step: step)
      }
    }
    #expect(steps == [0, 1, 2, 3])
  }
}
