public import EbbExecution
public import EbbFiles
public import EbbGraph
public import EbbRecording
internal import EbbTensors
public import EbbTraining

/// The training of a network on a task.
public struct TaskSettings: Sendable {
  /// The sequences of a step.
  public var batchSize: Int
  /// Training ends after this many steps, or when the task is solved.
  public var steps: Int
  /// The optimizer.
  public var optimizer: any Optimizer
  /// How gradients are limited before an update.
  public var clipping: ParameterGradientClipping
  /// The number of steps between tests.
  public var evaluationInterval: Int
  /// The number of sequences per test, new ones each time.
  public var evaluationSequences: Int
  /// Decides the first values and the sequences.
  public var seed: UInt64
  /// Whether training ends at the first test that meets the criterion.
  public var stopsWhenSolved: Bool

  /// Settings; by default 2000 steps of 32 sequences at most.
  public init(
    batchSize: Int = 32, steps: Int = 2000, optimizer: any Optimizer = Adam(learningRate: 1e-3),
    clipping: ParameterGradientClipping = .globalNorm(1), evaluationInterval: Int = 100,
    evaluationSequences: Int = 1000,
    seed: UInt64 = 1, stopsWhenSolved: Bool = true
  ) {
    self.batchSize = batchSize
    self.steps = steps
    self.optimizer = optimizer
    self.clipping = clipping
    self.evaluationInterval = evaluationInterval
    self.evaluationSequences = evaluationSequences
    self.seed = seed
    self.stopsWhenSolved = stopsWhenSolved
  }

  /// The problem with these settings, and what would be right; nil if there is none.
  var problem: String? {
    let sizes = [
      ("the batch size", batchSize), ("the number of steps", steps), ("the evaluation interval", evaluationInterval),
      ("the number of sequences of an evaluation", evaluationSequences),
    ]
    return sizes.first { $0.1 < 1 }.map { "\($0.0) is at least 1, not \($0.1)" }
  }
}

/// Trains any recurrent cell on a task.
///
/// ```swift
/// let trainer = try TaskTrainer(GRU(units: 64), CopyMemory(delay: 50))
/// let result = try trainer.train()
/// print(result.isSolved, result.final.loss, result.baseline.loss)
/// ```
public final class TaskTrainer {
  /// The task.
  public let task: any SequenceTask
  /// How it is trained.
  public let settings: TaskSettings
  /// The trainer of the network.
  public let trainer: Trainer

  /// The maximum number of sequences drawn at once for an evaluation.
  private static let chunk = 250

  /// - Parameters:
  ///   - cell: Any recurrent cell, or a `Stack` of them.
  ///   - task: Draws the sequences, and decides when they are solved.
  ///   - settings: The optimizer, the number of steps, and the tests.
  ///   - clip: Clips the gradient of the states inside the recurrence, besides the settings' clipping; nil for not.
  ///   - options: Threads, instruction set and memory limits.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  /// - Throws: `TrainingError` if a setting is invalid or the cell cannot be recorded.
  public init(
    _ cell: some RecurrentCell, _ task: any SequenceTask, _ settings: TaskSettings = TaskSettings(),
    clip: GradientClip? = nil,
    options: ExecutionOptions = ExecutionOptions(), fileID: String = #fileID, line: Int = #line
  ) throws(TrainingError) {
    if let problem = settings.problem { throw .setting(problem) }
    let recording: Recording
    do {
      recording = try Recording.network(cell, for: task, clip: clip, fileID: fileID, line: line)
    } catch {
      throw .recording(error)
    }
    self.task = task
    self.settings = settings
    trainer = try Trainer(
      recording, optimizer: settings.optimizer, clipping: settings.clipping, nonFinitePolicy: .skip,
      seed: settings.seed, options: options)
  }

  /// Trains, and tests the network at intervals.
  ///
  /// A step whose loss or gradient is not finite changes nothing and is counted in the result.
  ///
  /// All calls form one training of the settings' steps: after a restored checkpoint or a stopped call, only the
  /// remaining steps are made, and the result is about all of them.
  ///
  /// - Parameters:
  ///   - schedule: The learning rate of each step from step 0; nil uses the optimizer's.
  ///   - progress: Called after each step with the last evaluation; may save a checkpoint or stop the training.
  public func train(
    schedule: LearningRateSchedule? = nil,
    progress: (TrainingProgress, TaskEvaluation) throws(TrainingError) -> LoopControl = { _, _ in .continue }
  ) throws(TrainingError) -> TaskTrainingResult {
    let (run, evaluations) = try trainer.train(
      allSteps: settings.steps, schedule: schedule, isBracketed: true, isDue: isTest, isEnd: isSolved(by:),
      evaluate: { _, _ throws(TrainingError) in try evaluate(at: trainer.stepCount) },
      batch: { step throws(TrainingError) in
        task.batch(size: settings.batchSize, seed: settings.seed, step: step, for: .training)
      },
      progress: { state, evaluation throws(TrainingError) in
        guard let evaluation else { preconditionFailure("a network is evaluated before its first step") }
        return try progress(state, evaluation)
      })
    return TaskTrainingResult(
      task: task.name, baseline: task.baseline, criterion: task.criterion, evaluations: evaluations, run: run)
  }

  /// The kind of these networks' files.
  public static let kind = "task"

  /// The contents of a file in addition to the network and its parameters.
  public struct Configuration: Codable, Hashable, Sendable {
    /// The cell's name.
    public var cell: String
    /// The number of the cell's units.
    public var units: Int
    /// The task's name, with its sizes.
    public var task: String
    /// The number of inputs at each step.
    public var features: Int
  }

  /// The current network as a file: `StreamingModel` runs it, `ModelFile.recording` has its equations.
  ///
  /// - Parameters:
  ///   - cell: The name of the cell.
  ///   - units: The number of its units.
  public func file(cell: String, units: Int) throws(FileError) -> ModelFile {
    let configuration = Configuration(cell: cell, units: units, task: task.name, features: task.features)
    return try ModelFile(
      kind: Self.kind, configuration: configuration, parameters: trainer.parameters, recording: trainer.recording)
  }

  /// Whether the network is tested after this step, independent of where the training was resumed.
  private func isTest(_ step: Int) -> Bool { step % settings.evaluationInterval == 0 || step == settings.steps }

  /// Whether this test ends the training. A test at another step, for example after a resume, does not, so that a
  /// resumed training ends at the same step as an uninterrupted one.
  public func isSolved(by evaluation: TaskEvaluation) -> Bool {
    settings.stopsWhenSolved && isTest(evaluation.step) && task.criterion.isMet(by: evaluation)
  }

  /// Tests the current network on sequences that belong to this step: no two tests use the same ones.
  public func evaluate(at step: Int) throws(TrainingError) -> TaskEvaluation {
    let chunks = (settings.evaluationSequences + Self.chunk - 1) / Self.chunk
    let size = (settings.evaluationSequences + chunks - 1) / chunks
    var (loss, accuracy, wrong) = (0.0, 0.0, 0.0)
    for chunk in 0..<chunks {
      let batch = task.batch(size: size, seed: settings.seed, step: step * chunks + chunk, for: .heldOut)
      let sequences = try SampleRows(batch, of: trainer.recording)
      for part in Array(0..<size).chunks(of: Trainer.evaluatedAtOnce(besides: settings.batchSize)) {
        let outputs = try trainer.evaluate(sequences.batch(part))
        func number(_ name: String) -> Double { (outputs[name]?.doubles.first ?? .nan) * Double(part.count) }
        loss += number("loss")
        accuracy += number("accuracy")
        wrong += number("wrong")
      }
    }
    let count = Double(size * chunks)
    return TaskEvaluation(
      step: step, loss: loss / count, accuracy: accuracy / count, wrongSequences: wrong / count,
      sequences: size * chunks)
  }
}
