public import EbbExecution
internal import EbbGraph
internal import EbbPlanning
public import EbbRecording
public import EbbTensors

/// Trains a recorded network: one compiled program for loss and gradients, one for evaluation, one for each probe.
///
/// The same recording, seed and batches give the same bits, whatever the number of threads.
///
/// ```swift
/// let trainer = try Trainer(model, optimizer: Adam(learningRate: 3e-3), clipping: .globalNorm(1), seed: 1)
/// let report = try trainer.step(["x": x, "target": target])
/// ```
public final class Trainer {
  public let recording: Recording
  /// The name of the output that is minimised: a float scalar. If it has axes it is summed over them.
  public let loss: String
  /// May be changed between steps, as by a schedule of the learning rate.
  public var optimizer: any Optimizer
  public var clipping: GradientClipping
  public var nonFinitePolicy: NonFinitePolicy
  /// Parameters with rates and decays of their own, and frozen ones.
  public let groups: [ParameterGroup]
  /// Whether a mean of the parameters is kept, for `evaluate(_:with: .averaged)`.
  public let averaging: WeightAveraging?
  /// Whether and how the states of a batch go on in the next one; nil if each batch begins anew.
  public let carrying: StateCarrying?
  public let options: ExecutionOptions
  /// The seed of the initial values and of random numbers in the network.
  public let seed: UInt64

  /// Everything that changes from step to step; can be saved and given back.
  public internal(set) var state: TrainingState

  /// The names of the parameters whose gradients are computed: those that are trained and not frozen.
  public let trainedParameters: [String]

  private let lossNode: NodeID
  private let training: Executable
  /// The equations whose states go on, if they do.
  private let carried: CarriedGraph?
  private var forward: Executable?
  private var probes: [String: Executable] = [:]

  /// Builds the gradient's graph, optimises and plans it; nothing runs yet.
  ///
  /// - Parameters:
  ///   - loss: The name of the recording's output to minimise.
  ///   - groups: Parameters that are trained in a way of their own; the first group that matches a name holds.
  ///   - averaging: Keeps a mean of the parameters beside them.
  ///   - carrying: Lets each training batch begin with the states that the one before has left.
  ///   - seed: The parameters begin at the recording's initial values for this seed.
  public init(
    _ recording: Recording, loss: String = "loss", optimizer: any Optimizer = Adam(),
    clipping: GradientClipping = .none, nonFinitePolicy: NonFinitePolicy = .throw, groups: [ParameterGroup] = [],
    averaging: WeightAveraging? = nil, carrying: StateCarrying? = nil, seed: UInt64 = 0,
    options: ExecutionOptions = ExecutionOptions()
  ) throws(TrainingError) {
    let outputs = recording.graph.outputs.map(\.name)
    guard let node = recording.graph.output(named: loss) else {
      throw .unknownLoss(loss, outputs: outputs)
    }
    if let limit = clipping.limit, !(limit > 0) { throw .setting("gradients are clipped to more than 0, not \(limit)") }
    let names = recording.parameters.filter(\.isTrained).map(\.name)
    if let problem = groups.problem(for: names) ?? averaging?.problem { throw .setting(problem) }
    self.recording = recording
    self.loss = loss
    self.optimizer = optimizer
    self.clipping = clipping
    self.nonFinitePolicy = nonFinitePolicy
    self.groups = groups
    self.averaging = averaging
    self.carrying = carrying
    self.options = options
    self.seed = seed
    lossNode = node
    state = TrainingState(parameters: recording.initialValues(seed: seed))
    trainedParameters = names.filter { groups.group(of: $0)?.isFrozen != true }
    carried = try carrying.map { rule throws(TrainingError) in
      try CarriedGraph(recording.graph, stride: rule.stride)
    }
    training = try Self.compile(try Self.gradientGraph(recording, node, loss, trainedParameters, carried), options)
  }

  // MARK: Steps

  /// One step: loss, gradients, clipping, update.
  ///
  /// - Parameter batch: The recording's inputs by name.
  public func step(_ batch: [String: Tensor]) throws(TrainingError) -> StepReport {
    try step(accumulating: [batch])
  }

  /// One step with the mean of the losses of several batches: what one large batch would give, in the memory of one of
  /// these. (If the batches differ in size, each counts as much as another.)
  ///
  /// - Parameter batches: At least one; each the recording's inputs by name.
  public func step(accumulating batches: [[String: Tensor]]) throws(TrainingError) -> StepReport {
    guard !batches.isEmpty else { throw .setting("a step needs at least one batch") }
    // A rate that is no number would make every parameter NaN while the gradients look sound.
    let rate = optimizer.learningRate * state.rateFactor
    guard rate.isFinite else { throw .setting("the learning rate is a finite number, not \(rate)") }
    var (loss, gradients, states) = try lossAndGradients(batches)
    let clip = clipping.apply(to: &gradients)
    var report = StepReport(
      step: state.step, loss: loss, gradientNorm: clip.normBefore, clip: clip, learningRate: rate)
    if loss.isFinite && clip.normBefore.isFinite {
      state.update(with: gradients, optimizer, groups)
      if let averaging {
        var average = state.average ?? AveragedWeights()
        average.add(state.parameters, averaging, update: state.optimizer.step)
        state.average = average
      }
    } else {
      let event = nonFiniteEvent(loss, gradients)
      switch nonFinitePolicy {
      case .throw: throw .nonFinite(event)
      case .skip: state.skippedSteps += 1
      }
      // States that may not be finite either are not carried on: the streams begin anew.
      states = nil
      report.nonFinite = event
    }
    state.carried = states
    state.step += 1
    state.run += batches.count
    return report
  }

  /// The means of loss and gradients over the batches; each batch draws random numbers of its own.
  private func lossAndGradients(
    _ batches: [[String: Tensor]]
  ) throws(TrainingError) -> (loss: Double, gradients: [String: Tensor], states: [String: Tensor]?) {
    var loss = 0.0
    var gradients: [String: Tensor] = [:]
    var states = state.carried
    for (index, batch) in batches.enumerated() {
      let batch = try carried?.completed(batch, states) ?? batch
      let session = try run(training, batch, run: state.run + index)
      loss += session.output(self.loss).doubles.reduce(0, +)
      for name in trainedParameters {
        let gradient = session.output(Self.gradientName(name))
        gradients[name] = gradients[name]?.adding(gradient) ?? gradient
      }
      states = carried?.states(after: session)
    }
    guard batches.count > 1 else { return (loss, gradients, states) }
    let count = Double(batches.count)
    return (loss / count, gradients.mapValues { $0.scaled(by: 1 / count) }, states)
  }

  private func nonFiniteEvent(_ loss: Double, _ gradients: [String: Tensor]) -> NonFiniteEvent {
    let names = gradients.filter { !$0.value.isFinite }.keys.sorted()
    return NonFiniteEvent(step: state.step, loss: loss, parameters: names)
  }

  // MARK: Without training

  /// The recording's outputs for a batch, with the parameters as they are; nothing is trained, and dropout is off.
  ///
  /// - Parameter choice: Which parameters are used.
  public func evaluate(
    _ batch: [String: Tensor], with choice: ParameterChoice = .current
  ) throws(TrainingError) -> [String: Tensor] {
    let executable: Executable
    if let forward {
      executable = forward
    } else {
      executable = try Self.compile(recording.evaluationGraph, options)
      forward = executable
    }
    return try run(executable, batch, parameters: try parameters(choice), run: state.run).outputs()
  }

  /// The loss for a batch, with the parameters as they are; dropout is off.
  public func loss(
    on batch: [String: Tensor], with choice: ParameterChoice = .current
  ) throws(TrainingError) -> Double {
    try evaluate(batch, with: choice)[loss]?.doubles.reduce(0, +) ?? .nan
  }

  /// The current parameters, or their mean over the updates.
  public func parameters(_ choice: ParameterChoice) throws(TrainingError) -> [String: Tensor] {
    switch choice {
    case .current: return state.parameters
    case .averaged:
      guard averaging != nil else { throw .setting("the trainer averages no parameters; give it averaging:") }
      // Before the first update that counts, the mean is what there is.
      guard let average = state.average, average.count > 0 else { return state.parameters }
      return average.values
    }
  }

  /// What a probe measures on a batch, with the parameters as they are, by name.
  ///
  /// The probe has a program of its own, which is built at its first use: training does not depend on whether, when or
  /// how often anything is measured. What is measured is the network that is trained: dropout is on.
  public func measure(_ probe: Probe, on batch: [String: Tensor]) throws(TrainingError) -> [String: Tensor] {
    let executable: Executable
    if let known = probes[probe.name] {
      executable = known
    } else {
      var graph = recording.graph
      for output in graph.outputs { graph.removeOutput(output.name) }
      do {
        for output in try probe.outputs(&graph, recording, lossNode) { graph.setOutput(output.name, output.node) }
      } catch {
        throw .differentiation(error)
      }
      executable = try Self.compile(graph, options)
      probes[probe.name] = executable
    }
    return try run(executable, batch, run: state.run).outputs()
  }

  /// Runs a program on a batch, by default with the current parameters; random numbers are those of this run.
  private func run(
    _ executable: Executable, _ batch: [String: Tensor], parameters: [String: Tensor]? = nil, run: Int
  ) throws(TrainingError) -> Session {
    if let name = batch.keys.filter({ state.parameters[$0] != nil }).sorted().first {
      throw .batch(BindingError("a batch holds inputs, and \(name) is a parameter; see setParameters"))
    }
    let bindings = Bindings((parameters ?? state.parameters).merging(batch) { $1 })
    do {
      let session = try executable.session(lengths: executable.plan.graph.lengths(for: bindings))
      for (name, value) in bindings.values { try session.set(name, value) }
      session.run(seed: seed, run: UInt64(run))
      return session
    } catch {
      throw .batch(error)
    }
  }
}

/// Which values the parameters have in an evaluation.
public enum ParameterChoice: Hashable, Sendable, CaseIterable {
  case current
  /// Their mean over the updates, of a trainer that keeps it.
  case averaged
}
