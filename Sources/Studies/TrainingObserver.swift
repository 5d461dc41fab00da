internal import EbbApplications
internal import EbbDiagnostics
internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTraining
internal import EbbTransforms

/// Measures a network on held-out sequences during training.
struct TrainingObserver {
  private let task: AddingProblem
  private let settings: StudySettings
  private let diagnostic: Diagnostic<GradientFlow>
  private let gradientBatch: [String: Tensor]
  private let errorBatch: [String: Tensor]
  /// The number of sequences for gradients, and for the error.
  private static let gradientSamples = 32
  private static let errorSamples = 200

  init(_ recording: Recording, _ settings: StudySettings) throws {
    self.settings = settings
    task = AddingProblem(length: settings.taskLength)
    // The loss is a mean over the samples, so a sample's own gradient is larger by their number.
    diagnostic = try .gradientFlow(of: recording, direct: false, scale: Double(Self.gradientSamples))
    gradientBatch = task.batch(size: Self.gradientSamples, seed: settings.seed, step: 0, for: .heldOut)
    errorBatch = task.batch(size: Self.errorSamples, seed: settings.seed, step: 1, for: .heldOut)
  }

  func trainingBatch(at step: Int) -> [String: Tensor] {
    task.batch(size: settings.trainingBatch, seed: settings.seed, step: step)
  }

  func measurement(of trainer: Trainer, step: Int) throws(TrainingError) -> StudyResult.Measurement {
    StudyResult.Measurement(
      step: step, heldOutError: try trainer.loss(on: errorBatch),
      states: try trainer.measure(diagnostic, on: gradientBatch).states)
  }

  /// The saturation of the gates on held-out sequences.
  func gates(of trainer: Trainer) throws(DiagnosticError) -> [ActivationRecord] {
    try Diagnostics.activations(of: trial(of: trainer, on: gradientBatch)).bounded
  }

  /// The effect of a step on small changes, on the first held-out sequence. Training runs in Float32, and so does this:
  /// values below 10⁻⁷ of the largest singular value are noise.
  func dynamics(of trainer: Trainer) throws(DiagnosticError) -> StepDynamics {
    let batch = task.batch(size: 1, seed: settings.seed, step: 0, for: .heldOut)
    return try Diagnostics.stepDynamics(of: trial(of: trainer, on: batch))
  }

  private func trial(of trainer: Trainer, on batch: [String: Tensor]) -> Trial {
    Trial(
      trainer.recording, Bindings(trainer.parameters.merging(batch) { $1 }, seed: settings.seed),
      run: RunOptions(settings.execution))
  }
}
