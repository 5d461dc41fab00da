public import EbbTensors

/// Everything that training changes: with the recording and the settings it decides every later bit.
///
/// What is the trainer's outlives every call of `train` and `fit`. What is a call's begins anew with each call, except
/// with one that goes on where another stands (see `Trainer.resume`).
public struct TrainingState: Hashable, Sendable {
  // MARK: Of the trainer
  /// How many steps were made, skipped ones included: the number of the next step.
  public var step: Int
  /// How many batches were run for a gradient: the number under which the next one draws its random numbers.
  public var run: Int
  /// How many passes over samples `fit` has begun: the number under which the next one draws its order.
  public var epochs: Int
  /// How many steps changed nothing because the loss or a gradient was not finite.
  public var skippedSteps: Int
  /// The parameters by name.
  public var parameters: [String: Tensor]
  /// What the optimizer remembers.
  public var optimizer: OptimizerState
  /// The mean of the parameters over the updates, if the trainer averages them.
  public var average: AveragedWeights?

  // MARK: Of the call
  /// Whether a call is under way, or was interrupted: by its callback or an error, and not by one of its criteria.
  public var isInCall = false
  /// How many steps the call has made: where its schedule stands.
  public var callSteps: Int
  /// The losses of the call's last steps, as many as its criteria look at; skipped steps don't count.
  public var recentLosses: [Double] = []
  /// What the learning rate is multiplied by, as a plateau demands.
  public var rateFactor: Double
  /// What `PlateauDecay` remembers; nil before its first value.
  public var plateau: PlateauDecay.State?
  /// What `EarlyStopping` remembers; nil before its first value.
  public var earlyStopping: EarlyStopping.State?
  /// The states with which the next batch goes on, of a trainer that carries them; nil where it begins anew.
  public var carried: [String: Tensor]?

  /// A state; by default of a trainer that has made no step.
  public init(
    parameters: [String: Tensor], optimizer: OptimizerState = OptimizerState(), step: Int = 0, run: Int? = nil,
    epochs: Int = 0, skippedSteps: Int = 0, callSteps: Int = 0, rateFactor: Double = 1,
    plateau: PlateauDecay.State? = nil, earlyStopping: EarlyStopping.State? = nil, average: AveragedWeights? = nil,
    carried: [String: Tensor]? = nil
  ) {
    self.parameters = parameters
    self.optimizer = optimizer
    self.step = step
    self.run = run ?? step
    self.epochs = epochs
    self.callSteps = callSteps
    self.skippedSteps = skippedSteps
    self.rateFactor = rateFactor
    self.plateau = plateau
    self.earlyStopping = earlyStopping
    self.average = average
    self.carried = carried
  }

  /// Forgets what belongs to a call.
  mutating func beginCall() {
    (isInCall, callSteps, recentLosses) = (true, 0, [])
    (rateFactor, plateau, earlyStopping, carried) = (1, nil, nil, nil)
  }

  mutating func update(
    with gradients: [String: Tensor], _ rule: some Optimizer, rate: Double, _ groups: [ParameterGroup]
  ) {
    var rule = rule
    rule.learningRate = rate
    rule.update(&parameters, gradients: gradients, state: &optimizer, groups: groups)
  }
}
