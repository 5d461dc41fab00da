public import EbbExecution
internal import EbbGraph
public import EbbRecording
public import EbbTensors
internal import EbbTransforms

/// Trains a recorded network on a loss to which regularizers are added: L + Σ wᵢ Ωᵢ.
///
/// ```swift
/// let trainer = try RegularizedTrainer(model, regularizers: [GradientFlossing(weight: 0.1)], seed: 1)
/// let report = try trainer.step(["x": x, "target": target])
/// ```
public final class RegularizedTrainer {
  /// What one step found and did.
  public struct Report: Sendable, Hashable {
    /// The loss on the batch before the update, without the regularizers.
    public var loss: Double
    /// Each Ω, without its weight, in the order of the regularizers.
    public var penalties: [Double]
    /// What clipping did to the gradients of the sum.
    public var clip: ClipEvent
  }

  public let recording: Recording
  public let regularizers: [any Regularizer]
  /// May be changed between steps.
  public var optimizer: any Optimizer
  public var clipping: GradientClipping
  public let seed: UInt64
  /// Everything that changes from step to step.
  public private(set) var state: TrainingState
  private let executable: Executable

  private static func penaltyName(_ index: Int) -> String { "penalty/\(index)" }
  private static let lossName = "loss"

  /// - Parameter loss: The name of the recording's output to minimise.
  /// - Throws: `TrainingError` if there is no such output, or a term cannot be formed or differentiated.
  public init(
    _ recording: Recording, loss: String = "loss", regularizers: [any Regularizer], optimizer: any Optimizer = Adam(),
    clipping: GradientClipping = .none, seed: UInt64 = 0, options: ExecutionOptions = ExecutionOptions()
  ) throws(TrainingError) {
    guard let node = recording.graph.output(named: loss) else {
      throw .unknownLoss(loss, outputs: recording.graph.outputs.map(\.name))
    }
    self.recording = recording
    self.regularizers = regularizers
    self.optimizer = optimizer
    self.clipping = clipping
    self.seed = seed
    state = TrainingState(parameters: recording.initialValues(seed: seed))
    var graph = recording.graph
    for output in graph.outputs { graph.removeOutput(output.name) }
    do {
      let total = graph.appendTotal(node)
      graph.setOutput(Self.lossName, total)
      var sum = total
      for (index, regularizer) in regularizers.enumerated() {
        let penalty = try regularizer.append(to: &graph, recording, loss: node)
        graph.setOutput(Self.penaltyName(index), penalty)
        sum = graph.apply(.add, sum, graph.apply(.multiply, penalty, graph.number(regularizer.weight, like: penalty)))
      }
      let gradients = try graph.gradient(of: sum, withRespectTo: recording.parameters.map(\.node))
      for (parameter, gradient) in zip(recording.parameters, gradients) {
        graph.setOutput(Trainer.gradientName(parameter.name), gradient)
      }
    } catch {
      throw .differentiation(error)
    }
    executable = try Trainer.compile(graph, options)
  }

  /// The trained values by name.
  public var parameters: [String: Tensor] { state.parameters }

  /// The loss, the penalties and the gradients of their sum on a batch; nothing is changed.
  public func gradients(
    _ batch: [String: Tensor]
  ) throws(TrainingError) -> (loss: Double, penalties: [Double], gradients: [String: Tensor]) {
    let outputs: [String: Tensor]
    do {
      outputs = try executable.run(
        Bindings(state.parameters.merging(batch) { $1 }, seed: seed, run: UInt64(state.step)))
    } catch {
      throw .batch(error)
    }
    func number(_ name: String) -> Double { outputs[name]?.doubles.first ?? .nan }
    var gradients: [String: Tensor] = [:]
    for parameter in recording.parameters {
      gradients[parameter.name] = outputs[Trainer.gradientName(parameter.name)]
    }
    return (number(Self.lossName), regularizers.indices.map { number(Self.penaltyName($0)) }, gradients)
  }

  /// One step: loss, penalties, gradients, clipping, update.
  ///
  /// - Throws: `TrainingError.nonFinite` if the loss or a gradient is not finite; the parameters then stay as they were.
  public func step(_ batch: [String: Tensor]) throws(TrainingError) -> Report {
    var (loss, penalties, gradients) = try gradients(batch)
    let clip = clipping.apply(to: &gradients)
    guard loss.isFinite, clip.normBefore.isFinite else {
      let names = gradients.filter { !$0.value.isFinite }.keys.sorted()
      throw .nonFinite(NonFiniteEvent(step: state.step, loss: loss, parameters: names))
    }
    state.update(with: gradients, optimizer)
    state.step += 1
    return Report(loss: loss, penalties: penalties, clip: clip)
  }
}
