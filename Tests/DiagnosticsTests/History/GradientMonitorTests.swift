import EbbApplications
import EbbCells
import EbbExecution
import EbbGraph
import EbbMarkup
import EbbPlanning
import EbbRecording
import EbbReport
import EbbTensors
import EbbTraining
import EbbTransforms
import Foundation
import Testing

@testable import EbbDiagnostics

@Suite struct GradientMonitorTests {
  private static let task = AddingProblem(length: 12)

  private static func recording(dropout: Double = 0) throws -> Recording {
    try Recording(LSTM(units: 4), features: 2) { scope, y in
      let target = scope.input("target", [1], over: [Axis(1)])
      let kept = scope.dropout(last(y, along: Axis(0)), dropout, over: [Axis(1)])
      scope.output("loss", meanSquaredError(scope.run(Dense(units: 1), kept, named: "readout"), target))
    }
  }

  private static func batch(_ step: Int, size: Int = 3) -> [String: Tensor] {
    task.batch(size: size, seed: 1, step: step)
  }

  private func train(
    _ trainer: Trainer, steps: Int, validation: Validation? = nil
  ) throws(TrainingError) -> TrainingRun {
    try trainer.train(
      until: StoppingCriteria(steps: steps), validation: validation, batch: { number in Self.batch(number) })
  }

  // MARK: What is measured

  @Test func aMeasurementIsTheGradientFlowOfTheStep() throws {
    let recording = try Self.recording()
    let trainer = try Trainer(recording, optimizer: SGD(learningRate: 0.1), clipping: .globalNorm(0.05), seed: 4)
    let monitor = try GradientMonitor(trainer, every: 2, direct: true)
    let diagnostic = try Diagnostic.gradientFlow(of: recording, scale: 3)
    let gates = Diagnostic.activations(of: recording)
    for step in 0..<3 {
      let flow = try trainer.measure(diagnostic, on: Self.batch(step))
      let records = try trainer.measure(gates, on: Self.batch(step))
      let result = try trainer.step(Self.batch(step))
      guard step != 1 else { continue }
      let measured = try #require(monitor.latest)
      #expect(measured.step == step && measured.states.map(\.name) == ["h", "c"])
      #expect([measured.loss].isClose(to: [result.loss], 1e-6))
      for (state, expected) in zip(measured.states, flow.states) {
        #expect(state.total.means.isClose(to: expected.total.means, 1e-6) && state.total.means.allSatisfy { $0 > 0 })
        #expect(try #require(state.direct).means.isClose(to: try #require(expected.direct).means, 1e-6))
        #expect(state.total.samples.isEmpty && state.total.flowsBackward)
      }
      let expected = records.filter { $0.kind.range != nil }
      #expect(measured.gates.map(\.name) == expected.map(\.name) && measured.gates.count == 5)
      #expect(measured.gates.map(\.saturation) == expected.map { $0.saturation() })
    }
    let history = monitor.history
    #expect(history.measurements.map(\.step) == [0, 2] && history.losses.count == 3)
    #expect(history.clippedSteps == [1, 2, 3] && history.nonFiniteSteps == [])
    #expect(history.gradientNorms.allSatisfy { $0 > 0.05 })
  }

  /// Wide gates: shares that are neither 0 nor 1, of which each end is counted.
  @Test func saturationIsCountedAtBothEnds() throws {
    let recording = try Recording(GRU(units: 8), features: 2) { scope, y in scope.output("loss", mean(square(y))) }
    let trainer = try Trainer(recording, seed: 4)
    try trainer.setParameters(
      trainer.parameters.mapValues { Tensor($0.dimensions, $0.doubles.map { 6 * $0 }, as: .float32) })
    let monitor = try GradientMonitor(trainer)
    let batch = ["x": Tensor([9, 4, 2], (0..<72).map { 3 * Foundation.sin(Double($0)) }, as: .float32)]
    let records = try trainer.measure(.activations(of: recording), on: batch).filter { $0.kind.range != nil }
    _ = try trainer.step(batch)
    let gates = try #require(monitor.latest).gates
    #expect(gates.map(\.saturation) == records.map { $0.saturation() } && gates.count == 3)
    for gate in gates { #expect(gate.saturation.lower > 0.05 && gate.saturation.upper > 0.05, "\(gate)") }
  }

  /// The dropout of a measurement is that of its step, and so are the carried states.
  @Test func measurementsHaveTheLossesOfTheirSteps() throws {
    let trainer = try Trainer(try Self.recording(dropout: 0.5), optimizer: Adam(learningRate: 0.01), seed: 2)
    let monitor = try GradientMonitor(trainer, every: 3)
    _ = try train(trainer, steps: 10)
    var settings = TextSettings(tokenKind: .characters)
    (settings.units, settings.embedding, settings.dropout, settings.batchSize) = (6, 4, 0.3, 4)
    (settings.steps, settings.window, settings.stride, settings.evaluationInterval) = (9, 8, 5, 4)
    let words = try TextFile(String(repeating: "in the beginning was the word ", count: 30))
    let text = try TextTrainer(words, settings: settings) { GRU(units: $0) }
    let textMonitor = try GradientMonitor(text.trainer, every: 2)
    _ = try text.train()
    for history in [monitor.history, textMonitor.history] {
      // The last one is after the last step.
      for measured in history.measurements.dropLast() {
        #expect([measured.loss].isClose(to: [history.losses[measured.step]], 1e-6))
      }
      #expect(history.problem == nil)
    }
    #expect(monitor.history.measurements.map(\.step) == [0, 3, 6, 9, 10])
    #expect(textMonitor.history.measurements.map(\.step) == [0, 2, 4, 6, 8, 9])
    #expect(textMonitor.history.stateNames == ["layer0.h", "layer1.h"])
    #expect(textMonitor.history.measurements.allSatisfy { $0.states.allSatisfy { $0.total.means.count == 8 } })
  }

  // MARK: When it measures

  @Test(
    arguments: [
      (nil, false, 50, [0, 30, 50]), (nil, false, 60, [0, 30, 60]), (nil, true, 81, [0, 40, 80, 81]),
      (7, false, 15, [0, 7, 14, 15]), (.max, false, 30, [0, 30]), (1, true, 3, [0, 1, 2, 3]), (nil, false, 1, [0, 1]),
    ] as [(Int?, Bool, Int, [Int])])
  func stepsAreChosenByTheirNumbers(interval: Int?, direct: Bool, steps: Int, expected: [Int]) throws {
    let trainer = try Trainer(try Self.recording(), seed: 4)
    let monitor = try GradientMonitor(trainer, every: interval, direct: direct)
    _ = try train(trainer, steps: steps)
    #expect(monitor.history.measurements.map(\.step) == expected)
    #expect(monitor.history.measurements.allSatisfy { ($0.states[0].direct != nil) == direct })
  }

  @Test func aLongTrainingIsThinned() throws {
    var history = GradientHistory(interval: 20, isRagged: false)
    history.firstStep = 7
    for step in 7..<100_000 where step == 7 || step % history.interval == 0 {
      history.keep(GradientHistory.Measurement(step: step, loss: 0, states: [], clips: [], gates: []))
    }
    #expect(history.interval == 1280 && history.measurements.count <= GradientMonitor.capacity)
    #expect(history.measurements.map(\.step) == [7] + Array(stride(from: 1280, to: 100_000, by: 1280)))
    let trainer = try Trainer(try Self.recording(), seed: 4)
    // A given interval stays; what is kept is thinned.
    let monitor = try GradientMonitor(trainer, every: 1)
    _ = try train(trainer, steps: 301)
    #expect(monitor.history.measurements.map(\.step) == Array(stride(from: 0, to: 301, by: 4)) + [301])
    #expect(monitor.history.losses.count == 301)
    _ = try trainer.step(Self.batch(0))
    #expect(monitor.latest?.step == 301)
  }

  /// Floating-point operations of the optimised programs, which no shared machine disturbs.
  @Test(arguments: [false, true])
  func measuringCostsAtMostAFewPercent(direct: Bool) throws {
    for units in [16, 128] {
      let step = try TrainingStepGraph(LSTM(units: units), features: units)
      let trainer = try Trainer(step.recording)
      let monitor = try GradientMonitor(trainer, direct: direct)
      let measuring = try #require(monitor.program).executable.plan.graph
      let training = try Passes.optimized(step.gradient)
      func operations(_ graph: Graph) -> Double { Double(ArithmeticCount(graph, lengths: [100, 32]).total) }
      let share = operations(measuring) / operations(training) / Double(GradientMonitor.interval(direct: direct))
      #expect(share > 0.01 && share < 0.05, "\(share)")
    }
  }

  @Test func callsEndWithAMeasurementUnlessTheyAreShort() throws {
    let trainer = try Trainer(try Self.recording(), seed: 4)
    let monitor = try GradientMonitor(trainer)
    _ = try train(trainer, steps: 25)
    #expect(monitor.history.measurements.map(\.step) == [0, 25])
    _ = try train(trainer, steps: 30)
    #expect(monitor.history.measurements.map(\.step) == [0, 30, 55])
    for _ in 0..<30 { _ = try train(trainer, steps: 1) }
    #expect(monitor.history.measurements.map(\.step) == [0, 30, 60])
    #expect(monitor.history.losses.count == 85)
  }

  @Test func aRestoredStateBeginsAnew() throws {
    let trainer = try Trainer(try Self.recording(), seed: 4)
    let monitor = try GradientMonitor(trainer, every: 4)
    _ = try train(trainer, steps: 6)
    let saved = trainer.state
    _ = try train(trainer, steps: 6)
    #expect(monitor.history.measurements.map(\.step) == [0, 4, 8, 12])
    try trainer.restore(saved)
    _ = try train(trainer, steps: 3)
    let history = monitor.history
    #expect(history.firstStep == 6 && history.losses.count == 3 && history.measurements.map(\.step) == [6, 8, 9])
  }

  /// Also at its end, and also when measurements have been thinned.
  @Test(arguments: [(4, 12), (1, 250), (nil, 40)] as [(Int?, Int)])
  func aCheckpointGoesOnWithTheHistory(interval: Int?, steps: Int) throws {
    let trainer = try Trainer(try Self.recording(), seed: 4)
    let monitor = try GradientMonitor(trainer, every: interval)
    var saved: [Checkpoint] = []
    _ = try trainer.train(until: StoppingCriteria(steps: steps)) {
      Self.batch($0)
    } progress: { state in
      if [7, steps / 2 + 1].contains(state.completed) { saved.append(Checkpoint(trainer)) }
      return .continue
    }
    saved.append(Checkpoint(trainer))
    for (index, checkpoint) in saved.enumerated() {
      let resumed = try Trainer(try Self.recording(), seed: 4)
      let after = try GradientMonitor(resumed, every: interval)
      try resumed.restore(Checkpoint(bytes: checkpoint.bytes))
      let left = steps - checkpoint.state.step
      if index == saved.count - 1 { resumed.resume() }
      _ = try resumed.train(until: StoppingCriteria(steps: left)) { Self.batch($0) }
      #expect(after.history == monitor.history, "from step \(checkpoint.state.step)")
      #expect(after.latest == monitor.latest)
      // One with other settings has other measurements.
      let other = try GradientMonitor(resumed, every: 5)
      _ = try resumed.train(until: StoppingCriteria(steps: 1)) { Self.batch($0) }
      #expect(other.history.firstStep == steps)
    }
  }

  // MARK: Training

  /// Dropout, early stopping, a mean of the parameters, several batches a step, epochs.
  @Test func trainingHasTheSameBits() throws {
    func trained(_ isRecorded: Bool) throws -> [TrainingState] {
      let trainer = try Trainer(
        try Self.recording(dropout: 0.4), optimizer: Adam(learningRate: 0.02), clipping: .globalNorm(0.2),
        groups: [ParameterGroup("readout.*", weightDecay: WeightDecay.none)], averaging: .exponential(decay: 0.9),
        seed: 3)
      let monitor = isRecorded ? try GradientMonitor(trainer, every: 2, direct: true) : nil
      var states: [TrainingState] = []
      let validation = Validation(every: 3, earlyStopping: EarlyStopping(patience: 1)) {
        trainer throws(TrainingError) in
        try trainer.loss(on: Self.batch(1000))
      }
      _ = try train(trainer, steps: 12, validation: validation)
      states.append(trainer.state)
      _ = try trainer.train(
        until: StoppingCriteria(steps: 5), accumulating: 2,
        batch: { Self.batch($0, size: 2 + $0 % 2) })
      states.append(trainer.state)
      try trainer.fit(Self.batch(7, size: 10), epochs: 2, batchSize: 4)
      states.append(trainer.state)
      if let monitor { #expect(monitor.history.measurements.count > 8) }
      return states
    }
    #expect(try trained(true) == trained(false))
  }

  @Test(arguments: [false, true])
  func regularizersAreNotInTheLossThatIsMeasured(isPenalized: Bool) throws {
    let recording = try Self.recording()
    func trained(_ isRecorded: Bool) throws -> (TrainingState, GradientHistory?) {
      let trainer = try Trainer(
        recording,
        regularizers: isPenalized ? [VanishingGradientPenalty(weight: 0.3)] : [GradientFlossing(weight: 0.1)],
        seed: 6)
      let monitor = isRecorded ? try GradientMonitor(trainer, every: 2) : nil
      _ = try train(trainer, steps: 5)
      return (trainer.state, monitor?.history)
    }
    let (state, history) = try trained(true)
    #expect(try state == trained(false).0)
    let first = try #require(history?.measurements.first)
    let plain = try Trainer(recording, seed: 6)
    let expected = try plain.measure(.gradientFlow(of: recording, scale: 3), on: Self.batch(0))
    #expect(first.states[0].total.means.isClose(to: expected.states[0].total.means, 1e-6))
    #expect([first.loss].isClose(to: [try #require(history).losses[0]], 1e-6))
  }

  @Test func stepsThatAreNotFiniteAreRecorded() throws {
    let trainer = try Trainer(
      try Self.recording(), optimizer: SGD(learningRate: 1e300), nonFinitePolicy: .skip, seed: 4)
    let monitor = try GradientMonitor(trainer, every: 1)
    _ = try train(trainer, steps: 4)
    #expect(monitor.history.nonFiniteSteps.contains(4) && monitor.history.problem == nil)
    #expect(monitor.history.measurements.count == 5)
    // The page says where, and the numbers are JSON.
    #expect(monitor.history.page(title: "x").html().contains("not finite"))
    #expect(!monitor.history.json.text().isEmpty)
    // A step that throws has been seen.
    trainer.nonFinitePolicy = .throw
    #expect(throws: TrainingError.self) { try trainer.step(Self.batch(9)) }
    #expect(monitor.history.nonFiniteSteps.contains(5))
  }

  /// Measuring takes more memory than the training here, and there is only as much as the training needs.
  @Test func aMeasurementThatCannotBeMadeEndsNoTraining() throws {
    func trainer(_ budget: Int?) throws -> Trainer {
      try Trainer(try Self.recording(), seed: 4, options: ExecutionOptions(memoryBudget: budget))
    }
    let batch = Self.batch(0, size: 1)
    // The error of too small a budget has the smallest one.
    let refusal = #expect(throws: TrainingError.self) { try trainer(1000).step(batch) }
    let words = try #require(refusal).description
    let least = try #require(words.firstMatch(of: /at least ([0-9]+) bytes/))
    let budget = try #require(Int(least.1))
    let (tight, plain) = (try trainer(budget), try trainer(nil))
    let monitor = try GradientMonitor(tight, direct: true)
    for _ in 0..<2 { #expect(try tight.step(batch) == plain.step(batch)) }
    let history = monitor.history
    #expect(history.measurements.isEmpty && history.losses.count == 2)
    let problem = try #require(history.problem)
    #expect(problem.contains("the measurement of gradients: ") && problem.contains("\(budget)"))
    #expect(history.findings == ["Gradients through time were not measured: \(problem)."])
  }

  @Test func aNetworkWithoutAStateHasItsLossesRecorded() throws {
    let recording = try Recording.sequential(.features(2), [Dense(units: 1)], loss: .meanSquaredError)
    let trainer = try Trainer(recording)
    let monitor = try GradientMonitor(trainer)
    let numbers = (0..<8).map { Float($0) }
    _ = try trainer.step(["x": Tensor([4, 1, 2], numbers), "target": Tensor([4, 1, 1], Array(numbers.prefix(4)))])
    #expect(monitor.history.losses.count == 1 && monitor.history.measurements.isEmpty)
    #expect(
      monitor.history.lines == [
        "gradients through time were not measured: the network has no state, so no gradient flows through time"
      ])
    #expect(monitor.history.page(title: "x").html().contains("were not measured: the network has no state"))
    #expect { try GradientMonitor(trainer, every: 0) } throws: {
      "\($0)".contains("every 1 or more steps, not every 0")
    }
  }
}
