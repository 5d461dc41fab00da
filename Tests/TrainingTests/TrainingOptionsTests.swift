import EbbApplications
import EbbCells
import EbbExecution
import EbbRecording
import EbbTensors
import Foundation
import Testing

@testable import EbbTraining

private let task = AddingProblem(length: 6)

private func makeTrainer(
  _ optimizer: some Optimizer = SGD(learningRate: 0.1), groups: [ParameterGroup] = [],
  averaging: WeightAveraging? = nil, element: ElementType = .float64, options: ExecutionOptions = ExecutionOptions()
) throws -> Trainer {
  try Trainer(
    .sequenceToOne(LSTM(units: 3), features: 2, element: element), optimizer: optimizer, groups: groups,
    averaging: averaging, seed: 1, options: options)
}

private func batch(_ size: Int, _ step: Int = 0) -> [String: Tensor] {
  task.batch(size: size, seed: 1, step: step).mapValues { $0.converted(to: .float64) }
}

/// The samples from ... to of a batch of the task.
private func samples(_ batch: [String: Tensor], _ range: Range<Int>) -> [String: Tensor] {
  func cut(_ tensor: Tensor, leading: Int) -> Tensor {
    let shape = tensor.dimensions
    let (count, width) = (shape[leading], shape[(leading + 1)...].reduce(1, *))
    let outer = shape[..<leading].reduce(1, *)
    let values = tensor.doubles
    var kept: [Double] = []
    for row in 0..<outer {
      kept += values[(row * count + range.lowerBound) * width..<(row * count + range.upperBound) * width]
    }
    var dimensions = shape
    dimensions[leading] = range.count
    return Tensor(dimensions, kept)
  }
  return ["x": cut(batch["x"]!, leading: 1), "target": cut(batch["target"]!, leading: 0)]
}

@Suite struct TrainingOptionsTests {
  /// An optimizer with a setting out of its range is an error that names the setting, and no trap at the first step.
  @Test func settingsOutOfTheirRangeAreErrors() {
    func message(_ optimizer: some Optimizer) -> String {
      do {
        _ = try makeTrainer(optimizer)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message(Adam(beta1: 1)) == "Adam: beta1 is at least 0 and below 1, not 1.0")
    #expect(message(Adam(beta2: -0.5, amsgrad: true)).hasPrefix("Adam with AMSGrad: beta2 is at least 0 and below 1"))
    #expect(message(AdamW(epsilon: -1)) == "AdamW: epsilon is a number of at least 0, not -1.0")
    #expect(message(AdamW(decay: .infinity)) == "AdamW: the weight decay is a number of at least 0, not inf")
    #expect(message(SGD(momentum: .nan)).contains("momentum is at least 0 and below 1, not nan"))
    #expect(message(SGD(weightDecay: .l2(-1))) == "SGD: the weight decay is a number of at least 0, not -1.0")
    #expect(message(RMSprop(decay: 1)) == "RMSprop: decay is at least 0 and below 1, not 1.0")
    #expect(message(RMSprop(momentum: 2)).hasPrefix("RMSprop with momentum: momentum is"))
    #expect(message(Adagrad(initialAccumulator: -1)).contains("initialAccumulator is a number of at least 0, not -1.0"))
    #expect(message(Lion(beta2: 1.5)) == "Lion: beta2 is at least 0 and below 1, not 1.5")
    #expect(message(SGD(learningRate: .nan)) == "SGD: the learning rate is a number of at least 0, not nan")
    // The edges are settings.
    for optimizer in [Adam(beta1: 0, beta2: 0, epsilon: 0), Adam(learningRate: 0)] { #expect(message(optimizer) == "") }
  }

  @Test func accumulatedBatchesAreOneLargeOne() throws {
    let (one, several) = (try makeTrainer(), try makeTrainer())
    let whole = batch(6)
    let first = try one.step(whole)
    let second = try several.step(accumulating: [
      samples(whole, 0..<2), samples(whole, 2..<4), samples(whole, 4..<6),
    ])
    #expect(abs(first.loss - second.loss) < 1e-14 && abs(first.gradientNorm - second.gradientNorm) < 1e-14)
    for (name, value) in one.parameters {
      for (a, b) in zip(value.doubles, several.parameters[name]!.doubles) { #expect(abs(a - b) < 1e-14) }
    }
    #expect(several.state.step == 1 && several.state.run == 3 && one.state.run == 1)
    #expect { try one.step(accumulating: []) } throws: { "\($0)" == "a step needs at least one batch" }
  }

  @Test func frozenParametersStayAndTheirGradientsAreNotComputed() throws {
    let trainer = try makeTrainer(
      AdamW(learningRate: 0.1, decay: 0.5), groups: [ParameterGroup("*.weight", isFrozen: true)])
    let before = trainer.parameters
    for step in 0..<3 { _ = try trainer.step(batch(4, step)) }
    #expect(trainer.trainedParameters.allSatisfy { $0.hasSuffix(".bias") } && !trainer.trainedParameters.isEmpty)
    for (name, value) in trainer.parameters { #expect((value == before[name]) == name.hasSuffix(".weight"), "\(name)") }
  }

  @Test func groupsThatMakeNoSenseAreErrors() {
    func message(_ groups: [ParameterGroup]) -> String {
      do {
        _ = try makeTrainer(groups: groups)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message([ParameterGroup("layer9.*")]).hasPrefix("no parameter is named as layer9.*; the parameters are "))
    #expect(message([ParameterGroup("*", rateFactor: .nan)]).contains("multiplied by a number of at least 0, not nan"))
    #expect(message([ParameterGroup("*", weightDecay: .l2(-1))]).contains("a number of at least 0, not -1.0"))
    #expect(message([ParameterGroup("*", isFrozen: true)]) == "all parameters are frozen: there is nothing to train")
  }

  @Test(arguments: [WeightAveraging.exponential(decay: 0.75), .uniform(after: 2)])
  func averagesAreThoseOfTheParameters(_ rule: WeightAveraging) throws {
    let trainer = try makeTrainer(averaging: rule)
    var history: [[Double]] = []
    let name = "forget.weight"
    let atFirst = try trainer.parameters(.averaged)
    #expect(atFirst == trainer.parameters)
    for step in 0..<6 {
      _ = try trainer.step(batch(4, step))
      history.append(trainer.parameters[name]!.doubles)
    }
    let found = try trainer.parameters(.averaged)[name]!.doubles
    for (index, value) in found.enumerated() {
      let values = history.map { $0[index] }
      let expected =
        switch rule {
        case .exponential(let decay): values.dropFirst().reduce(values[0]) { decay * $0 + (1 - decay) * $1 }
        case .uniform(let after): values[after...].reduce(0, +) / Double(values.count - after)
        }
      #expect(abs(value - expected) < 1e-14)
    }
    // The same network with these parameters.
    let other = try makeTrainer()
    try other.setParameters(trainer.parameters(.averaged))
    let held = batch(5, 100)
    let (averaged, expected) = (try trainer.loss(on: held, with: .averaged), try other.loss(on: held))
    #expect(averaged == expected)
    #expect(throws: TrainingError.self) { try other.loss(on: held, with: .averaged) }
    #expect { try makeTrainer(averaging: .exponential(decay: 1)) } throws: { "\($0)".contains("0 ..< 1, not 1.0") }
  }

  @Test func trainingEndsEarlyWithTheBestParameters() throws {
    let trainer = try makeTrainer()
    var values = [3.0, 2, 2.5, 2.25, 1].makeIterator()
    var atBest: [String: Tensor] = [:]
    let run = try trainer.train(
      until: StoppingCriteria(steps: 50),
      validation: Validation(every: 2, earlyStopping: EarlyStopping(patience: 1)) { _ in values.next()! }
    ) { step in
      batch(3, step)
    } progress: { progress in
      if progress.validation?.value == 2, atBest.isEmpty { atBest = trainer.parameters }
      return .continue
    }
    #expect(run.end == .earlyStopping && run.losses.count == 8)
    #expect(run.validations.map(\.step) == [2, 4, 6, 8] && run.validations.map(\.value) == [3, 2, 2.5, 2.25])
    #expect(trainer.parameters == atBest)
  }

  @Test func aPlateauLowersTheRateOfTheNextSteps() throws {
    let trainer = try makeTrainer()
    var rates: [Double] = []
    _ = try trainer.train(
      until: StoppingCriteria(steps: 6), schedule: .constant(0.25),
      validation: Validation(every: 2, plateau: PlateauDecay(factor: 0.5, patience: 0)) { _ in 1 }
    ) { step in
      batch(3, step)
    } progress: { progress in
      rates.append(progress.result.learningRate)
      return .continue
    }
    #expect(rates == [0.25, 0.25, 0.25, 0.25, 0.125, 0.125] && trainer.state.rateFactor == 0.25)
  }

  /// Less memory computes again what more memory keeps, and changes no bit.
  @Test func aMemoryBudgetChangesNoBit() throws {
    let x = Tensor([200, 2, 2], (0..<800).map { Float($0 % 7) / 7 })
    let target = Tensor([200, 2, 1], (0..<400).map { Float($0 % 5) / 5 })
    func state(_ budget: Int?) throws -> TrainingState {
      let recording = try Recording.sequenceToSequence(LSTM(units: 8), features: 2)
      let trainer = try Trainer(recording, seed: 1, options: ExecutionOptions(threads: 1, memoryBudget: budget))
      for _ in 0..<2 { _ = try trainer.step(["x": x, "target": target]) }
      return trainer.state
    }
    let (small, free) = (try state(300_000), try state(nil))
    #expect(small.parameters == free.parameters)
    #expect { try state(1000) } throws: { "\($0)".contains("a memory budget of 1000 bytes cannot be met") }
  }

  /// The weight of a read-out of the last step has a gradient that is a product over the batch alone.
  @Test func aMemoryBudgetCountsALastStepOnce() throws {
    func norm(_ budget: Int?) throws -> Double {
      let recording = try Recording.sequenceToOne(LSTM(units: 8), features: 2)
      let trainer = try Trainer(recording, seed: 1, options: ExecutionOptions(threads: 1, memoryBudget: budget))
      return try trainer.step(AddingProblem(length: 200).batch(size: 2, seed: 1, step: 0)).gradientNorm
    }
    let (small, free) = (try norm(250_000), try norm(nil))
    #expect(small == free)
  }
}

@Suite struct TrainingLogTests {
  private func result(_ step: Int, _ loss: Double) -> TrainingProgress {
    TrainingProgress(
      result: TrainingStepResult(
        step: step, loss: loss, gradientNorm: 2,
        clip: ParameterGradientClipping.Outcome(normBefore: 2, normAfter: 1, factor: 0.5),
        learningRate: 0.1), completed: step + 1, total: 10, recentLoss: loss, elapsed: .seconds(1.5),
      stepsPerSecond: 2, validation: Validation.Point(step: 2, value: 7))
  }

  @Test(arguments: [TrainingLog.Format.jsonLines, .csv]) func aResumedLogHasEveryStepOnce(
    _ format: TrainingLog.Format
  ) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString).csv").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let log = try TrainingLog(path: path, format: format)
    for step in 0..<4 { try log.append(TrainingLog.Entry(result(step, step == 2 ? .nan : Double(step) / 8))) }
    // A kill in the middle of a line.
    let handle = FileHandle(forWritingAtPath: path)!
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(format.line.prefix(9).utf8))
    let resumed = try TrainingLog(path: path, format: format, from: 3)
    try resumed.append(TrainingLog.Entry(result(3, 5)))
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    switch format {
    case .csv:
      #expect(
        lines == [
          "step,loss,gradientNorm,clipFactor,learningRate,isSkipped,validation,seconds",
          "0,0.0,2.0,0.5,0.1,false,,1.5", "1,0.125,2.0,0.5,0.1,false,7.0,1.5", "2,,2.0,0.5,0.1,false,,1.5",
          "3,5.0,2.0,0.5,0.1,false,,1.5",
        ])
    case .jsonLines:
      #expect(lines.count == 4)
      let objects = try lines.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
      #expect(objects.map { $0?["step"] as? Int } == [0, 1, 2, 3])
      #expect(objects[1]?["validation"] as? Double == 7 && objects[2]?["loss"] is NSNull)
      #expect(objects[3]?["loss"] as? Double == 5 && objects[3]?["isSkipped"] as? Bool == false)
    }
    #expect(result(3, 1).timeLeft == .seconds(3))
    #expect { try TrainingLog(path: "/nowhere/log.csv") } throws: { "\($0)".hasPrefix("/nowhere/log.csv: cannot be") }
  }
}

extension TrainingLog.Format {
  /// A line of step 4.
  fileprivate var line: String { self == .csv ? "4,0.25,2.0,0.5" : "{\"step\":4,\"loss\":1}" }
}
