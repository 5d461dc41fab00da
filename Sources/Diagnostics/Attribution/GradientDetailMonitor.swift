internal import EbbGraph
public import EbbRecording
public import EbbTensors
public import EbbTraining
internal import EbbTransforms

/// Measures the detailed gradients of a network in training at regular intervals.
///
/// ```swift
/// let details = try GradientDetailMonitor(recording, names: ["forget", "c"], every: 20)
/// for step in 0..<1000 {
///   let batch = task.batch(size: 32, seed: 1, step: step)
///   _ = try trainer.step(batch)
///   if let detail = try details.detail(of: trainer, on: batch, at: step) { print(detail["forget"]!.total.unitNorms[0]) }
/// }
/// ```
///
/// The measurement is a separate program, so that it does not change the training. It computes the loss and the
/// gradients of states and intermediates but not of parameters, so it costs less than a training step; at every 20th
/// step it takes a few percent of the time.
public struct GradientDetailMonitor: Sendable {
  /// The number of training steps between measurements.
  public let interval: Int
  let diagnostic: Diagnostic<GradientDetail>

  /// - Parameters:
  ///   - recording: The trainer's network.
  ///   - loss: The name of the output that is minimised.
  ///   - names: The states and named intermediates to measure, in this order; nil for all.
  ///   - interval: The number of training steps between measurements, at least 1.
  ///   - direct: Whether to measure the direct gradients as well, which takes about 1.5 times as long.
  /// - Throws: `DiagnosticError` if there is no such loss or value, or if no state runs along a time axis.
  public init(
    _ recording: Recording, loss: String = "loss", names: [String]? = nil, every interval: Int = 20,
    direct: Bool = true
  ) throws(DiagnosticError) {
    guard interval >= 1 else { throw .setting("gradients are measured every 1 or more steps, not every \(interval)") }
    self.interval = interval
    diagnostic = try .gradientDetail(of: recording, loss: loss, names: names, direct: direct)
  }

  /// The gradients at this training step, if it is one of 0, `interval`, 2 · `interval`, …; otherwise nil.
  ///
  /// - Parameters:
  ///   - trainer: The gradients are those at its current parameters.
  ///   - batch: The recording's inputs by name.
  ///   - step: The number of the training step, from 0.
  ///   - scale: A factor on all gradients: for a loss that is a mean over B samples, B gives each sample's own
  ///     gradient.
  public func detail(
    of trainer: Trainer, on batch: [String: Tensor], at step: Int, scale: Double = 1
  ) throws(DiagnosticError) -> GradientDetail? {
    guard step.isMultiple(of: interval) else { return nil }
    return try diagnosing { try trainer.measure(diagnostic, on: batch).scaled(by: scale) }
  }
}
