public import EbbTensors

/// When training ends: at the first of these that holds.
public struct StoppingCriteria: Hashable, Sendable {
  /// After this many steps; of a call that goes on where another stood, this many more.
  public var steps: Int
  /// After this time of this call; which step that is depends on the machine, and so then does the result.
  public var duration: Duration?
  /// Once the mean loss of the last `window` steps is below this.
  public var lossBelow: Double?
  /// How many steps the recent loss is a mean over, at least 1.
  public var window: Int

  /// Criteria, the first of which that is met ends training.
  public init(steps: Int, duration: Duration? = nil, lossBelow: Double? = nil, window: Int = 20) {
    self.steps = steps
    self.duration = duration
    self.lossBelow = lossBelow
    self.window = max(1, window)
  }
}

/// How far training is, after a step.
public struct TrainingProgress: Hashable, Sendable {
  /// What the step found and did.
  public var report: StepReport
  /// Steps of this call done, and to do at most.
  public var completed: Int
  /// Steps of this call to do at most.
  public var total: Int
  /// The mean loss of the last steps, as many as the criteria's `window`; skipped steps don't count.
  public var recentLoss: Double
  /// How long this call has taken.
  public var elapsed: Duration
  /// Steps of this call in a second of it.
  public var stepsPerSecond: Double
  /// The last validation of this call.
  public var validation: Validation.Point?

  /// How far training is.
  public init(
    report: StepReport, completed: Int, total: Int, recentLoss: Double, elapsed: Duration, stepsPerSecond: Double,
    validation: Validation.Point? = nil
  ) {
    self.report = report
    self.completed = completed
    self.total = total
    self.recentLoss = recentLoss
    self.elapsed = elapsed
    self.stepsPerSecond = stepsPerSecond
    self.validation = validation
  }

  /// How long the steps that are left take at the rate so far.
  public var timeLeft: Duration { .seconds(Double(total - completed) / max(stepsPerSecond, 1e-9)) }
}

/// How a training loop went.
public struct TrainingRun: Hashable, Sendable {
  /// What ended the training.
  public enum End: Hashable, Sendable, CaseIterable {
    /// All steps were made.
    case steps
    /// The time was over.
    case duration
    /// The recent loss was low enough.
    case lossBelow
    /// The validated value has stopped falling.
    case earlyStopping
    /// The progress callback asked for it.
    case callback
  }

  /// What ended the training.
  public var end: End
  /// The number of the first step among all of the trainer's, from 1: more than that if it was restored.
  public var firstStep = 1
  /// The loss of each step.
  public var losses: [Double]
  /// ‖g‖₂ of each step before clipping.
  public var gradientNorms: [Double]
  /// What was validated, in order.
  public var validations: [Validation.Point] = []
  /// How many steps were clipped, and how many were skipped.
  public var clippedSteps: Int
  /// How many steps were skipped, because something was not finite.
  public var skippedSteps: Int
  /// The mean loss of the last steps, as many as the criteria's `window`.
  public var recentLoss: Double
  /// How long the call took.
  public var duration: Duration
  /// Steps of the call in a second of it.
  public var stepsPerSecond: Double
}

/// What a progress callback answers.
public enum LoopControl: Hashable, Sendable {
  /// Goes on with training, or ends it.
  case `continue`, stop
}

extension Trainer {
  /// Trains until a criterion holds.
  ///
  /// Each call begins a schedule, a plateau and a stopping rule of its own, and streams begin anew; after `restore` and
  /// `resume` they go on, with what `progress` and the criteria look at. See `Trainer` for what outlives a call.
  ///
  /// After a step come in this order: its validation, if it is due, with what follows from it; then `progress`. A
  /// checkpoint that is saved there therefore holds all that decides the next step.
  ///
  /// - Parameters:
  ///   - schedule: The learning rate of each step of the call, the first of which is 0; nil takes the optimizer's.
  ///   - accumulating: How many batches make one step.
  ///   - validation: A value that may lower the learning rate or end training.
  ///   - batch: The batch of a number: of how many batches the trainer was trained on before, in all calls.
  ///   - progress: Called after each step; may evaluate, measure, save a checkpoint, or stop the loop.
  public func train(
    until criteria: StoppingCriteria, schedule: LearningRateSchedule? = nil, accumulating: Int = 1,
    validation: Validation? = nil,
    batch: (_ number: Int) throws(TrainingError) -> [String: Tensor],
    progress: (TrainingProgress) throws(TrainingError) -> LoopControl = { _ in .continue }
  ) throws(TrainingError) -> TrainingRun {
    guard accumulating >= 1 else { throw .setting("a step accumulates at least one batch, not \(accumulating)") }
    let clock = ContinuousClock()
    let start = clock.now
    if !goesOn { state.beginCall() }
    (goesOn, state.isInCall) = (false, true)
    var run = TrainingRun(
      end: .steps, firstStep: state.step + 1, losses: [], gradientNorms: [], clippedSteps: 0, skippedSteps: 0,
      recentLoss: .nan, duration: .zero, stepsPerSecond: 0)
    while true {
      // A call that goes on may be at its end.
      if let end = end(of: run, criteria, validation?.earlyStopping) {
        run.end = end
        state.isInCall = false
        if end == .earlyStopping, let best = state.earlyStopping?.bestParameters { state.parameters = best }
        return run
      }
      let rate = (schedule?.rate(at: state.callSteps) ?? optimizer.learningRate) * state.rateFactor
      var batches: [[String: Tensor]] = []
      for index in 0..<accumulating { batches.append(try batch(state.run + index)) }
      let report = try step(batches, rate: rate)
      state.callSteps += 1
      run.losses.append(report.loss)
      run.gradientNorms.append(report.gradientNorm)
      if report.isSkipped { run.skippedSteps += 1 } else { state.noteLoss(report.loss, window: criteria.window) }
      if report.clip.isClipped { run.clippedSteps += 1 }
      if let validation { try validate(validation, &run) }
      run.recentLoss = state.recentLoss
      run.duration = start.duration(to: clock.now)
      run.stepsPerSecond = Double(run.losses.count) / max(run.duration / .seconds(1), 1e-9)
      let control = try progress(
        TrainingProgress(
          report: report, completed: run.losses.count, total: criteria.steps, recentLoss: run.recentLoss,
          elapsed: run.duration, stepsPerSecond: run.stepsPerSecond, validation: run.validations.last))
      if control == .stop {
        run.end = .callback
        return run
      }
    }
  }

  /// Makes the steps that are left of a training of so many, whatever calls, or programs, have made the others: all of them
  /// are one call, with one schedule, one stopping rule and streams that go on.
  package func train(
    allSteps: Int, window: Int = 20, schedule: LearningRateSchedule? = nil, validation: Validation? = nil,
    batch: (_ number: Int) throws(TrainingError) -> [String: Tensor],
    progress: (TrainingProgress) throws(TrainingError) -> LoopControl
  ) throws(TrainingError) -> TrainingRun {
    resume()
    return try train(
      until: StoppingCriteria(steps: max(0, allSteps - state.step), window: window), schedule: schedule,
      validation: validation, batch: batch, progress: progress)
  }

  /// The next call of `train` or `fit` goes on with the last one instead of beginning anew: with its schedule, its plateau,
  /// its stopping rule and best parameters, and its streams. `restore` does so if the state was saved in a call.
  ///
  /// The call is given the steps, or the epochs, that are left; a pass over samples that was interrupted begins anew.
  public func resume() { goesOn = true }

  /// The criterion by which the call is at its end, if it is.
  private func end(
    of run: TrainingRun, _ criteria: StoppingCriteria, _ stopping: EarlyStopping?
  ) -> TrainingRun.End? {
    if let stopping, isOver(stopping) { return .earlyStopping }
    if let limit = criteria.lossBelow, state.recentLosses.count == criteria.window, state.recentLoss < limit {
      return .lossBelow
    }
    if let limit = criteria.duration, !run.losses.isEmpty, run.duration >= limit { return .duration }
    return run.losses.count >= criteria.steps ? .steps : nil
  }

  /// Measures if it is time to.
  private func validate(_ rule: Validation, _ run: inout TrainingRun) throws(TrainingError) {
    guard state.callSteps % rule.interval == 0 else { return }
    let value = try rule.measure(self)
    run.validations.append(Validation.Point(step: state.step, value: value))
    if let plateau = rule.plateau {
      var memory = state.plateau ?? PlateauDecay.State()
      state.rateFactor = plateau.observe(value, &memory, rateFactor: state.rateFactor)
      state.plateau = memory
    }
    if let stopping = rule.earlyStopping { try observe(value, stopping) }
  }

  /// Notes a measured value for a stopping rule, with the parameters that it was measured with.
  package func observe(
    _ value: Double, _ stopping: EarlyStopping, with choice: ParameterChoice = .current
  ) throws(TrainingError) {
    var memory = state.earlyStopping ?? EarlyStopping.State()
    _ = stopping.observe(value, parameters: try parameters(choice), &memory)
    state.earlyStopping = memory
  }

  /// Whether the call is at its end by a stopping rule.
  package func isOver(_ stopping: EarlyStopping) -> Bool { state.earlyStopping.map(stopping.isOver) ?? false }
}

extension TrainingState {
  /// Takes the loss of a step into the last `window`.
  fileprivate mutating func noteLoss(_ loss: Double, window: Int) {
    recentLosses.append(loss)
    if recentLosses.count > window { recentLosses.removeFirst(recentLosses.count - window) }
  }

  /// The mean of the last losses; no number before the first.
  fileprivate var recentLoss: Double {
    recentLosses.isEmpty ? .nan : recentLosses.reduce(0, +) / Double(recentLosses.count)
  }
}
