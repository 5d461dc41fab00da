internal import EbbGraph
public import EbbRecording
public import EbbTensors
public import EbbTraining
internal import EbbTransforms

/// Takes the gradients of a network in training apart every so many steps.
///
/// ```swift
/// let watch = try GradientWatch(recording, names: ["forget", "c"], every: 20)
/// for step in 0..<1000 {
///   let batch = task.batch(size: 32, seed: 1, step: step)
///   _ = try trainer.step(batch)
///   if let detail = try watch.detail(of: trainer, on: batch, at: step) { print(detail["forget"]!.total.unitNorms[0]) }
/// }
/// ```
///
/// The measurement is a program of its own, so that training is the same with it and without it. It computes the loss and
/// the gradients of states and intermediates, not those of parameters, and so costs less than a training step;
/// every 20th step a few percent of the time.
public struct GradientWatch: Sendable {
  /// Steps from one measurement to the next.
  public let interval: Int
  let diagnostic: Diagnostic<GradientDetail>

  /// - Parameters:
  ///   - loss: The name of the output that is trained.
  ///   - names: The states and named intermediates to measure, in this order; nil for all.
  ///   - interval: Steps from one measurement to the next, at least 1.
  ///   - direct: Whether to measure the direct gradients as well, which takes about half as much again.
  /// - Throws: `DiagnosticError` if there is no such loss or value, if no state runs along one axis of time, or if the
  ///   sequences have lengths of their own.
  public init(
    _ recording: Recording, loss: String = "loss", names: [String]? = nil, every interval: Int = 20,
    direct: Bool = true
  ) throws(DiagnosticError) {
    guard interval >= 1 else { throw .setting("gradients are measured every 1 or more steps, not every \(interval)") }
    self.interval = interval
    diagnostic = try .gradientDetail(of: recording, loss: loss, names: names, direct: direct)
  }

  /// The gradients at this step, if it is one at which they are measured: 0, `interval`, 2 · `interval`, ….
  ///
  /// - Parameter scale: A factor on all gradients: of a loss that is a mean over B samples, B gives each sample's own.
  public func detail(
    of trainer: Trainer, on batch: [String: Tensor], at step: Int, scale: Double = 1
  ) throws(DiagnosticError) -> GradientDetail? {
    guard step.isMultiple(of: interval) else { return nil }
    return try diagnosing { try trainer.measure(diagnostic, on: batch).scaled(by: scale) }
  }
}
