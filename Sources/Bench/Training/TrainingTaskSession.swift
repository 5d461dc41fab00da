internal import EbbDiagnostics
internal import EbbExecution
internal import EbbReport
internal import EbbTensors
internal import EbbTraining

/// A task's trainer with a batch, ready for steps.
struct TrainingTaskSession {
  let trainer: Trainer
  private let batch: [String: Tensor]

  init(_ task: TrainingTask, _ execution: ExecutionOptions) throws(DiagnosticError) {
    (trainer, batch) = try diagnosing { (try task.trainer(execution), task.drawnBatch()) }
  }

  /// The first parameters by name, and the batch: everything that another framework needs for the same steps.
  var values: [String: Tensor] { trainer.parameters.merging(batch) { $1 } }

  /// One training step; returns its loss.
  @discardableResult
  func step() throws(DiagnosticError) -> Double {
    try diagnosing {
      var batch = batch
      if trainer.carrying != nil { batch[StateCarrying.begins] = Tensor([], [trainer.stepCount == 0]) }
      return try trainer.step(batch).loss
    }
  }

  /// The median time of a step in seconds, after two steps to warm up.
  func median(runs: Int, minimumTime: Double) throws(DiagnosticError) -> Double {
    let clock = ContinuousClock()
    for _ in 0..<2 { try step() }
    var times: [Double] = []
    var total = 0.0
    while times.count < runs || total < minimumTime {
      let start = clock.now
      try step()
      times.append((clock.now - start).seconds)
      total += times[times.count - 1]
    }
    return times.median
  }
}
