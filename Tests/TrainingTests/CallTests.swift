import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTraining
import Testing

/// w of one number with the loss w, so that each step of SGD is its rate.
private func slope() throws -> Recording {
  try Recording(element: .float64) { scope in
    let x = scope.input("x", [1], over: [scope.batch("b")])
    scope.output("loss", sum(scope.parameter("w", [1], .constant(0)) + 0 * x))
  }
}

private let one = ["x": Tensor([1, 1], [1.0])]

/// The rates of the steps of a call.
private func rates(
  _ trainer: Trainer, _ steps: Int, schedule: LearningRateSchedule? = nil, validation: Validation? = nil,
  stopAt: Int = .max
) throws -> [Double] {
  var rates: [Double] = []
  _ = try trainer.train(until: StoppingCriteria(steps: steps), schedule: schedule, validation: validation) { _ in
    one
  } progress: { progress in
    rates.append(progress.result.learningRate)
    return progress.completed == stopAt ? .stop : .continue
  }
  return rates
}

/// What belongs to a call of `train` or `fit`, and what to the trainer.
@Suite struct CallTests {
  private let falling = LearningRateSchedule.linear(0.4, steps: 4)

  @Test func eachCallHasItsOwnSchedule() throws {
    let trainer = try Trainer(slope(), optimizer: SGD(learningRate: 0.125))
    for _ in 0..<2 {
      let found = try rates(trainer, 5, schedule: falling)
      #expect(zip(found, [0.4, 0.3, 0.2, 0.1, 0]).allSatisfy { abs($0 - $1) < 1e-15 })
    }
    // The optimizer's own rate is as before, in a call without a schedule and in a single step.
    #expect(try rates(trainer, 1) == [0.125])
    #expect(try trainer.step(one).learningRate == 0.125)
  }

  @Test func anInterruptedCallGoesOnOnlyIfAsked() throws {
    let trainer = try Trainer(slope(), optimizer: SGD())
    #expect(try rates(trainer, 4, schedule: falling, stopAt: 2).count == 2)
    let saved = trainer.state
    trainer.resume()
    #expect(abs(try rates(trainer, 1, schedule: falling)[0] - 0.2) < 1e-15)
    #expect(try rates(trainer, 1, schedule: falling) == [0.4])
    // A state that was saved in a call is that of the call.
    try trainer.restore(saved)
    #expect(abs(try rates(trainer, 1, schedule: falling)[0] - 0.2) < 1e-15)
    // One that was saved after its end is not.
    try trainer.restore(trainer.state)
    #expect(try rates(trainer, 1, schedule: falling) == [0.4])
  }

  @Test func eachCallHasItsOwnStoppingRule() throws {
    let trainer = try Trainer(slope(), optimizer: SGD(learningRate: 1))
    func validation(_ values: [Double]) -> Validation {
      var values = values.makeIterator()
      return Validation(every: 1, earlyStopping: EarlyStopping(patience: 0)) { _ in values.next() ?? 9 }
    }
    #expect(try rates(trainer, 9, validation: validation([1, 2])).count == 2)
    // Those of the first step are back: w = −1.
    #expect(trainer.parameters["w"]?.doubles == [-1])
    // Values that never reach the first call's best end nothing, as long as they fall.
    #expect(try rates(trainer, 4, validation: validation([8, 7, 6, 5])).count == 4)
    #expect(trainer.parameters["w"]?.doubles == [-5])
    #expect(
      try rates(trainer, 9, validation: validation([3, 4])).count == 2 && trainer.parameters["w"]?.doubles == [-6])
  }

  @Test func eachCallHasItsOwnPlateau() throws {
    let trainer = try Trainer(slope(), optimizer: SGD(learningRate: 1))
    let plateau = Validation(every: 1, plateau: PlateauDecay(factor: 0.5, patience: 0, cooldown: 1)) { _ in 1 }
    for _ in 0..<2 { #expect(try rates(trainer, 5, validation: plateau) == [1, 1, 0.5, 0.5, 0.25]) }
    #expect(try trainer.step(one).learningRate == 1)
    #expect(try rates(trainer, 1) == [1])
  }

  @Test func eachCallLooksAtItsOwnLosses() throws {
    let trainer = try Trainer(slope(), optimizer: SGD(learningRate: 1))
    let criteria = StoppingCriteria(steps: 50, lossBelow: 1e9, recentSteps: 3)
    for _ in 0..<2 { #expect(try trainer.train(until: criteria) { _ in one }.losses.count == 3) }
  }

  /// After how many steps of the call, whatever was trained before.
  @Test func validationCountsTheStepsOfTheCall() throws {
    let trainer = try Trainer(slope(), optimizer: SGD(learningRate: 1))
    _ = try trainer.step(one)
    let run = try trainer.train(until: StoppingCriteria(steps: 5), validation: Validation(every: 2) { _ in 0 }) { _ in
      one
    }
    #expect(run.validations.map(\.step) == [3, 5])
  }

  /// The numbers of batches go on, however many make a step.
  @Test func noBatchIsTakenTwice() throws {
    let trainer = try Trainer(slope(), optimizer: SGD(learningRate: 1))
    var numbers: [Int] = []
    for (steps, accumulating) in [(2, 1), (2, 3), (1, 2)] {
      _ = try trainer.train(until: StoppingCriteria(steps: steps), accumulating: accumulating) { number in
        numbers.append(number)
        return one
      }
    }
    #expect(numbers == Array(0..<10))
  }

  /// x = 2ⁿ of sample n, the loss −w Σ x / B: at a rate of 1, w becomes the sum of what was taken.
  @Test func everyPassTakesEverySampleOnceWhateverTheBatchSize() throws {
    let recording = try Recording(element: .float64) { scope in
      let x = scope.input("x", [1], over: [scope.batch("b")])
      scope.output("loss", -sum(scope.parameter("w", [1], .constant(0)) * x))
    }
    let samples = 10
    let x = Tensor([samples, 1], (0..<samples).map { Double(1 << (4 * $0)) })
    let trainer = try Trainer(recording, optimizer: SGD(learningRate: 1))
    var passes = 0
    for (batchSize, epochs) in [(5, 1), (3, 2), (4, 1), (10, 1), (1, 1), (32, 1)] {
      try trainer.fit(["x": x], epochs: epochs, batchSize: batchSize)
      passes += epochs
      let taken = (0..<samples).map { (Int(trainer.parameters["w"]!.doubles[0]) >> (4 * $0)) & 15 }
      #expect(taken == [Int](repeating: passes, count: samples), "batches of \(batchSize)")
    }
    #expect(trainer.state.epochs == passes)
  }

  @Test func eachFitHasItsOwnScheduleAndAnotherOrder() throws {
    let trainer = try Trainer(slope(), optimizer: SGD(learningRate: 1))
    let x = Tensor([4, 1], [1.0, 2, 3, 4])
    for _ in 0..<2 {
      let before = trainer.parameters["w"]!.doubles[0]
      try trainer.fit(["x": x], epochs: 2, batchSize: 2, schedule: falling)
      // Two samples a step, whose losses are summed: 2 · (0.4 + 0.3 + 0.2 + 0.1).
      #expect(abs(before - trainer.parameters["w"]!.doubles[0] - 2) < 1e-14)
    }
    func order(_ calls: Int) throws -> [Double] {
      let recording = try Recording(element: .float64) { scope in
        let x = scope.input("x", [1], over: [scope.batch("b")])
        scope.output("loss", sum(square(scope.parameter("w", [1], .constant(0)) - x)))
      }
      let trainer = try Trainer(recording, optimizer: SGD(learningRate: 0.5))
      var last: [Double] = []
      for _ in 0..<calls {
        try trainer.fit(["x": Tensor([30, 1], (0..<30).map(Double.init))], epochs: 4 / calls, batchSize: 1)
        last += trainer.parameters["w"]!.doubles
      }
      return last
    }
    // Four epochs of one call and of four calls are the same ones; the last samples differ.
    let four = try order(4)
    #expect(try order(1)[0] == four[3] && Set(four).count > 1)
  }

  // MARK: Streams

  private func carrying() throws -> Trainer {
    let recording = try Recording(element: .float64) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let x = scope.input("x", [1], over: [time, batch])
      let h = scope.over(time).state("h", 1)
      scope.output("loss", mean(h.next(h + x) * scope.parameter("w", [1], .constant(1))))
    }
    return try Trainer(recording, optimizer: SGD(learningRate: 0), carrying: StateCarrying())
  }

  @Test func streamsBeginAnewInEachCall() throws {
    let trainer = try carrying()
    let window: [String: Tensor] = [
      "x": Tensor([2, 1, 1], [1.0, 1]), StateCarrying.begins: Tensor([], [false]),
    ]
    func losses(_ steps: Int) throws -> [Double] {
      try trainer.train(until: StoppingCriteria(steps: steps)) { _ in window }.losses
    }
    #expect(try losses(2) == [1.5, 3.5])
    #expect(try losses(2) == [1.5, 3.5])
    // A call that goes on keeps them, and so do single steps.
    trainer.resume()
    #expect(try losses(1) == [1.5, 3.5, 5.5])
    #expect(try trainer.step(window).loss == 7.5)
    // Another number of streams is no matter for a new call.
    var two = window
    two["x"] = Tensor([2, 2, 1], [1.0, 1, 1, 1])
    #expect(try trainer.train(until: StoppingCriteria(steps: 1)) { _ in two }.losses == [1.5])
  }

  @Test func samplesInARandomOrderCarryNoState() throws {
    let trainer = try carrying()
    #expect { try trainer.fit(["x": Tensor([2, 3, 1], [Double](repeating: 1, count: 6))], epochs: 1) } throws: {
      "\($0)".contains("no states go on from one batch to the next")
    }
  }

  // MARK: Optimizers

  @Test func anotherKindOfOptimizerIsRefusedByName() throws {
    let kinds: [any Optimizer] = [
      SGD(), SGD(momentum: 0.9), SGD(momentum: 0.9, nesterov: true), RMSprop(), RMSprop(momentum: 0.5),
      RMSprop(isCentered: true), RMSprop(momentum: 0.5, isCentered: true), Adagrad(), Adam(), AdamW(), Lion(),
    ]
    func trained(_ optimizer: any Optimizer) throws -> Trainer {
      let trainer = try Trainer(slope(), optimizer: optimizer)
      _ = try trainer.step(one)
      return trainer
    }
    for (i, saved) in kinds.enumerated() {
      let state = try trained(saved).state
      for (j, other) in kinds.enumerated() {
        let trainer = try trained(other)
        let before = trainer.state
        if i == j {
          try trainer.restore(state)
          continue
        }
        #expect("\(saved.kind) to \(other.kind)") { try trainer.restore(state) } throws: {
          "\($0)" == "the state was made with \(saved.kind), and the trainer has \(other.kind)"
        }
        #expect(trainer.state == before)
      }
    }
    // A checkpoint tells the form of weight decay as well.
    let checkpoint = Checkpoint(try trained(Adam(weightDecay: .l2(0.1))))
    #expect { try trained(Adam(weightDecay: .decoupled(0.1))).restore(checkpoint) } throws: {
      "\($0)".contains("Adam, L2 weight decay, and the trainer has Adam, decoupled weight decay")
    }
  }

  /// An optimizer that is put in another's place remembers nothing of that one.
  @Test func anotherKindBeginsWithoutAMemory() throws {
    let trainer = try Trainer(slope(), optimizer: Adam(learningRate: 0.1))
    for _ in 0..<3 { _ = try trainer.step(one) }
    let fresh = try Trainer(slope(), optimizer: RMSprop(isCentered: true))
    try fresh.setParameters(trainer.parameters)
    trainer.optimizer = RMSprop(isCentered: true)
    for _ in 0..<3 {
      let (result, expected) = (try trainer.step(one), try fresh.step(one))
      #expect(result.gradientNorm == expected.gradientNorm && trainer.parameters == fresh.parameters)
    }
    #expect(trainer.state.optimizer == fresh.state.optimizer && trainer.state.step == 6)
    // Another rate is the same kind.
    trainer.optimizer.learningRate = 0.5
    _ = try trainer.step(one)
    #expect(trainer.state.optimizer.step == 4)
  }

  /// With regularizers, too, only what is trained is differentiated and decays.
  @Test func whatIsNotTrainedStaysBesideARegularizer() throws {
    let recording = try Recording.sequenceToOne(FrozenRecurrence(), features: 1, element: .float64)
    let trainer = try Trainer(
      recording, regularizers: [GradientFlossing(weight: 0.1, count: 1)],
      optimizer: AdamW(learningRate: 0.1, decay: 0.5),
      groups: [ParameterGroup("readout.*.bias", isFrozen: true)])
    #expect(!trainer.trainedParameters.contains("A") && trainer.trainedParameters.contains("U"))
    let before = trainer.parameters
    let batch = ["x": Tensor([4, 1, 1], [0.1, 0.2, -0.3, 0.4]), "target": Tensor([1, 1], [1.0])]
    let result = try trainer.step(batch)
    #expect(result.penalties.count == 1 && result.penalties[0] > 0)
    #expect(try Set(trainer.gradients(batch).gradients.keys) == Set(trainer.trainedParameters))
    for (name, value) in trainer.parameters {
      #expect((value == before[name]) == !trainer.trainedParameters.contains(name), "\(name)")
    }
    trainer.optimizer.learningRate = .nan
    #expect { try trainer.step(batch) } throws: { "\($0)".contains("the learning rate is a finite number") }
  }

  /// The read-out of another loss has no gradient, and stays as it is: no decay, no memory.
  @Test func whatTheLossDoesNotReachStays() throws {
    let recording = try Recording(element: .float64) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let h = scope.over(time).run(GRU(units: 2), scope.input("x", [1], over: [time, batch]))
      let end = last(h, along: time)
      let rounded = floor(scope.run(Dense(units: 1), end, named: "rounded"))
      scope.output("loss", mean(square(scope.run(Dense(units: 1), end, named: "own") + rounded)))
      scope.output("other", mean(square(scope.run(Dense(units: 1), end, named: "other"))))
    }
    let batch = ["x": Tensor([3, 1, 1], [0.5, -0.1, 0.3])]
    for optimizer in [AdamW(learningRate: 0.1, decay: 0.5), SGD(learningRate: 0.1, weightDecay: .l2(0.5))]
      as [any Optimizer]
    {
      let trainer = try Trainer(recording, optimizer: optimizer, seed: 2)
      let before = trainer.parameters
      for _ in 0..<2 { _ = try trainer.step(batch) }
      for (name, value) in trainer.parameters {
        let isReached = !name.hasPrefix("other") && !name.hasPrefix("rounded")
        #expect((value != before[name]) == isReached, "\(name)")
        #expect(trainer.trainedParameters.contains(name) == isReached, "\(name)")
        #expect(isReached || trainer.state.optimizer.slots[name] == nil)
      }
    }
    #expect(try Trainer(recording, loss: "other").trainedParameters.contains { $0.hasPrefix("other") })
  }

  /// A mean is of all steps since it began, or of none.
  @Test func aTrainerWithoutAMeanDropsIt() throws {
    let averaging = try Trainer(slope(), averaging: .exponential(decay: 0.5))
    _ = try averaging.step(one)
    let plain = try Trainer(slope())
    try plain.restore(averaging.state)
    _ = try plain.step(one)
    let again = try Trainer(slope(), averaging: .exponential(decay: 0.5))
    try again.restore(plain.state)
    #expect(try again.parameters(.averaged) == plain.parameters)
    _ = try again.step(one)
    #expect(try again.parameters(.averaged) == again.parameters && again.state.average?.count == 1)
  }
}

/// h' = tanh(A h + U x) with a fixed A.
private struct FrozenRecurrence: RecurrentCell {
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", 2)
    let a = stopGradient(scope.parameter("A", [2, 2], .constant(0.3)))
    return h.next(tanh(matmul(h, a) + matmul(x, scope.parameter("U", [1, 2], .constant(0.5)))))
  }
}
