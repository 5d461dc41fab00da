internal import EbbFiles
internal import EbbInterchange
internal import EbbTensors
internal import EbbTraining

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
    let report = progress.report
    var entries = [
      Event.Entry("loss/training", .scalar(report.loss)),
      Event.Entry("gradient/norm", .scalar(report.gradientNorm)),
      Event.Entry("gradient/clip factor", .scalar(report.clip.factor)),
      Event.Entry("learning rate", .scalar(report.learningRate)),
    ]
    for (name, value) in evaluations { entries.append(Event.Entry(name, .scalar(value))) }
    if progress.completed == 1 || progress.completed % interval == 0 || progress.completed == progress.total {
      for (name, tensor) in trainer.parameters.sorted(by: { $0.key < $1.key }) {
        guard let histogram = EventHistogram(tensor.doubles) else { continue }
        entries.append(Event.Entry("parameters/\(name)", .histogram(histogram)))
      }
    }
    try file.append(Event(step: report.step + 1, time: TensorBoard.now, entries))
  }
}
