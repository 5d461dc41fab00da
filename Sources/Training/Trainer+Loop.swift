public import EbbTensors

/// When training ends: at the first of these that holds.
public struct StoppingCriteria: Hashable, Sendable {
  /// After this many steps of this call.
  public var steps: Int
  /// After this time; which step that is depends on the machine, and so then does the result.
  public var duration: Duration?
  /// Once the mean loss of the last `window` steps is below this.
  public var lossBelow: Double?
  public var window: Int

  public init(steps: Int, duration: Duration? = nil, lossBelow: Double? = nil, window: Int = 20) {
    self.steps = steps
    self.duration = duration
    self.lossBelow = lossBelow
    self.window = max(1, window)
  }
}

/// How far training is, after a step.
public struct TrainingProgress: Hashable, Sendable {
  public var report: StepReport
  /// Steps of this call done, and to do at most.
  public var completed: Int
  public var total: Int
  /// The mean loss of the last steps, as many as the criteria's `window`; skipped steps don't count.
  public var recentLoss: Double
  public var elapsed: Duration
  public var stepsPerSecond: Double
  /// The last validation of this call.
  public var validation: Validation.Point?

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
  public enum End: Hashable, Sendable, CaseIterable {
    /// All steps were made.
    case steps
    case duration
    case lossBelow
    /// The validated value has stopped falling.
    case earlyStopping
    /// The progress callback asked for it.
    case callback
  }

  public var end: End
  /// The loss of each step.
  public var losses: [Double]
  /// ‖g‖₂ of each step before clipping.
  public var gradientNorms: [Double]
  /// What was validated, in order.
  public var validations: [Validation.Point] = []
  /// How many steps were clipped, and how many were skipped.
  public var clippedSteps: Int
  public var skippedSteps: Int
  /// The mean loss of the last steps, as many as the criteria's `window`.
  public var recentLoss: Double
  public var duration: Duration
  public var stepsPerSecond: Double
}

/// What a progress callback answers.
public enum LoopControl: Hashable, Sendable {
  case `continue`, stop
}

extension Trainer {
  /// Trains until a criterion holds.
  ///
  /// After a step come in this order: its validation, if it is due, with what follows from it; then `progress`. A
  /// checkpoint that is saved there therefore holds all that decides the next step.
  ///
  /// - Parameters:
  ///   - schedule: Sets the learning rate before each step; nil leaves it as it is.
  ///   - accumulating: How many batches make one step.
  ///   - validation: A value that may lower the learning rate or end training.
  ///   - batch: The batch of a number, which goes on from call to call: the step's, or with several batches a step
  ///     step · accumulating + 0, 1, …
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
    var recent = RecentMean(window: criteria.window)
    var run = TrainingRun(
      end: .steps, losses: [], gradientNorms: [], clippedSteps: 0, skippedSteps: 0, recentLoss: .nan, duration: .zero,
      stepsPerSecond: 0)
    while run.losses.count < criteria.steps {
      if let schedule { optimizer.learningRate = schedule.rate(at: state.step) }
      var batches: [[String: Tensor]] = []
      for index in 0..<accumulating { batches.append(try batch(state.step * accumulating + index)) }
      let report = try step(accumulating: batches)
      run.losses.append(report.loss)
      run.gradientNorms.append(report.gradientNorm)
      if report.isSkipped { run.skippedSteps += 1 } else { recent.add(report.loss) }
      if report.clip.isClipped { run.clippedSteps += 1 }
      let endsEarly = try validation.map { rule throws(TrainingError) in try validate(rule, &run) } ?? false
      run.recentLoss = recent.mean
      run.duration = start.duration(to: clock.now)
      run.stepsPerSecond = Double(run.losses.count) / max(run.duration / .seconds(1), 1e-9)
      let control = try progress(
        TrainingProgress(
          report: report, completed: run.losses.count, total: criteria.steps, recentLoss: recent.mean,
          elapsed: run.duration, stepsPerSecond: run.stepsPerSecond, validation: run.validations.last))
      if control == .stop {
        run.end = .callback
        break
      }
      if endsEarly {
        run.end = .earlyStopping
        if let best = state.earlyStopping?.bestParameters { state.parameters = best }
        break
      }
      if let limit = criteria.lossBelow, recent.isFull, recent.mean < limit {
        run.end = .lossBelow
        break
      }
      if let limit = criteria.duration, run.duration >= limit {
        run.end = .duration
        break
      }
    }
    return run
  }

  /// Measures if it is time to; returns whether training is to end.
  private func validate(_ rule: Validation, _ run: inout TrainingRun) throws(TrainingError) -> Bool {
    guard state.step % rule.interval == 0 else { return false }
    let value = try rule.measure(self)
    run.validations.append(Validation.Point(step: state.step, value: value))
    if let plateau = rule.plateau {
      var memory = state.plateau ?? PlateauDecay.State()
      state.rateFactor = plateau.observe(value, &memory, rateFactor: state.rateFactor)
      state.plateau = memory
    }
    guard let stopping = rule.earlyStopping else { return false }
    var memory = state.earlyStopping ?? EarlyStopping.State()
    let ends = stopping.observe(value, parameters: state.parameters, &memory)
    state.earlyStopping = memory
    return ends
  }
}

/// The mean of the last numbers.
private struct RecentMean {
  let window: Int
  private var values: [Double] = []

  init(window: Int) { self.window = window }

  mutating func add(_ value: Double) {
    if values.count == window { values.removeFirst() }
    values.append(value)
  }
  var isFull: Bool { values.count == window }
  /// No number before the first value.
  var mean: Double { values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count) }
}
