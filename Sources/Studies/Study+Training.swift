internal import EbbDiagnostics
internal import EbbGraph
internal import EbbRecording
internal import EbbReport
internal import EbbTensors
internal import EbbTraining

extension Study {
  /// Trains a cell on the adding problem and watches its gradient through time.
  func train(
    _ cell: NamedCell, watch: (Progress, StudyResult.TrainingResult) -> LoopControl
  ) throws(DiagnosticError) -> StudyResult.TrainingResult {
    try diagnosing {
      let recording = try Recording.sequenceToOne(cell.make(settings.units), features: StudySettings.features)
      let trainer = try Trainer(
        recording, optimizer: Adam(learningRate: settings.learningRate), clipping: .globalNorm(settings.gradientClip),
        nonFinitePolicy: .skip, seed: settings.seed, options: settings.execution)
      let observer = try TrainingObserver(recording, settings)
      let clock = ContinuousClock()
      let interval = max(1, settings.steps / settings.measurements)
      var measuring = Duration.zero
      var soFar = StudyResult.TrainingResult(end: .running)
      soFar.measurements = [try observer.measurement(of: trainer, step: 0)]
      let run = try trainer.train(
        until: StoppingCriteria(
          steps: settings.steps, duration: settings.secondsPerCell.map { .seconds($0) },
          lossBelow: settings.targetLoss),
        schedule: .cosine(settings.learningRate, steps: settings.steps),
        drawsAhead: true, batch: { step throws(TrainingError) in observer.trainingBatch(at: step) },
        progress: { state throws(TrainingError) in
          soFar.losses.append(state.result.loss)
          soFar.gradientNorms.append(state.result.gradientNorm)
          if state.completed % interval == 0, state.completed < state.total {
            let begin = clock.now
            soFar.measurements.append(try observer.measurement(of: trainer, step: state.completed))
            measuring += clock.now - begin
          }
          let begin = clock.now
          defer { measuring += clock.now - begin }
          soFar.heldOutError = soFar.measurements.last?.heldOutError ?? .nan
          soFar.seconds = state.elapsed.seconds
          soFar.stepsPerSecond = Double(state.completed) / max(1e-9, soFar.seconds - measuring.seconds)
          return watch(
            .training(cell.name, step: state.completed, of: state.total, loss: state.recentLoss), soFar)
        })
      var measurements = soFar.measurements
      if measurements[measurements.count - 1].step == run.losses.count { measurements.removeLast() }
      let last = try observer.measurement(of: trainer, step: run.losses.count)
      let time = run.duration.seconds
      let isInterrupted = run.end == .callback
      return StudyResult.TrainingResult(
        end: StudyResult.TrainingResult.End(run.end, isFinite: last.heldOutError.isFinite), losses: run.losses,
        gradientNorms: run.gradientNorms, clippedSteps: run.clippedSteps, measurements: measurements + [last],
        heldOutError: last.heldOutError, isSolved: last.heldOutError < settings.solvedError,
        stepsPerSecond: Double(run.losses.count) / max(1e-9, time - measuring.seconds), seconds: time,
        gates: isInterrupted ? [] : try observer.gates(of: trainer),
        dynamics: isInterrupted ? nil : try? observer.dynamics(of: trainer))
    }
  }
}

extension StudyResult.TrainingResult.End {
  init(_ end: TrainingRun.End, isFinite: Bool) {
    guard isFinite else {
      self = .diverged
      return
    }
    switch end {
    case .steps, .earlyStopping: self = .steps
    case .callback: self = .interrupted
    case .duration: self = .seconds
    case .lossBelow: self = .targetLoss
    }
  }
}
