public import EbbExecution
internal import EbbGraph
internal import EbbPlanning
public import EbbRecording
public import EbbTensors

/// Trains a recorded network: with one compiled program for loss and gradients, one for evaluation, and one for each
/// measurement.
///
/// The same recording, seed and batches give the same bits with any number of threads.
///
/// **What outlives a call.** The trainer owns the parameters and their mean, the optimizer's state, the counters
/// (steps, updates, skipped steps), the numbers of batches and of passes that `fit` has begun, and with them all random
/// numbers. A call of `train` or `fit` has its own schedule, which starts at its first step, its own stopping rule,
/// plateau, best parameters and batch size, and new streams; when it ends, the optimizer has its own learning rate
/// again. `step` is independent of calls: it uses the optimizer's rate, and streams continue. To continue an
/// interrupted call, restore a checkpoint saved in it, or see `resume`.
///
/// ```swift
/// let trainer = try Trainer(model, optimizer: Adam(learningRate: 3e-3), clipping: .globalNorm(1), seed: 1)
/// let result = try trainer.step(["x": x, "target": target])
/// ```
public final class Trainer {
  /// The network that is trained.
  public let recording: Recording
  /// The name of the output that is minimised: a float scalar. If it has axes it is summed over them.
  public let loss: String
  /// Terms added to the loss: L + Σ wᵢ Ωᵢ.
  public let regularizers: [any Regularizer]
  /// May be changed between steps. An optimizer of another kind starts with an empty state.
  public var optimizer: any Optimizer
  /// How gradients are limited before an update. May be changed between steps.
  public var clipping: ParameterGradientClipping
  /// Whether a step throws or is skipped if its loss or a gradient is not finite. May be changed between steps.
  public var nonFinitePolicy: NonFinitePolicy
  /// Parameters with their own rates and decays, and frozen ones.
  public let groups: [ParameterGroup]
  /// Whether a mean of the parameters is kept, for `evaluate(_:with: .averaged)`.
  public let averaging: WeightAveraging?
  /// Whether and how the states of a batch continue in the next one; nil if each batch starts fresh.
  public let carrying: StateCarrying?
  /// The order of the dimensions of batches, and of the outputs of `evaluate` and `predict`.
  public let layout: SampleLayout
  /// How the programs run.
  public let options: ExecutionOptions
  /// The seed of the initial values and of random numbers in the network.
  public let seed: UInt64

  /// Everything that changes from step to step; can be saved and restored.
  ///
  /// With a device it is copied from there when it is asked for. If that fails, it is the last state that was whole, and
  /// the next step throws the reason.
  public var state: TrainingState {
    onDevice?.fetch(into: &host)
    return host
  }

  /// The number of steps made; with a device nothing is copied for it.
  public var stepCount: Int { host.step }

  /// What the steps of the call were; with a device nothing is copied for it.
  package var history: StepHistory { host.history }

  /// The state, whose tensors may be newer on the device.
  var host: TrainingState
  /// What others have noted about the training.
  package var records = TrainingRecords()
  /// What makes whole steps on a device, if there is one.
  let onDevice: DeviceTraining?

  /// The names of the parameters with computed gradients: those that are trained, not frozen, and affect the loss. All
  /// others keep their values.
  public let trainedParameters: [String]

  /// The valid values of each input.
  let rules: InputRules
  let lossNode: NodeID
  /// The program of a training step.
  let training: Executable
  /// The graph of that program, before the passes.
  let gradientGraph: Graph
  /// The equations with carried states, if states are carried.
  let carried: CarriedGraph?
  /// Whether the next call continues the last one.
  var goesOn = false
  /// The count that the loss is a mean over, to combine several batches in one step; made at the first such step.
  private var lossCount: LossCount?
  /// The program of evaluations, and those of measurements, once they are compiled.
  var forward: Executable?
  var measurements: [(graph: Graph, executable: Executable)] = []
  /// See every step, in this order.
  package var observers: [any TrainingStepObserver] = []
  /// The parts of each batch, and the processes that share them; nil if batches are whole.
  package var sharding: Sharding?

  /// Builds, optimises and plans the gradient's graph; nothing runs yet. Settings out of their range are an error that names
  /// them.
  ///
  /// - Parameters:
  ///   - recording: The network, with the loss among its outputs.
  ///   - loss: The name of the recording's output to minimise.
  ///   - regularizers: Terms added to it; not allowed with carried states.
  ///   - optimizer: The rule for updates, with the learning rate.
  ///   - clipping: How the gradients of all parameters are limited before an update.
  ///   - nonFinitePolicy: What a step does whose loss or gradient is not finite.
  ///   - groups: Parameters with their own settings; the first group that matches a name applies.
  ///   - averaging: Also keeps a mean of the parameters.
  ///   - carrying: Starts each training batch from the final states of the previous one.
  ///   - layout: The order of the dimensions of all batches and outputs; `batchFirst` accepts [B, T, features].
  ///   - seed: The parameters start at the recording's initial values for this seed.
  ///   - options: Threads, instruction set and memory limits.
  public init(
    _ recording: Recording, loss: String = "loss", regularizers: [any Regularizer] = [],
    optimizer: any Optimizer = Adam(), clipping: ParameterGradientClipping = .none,
    nonFinitePolicy: NonFinitePolicy = .throw, groups: [ParameterGroup] = [], averaging: WeightAveraging? = nil,
    carrying: StateCarrying? = nil, layout: SampleLayout = .timeFirst, seed: UInt64 = 0,
    options: ExecutionOptions = ExecutionOptions()
  ) throws(TrainingError) {
    let outputs = recording.graph.outputs.map(\.name)
    guard let node = recording.graph.output(named: loss) else {
      throw .unknownLoss(loss, outputs: outputs)
    }
    if let problem = options.problem ?? optimizer.problem ?? clipping.problem { throw .setting(problem) }
    let names = recording.parameters.filter(\.isTrained).map(\.name)
    if let problem = groups.problem(for: names) ?? averaging?.problem { throw .setting(problem) }
    guard regularizers.isEmpty || carrying == nil else {
      throw .setting("a regularizer looks at whole sequences, so no states can be carried from one to the next")
    }
    self.recording = recording
    self.loss = loss
    self.regularizers = regularizers
    self.optimizer = optimizer
    self.clipping = clipping
    self.nonFinitePolicy = nonFinitePolicy
    self.groups = groups
    self.averaging = averaging
    self.carrying = carrying
    self.layout = layout
    self.options = options
    self.seed = seed
    rules = InputRules(recording)
    lossNode = node
    host = TrainingState(parameters: recording.initialValues(seed: seed))
    onDevice = options.device.map { DeviceTraining($0) }
    carried = try carrying.map { rule throws(TrainingError) in
      try CarriedGraph(recording.graph, of: recording, stride: rule.stride)
    }
    let trained = names.filter { groups.group(of: $0)?.isFrozen != true }
    let step = try Self.gradientGraph(recording, node, loss, regularizers, trained, carried)
    trainedParameters = step.trained
    gradientGraph = step.graph
    training = try Self.compile(step.graph, options)
  }

  // MARK: Steps

  /// One step: loss, gradients, clipping, update.
  ///
  /// - Parameter batch: The recording's inputs by name.
  public func step(_ batch: [String: Tensor]) throws(TrainingError) -> TrainingStepResult {
    try step(accumulating: [batch])
  }

  /// One step with the loss of several batches together: the step of one large batch, in the memory of a small one.
  ///
  /// A batch is weighted by the count that its loss Lᵢ is a mean over, such as its samples or the steps of its
  /// sequences:
  ///
  ///     L = Σ nᵢ Lᵢ / Σ nᵢ
  ///
  /// nᵢ is the divisor of a sum in the loss's last equations. For a loss that is a sum all batches have equal weight,
  /// and so have all samples.
  ///
  /// - Parameter batches: At least one; each the recording's inputs by name.
  /// - Throws: `TrainingError.setting` if the batches differ in size and the equations do not show the count that the
  ///   loss is a mean over.
  public func step(accumulating batches: [[String: Tensor]]) throws(TrainingError) -> TrainingStepResult {
    try step(batches.map(arranged), rate: optimizer.learningRate)
  }

  /// The state, to be changed here: the device's values are copied, and are sent again before its next step.
  func takeState() {
    onDevice?.fetch(into: &host)
    onDevice?.leave()
  }

  /// One step at a learning rate; the batches are in the network's order of dimensions.
  ///
  /// - Parameter next: Called while a device computes: may return the next step, which is then sent there.
  func step(
    _ batches: [[String: Tensor]], rate: Double, next: () -> NextStep? = { nil }
  ) throws(TrainingError) -> TrainingStepResult {
    guard !batches.isEmpty else { throw .setting("a step needs at least one batch") }
    // A NaN rate would make every parameter NaN while the gradients look sound.
    guard rate.isFinite else { throw .setting("the learning rate is a finite number, not \(rate)") }
    if let (onDevice, rule) = deviceTraining(for: batches) {
      return try deviceStep(batches[0], rate: rate, onDevice, rule, next: next)
    }
    takeState()
    var sums = try lossAndGradients(batches)
    try notifyObservers(on: batches[0])
    let loss = sums.loss
    let (clip, scale) = clipping.applyOrDefer(to: &sums.gradients, of: host.parameters)
    var result = TrainingStepResult(
      step: host.step, loss: loss, penalties: sums.penalties, gradientNorm: clip.normBefore, clip: clip,
      learningRate: rate)
    if !(loss.isFinite && sums.penalties.allSatisfy(\.isFinite) && clip.normBefore.isFinite
      && sums.buffers.values.allSatisfy(\.isFinite))
    {
      result.nonFinite = nonFiniteEvent(
        sums.loss, sums.penalties,
        parameters: sums.gradients.merging(sums.buffers) { $1 }.filter { !$0.value.isFinite }.keys.sorted())
    }
    if try counts(result) {
      host.carried = sums.states
      host.update(
        with: sums.gradients, scale: scale, optimizer, rate: rate, groups, buffers: sums.buffers, averaging: averaging,
        options)
    }
    host.step += 1
    host.run += batches.count
    return result
  }

  /// Tells the observers of a step, and whether its update is made. One that is not finite is an error, or skipped; its
  /// states may not be finite either, so they are not carried: the streams start again.
  func counts(_ result: TrainingStepResult) throws(TrainingError) -> Bool {
    for observer in observers { observer.note(result, of: self) }
    guard let event = result.nonFinite else { return true }
    switch nonFinitePolicy {
    case .throw: throw .nonFinite(event)
    case .skip:
      host.skippedSteps += 1
      host.carried = nil
      return false
    }
  }

  /// The loss, the penalties and the gradients of L + Σ wᵢ Ωᵢ on a batch, as in the next step; nothing is changed.
  public func gradients(
    _ batch: [String: Tensor]
  ) throws(TrainingError) -> (loss: Double, penalties: [Double], gradients: [String: Tensor]) {
    let sums = try lossAndGradients([arranged(batch)])
    return (sums.loss, sums.penalties, sums.gradients)
  }

  /// The sums over the batches of a step.
  private struct Sums {
    var loss = 0.0
    var penalties: [Double]
    var gradients: [String: Tensor] = [:]
    /// The states that the last batch leaves.
    var states: [String: Tensor]?
    /// The values that the last batch gives to buffers.
    var buffers: [String: Tensor] = [:]
  }

  /// Loss and gradients of the batches together; each batch draws its own random numbers.
  private func lossAndGradients(_ batches: [[String: Tensor]]) throws(TrainingError) -> Sums {
    if let sharding {
      guard batches.count == 1 else { throw .setting("a step in shards has one batch, not \(batches.count)") }
      let sums = try shardedSums(batches[0], sharding)
      return Sums(loss: sums.loss, penalties: sums.penalties, gradients: sums.gradients, states: sums.states)
    }
    let shares = try shares(of: batches)
    var sums = Sums(penalties: regularizers.map { _ in 0 }, states: state.carried)
    for (index, batch) in batches.enumerated() {
      let batch = try carried?.completed(batch, sums.states) ?? batch
      let session = try run(
        training, "training", batch, parameters: state.parameters.merging(sums.buffers) { $1 }, run: host.run + index,
        isFinite: nonFinitePolicy == .throw)
      func number(_ name: String) -> Double { session.output(name).doubles.reduce(0, +) }
      sums.loss += shares[index] * number(loss)
      for index in regularizers.indices { sums.penalties[index] += number(Self.penaltyName(index)) }
      for name in trainedParameters {
        var gradient = session.output(Self.gradientName(name))
        if shares[index] != 1 { gradient = gradient.scaled(by: shares[index]) }
        sums.gradients[name] = sums.gradients[name]?.adding(gradient) ?? gradient
      }
      sums.states = carried?.states(after: session)
      for buffer in recording.parameters where buffer.update != nil {
        sums.buffers[buffer.name] = session.output(Self.updateName(buffer.name))
      }
    }
    guard batches.count > 1 else { return sums }
    let count = Double(batches.count)
    sums.loss /= count
    sums.penalties = sums.penalties.map { $0 / count }
    sums.gradients = sums.gradients.mapValues { $0.scaled(by: 1 / count) }
    return sums
  }

  /// The training program on a batch, with the current parameters.
  ///
  /// - Parameter firstSample: Where its samples begin in a larger batch.
  func runTraining(
    _ batch: [String: Tensor], run index: Int, firstSample: Int
  ) throws(TrainingError) -> Session {
    try run(
      training, "training", batch, run: index, firstSample: firstSample, isFinite: nonFinitePolicy == .throw)
  }

  /// k nᵢ / Σ nⱼ for each of k batches: 1 for batches of one size.
  func shares(of batches: [[String: Tensor]]) throws(TrainingError) -> [Double] {
    guard batches.count > 1 else { return [1] }
    let count: LossCount
    if let known = lossCount {
      count = known
    } else {
      count = try LossCount(recording, loss: loss, lossNode, options)
      lossCount = count
    }
    return try count.shares(of: batches, parameters: state.parameters)
  }

  /// What was not finite in this step: the loss, regularizers by their penalties, and these gradients or buffers.
  func nonFiniteEvent(_ loss: Double, _ penalties: [Double], parameters: [String]) -> NonFiniteEvent {
    NonFiniteEvent(
      step: host.step, loss: loss, regularizers: zip(regularizers, penalties).filter { !$0.1.isFinite }.map(\.0.name),
      parameters: parameters)
  }
}
