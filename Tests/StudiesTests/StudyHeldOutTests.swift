import EbbApplications
import EbbCells
import EbbDiagnostics
import EbbRecording
import EbbStudies
import EbbTraining
import Testing

/// The study's training made again beside it: its errors are those on held-out sequences, and on no others.
@Suite struct StudyHeldOutTests {
  @Test func errorsAreThoseOfHeldOutSequences() throws {
    let settings = StudySettings(
      units: 4, length: 6, batch: 2, taskLength: 8, steps: 6, secondsPerCell: nil, measurements: 3)
    let result = try Study([("gru", { GRU(units: $0) })], settings: settings).run()
    let found = try #require(result.cells.first).training
    let trainer = try Trainer(
      .sequenceToOne(GRU(units: 4), features: 2), optimizer: Adam(learningRate: settings.learningRate),
      clipping: .globalNorm(settings.gradientClip), seed: settings.seed)
    let task = AddingProblem(length: 8)
    var errors: [Int: Double] = [:]
    func error(_ purpose: TaskPurpose) throws -> Double {
      try trainer.loss(on: task.batch(size: 200, seed: settings.seed, step: 1, for: purpose))
    }
    errors[0] = try error(.heldOut)
    let run = try trainer.train(
      until: StoppingCriteria(steps: settings.steps), schedule: .cosine(settings.learningRate, steps: settings.steps)
    ) { step in
      task.batch(size: settings.trainingBatch, seed: settings.seed, step: step, for: .training)
    } progress: { progress throws(TrainingError) in
      errors[progress.completed] = try trainer.loss(
        on: task.batch(size: 200, seed: settings.seed, step: 1, for: .heldOut))
      return .continue
    }
    #expect(found.losses == run.losses)
    #expect(found.measurements.allSatisfy { $0.heldOutError == errors[$0.step] } && found.measurements.count == 4)
    let (heldOut, training) = (try error(.heldOut), try error(.training))
    #expect(found.heldOutError == heldOut && heldOut != training)
  }
}
