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
  public let options: ExecutionOptions
  /// The seed of the initial values and of random numbers in the network.
  public let seed: UInt64

  /// Everything that changes from step to step; can be saved and given back.
  public private(set) var state: TrainingState

  private let lossNode: NodeID
  private let training: Executable
  private var forward: Executable?
  private var probes: [String: Executable] = [:]

  /// Builds the gradient's graph, optimises and plans it; nothing runs yet.
  ///
  /// - Parameters:
  ///   - loss: The name of the recording's output to minimise.
  ///   - seed: The parameters begin at the recording's initial values for this seed.
  public init(
    _ recording: Recording, loss: String = "loss", optimizer: any Optimizer = Adam(),
    clipping: GradientClipping = .none, nonFinitePolicy: NonFinitePolicy = .throw, seed: UInt64 = 0,
    options: ExecutionOptions = ExecutionOptions()
  ) throws(TrainingError) {
    let outputs = recording.graph.outputs.map(\.name)
    guard let node = recording.graph.output(named: loss) else {
      throw .unknownLoss(loss, outputs: outputs)
    }
    if let limit = clipping.limit, !(limit > 0) { throw .setting("gradients are clipped to more than 0, not \(limit)") }
    self.recording = recording
    self.loss = loss
    self.optimizer = optimizer
    self.clipping = clipping
    self.nonFinitePolicy = nonFinitePolicy
    self.options = options
    self.seed = seed
    lossNode = node
    state = TrainingState(parameters: recording.initialValues(seed: seed))
    training = try Self.compile(try Self.gradientGraph(recording, node, loss), options)
  }

  // MARK: Parameters

  /// The trained values by name.
  public var parameters: [String: Tensor] { state.parameters }

  /// Replaces all trained values, as by those of a file. What the optimizer remembers stays.
  public func setParameters(_ values: [String: Tensor]) throws(TrainingError) {
    try check(values)
    state.parameters = values
  }

  /// Goes on from a saved state, to the bit.
  public func restore(_ saved: TrainingState) throws(TrainingError) {
    try check(saved.parameters)
    for (name, slots) in saved.optimizer.slots {
      guard let parameter = saved.parameters[name], slots.count == optimizer.slots.count,
        slots.allSatisfy({ $0.dimensions == parameter.dimensions && $0.element == parameter.element })
      else {
        let expected = optimizer.slots.joined(separator: ", ")
        throw .parameters("the saved optimizer's state of \(name) does not fit; it holds \(expected) of its shape")
      }
    }
    state = saved
  }

  private func check(_ values: [String: Tensor]) throws(TrainingError) {
    for parameter in recording.parameters {
      let expected = "\(recording.element.name) \(parameter.shape)"
      guard let value = values[parameter.name] else {
        throw .parameters("there is no value for the parameter \(parameter.name), which is \(expected)")
      }
      guard value.element == recording.element, value.dimensions == parameter.shape.array else {
        throw .parameters(
          "the parameter \(parameter.name) is \(expected), the value given \(value.element.name) \(value.dimensions)")
      }
    }
    let known = Set(recording.parameters.map(\.name))
    if let unknown = values.keys.filter({ !known.contains($0) }).sorted().first {
      let names = known.sorted().joined(separator: ", ")
      throw .parameters("the network has no parameter named \(unknown); its parameters are \(names)")
    }
  }

  // MARK: Steps

  /// One step: loss, gradients, clipping, update.
  ///
  /// - Parameter batch: The recording's inputs by name.
  public func step(_ batch: [String: Tensor]) throws(TrainingError) -> StepReport {
    // A rate that is no number would make every parameter NaN while the gradients look sound.
    guard optimizer.learningRate.isFinite else {
      throw .setting("the learning rate is a finite number, not \(optimizer.learningRate)")
    }
    let session = try run(training, batch)
    let loss = session.output(self.loss).doubles.reduce(0, +)
    var gradients: [String: Tensor] = [:]
    for parameter in recording.parameters {
      gradients[parameter.name] = session.output(Self.gradientName(parameter.name))
    }
    let clip = clipping.apply(to: &gradients)
    var report = StepReport(step: state.step, loss: loss, gradientNorm: clip.normBefore, clip: clip)
    if loss.isFinite && clip.normBefore.isFinite {
      state.update(with: gradients, optimizer)
    } else {
      let event = nonFiniteEvent(loss, gradients)
      switch nonFinitePolicy {
      case .throw: throw .nonFinite(event)
      case .skip: state.skippedSteps += 1
      }
      report.nonFinite = event
    }
    state.step += 1
    return report
  }

  private func nonFiniteEvent(_ loss: Double, _ gradients: [String: Tensor]) -> NonFiniteEvent {
    let names = gradients.filter { !$0.value.sumOfSquares.isFinite }.keys.sorted()
    return NonFiniteEvent(step: state.step, loss: loss, parameters: names)
  }

  // MARK: Without training

  /// The recording's outputs for a batch, with the parameters as they are; nothing is trained.
  public func evaluate(_ batch: [String: Tensor]) throws(TrainingError) -> [String: Tensor] {
    let executable: Executable
    if let forward {
      executable = forward
    } else {
      executable = try Self.compile(recording.graph, options)
      forward = executable
    }
    return try run(executable, batch).outputs()
  }

  /// The loss for a batch, with the parameters as they are.
  public func loss(on batch: [String: Tensor]) throws(TrainingError) -> Double {
    try evaluate(batch)[loss]?.doubles.reduce(0, +) ?? .nan
  }

  /// What a probe measures on a batch, with the parameters as they are, by name.
  ///
  /// The probe has a program of its own, which is built at its first use: training does not depend on whether, when or
  /// how often anything is measured.
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
    return try run(executable, batch).outputs()
  }

  /// Runs a program on a batch with the current parameters; random numbers are those of the current step.
  private func run(_ executable: Executable, _ batch: [String: Tensor]) throws(TrainingError) -> Session {
    if let name = batch.keys.filter({ state.parameters[$0] != nil }).sorted().first {
      throw .batch(BindingError("a batch holds inputs, and \(name) is a parameter; see setParameters"))
    }
    let bindings = Bindings(state.parameters.merging(batch) { $1 })
    do {
      let session = try executable.session(lengths: executable.plan.graph.lengths(for: bindings))
      for (name, value) in bindings.values { try session.set(name, value) }
      session.run(seed: seed, run: UInt64(state.step))
      return session
    } catch {
      throw .batch(error)
    }
  }
}
