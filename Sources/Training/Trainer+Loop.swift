public import EbbTensors

/// When training ends: at the first criterion that is met.
public struct StoppingCriteria: Hashable, Sendable {
  /// After this many steps; for a call that continues an earlier one, this many more.
  public var steps: Int
  /// After this time in this call. The step at which that is, and so the result, depends on the machine.
  public var duration: Duration?
  /// Once the mean loss of the last `recentSteps` steps is below this.
  public var lossBelow: Double?
  /// The number of steps in the mean of the recent loss, at least 1.
  public var recentSteps: Int

  /// Criteria; the first one met ends training.
  public init(steps: Int, duration: Duration? = nil, lossBelow: Double? = nil, recentSteps: Int = 20) {
    self.steps = steps
    self.duration = duration
    self.lossBelow = lossBelow
    self.recentSteps = max(1, recentSteps)
  }
}

/// How far training is, after a step.
public struct TrainingProgress: Hashable, Sendable {
  /// The result of the step.
  public var result: TrainingStepResult
  /// The number of steps done in this call.
  public var completed: Int
  /// The maximum number of steps of this call.
  public var total: Int
  /// The mean loss of the last steps, up to the criteria's `recentSteps`; skipped steps don't count.
  public var recentLoss: Double
  /// How long this call has taken.
  public var elapsed: Duration
  /// Training steps per second in this call.
  public var stepsPerSecond: Double
  /// The last validation of this call.
  public var validation: Validation.Point?

  /// The time for the remaining steps at the current rate.
  public var timeLeft: Duration { .seconds(Double(total - completed) / max(stepsPerSecond, 1e-9)) }
}

/// How a training loop went: all of the call, also the steps before it was interrupted, if the restored state has them.
public struct TrainingRun: Hashable, Sendable {
  /// The reason why training ended.
  public enum End: Hashable, Sendable, CaseIterable {
    /// All steps were made.
    case steps
    /// The time was over.
    case duration
    /// The recent loss was low enough.
    case lossBelow
    /// The validated value has stopped falling.
    case earlyStopping
    /// The progress callback requested it.
    case callback
  }

  /// The reason why training ended.
  public var end: End
  /// The number of the first step among all steps of the trainer, from 1.
  public var firstStep = 1
  /// The loss of each step.
  public var losses: [Double]
  /// ‖g‖₂ of each step before clipping.
  public var gradientNorms: [Double]
  /// The validated values, in order.
  public var validations: [Validation.Point] = []
  /// The number of steps that were clipped.
  public var clippedSteps: Int
  /// The number of steps that were skipped because something was not finite.
  public var skippedSteps: Int
  /// The mean loss of the last steps, up to the criteria's `recentSteps`.
  public var recentLoss: Double
  /// How long the call took, since it was resumed.
  public var duration: Duration
  /// Training steps per second in that time.
  public var stepsPerSecond: Double
}

/// The answer of a progress callback.
public enum LoopControl: Hashable, Sendable {
  /// Goes on with training, or ends it.
  case `continue`, stop
}

extension Trainer {
  /// Trains until a criterion holds.
  ///
  /// Each call restarts the schedule, the plateau, the stopping rule and the streams. After `restore` and `resume` they
  /// continue, and so does everything that `progress` and the criteria read. See `Trainer` for the state that outlives
  /// a call.
  ///
  /// After a step, its validation comes first, if it is due, with its consequences; then `progress`. So a checkpoint
  /// saved there holds everything that determines the next step.
  ///
  /// - Parameters:
  ///   - criteria: When training ends.
  ///   - schedule: The learning rate of each step of the call, from step 0; nil uses the optimizer's.
  ///   - accumulating: The number of batches per step.
  ///   - validation: A value that may lower the learning rate or end training.
  ///   - drawsAhead: Whether a batch depends on its number alone, so that the next step may be sent to a device
  ///     while it computes one.
  ///   - batch: Returns the batch with a number: the number of batches before it in all calls of the trainer.
  ///   - progress: Called after each step; may evaluate, measure, save a checkpoint, or stop the loop.
  public func train(
    until criteria: StoppingCriteria, schedule: LearningRateSchedule? = nil, accumulating: Int = 1,
    validation: Validation? = nil, drawsAhead: Bool = false,
    batch: (_ number: Int) throws(TrainingError) -> [String: Tensor],
    progress: (TrainingProgress) throws(TrainingError) -> LoopControl = { _ in .continue }
  ) throws(TrainingError) -> TrainingRun {
    guard accumulating >= 1 else { throw .setting("a step accumulates at least one batch, not \(accumulating)") }
    let clock = ContinuousClock()
    let start = clock.now
    if !goesOn {
      takeState()
      host.beginCall()
    }
    (goesOn, host.isInCall) = (false, true)
    // The steps since the call began or was resumed, and their time.
    var (made, duration) = (0, Duration.zero)
    var stepsPerSecond: Double { Double(made) / max(duration / .seconds(1), 1e-9) }
    func run(_ end: TrainingRun.End) -> TrainingRun {
      let history = host.history
      return TrainingRun(
        end: end, firstStep: host.step + 1 - history.losses.count, losses: history.losses,
        gradientNorms: history.gradientNorms, validations: history.validations,
        clippedSteps: history.clippedSteps.count, skippedSteps: history.skippedSteps.count,
        recentLoss: host.recentLoss, duration: duration, stepsPerSecond: stepsPerSecond)
    }
    // The next step's batch, drawn while a device computes; an error counts when the step comes.
    var ready: (number: Int, batch: Result<[String: Tensor], TrainingError>)?
    while true {
      // A continued call may already be at its end.
      if let end = end(after: made, duration, criteria, validation?.earlyStopping) {
        host.isInCall = false
        onDevice?.settle()
        for observer in observers { observer.callEnded(after: made, of: self) }
        if end == .earlyStopping, let best = host.earlyStopping?.bestParameters {
          takeState()
          host.parameters = best
        }
        return run(end)
      }
      func rate(_ step: Int) -> Double {
        (schedule?.rate(at: step) ?? optimizer.learningRate) * host.rateFactor
      }
      var batches: [[String: Tensor]] = []
      for index in 0..<accumulating {
        let number = host.run + index
        batches.append(try ready?.number == number ? ready?.batch.get() ?? [:] : arranged(batch(number)))
      }
      ready = nil
      let (next, isLast) = (host.run + 1, made + 1 >= criteria.steps)
      let result = try step(batches, rate: rate(host.callSteps)) {
        guard drawsAhead, accumulating == 1, !isLast else { return nil }
        let drawn = Result { () throws(TrainingError) in arranged(try batch(next)) }
        ready = (next, drawn)
        return try? (drawn.get(), rate(host.callSteps + 1))
      }
      host.callSteps += 1
      made += 1
      host.history.note(result)
      if !result.isSkipped { host.noteLoss(result.loss, recentSteps: criteria.recentSteps) }
      if let validation { try validate(validation) }
      duration = start.duration(to: clock.now)
      let control = try progress(
        TrainingProgress(
          result: result, completed: made, total: criteria.steps, recentLoss: host.recentLoss, elapsed: duration,
          stepsPerSecond: stepsPerSecond, validation: host.history.validations.last))
      if control == .stop {
        onDevice?.settle()
        for observer in observers { observer.callEnded(after: made, of: self) }
        return run(.callback)
      }
    }
  }

  /// Makes the remaining steps of a training of `allSteps`, whichever calls or programs have made the others. All of
  /// them form one call, with one schedule, one stopping rule and continuous streams. A batch depends on its number alone.
  package func train(
    allSteps: Int, recentSteps: Int = 20, schedule: LearningRateSchedule? = nil, validation: Validation? = nil,
    batch: (_ number: Int) throws(TrainingError) -> [String: Tensor],
    progress: (TrainingProgress) throws(TrainingError) -> LoopControl
  ) throws(TrainingError) -> TrainingRun {
    resume()
    return try train(
      until: StoppingCriteria(steps: max(0, allSteps - host.step), recentSteps: recentSteps), schedule: schedule,
      validation: validation, drawsAhead: true, batch: batch, progress: progress)
  }

  /// Makes the next call of `train` or `fit` continue the last one: with its schedule, its plateau, its stopping rule
  /// and best parameters, and its streams. `restore` does so if the state was saved in a call.
  ///
  /// Pass it the remaining steps or epochs; an interrupted pass over samples starts again.
  public func resume() { goesOn = true }

  /// The criterion that ends the call now, if there is one.
  private func end(
    after steps: Int, _ duration: Duration, _ criteria: StoppingCriteria, _ stopping: EarlyStopping?
  ) -> TrainingRun.End? {
    if let stopping, isOver(stopping) { return .earlyStopping }
    if let limit = criteria.lossBelow, host.recentLosses.count == criteria.recentSteps, host.recentLoss < limit {
      return .lossBelow
    }
    if let limit = criteria.duration, steps > 0, duration >= limit { return .duration }
    return steps >= criteria.steps ? .steps : nil
  }

  /// Measures if it is time to.
  private func validate(_ rule: Validation) throws(TrainingError) {
    guard (host.callSteps - rule.stepsBefore) % rule.interval == 0 else { return }
    let value = try rule.measure(self)
    host.history.validations.append(Validation.Point(step: host.step, value: value))
    if let plateau = rule.plateau {
      var memory = host.plateau ?? PlateauDecay.State()
      host.rateFactor = plateau.observe(value, &memory, rateFactor: host.rateFactor)
      host.plateau = memory
    }
    if let stopping = rule.earlyStopping { try observe(value, stopping) }
  }

  /// Observes a measured value for a stopping rule, with the parameters of the measurement.
  package func observe(
    _ value: Double, _ stopping: EarlyStopping, with choice: ParameterChoice = .current
  ) throws(TrainingError) {
    var memory = host.earlyStopping ?? EarlyStopping.State()
    _ = stopping.observe(value, parameters: try parameters(choice), &memory)
    host.earlyStopping = memory
  }

  /// Whether a stopping rule ends the call now.
  package func isOver(_ stopping: EarlyStopping) -> Bool { host.earlyStopping.map(stopping.isOver) ?? false }
}

extension TrainingState {
  /// Adds the loss of a step to the last `recentSteps` losses.
  fileprivate mutating func noteLoss(_ loss: Double, recentSteps: Int) {
    recentLosses.append(loss)
    if recentLosses.count > recentSteps { recentLosses.removeFirst(recentLosses.count - recentSteps) }
  }

  /// The mean of the last losses; NaN before the first.
  fileprivate var recentLoss: Double {
    recentLosses.isEmpty ? .nan : recentLosses.reduce(0, +) / Double(recentLosses.count)
  }
}
