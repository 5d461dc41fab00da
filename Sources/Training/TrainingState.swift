internal import EbbExecution
public import EbbTensors

/// Everything that training changes. With the recording and the settings it determines every later bit.
///
/// The trainer's part outlives every call of `train` and `fit`. The call's part is reset by each call, except one that
/// continues another (see `Trainer.resume`).
public struct TrainingState: Hashable, Sendable {
  // MARK: Of the trainer
  /// The number of steps made, including skipped ones: the number of the next step.
  public var step = 0
  /// The number of batches run for gradients, from which the next one draws its random numbers.
  public var run = 0
  /// The number of passes over samples that `fit` has begun, from which the next one draws its order.
  public var epochs = 0
  /// The number of steps without an update because the loss or a gradient was not finite.
  public var skippedSteps = 0
  /// The parameters by name.
  public var parameters: [String: Tensor]
  /// The optimizer's state.
  public var optimizer = OptimizerState()
  /// The mean of the parameters over the updates, if the trainer averages them.
  public var average: AveragedWeights?

  // MARK: Of the call
  /// Whether a call is in progress or was interrupted by its callback or an error, not ended by a criterion.
  public var isInCall = false
  /// The number of steps in the call: the position in its schedule.
  public var callSteps = 0
  /// What its steps were, also those before it was interrupted.
  public var history = StepHistory()
  /// The losses of the call's last steps, up to the criteria's `recentSteps`; skipped steps don't count.
  public var recentLosses: [Double] = []
  /// The plateau's factor on the learning rate.
  public var rateFactor = 1.0
  /// The state of `PlateauDecay`; nil before its first value.
  public var plateau: PlateauDecay.State?
  /// The state of `EarlyStopping`; nil before its first value.
  public var earlyStopping: EarlyStopping.State?
  /// The states from which the next batch continues, if the trainer carries them; nil if it starts fresh.
  public var carried: [String: Tensor]?

  /// Resets everything that belongs to a call.
  mutating func beginCall() {
    (isInCall, callSteps, history, recentLosses) = (true, 0, StepHistory(), [])
    (rateFactor, plateau, earlyStopping, carried) = (1, nil, nil, nil)
  }

  /// The update of a step: of the parameters, then of buffers, and of the mean of both.
  ///
  /// - Parameters:
  ///   - gradients: By the names of their parameters.
  ///   - scale: The factor on them that clipping left to the update.
  ///   - buffers: The next values of buffers.
  ///   - execution: How many threads compute, which changes no bit, and with which underflow.
  mutating func update(
    with gradients: [String: Tensor], scale: Double, _ rule: some Optimizer, rate: Double, _ groups: [ParameterGroup],
    buffers: [String: Tensor], averaging: WeightAveraging?, _ execution: ExecutionOptions
  ) {
    var rule = rule
    rule.learningRate = rate
    var mean = averaging == nil ? nil : average ?? AveragedWeights()
    // Nothing else refers to the numbers then, and they are changed where they are.
    if mean != nil { average = nil }
    let weight = averaging.flatMap { mean?.count($0, update: step - skippedSteps + 1) }
    // The first parameters that count are copied below.
    let moves = mean.map { $0.count > 1 } ?? false
    var values = mean?.values ?? [:]
    mean?.values = [:]
    ParameterUpdate(
      scale: scale, meanWeight: moves ? weight : nil, threads: execution.threads, underflow: execution.underflow
    ).apply(rule, to: &parameters, gradients: gradients, state: &optimizer, groups: groups, means: &values)
    parameters.merge(buffers) { $1 }
    guard mean != nil else { return }
    if let weight {
      for (name, value) in parameters where !moves || gradients[name] == nil {
        values[name] = moves ? values[name]?.moved(towards: value, by: weight) ?? value : value
      }
    }
    mean?.values = values
    average = mean
  }
}
