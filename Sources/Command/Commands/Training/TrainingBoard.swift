internal import EbbDiagnostics
internal import EbbFiles
internal import EbbInterchange
internal import EbbTensors
internal import EbbTraining
internal import Foundation

/// A training as one run of TensorBoard.
struct TrainingBoard {
  private let file: EventFile
  /// The number of steps between histograms of the parameters.
  private let interval: Int

  /// Nil where no folder is given.
  init?(_ folder: String?, from step: Int, of total: Int) throws(FileError) {
    guard let folder else { return nil }
    file = try EventFile(folder: folder, from: step)
    interval = max(1, total / 20)
  }

  /// Logs a step.
  ///
  /// - Parameter evaluations: The measurements after this step, by name.
  func log(
    _ progress: TrainingProgress, _ trainer: Trainer, _ evaluations: KeyValuePairs<String, Double>
  ) throws(FileError) {
    let result = progress.result
    var entries = [
      Event.Entry("loss/training", .scalar(result.loss)),
      Event.Entry("gradient/norm", .scalar(result.gradientNorm)),
      Event.Entry("gradient/clip factor", .scalar(result.clip.factor)),
      Event.Entry("learning rate", .scalar(result.learningRate)),
    ]
    for (name, value) in evaluations { entries.append(Event.Entry(name, .scalar(value))) }
    if progress.completed == 1 || progress.completed % interval == 0 || progress.completed == progress.total {
      for (name, tensor) in trainer.parameters.sorted(by: { $0.key < $1.key }) {
        guard let histogram = EventHistogram(tensor.doubles) else { continue }
        entries.append(Event.Entry("parameters/\(name)", .histogram(histogram)))
      }
    }
    try file.append(Event(step: result.step + 1, time: TensorBoard.now, entries))
  }

  /// Logs gradients through time and the saturation of gates.
  func log(_ measurement: GradientHistory.Measurement) throws(FileError) {
    var entries: [Event.Entry] = []
    for state in measurement.states {
      let norms = state.total.means
      for (end, norm) in [("t = 1", norms.first), ("t = T", norms.last)] {
        guard let norm, norm > 0 else { continue }
        entries.append(Event.Entry("gradient/log10 of \(state.name) at \(end)", .scalar(log10(norm))))
      }
      if let factor = state.total.decay?.factor {
        entries.append(Event.Entry("gradient/factor of \(state.name) a step back", .scalar(factor)))
      }
      if let entry = TensorBoard.norms("gradient through time/log10 of \(state.name)", norms) { entries.append(entry) }
      if let direct = state.direct,
        let entry = TensorBoard.norms("direct gradient/log10 of \(state.name)", direct.means)
      {
        entries.append(entry)
      }
    }
    for gate in measurement.gates {
      entries.append(Event.Entry("saturation/\(gate.name)", .scalar(gate.saturation.total)))
    }
    for clip in measurement.clips {
      let share = Double(clip.clipped) / Double(max(1, clip.places))
      entries.append(Event.Entry("clipped/\(clip.state)", .scalar(share)))
    }
    try file.append(Event(step: measurement.step, time: TensorBoard.now, entries))
  }
}
