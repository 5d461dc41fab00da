internal import EbbFiles
internal import EbbTraining

/// The log and TensorBoard events of a training's steps; both are optional.
///
/// If one can no longer be written, this is reported, and training continues without it.
final class TrainingRecord {
  private var log: TrainingLog?
  private var board: TrainingBoard?
  private let output: CommandOutput

  /// - Parameters:
  ///   - log: The log's path.
  ///   - board: TensorBoard's folder.
  ///   - step: The number of earlier steps, whose lines are kept.
  ///   - total: The steps of the whole training.
  init(log: String?, board: String?, from step: Int, of total: Int, _ output: CommandOutput) throws {
    self.log = try log.map { try TrainingLog(path: $0, from: step) }
    self.board = try TrainingBoard(board, from: step + 1, of: total)
    self.output = output
  }

  /// Adds a step.
  ///
  /// - Parameter evaluations: The measurements after this step, by name.
  func append(
    _ progress: TrainingProgress, _ trainer: Trainer, _ evaluations: KeyValuePairs<String, Double> = [:]
  ) {
    do throws(FileError) {
      try log?.append(TrainingLog.Entry(progress))
    } catch {
      output.fail(error)
      log = nil
    }
    do throws(FileError) {
      try board?.log(progress, trainer, evaluations)
    } catch {
      output.fail(error)
      board = nil
    }
  }
}

extension TrainingRun {
  /// A note on the number of steps skipped because their gradients were not finite; nil if there were none.
  var skippedText: String? {
    guard skippedSteps > 0 else { return nil }
    return "\(skippedSteps) of \(losses.count) steps were skipped: their gradients were not finite; "
      + "a smaller --rate helps"
  }
}
