internal import EbbExecution
internal import EbbReport
internal import EbbTraining

/// The common parts of training commands: threads and memory, the progress line, signals, the checkpoint, the log,
/// TensorBoard and the model's file. A command adds its data, its model and its report.
///
/// ```swift
/// let runner = try TrainingRunner(options, decisive: Self.decisive, context)
/// let trainer = try TaskTrainer(cell, task, settings, options: runner.execution)
/// try runner.begin(trainer.trainer, TrainingPlan(steps: settings.steps, rateFollowsSteps: false))
/// let report = try runner.train("training \(name)") { … runner.progress(state, note: "loss …") … }
/// try runner.saveModel(trainer.file(…))
/// return runner.status
/// ```
final class TrainingRunner {
  static let options =
    [
      .json(), .seed, .threads,
    ] + TrainingCheckpoint.options + [
      Option("log", "FILE", "a line for each step: CSV if the file is named so, else JSON lines")
        .with(values: .written([.csv, .jsonLines, .json, .text])),
      TensorBoard.option,
      Option("memory-budget", "BYTES", "computes parts again rather than take more memory, as 64MB; no bit changes"),
    ]

  let execution: ExecutionOptions
  private let options: ParsedOptions
  private let context: CommandContext
  private let checkpoint: TrainingCheckpoint
  /// The arguments of `begin`.
  private var trainer: Trainer?
  private var steps = 0
  private var record: TrainingRecord?
  private var line: ProgressLine?
  /// Whether a signal ended the training before its end.
  private(set) var isInterrupted = false

  /// Throws if an option is invalid or a file could not be written.
  ///
  /// - Parameters:
  ///   - decisive: The names of the options that must not change when training is resumed.
  ///   - page: The path of any other output besides a model and numbers.
  init(_ options: ParsedOptions, decisive: [String], page: String? = nil, _ context: CommandContext) throws {
    (self.options, self.context) = (options, context)
    execution = try options.execution()
    try context.checkCanSave(to: options.text("save"), page, options.text("json"))
    checkpoint = try TrainingCheckpoint(options, decisive: decisive, context)
    try context.checkCanSave(to: options.text("log"))
  }

  // MARK: Training

  /// Starts the training, or restores the checkpoint.
  func begin(_ trainer: Trainer, _ plan: TrainingPlan) throws {
    try checkpoint.begin(trainer, plan)
    self.trainer = trainer
    steps = plan.steps
    record = try TrainingRecord(
      log: options.text("log"), board: options.text("tensorboard"), from: trainer.state.step, of: steps, context.output)
  }

  /// Trains with a progress line. Each step must call `progress`.
  ///
  /// - Parameter label: The start of the progress line.
  func train<Report>(
    _ label: String, _ training: () throws(TrainingError) -> Report
  ) throws(TrainingError) -> Report {
    guard let trainer else { preconditionFailure("a training begins before it is run") }
    let output = context.output
    line = ProgressLine(
      label, total: steps - trainer.state.step, unit: "steps", style: output.style, isTerminal: output.isTerminal,
      write: output.writeError)
    let report: Report
    do {
      defer { line?.clear() }
      report = try training()
    }
    if isInterrupted { output.writeError(checkpoint.advice(trainer)) }
    return report
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
    record?.append(state, trainer, measured)
    let isAtEnd = isAtEnd || state.completed == state.total
    isInterrupted = Interrupts.isRequested && !isAtEnd
    checkpoint.save(trainer, now: isInterrupted || isAtEnd)
    return isInterrupted ? .stop : .continue
  }

  // MARK: Results

  /// Writes the model, if a file is given.
  func saveModel(_ model: @autoclosure () throws -> ModelFile) throws {
    guard let path = options.text("save") else { return }
    let model = try model()
    context.output.writeFile(path) { try model.write(to: path) }
  }

  /// The exit status.
  var status: Int32 { isInterrupted ? Interrupts.status : ExitStatus.success }
}
