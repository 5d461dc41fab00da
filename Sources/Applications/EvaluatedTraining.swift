internal import EbbTensors
internal import EbbTraining

extension Trainer {
  /// Makes the steps that are left of a training of so many, and evaluates the network as it goes.
  ///
  /// - Parameters:
  ///   - first: What was evaluated before the first of these steps. With one there is one after the last step as well.
  ///   - isDue: Whether the network is evaluated after this step.
  ///   - isEnd: Whether training ends with what was evaluated after a step.
  ///   - evaluate: Evaluates the network as it is, after a step.
  ///   - progress: Called after each step with the last evaluation.
  /// - Returns: The evaluations, in order.
  func train<Evaluation>(
    allSteps: Int, window: Int = 20, schedule: LearningRateSchedule? = nil, validation: Validation? = nil,
    first: Evaluation?, isDue: (_ step: Int) -> Bool, isEnd: (Evaluation) -> Bool = { _ in false },
    evaluate: (TrainingProgress) throws(TrainingError) -> Evaluation,
    batch: (_ number: Int) throws(TrainingError) -> [String: Tensor],
    progress: (TrainingProgress, Evaluation?) throws(TrainingError) -> LoopControl
  ) throws(TrainingError) -> (run: TrainingRun, evaluations: [Evaluation]) {
    var evaluations = first.map { [$0] } ?? []
    // After the last step, if that was not evaluated.
    var pending: TrainingProgress?
    let run = try train(
      allSteps: allSteps, window: window, schedule: schedule, validation: validation, batch: batch,
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
