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
}

/// How a training loop went.
public struct TrainingRun: Hashable, Sendable {
  public enum End: Hashable, Sendable, CaseIterable {
    /// All steps were made.
    case steps
    case duration
    case lossBelow
    /// The progress callback asked for it.
    case callback
  }

  public var end: End
  /// The loss of each step.
  public var losses: [Double]
  /// ‖g‖₂ of each step before clipping.
  public var gradientNorms: [Double]
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
  /// - Parameters:
  ///   - schedule: Sets the learning rate before each step; nil leaves it as it is.
  ///   - batch: The batch for a step's number, which goes on from call to call.
  ///   - progress: Called after each step; may evaluate, measure, or stop the loop.
  public func train(
    until criteria: StoppingCriteria, schedule: LearningRateSchedule? = nil,
    batch: (_ step: Int) throws(TrainingError) -> [String: Tensor],
    progress: (TrainingProgress) throws(TrainingError) -> LoopControl = { _ in .continue }
  ) throws(TrainingError) -> TrainingRun {
    let clock = ContinuousClock()
    let start = clock.now
    var recent = RecentMean(window: criteria.window)
    var run = TrainingRun(
      end: .steps, losses: [], gradientNorms: [], clippedSteps: 0, skippedSteps: 0, recentLoss: .nan, duration: .zero,
      stepsPerSecond: 0)
    while run.losses.count < criteria.steps {
      if let schedule { optimizer.learningRate = schedule.rate(at: state.step) }
      let report = try step(try batch(state.step))
      run.losses.append(report.loss)
      run.gradientNorms.append(report.gradientNorm)
      if report.isSkipped { run.skippedSteps += 1 } else { recent.add(report.loss) }
      if report.clip.isClipped { run.clippedSteps += 1 }
      run.recentLoss = recent.mean
      run.duration = start.duration(to: clock.now)
      run.stepsPerSecond = Double(run.losses.count) / max(run.duration / .seconds(1), 1e-9)
      let control = try progress(
        TrainingProgress(
          report: report, completed: run.losses.count, total: criteria.steps, recentLoss: recent.mean,
          elapsed: run.duration, stepsPerSecond: run.stepsPerSecond))
      if control == .stop {
        run.end = .callback
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
