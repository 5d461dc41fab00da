internal import EbbTraining

/// Where the steps of a training are written down: a log's lines and TensorBoard's events, or neither.
///
/// Where one cannot be written any more, that is told, and the training goes on without it.
final class TrainingRecord {
  private var log: TrainingLog?
  private var board: TrainingBoard?
  private let output: CommandOutput

  /// - Parameters:
  ///   - log: The log's path.
  ///   - board: TensorBoard's folder.
  ///   - step: How many steps were made before, of which the lines stay.
  ///   - total: The steps of the whole training.
  init(log: String?, board: String?, from step: Int, of total: Int, _ output: CommandOutput) throws {
    self.log = try log.map { try TrainingLog(path: $0, from: step) }
    self.board = try TrainingBoard(board, from: step + 1, of: total)
    self.output = output
  }

  /// Adds a step.
  ///
  /// - Parameter evaluations: What was measured after this step, by name.
  func append(
    _ progress: TrainingProgress, _ trainer: Trainer, _ evaluations: KeyValuePairs<String, Double> = [:]
  ) {
    do throws(LogError) {
      try log?.append(TrainingLog.Entry(progress))
    } catch {
      output.fail(error)
      log = nil
    }
    do throws(TrainingError) {
      try board?.log(progress, trainer, evaluations)
    } catch {
      output.fail(error)
      board = nil
    }
  }
}

extension TrainingRun {
  /// How many steps changed no parameter because their gradients were not finite; nil if all did.
  var skippedText: String? {
    guard skippedSteps > 0 else { return nil }
    return "\(skippedSteps) of \(losses.count) steps were skipped: their gradients were not finite; "
      + "a smaller --rate helps"
  }
}
