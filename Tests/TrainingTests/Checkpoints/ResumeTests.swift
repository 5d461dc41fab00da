import EbbApplications
import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTestSupport
import Testing

@testable import EbbTraining

/// A training in which everything that a state holds decides something, resumed at each of its steps.
@Suite struct ResumeTests {
  /// What a training shows: all that it reports and all that it leaves.
  private struct Trace {
    var results: [TrainingStepResult] = []
    var end: TrainingRun.End?
    var parameters: [String: Tensor] = [:]
    var averaged: [String: Tensor] = [:]
    var skipped = 0
  }

  private struct Scenario: Sendable {
    var steps: Int
    var train: @Sendable (Trainer, _ steps: Int, _ progress: (TrainingStepResult) -> Void) throws -> TrainingRun.End
    var optimizer: any Optimizer = Adam(learningRate: 0.01)
  }

  /// Dropout, states that go on, a skipped step, a mean of later weights.
  private func trainer(_ scenario: Scenario) throws -> Trainer {
    let recording = try Recording { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let x = scope.input("x", [2], over: [time, batch])
      let target = scope.input("target", [1], over: [time, batch])
      let h = scope.dropout(scope.run(GRU(units: 3), x, named: "cell"), 0.25, over: [time, batch])
      scope.output("loss", meanSquaredError(scope.run(Dense(units: 1), h, named: "readout"), target))
    }
    return try Trainer(
      recording, optimizer: scenario.optimizer, clipping: .globalNorm(1), nonFinitePolicy: .skip,
      averaging: .uniform(after: 3), carrying: StateCarrying(), seed: 5)
  }

  private static func window(_ number: Int) -> [String: Tensor] {
    let random = RandomStream(seed: 3, run: UInt64(number), stream: 1)
    func numbers(_ count: Int, _ kind: UInt32) -> [Double] {
      (0..<count).map { random.value(.normal, at: [UInt32($0), kind, 0], element: 0) }
    }
    var x = numbers(8, 0)
    if number == 5 { x[3] = .nan }
    return [
      "x": Tensor([2, 2, 2], x, as: .float32), "target": Tensor([2, 2, 1], numbers(4, 1), as: .float32),
      StateCarrying.begins: Tensor([], [number % 8 == 0]),
    ]
  }

  /// A plateau with a cooldown on values that hardly fall, which also end the training early.
  private static let withPlateau = Scenario(steps: 40) { trainer, steps, progress in
    try trainer.train(
      until: StoppingCriteria(steps: steps), schedule: .warmUp(steps: 4, then: .exponential(0.05, factor: 0.9)),
      accumulating: 2,
      validation: Validation(
        every: 2, plateau: PlateauDecay(factor: 0.5, patience: 1, tolerance: 0.5, cooldown: 2),
        earlyStopping: EarlyStopping(patience: 6, tolerance: 0.5)
      ) { trainer in 1 - 0.001 * Double(trainer.state.step) }
    ) { number in
      window(number)
    } progress: {
      progress($0.result)
      return .continue
    }.end
  }

  /// The end by the mean of the last losses.
  private static let withLossBelow = Scenario(
    steps: 40,
    train: { trainer, steps, progress in
      try trainer.train(until: StoppingCriteria(steps: steps, lossBelow: 1e9, recentSteps: 9)) { number in
        window(number)
      } progress: {
        progress($0.result)
        return .continue
      }.end
    }, optimizer: RMSprop(learningRate: 0.01, momentum: 0.5, isCentered: true))

  /// The whole training, and its state as a file after each step.
  private func whole(_ scenario: Scenario) throws -> (trace: Trace, files: [[UInt8]]) {
    let trainer = try trainer(scenario)
    var files: [[UInt8]] = []
    return (try trace(trainer, scenario, scenario.steps) { files.append(Checkpoint(trainer).bytes) }, files)
  }

  private func trace(
    _ trainer: Trainer, _ scenario: Scenario, _ steps: Int, _ progress: () -> Void = {}
  ) throws -> Trace {
    var trace = Trace()
    trace.end = try scenario.train(trainer, steps) { result in
      trace.results.append(result)
      progress()
    }
    (trace.parameters, trace.averaged) = (trainer.parameters, try trainer.parameters(.averaged))
    trace.skipped = trainer.state.skippedSteps
    return trace
  }

  /// The rest of a training from a file, after `forget`.
  private func rest(
    _ scenario: Scenario, _ file: [UInt8], after step: Int, _ forget: (inout TrainingState) -> Void = { _ in }
  ) throws -> Trace {
    let resumed = try trainer(scenario)
    var checkpoint = try Checkpoint(bytes: file)
    forget(&checkpoint.state)
    try resumed.restore(checkpoint)
    return try trace(resumed, scenario, scenario.steps - step)
  }

  /// NaN is equal to itself here.
  private func isSame(_ rest: Trace, _ whole: Trace, from step: Int) -> Bool {
    let results = whole.results.dropFirst(step).map { "\($0)" }
    return rest.results.map { "\($0)" } == results && rest.end == whole.end && rest.skipped == whole.skipped
      && rest.parameters == whole.parameters && rest.averaged == whole.averaged
  }

  @Test(arguments: 0..<2) func resumedAtAnyStepItMakesTheSameBits(_ number: Int) throws {
    let scenario = [Self.withPlateau, Self.withLossBelow][number]
    let (trace, files) = try whole(scenario)
    #expect(trace.end == (number == 0 ? .earlyStopping : .lossBelow) && trace.skipped == 1)
    for (index, file) in files.enumerated() {
      let rest = try rest(scenario, file, after: index + 1)
      let isSame = isSame(rest, trace, from: index + 1)
      #expect(isSame, "after step \(index + 1)")
    }
  }

  private static let forgettings: [(name: String, scenario: Int, forget: @Sendable (inout TrainingState) -> Void)] = [
    ("step", 0, { $0.step = 0 }),
    ("run", 0, { $0.run = 0 }),
    ("skippedSteps", 0, { $0.skippedSteps = 0 }),
    ("optimizer.step", 0, { $0.optimizer.step = 0 }),
    ("optimizer.slots", 0, { $0.optimizer.slots = [:] }),
    ("average", 0, { $0.average = nil }),
    ("average.count", 0, { if let count = $0.average?.count { $0.average?.count = min(count, 1) } }),
    ("carried", 0, { $0.carried = nil }),
    ("isInCall", 0, { $0.isInCall = false }),
    ("callSteps", 0, { $0.callSteps = 0 }),
    ("rateFactor", 0, { $0.rateFactor = 1 }),
    ("plateau", 0, { $0.plateau = nil }),
    ("plateau.best", 0, { $0.plateau?.best.value = .infinity }),
    ("plateau.stale", 0, { $0.plateau?.best.stale = 0 }),
    ("plateau.cooldownLeft", 0, { $0.plateau?.cooldownLeft = 0 }),
    ("earlyStopping", 0, { $0.earlyStopping = nil }),
    ("earlyStopping.best", 0, { $0.earlyStopping?.best.value = .infinity }),
    ("earlyStopping.stale", 0, { $0.earlyStopping?.best.stale = 0 }),
    ("earlyStopping.bestParameters", 0, { $0.earlyStopping?.bestParameters = nil }),
    ("recentLosses", 1, { $0.recentLosses = [] }),
  ]

  /// So that the test above is one of every field: whichever is forgotten, some rest is another.
  @Test(arguments: 0..<20) func whateverIsForgottenShows(_ number: Int) throws {
    #expect(Self.forgettings.count == 20)
    let (name, index, forget) = Self.forgettings[number]
    let scenario = [Self.withPlateau, Self.withLossBelow][index]
    let (trace, files) = try whole(scenario)
    var shows = false
    for (index, file) in files.enumerated() where !shows {
      // A state that cannot be is refused, which shows as well.
      let rest = try? rest(scenario, file, after: index + 1, forget)
      shows = rest.map { !isSame($0, trace, from: index + 1) } ?? true
    }
    #expect(shows, "\(name)")
  }

  /// A file holds every field, also one that is added later: each here has another value than at the beginning.
  @Test func aFileHoldsEveryField() throws {
    let parameters = ["w": Tensor([2], [1.5, -2] as [Float])]
    let state = TrainingState(
      step: 7, run: 15, epochs: 3, skippedSteps: 2, parameters: parameters,
      optimizer: OptimizerState(
        kind: "Adam", step: 4, slots: ["w": [parameters["w"]!, Tensor([2], [3, 4] as [Float])]]),
      average: AveragedWeights(count: 5, values: parameters), isInCall: true, callSteps: 6,
      history: StepHistory(
        losses: [0.5, 0.25], gradientNorms: [2, 1], clippedSteps: [6], skippedSteps: [7],
        validations: [Validation.Point(step: 6, value: 0.75)]),
      recentLosses: [0.25, 0.125], rateFactor: 0.3,
      plateau: PlateauDecay.State(best: BestValue(value: 0.1, stale: 3), cooldownLeft: 5),
      earlyStopping: EarlyStopping.State(best: BestValue(value: 0.7, stale: 8), bestParameters: parameters),
      carried: ["carried/h": Tensor([1, 1], [0.5] as [Float])])
    let empty = TrainingState(parameters: [:])
    for (child, first) in zip(Mirror(reflecting: state).children, Mirror(reflecting: empty).children) {
      #expect("\(child.value)" != "\(first.value)", "\(child.label ?? "") is not tested")
    }
    let checkpoint = Checkpoint(state: state, seed: 11, optimizer: "Adam", notes: ["cell": "gru"])
    let read = try Checkpoint(bytes: checkpoint.bytes)
    #expect(read == checkpoint)
  }

  /// Epochs go on with the order that they would have had, and with their schedule.
  @Test func epochsGoOn() throws {
    func trainer() throws -> Trainer {
      try Trainer(.sequenceToOne(GRU(units: 3), features: 2), optimizer: Adam(), seed: 4)
    }
    let samples = AddingProblem(length: 4).batch(size: 10, seed: 1, step: 0)
    func fit(_ trainer: Trainer, _ epochs: Int, _ progress: () -> Void = {}) throws {
      try trainer.fit(samples, epochs: epochs, batchSize: 3, schedule: .cosine(0.1, steps: 20)) { _ in
        progress()
        return .continue
      }
    }
    let whole = try trainer()
    var files: [[UInt8]] = []
    try fit(whole, 1)
    try fit(whole, 4) { files.append(Checkpoint(whole).bytes) }
    for (index, file) in files.enumerated() where index < 3 {
      func resumed(_ forget: (inout TrainingState) -> Void) throws -> TrainingState {
        let resumed = try trainer()
        var checkpoint = try Checkpoint(bytes: file)
        forget(&checkpoint.state)
        try resumed.restore(checkpoint)
        try fit(resumed, 3 - index)
        return resumed.state
      }
      #expect(try resumed { _ in } == whole.state)
      #expect(try resumed { $0.epochs = 0 }.parameters != whole.parameters)
    }
  }
}
