internal import EbbTensors
internal import EbbTraining

extension Trainer {
  /// Makes the remaining steps of a training of `allSteps`, and evaluates the network at intervals. The evaluations
  /// travel with a checkpoint, so that those of a resumed training are those of an uninterrupted one.
  ///
  /// - Parameters:
  ///   - isBracketed: Whether the network is also evaluated before the first step and after the last.
  ///   - isDue: Whether the network is evaluated after this step.
  ///   - isEnd: Whether an evaluation ends the training.
  ///   - evaluate: Evaluates the current network; given the mean loss of the last steps, and steps per second.
  ///   - progress: Called after each step with the last evaluation, which there is if they are bracketed.
  /// - Returns: The evaluations, in order.
  func train<Evaluation: Codable>(
    allSteps: Int, recentSteps: Int = 20, schedule: LearningRateSchedule? = nil, validation: Validation? = nil,
    isBracketed: Bool, isDue: (_ step: Int) -> Bool, isEnd: (Evaluation) -> Bool = { _ in false },
    evaluate: (_ recentLoss: Double?, _ rate: Double) throws(TrainingError) -> Evaluation,
    batch: (_ number: Int) throws(TrainingError) -> [String: Tensor],
    progress: (TrainingProgress, Evaluation?) throws(TrainingError) -> LoopControl
  ) throws(TrainingError) -> (run: TrainingRun, evaluations: [Evaluation]) {
    let name = "evaluations"
    var evaluations: [Evaluation] = records.values(name)
    func add(_ evaluation: Evaluation) {
      evaluations.append(evaluation)
      records.add(evaluation, to: name)
    }
    // Whether the network has been evaluated since its last step.
    var isEvaluated = isDue(stepCount)
    if isBracketed, evaluations.isEmpty {
      add(try evaluate(nil, 0))
      isEvaluated = true
    }
    let isOver = stepCount > 0 && evaluations.last.map(isEnd) == true
    let run = try train(
      allSteps: isOver ? 0 : allSteps, recentSteps: recentSteps, schedule: schedule, validation: validation,
      batch: batch,
      progress: { state throws(TrainingError) in
        isEvaluated = isDue(stepCount)
        if isEvaluated { add(try evaluate(state.recentLoss, state.stepsPerSecond)) }
        let control = try progress(state, evaluations.last)
        return isEvaluated && evaluations.last.map(isEnd) == true ? .stop : control
      })
    // No step of an uninterrupted training, so it does not travel on.
    if isBracketed, !isEvaluated { evaluations.append(try evaluate(run.recentLoss, run.stepsPerSecond)) }
    return (run, evaluations)
  }
}
