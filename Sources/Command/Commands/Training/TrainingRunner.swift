internal import EbbDiagnostics
internal import EbbExecution
internal import EbbFiles
internal import EbbInterchange
internal import EbbMarkup
internal import EbbReport
internal import EbbTraining

/// The common parts of training commands: threads and memory, the progress line, signals, the checkpoint, the log,
/// TensorBoard, the gradient through time with its page, and the model's file. A command adds its data, its model and
/// its result.
///
/// ```swift
/// let runner = try TrainingRunner(options, of: self, context)
/// let trainer = try TaskTrainer(cell, task, settings, options: runner.execution)
/// try runner.begin(trainer.trainer, TrainingPlan(steps: settings.steps, rateFollowsSteps: false), page)
/// let result = try runner.train("training \(name)") { … runner.progress(state, note: "loss …") … }
/// try runner.saveModel(trainer.file(…))
/// runner.savePage(["…"])
/// runner.saveNumbers(result.json)
/// return runner.status
/// ```
final class TrainingRunner {
  static let options = options()

  /// - Parameter report: The option for a page, if it does more than a page of every training.
  static func options(report: Option = TrainingGradients.report) -> [Option] {
    [
      .json(), .seed, .threads, .underflow, .device, .devices,
    ] + TrainingCheckpoint.options + TrainingGradients.options(report: report) + [
      Option("log", "FILE", "a line for each step: CSV if the file is named so, else JSON lines")
        .with(values: .written([.csv, .jsonLines, .json, .text])),
      TensorBoard.option,
      Option("memory-budget", "BYTES", "computes parts again rather than take more memory, as 64MB; no bit changes"),
    ]
  }

  let execution: ExecutionOptions
  private let options: ParsedOptions
  private let context: CommandContext
  private let checkpoint: TrainingCheckpoint
  let gradients: TrainingGradients
  /// The arguments of `begin`.
  private var trainer: Trainer?
  private var steps = 0
  /// Where each step is written down, as far as it can be.
  private var log: TrainingLog?
  private var board: TrainingBoard?
  /// The step of the last measurement of gradients in TensorBoard.
  private var boardStep = -1
  private var line: ProgressLine?
  /// Whether a signal ended the training before its end.
  private(set) var isInterrupted = false

  /// Throws if an option is invalid or a file could not be written.
  ///
  /// - Parameters:
  ///   - command: The command, whose options end with those of every training.
  init(_ options: ParsedOptions, of command: any Command, _ context: CommandContext) throws {
    (self.options, self.context) = (options, context)
    execution = try options.execution()
    gradients = try TrainingGradients(options, context)
    try context.checkCanSave(to: options.text("save"), options.text("report"), options.text("json"))
    checkpoint = try TrainingCheckpoint(options, decisive: Self.decisive(command), context)
    try context.checkCanSave(to: options.text("log"))
    try context.checkCanSaveFigures(options)
  }

  /// The names of the options that decide the result, so that they must not change when training is resumed: the seed,
  /// and those of the command alone except for files and the amount of training.
  private static func decisive(_ command: any Command) -> [String] {
    let others = Set(options.map(\.name)).subtracting(["seed"]).union(["steps", "epochs", "seeds", "ranks"])
    return command.options.filter { !others.contains($0.name) && !$0.isPositional && !$0.values.areFiles }.map(\.name)
  }

  // MARK: Training

  /// Starts the training, or restores the checkpoint.
  func begin(_ trainer: Trainer, _ plan: TrainingPlan, _ page: TrainingPage) throws {
    try checkpoint.begin(trainer, plan)
    try gradients.begin(trainer, page)
    self.trainer = trainer
    steps = plan.steps
    log = try options.text("log").map { try TrainingLog(path: $0, from: trainer.stepCount) }
    board = try TrainingBoard(options.text("tensorboard"), from: trainer.stepCount + 1, of: steps)
  }

  /// Trains with a progress line. Each step must call `progress`.
  ///
  /// - Parameter label: The start of the progress line.
  func train<Result>(
    _ label: String, _ training: () throws(TrainingError) -> Result
  ) throws(TrainingError) -> Result {
    guard let trainer else { preconditionFailure("a training begins before it is run") }
    let output = context.output
    line = output.progressLine(label, total: steps - trainer.stepCount, unit: "steps")
    let result: Result
    do {
      defer {
        line?.clear()
        checkpoint.finish(trainer)
      }
      result = try training()
    } catch {
      // A page of what led to numbers that are not finite is what is needed now.
      savePage(["Training ended early: \(error)."])
      throw error
    }
    // The last measurement is made after the last step.
    writeEvents { board throws(FileError) in try writeGradients(board) }
    if isInterrupted { output.writeError(checkpoint.advice(trainer)) }
    return result
  }

  /// Shows and logs a step, saves a checkpoint if one is due, and returns whether a signal ends the training. The last
  /// step ends it in any case.
  ///
  /// - Parameters:
  ///   - note: The text of the progress line after the number of steps.
  ///   - measured: The measurements after this step, by name.
  ///   - isAtEnd: Whether this step ends the training although others remain.
  func progress(
    _ state: TrainingProgress, note: String, measured: KeyValuePairs<String, Double> = [:], isAtEnd: Bool = false
  ) -> LoopControl {
    guard let trainer else { preconditionFailure("a training begins before it is run") }
    line?.update(state.completed, note: note)
    write(state, trainer, measured)
    gradients.note(state, trainer, text: note, measured)
    let isAtEnd = isAtEnd || state.completed == state.total
    // Processes that train together end after the same step.
    isInterrupted = (trainer.sharding?.isStopAgreed ?? Interrupts.isRequested) && !isAtEnd
    checkpoint.save(trainer, now: isInterrupted, isLast: isAtEnd)
    return isInterrupted ? .stop : .continue
  }

  /// Logs a step. If the log or TensorBoard's events can no longer be written, this is reported, and training continues
  /// without them.
  private func write(_ state: TrainingProgress, _ trainer: Trainer, _ measured: KeyValuePairs<String, Double>) {
    do throws(FileError) {
      try log?.append(TrainingLog.Entry(state))
    } catch {
      context.output.fail(error)
      log = nil
    }
    writeEvents { board throws(FileError) in
      try writeGradients(board)
      try board.log(state, trainer, measured)
    }
  }

  private func writeEvents(_ body: (TrainingBoard) throws(FileError) -> Void) {
    guard let board else { return }
    do throws(FileError) {
      try body(board)
    } catch {
      context.output.fail(error)
      self.board = nil
    }
  }

  private func writeGradients(_ board: TrainingBoard) throws(FileError) {
    guard let latest = gradients.latest, latest.step != boardStep else { return }
    boardStep = latest.step
    try board.log(latest)
  }

  // MARK: Results

  /// Writes the model, if a file is given.
  func saveModel(_ model: @autoclosure () throws -> ModelFile) throws {
    guard !context.isFollower, let path = options.text("save") else { return }
    let model = try model()
    context.output.writeFile(path) { try model.write(to: path) }
  }

  /// Writes the page, if a file is given, and its charts, if a folder is.
  ///
  /// - Parameter findings: Sentences on the result.
  func savePage(_ findings: @autoclosure () -> [String]) {
    let path = options.text("report")
    context.savePage(
      gradients.page(findings()), to: path.flatMap { FileFormat(ofName: $0) == .svg ? nil : $0 }, options)
  }

  /// Writes every number, if requested.
  func saveNumbers(_ json: @autoclosure () -> JSONValue) {
    context.saveNumbers(options, gradients.numbers(json()))
  }

  /// The exit status.
  var status: Int32 { isInterrupted ? Interrupts.status : ExitStatus.success }
}

extension TrainingRun {
  /// A note on the number of steps skipped because their gradients were not finite; nil if there were none.
  var skippedText: String? {
    guard skippedSteps > 0 else { return nil }
    return "\(skippedSteps) of \(losses.count) steps were skipped: their gradients were not finite; "
      + "a smaller --rate helps"
  }
}
