internal import EbbTraining

/// The gradient through time over a training, beside its losses.
///
/// **Norms** are over the features of each sample, then averaged over the samples, as in `GradientFlow`. The loss is
/// that of the training without regularizers. If it is a mean over the samples, the norms are of each sample's own
/// gradient, so batches of different sizes can be compared.
///
/// **Ragged sequences** are aligned at their ends: the last step of a curve is the last one of each sequence, and the
/// mean at k steps before it is over the sequences that are longer than k. So the distance from the loss is the same for
/// all of them, which decides how large a gradient is; the number t does not. A state that runs backward in time has its
/// gradient enter at the first step, and is aligned there.
public struct GradientHistory: Sendable, Hashable {
  /// The network at one moment of training.
  public struct Measurement: Codable, Sendable, Hashable {
    /// Training steps done.
    public var step: Int
    /// The loss on the batch, without regularizers.
    public var loss: Double
    /// ‖dL/dhₜ‖ of each state, in the order of their declaration. The norms of single samples are not kept.
    public var states: [GradientFlow.State]
    /// The effect of clipping inside the recurrence, for the states that have it.
    public var clips: [Clip]
    /// The saturation of each gate and activation.
    public var gates: [Gate]

    /// The state with this name.
    public subscript(name: String) -> GradientFlow.State? { states.first { $0.name == name } }
  }

  /// How often a state's gradient was clipped inside the recurrence.
  public struct Clip: Codable, Sendable, Hashable {
    /// The state's name.
    public var state: String
    /// The number of clipped gradients, of all steps and samples.
    public var clipped: Int
    /// The number of steps of all samples.
    public var places: Int
    /// The largest norm before clipping; nil if nothing was clipped.
    public var largest: Double?
  }

  /// How much of a gate is near the ends of its range, where its derivative is small.
  public struct Gate: Codable, Sendable, Hashable {
    /// The name in the network.
    public var name: String
    /// The function.
    public var kind: ActivationRecord.Kind
    /// The share of all numbers (steps, samples and units) within 5% of each end of the range.
    public var saturation: Saturation
  }

  /// In the order of training.
  public internal(set) var measurements: [Measurement] = []
  /// The number of steps between the measurements that are kept, besides the first and the last.
  public internal(set) var interval: Int
  /// The number of steps done before the first recorded one; larger than 0 if it began earlier.
  public internal(set) var firstStep = 0
  /// The loss of each step.
  public internal(set) var losses: [Double] = []
  /// ‖g‖₂ of the parameters' gradient at each step, before clipping.
  public internal(set) var gradientNorms: [Double] = []
  /// The steps whose gradient was clipped by the trainer, from 1.
  public internal(set) var clippedSteps: [Int] = []
  /// The steps whose loss or gradient was not finite, from 1.
  public internal(set) var nonFiniteSteps: [Int] = []
  /// Whether sequences have their own lengths.
  public let isRagged: Bool
  /// Why nothing more was measured; nil if there was no reason.
  public internal(set) var problem: String?

  init(interval: Int, isRagged: Bool, problem: String? = nil) {
    self.interval = interval
    self.isRagged = isRagged
    self.problem = problem
  }
}

extension GradientHistory {
  /// The number of the next step, if it continues this training; nil before the first step.
  var nextStep: Int? { losses.isEmpty ? nil : firstStep + losses.count }

  /// Adds a step.
  mutating func note(_ result: TrainingStepResult) {
    losses.append(result.loss)
    gradientNorms.append(result.gradientNorm)
    if result.clip.isClipped { clippedSteps.append(result.step + 1) }
    if result.isSkipped { nonFiniteSteps.append(result.step + 1) }
  }

  /// Adds a measurement if it is one of the kept ones, and makes room if there are too many.
  ///
  /// - Returns: Whether it was added.
  @discardableResult
  mutating func keep(_ measurement: Measurement) -> Bool {
    guard measurement.step == firstStep || measurement.step % interval == 0 else { return false }
    measurements.append(measurement)
    guard measurements.count > GradientMonitor.capacity else { return true }
    interval *= 2
    measurements.removeAll { [firstStep, interval] in $0.step != firstStep && $0.step % interval != 0 }
    return true
  }

  /// Adds the steps of a call and what was measured in it, from its first step on.
  mutating func take(_ steps: StepHistory, _ measured: [Measurement]) {
    firstStep = measured.first?.step ?? firstStep
    (losses, gradientNorms) = (steps.losses, steps.gradientNorms)
    (clippedSteps, nonFiniteSteps) = (steps.clippedSteps, steps.skippedSteps)
    for measurement in measured where measurement.step > measurements.last?.step ?? -1 { keep(measurement) }
  }
}
