internal import EbbTensors
internal import EbbTraining

extension Trainer {
  /// Makes the remaining steps of a training of `allSteps`, and evaluates the network at intervals.
  ///
  /// - Parameters:
  ///   - first: The evaluation before the first step. If there is one, the last step is evaluated too.
  ///   - isDue: Whether the network is evaluated after this step.
  ///   - isEnd: Whether an evaluation ends the training.
  ///   - evaluate: Evaluates the current network after a step.
  ///   - progress: Called after each step with the last evaluation.
  /// - Returns: The evaluations, in order.
  func train<Evaluation>(
    allSteps: Int, recentSteps: Int = 20, schedule: LearningRateSchedule? = nil, validation: Validation? = nil,
    first: Evaluation?, isDue: (_ step: Int) -> Bool, isEnd: (Evaluation) -> Bool = { _ in false },
    evaluate: (TrainingProgress) throws(TrainingError) -> Evaluation,
    batch: (_ number: Int) throws(TrainingError) -> [String: Tensor],
    progress: (TrainingProgress, Evaluation?) throws(TrainingError) -> LoopControl
  ) throws(TrainingError) -> (run: TrainingRun, evaluations: [Evaluation]) {
    var evaluations = first.map { [$0] } ?? []
    // The last step, if it has not been evaluated.
    var pending: TrainingProgress?
    let run = try train(
      allSteps: allSteps, recentSteps: recentSteps, schedule: schedule, validation: validation, batch: batch,
      progress: { state throws(TrainingError) in
        pending = isDue(self.state.step) ? nil : state
        if pending == nil { evaluations.append(try evaluate(state)) }
        let control = try progress(state, evaluations.last)
        return pending == nil && evaluations.last.map(isEnd) == true ? .stop : control
      })
    if first != nil, let pending { evaluations.append(try evaluate(pending)) }
    return (run, evaluations)
  }
}
