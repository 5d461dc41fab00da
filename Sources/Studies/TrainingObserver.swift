internal import EbbApplications
internal import EbbGradientFlow
internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTraining
internal import EbbTransforms

/// Measures a network on held-out sequences while it is trained on others.
struct TrainingObserver {
  private let task: AddingProblem
  private let settings: StudySettings
  private let norms: GradientNorms
  private let probe: Probe
  private let gradientBatch: [String: Tensor]
  private let errorBatch: [String: Tensor]
  /// Sequences on which gradients, and the error, are measured.
  private static let gradientSamples = 32
  private static let errorSamples = 200

  init(_ recording: Recording, _ settings: StudySettings) throws {
    self.settings = settings
    task = AddingProblem(length: settings.taskLength)
    // The trainer appends the same outputs to a copy of the same graph.
    var graph = recording.graph
    guard let loss = graph.output(named: "loss") else { preconditionFailure("the model has a loss") }
    norms = try GradientNorms(in: &graph, of: loss, states: recording.states, direct: false)
    let before = Set(recording.graph.outputs.map(\.name))
    let names = graph.outputs.map(\.name).filter { !before.contains($0) }
    probe = Probe("gradient through time") { graph, recording, loss throws(GraphError) in
      _ = try GradientNorms(in: &graph, of: loss, states: recording.states, direct: false)
      return graph.outputs.filter { names.contains($0.name) }
    }
    gradientBatch = task.batch(size: Self.gradientSamples, seed: settings.seed, step: 0, for: .heldOut)
    errorBatch = task.batch(size: Self.errorSamples, seed: settings.seed, step: 1, for: .heldOut)
  }

  func trainingBatch(at step: Int) -> [String: Tensor] {
    task.batch(size: settings.trainingBatch, seed: settings.seed, step: step)
  }

  /// The loss is a mean over the samples, so a sample's own gradient is their number times as large.
  func snapshot(of trainer: Trainer, step: Int) throws(TrainingError) -> StudyResult.Snapshot {
    let outputs = try trainer.measure(probe, on: gradientBatch)
    let error = try trainer.loss(on: errorBatch)
    let profile = norms.profile(outputs, loss: error, scale: Double(Self.gradientSamples))
    return StudyResult.Snapshot(step: step, heldOutError: error, states: profile.states)
  }

  /// How much of their range the gates use on held-out sequences.
  func gates(of trainer: Trainer) throws(DiagnosticError) -> [ActivationRecord] {
    try GradientFlow.activations(
      of: trainer.recording, bindings(trainer, gradientBatch), execution: settings.execution
    ).bounded
  }

  /// What a step does to small changes, on the first held-out sequence. Training runs in Float32, and so does this: what
  /// is below 10⁻⁷ of the largest singular value is noise.
  func dynamics(of trainer: Trainer) throws(DiagnosticError) -> StepDynamics {
    try GradientFlow.stepDynamics(
      of: trainer.recording,
      bindings(trainer, task.batch(size: 1, seed: settings.seed, step: 0, for: .heldOut)),
      execution: settings.execution)
  }

  private func bindings(_ trainer: Trainer, _ batch: [String: Tensor]) -> Bindings {
    Bindings(trainer.parameters.merging(batch) { $1 }, seed: settings.seed)
  }
}
