import EbbApplications
import EbbExecution
import EbbPJRT
import EbbTensors
import EbbTestSupport
import Foundation
import Testing

@testable import EbbTraining

/// The plugin that EBB_PJRT_PLUGIN names.
private enum RealPlugin {
  static let path = ProcessInfo.processInfo.environment["EBB_PJRT_PLUGIN"]
  static let device = Result { try PJRTDevice(plugin: path ?? "") }
  static var hasTwo: Bool { ((try? device.get())?.deviceCount ?? 0) > 1 }
  static func options() throws -> ExecutionOptions { ExecutionOptions(device: try device.get()) }
}

/// Training on a real device, where there is one, is that of the kernels here within rounding.
///
/// One after the other: each test compiles for seconds with all cores.
@Suite(.enabled(if: RealPlugin.path != nil), .serialized) struct DeviceTrainingTests {
  /// What lies further apart in two states than a bound, which should be nothing.
  private static func differences(_ a: TrainingState, _ b: TrainingState, _ bound: Double) -> [String] {
    guard a.step == b.step, a.run == b.run, a.skippedSteps == b.skippedSteps, a.optimizer.step == b.optimizer.step,
      a.optimizer.kind == b.optimizer.kind, a.average?.count == b.average?.count
    else { return ["counts"] }
    func values(_ state: TrainingState) -> [String: Tensor] {
      var values = state.parameters.merging(state.carried ?? [:]) { $1 }
      for (name, value) in state.average?.values ?? [:] { values["mean/\(name)"] = value }
      for (name, slots) in state.optimizer.slots {
        for (index, slot) in slots.enumerated() { values["\(index)/\(name)"] = slot }
      }
      return values
    }
    let (x, y) = (values(a), values(b))
    guard x.keys == y.keys else { return ["names"] }
    return x.keys.sorted().compactMap { name in
      guard let x = x[name], let y = y[name] else { return name }
      let error = maximumRelativeError(x, y, floor: 1e-2)
      return error < bound ? nil : "\(name): \(error) \(x.doubles) \(y.doubles)"
    }
  }

  @Test(arguments: StepCase.all.indices)
  func theStepsOfTheKernels(index: Int) throws {
    let (test, element) = (StepCase.all[index], index.isMultiple(of: 2) ? ElementType.float32 : .float64)
    let here = try test.trainer(element)
    let there = try test.trainer(element, options: RealPlugin.options())
    let bound = element == .float64 ? 1e-8 : 1e-3
    for number in 0..<6 {
      let batch = test.batch(number, element)
      // Two batches in one step are updated here; then training goes on there.
      let (a, b) =
        number == 3 && test.network == .adding
        ? (try here.step(accumulating: [batch, batch]), try there.step(accumulating: [batch, batch]))
        : (try here.step(batch), try there.step(batch))
      #expect(abs(a.loss - b.loss) <= bound * max(1, abs(a.loss)), "\(number)")
      #expect(abs(a.gradientNorm - b.gradientNorm) <= bound * max(1, a.gradientNorm), "\(number)")
      // The values come back in some steps only.
      if number.isMultiple(of: 2) { #expect(Self.differences(here.state, there.state, bound) == [], "\(number)") }
    }
    #expect(Self.differences(here.state, there.state, bound) == [])
  }

  /// Two devices train as one does, whatever the settings; sums over the batch are added up once in a step, and not in
  /// the loops.
  @Test(
    .enabled(if: RealPlugin.hasTwo),
    arguments: ["Adam", "groups", "uniform mean", "carried states", "buffers", "grid", "own past"])
  func severalDevices(description: String) throws {
    let test = try #require(StepCase.all.first { $0.description == description })
    let options = ExecutionOptions(device: try PJRTDevice(plugin: RealPlugin.path ?? "", count: 2))
    let one = try test.trainer(.float64, options: RealPlugin.options())
    let two = try test.trainer(.float64, options: options)
    for number in 0..<4 {
      let batch = test.batch(number, .float64)
      let (a, b) = (try one.step(batch), try two.step(batch))
      #expect(abs(a.loss - b.loss) <= 1e-12 * max(1, abs(a.loss)), "\(number)")
    }
    #expect(Self.differences(one.state, two.state, 1e-10) == [])
    let batch = test.batch(0, .float64)
    let (here, there) = (try one.evaluate(batch), try two.evaluate(batch))
    for (name, value) in here {
      #expect(maximumRelativeError(try #require(there[name]), value, floor: 1) < 1e-10, "\(name)")
    }
    let program = try #require(two.onDevice?.sessions.values.first).optimizedProgram()
    let sums = CompiledModule(program).count(of: "all-reduce")
    // This network's loss reads a mean over the batch, which is a sum before that of the gradients.
    #expect(sums.loops == 0 && sums.entry == (test.network == .buffered ? 2 : 1), "\(sums)")
  }

  @Test(.enabled(if: RealPlugin.hasTwo)) func devicesThatDoNotFit() throws {
    let path = RealPlugin.path ?? ""
    let device = try PJRTDevice(plugin: path, count: 2)
    let trainer = try StepCase.all[0].trainer(.float32, options: ExecutionOptions(device: device))
    let batch = AddingProblem(length: 6).batch(size: 3, seed: 1, step: 0)
    do {
      _ = try trainer.step(batch)
      Issue.record("a batch of 3 was divided")
    } catch {
      #expect("\(error)".contains("2 devices do not divide this batch"), "\(error)")
    }
    let there = device.deviceCount
    #expect(throws: PJRTError("\(path) has \(there) devices, and \(there + 1) are asked for")) {
      try PJRTDevice(plugin: path, count: there + 1)
    }
  }

  /// A batch in two parts, with the random numbers that their samples have in the whole, trains as a whole batch does
  /// there and here; and so it does where two devices divide each part.
  @Test(arguments: ["dropout", "carried states"])
  func partsOfABatch(description: String) throws {
    let test = try #require((StepCase.all + [.dropout]).first { $0.description == description })
    let here = try test.trainer(.float32)
    let whole = try test.trainer(.float32, options: RealPlugin.options())
    var parts = [try test.trainer(.float32, options: RealPlugin.options())]
    if RealPlugin.hasTwo {
      let two = ExecutionOptions(device: try PJRTDevice(plugin: RealPlugin.path ?? "", count: 2))
      parts.append(try test.trainer(.float32, options: two))
    }
    for trainer in parts { trainer.sharding = Sharding(shards: 2) }
    for number in 0..<4 {
      let batch = test.batch(number, .float32)
      let losses = try ([here, whole] + parts).map { try $0.step(batch).loss }
      for loss in losses { #expect(abs(loss - losses[0]) < 1e-5, "\(number): \(losses)") }
    }
    for trainer in [whole] + parts { #expect(Self.differences(here.state, trainer.state, 1e-3) == []) }
  }

  /// The next batch is drawn, and sent, before the report of a step is there; the results are the same to the bit.
  @Test func drawingAhead() throws {
    let test = StepCase.all[3]
    func losses(_ drawsAhead: Bool) throws -> (losses: [Double], order: [String], state: TrainingState) {
      let trainer = try test.trainer(.float32, options: RealPlugin.options())
      var order: [String] = []
      let run = try trainer.train(
        until: StoppingCriteria(steps: 4), drawsAhead: drawsAhead,
        batch: { number throws(TrainingError) in
          // A batch may read the trainer while a step runs.
          order.append("batch \(number) after \(trainer.stepCount)")
          return test.batch(number, .float32)
        },
        progress: { state throws(TrainingError) in
          order.append("step")
          return .continue
        })
      return (run.losses, order, trainer.state)
    }
    let (ahead, inTurn) = (try losses(true), try losses(false))
    #expect(ahead.losses == inTurn.losses && ahead.state == inTurn.state)
    #expect(
      ahead.order == [
        "batch 0 after 0", "batch 1 after 0", "step", "batch 2 after 1", "step", "batch 3 after 2", "step", "step",
      ])
    #expect(
      inTurn.order == [
        "batch 0 after 0", "step", "batch 1 after 1", "step", "batch 2 after 2", "step", "batch 3 after 3", "step",
      ])
  }

  /// A step is sent before the report of the one before is read, and everything is as if it had not been: where a step
  /// does not count, where a callback reads the state, changes the rate, or ends the call.
  @Test(arguments: ["uniform mean", "carried states", "buffers"])
  func twoStepsInFlight(description: String) throws {
    let test = try #require(StepCase.all.first { $0.description == description })
    func train(_ drawsAhead: Bool) throws -> (losses: [Double], states: [TrainingState], ahead: Int?) {
      let trainer = try test.trainer(.float32, options: RealPlugin.options())
      trainer.nonFinitePolicy = .skip
      var states: [TrainingState] = []
      let run = try trainer.train(
        until: StoppingCriteria(steps: 9), drawsAhead: drawsAhead,
        batch: { number throws(TrainingError) in
          var batch = test.batch(number, .float32)
          if number == 2 { batch["x"] = batch["x"]?.scaled(by: .infinity) }
          return batch
        },
        progress: { now throws(TrainingError) in
          // After every second step, and after the one that does not count.
          if now.completed % 2 == 1 { states.append(trainer.state) }
          if now.completed == 5 { trainer.optimizer.learningRate /= 2 }
          return now.completed == 7 ? .stop : .continue
        })
      _ = try trainer.step(test.batch(7, .float32))
      states.append(trainer.state)
      // The loss of the step that does not count is NaN, which equals nothing.
      for index in states.indices { states[index].history = StepHistory() }
      return (run.losses, states, trainer.onDevice?.stepsAhead)
    }
    let (ahead, inTurn) = (try train(true), try train(false))
    #expect(ahead.states == inTurn.states)
    #expect(ahead.losses.map(\.bitPattern) == inTurn.losses.map(\.bitPattern))
    // Steps 1, 2, 4 and 6: the one after the step that does not count is sent again, and so is the one with the new
    // rate. Carried states begin anew after it, and in the first step.
    #expect(ahead.ahead == 4 && inTurn.ahead == 0)
  }

  /// A saved state goes on there to the bit, with other lengths of sequences in between.
  @Test func resumingIsExact() throws {
    let test = StepCase.all[3]
    let whole = try test.trainer(.float32, options: RealPlugin.options())
    for number in 0..<6 { _ = try whole.step(test.batch(number, .float32)) }
    let first = try test.trainer(.float32, options: RealPlugin.options())
    for number in 0..<3 { _ = try first.step(test.batch(number, .float32)) }
    let second = try test.trainer(.float32, options: RealPlugin.options())
    try second.restore(first.state)
    for number in 3..<6 {
      _ = try second.step(test.batch(number, .float32))
      _ = try second.evaluate(test.batch(number, .float32))
    }
    #expect(second.state == whole.state)
  }

  @Test func aStepThatIsSkippedChangesNothing() throws {
    let test = StepCase(description: "mean", averaging: .uniform())
    let trainer = try test.trainer(.float32, options: RealPlugin.options())
    trainer.nonFinitePolicy = .skip
    _ = try trainer.step(test.batch(0, .float32))
    let before = trainer.state
    var batch = test.batch(1, .float32)
    batch["x"] = batch["x"].map { Tensor($0.dimensions, $0.doubles.map { $0 * .infinity }, as: .float32) }
    let result = try trainer.step(batch)
    #expect(result.isSkipped)
    var after = trainer.state
    #expect(after.step == 2 && after.skippedSteps == 1)
    (after.step, after.run, after.skippedSteps) = (before.step, before.run, before.skippedSteps)
    #expect(after == before)
    trainer.nonFinitePolicy = .throw
    #expect(throws: TrainingError.self) { try trainer.step(batch) }
    _ = try trainer.step(test.batch(2, .float32))
  }

  /// Another optimizer, and other parameters, between two steps.
  @Test func settingsBetweenSteps() throws {
    let test = StepCase.all[3]
    let (here, there) = (try test.trainer(.float64), try test.trainer(.float64, options: RealPlugin.options()))
    for trainer in [here, there] {
      for number in 0..<2 { _ = try trainer.step(test.batch(number, .float64)) }
      trainer.optimizer.learningRate = 0.1
      _ = try trainer.step(test.batch(2, .float64))
      trainer.optimizer = SGD(learningRate: 0.1, momentum: 0.5)
      _ = try trainer.step(test.batch(3, .float64))
      try trainer.setParameters(trainer.parameters.mapValues { Tensor($0.dimensions, $0.doubles.map { $0 / 2 }) })
      trainer.clipping = .value(0.01)
      _ = try trainer.step(test.batch(4, .float64))
    }
    #expect(Self.differences(here.state, there.state, 1e-8) == [])
  }
}
