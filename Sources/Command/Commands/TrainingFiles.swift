internal import EbbReport
internal import EbbTraining

/// The checkpoint, the log and the TensorBoard run of a command that trains.
struct TrainingFiles {
  static let options = [
    Option("checkpoint", "FILE", "saves the training there as it goes, at its end and at Ctrl-C")
      .with(values: .written([.safetensors])),
    Option("checkpoint-interval", "STEPS", "after how many steps each time", standard: "100"),
    Option(flag: "resume", "goes on from the checkpoint, with the same other options"),
    Option("log", "FILE", "a line for each step: CSV if the file is named so, else JSON lines")
      .with(values: .written([.csv, .jsonLines, .json, .text])),
    Option("tensorboard", "DIR", "writes scalars and histograms there, which TensorBoard shows"),
    Option("memory-budget", "BYTES", "computes parts again rather than take more memory, as 64MB; no bit changes"),
  ]

  private let path: String?
  private let interval: Int
  private let isResumed: Bool
  private let logPath: String?
  private let boardFolder: String?
  /// The options on which the results depend, as they were given.
  private let notes: [String: String]

  /// - Parameter decisive: The names of the options that have to be the same when training is resumed.
  init(_ options: ParsedOptions, decisive: [String], _ context: CommandContext) throws {
    path = options.text("checkpoint")
    interval = try options.integer("checkpoint-interval")
    isResumed = options.isGiven("resume")
    logPath = options.text("log")
    boardFolder = options.text("tensorboard")
    var notes: [String: String] = [:]
    for name in decisive { notes[options.label(name)] = options.note(name) }
    self.notes = notes
    if isResumed, path == nil { throw UsageError("--resume needs --checkpoint FILE, the training to go on from") }
    try context.checkCanSave(to: path, logPath)
  }

  /// Puts the trainer where the checkpoint stands, if training is to be resumed.
  func resume(_ trainer: Trainer) throws {
    guard isResumed, let path else { return }
    let checkpoint = try Checkpoint(contentsOf: path)
    for (name, value) in notes.sorted(by: { $0.key < $1.key }) {
      let saved = checkpoint.notes[name] ?? ""
      guard saved == value else {
        func choice(_ value: String) -> String { value.isEmpty ? "without \(name)" : "with \(name) \(value)" }
        throw UsageError("\(path) was made \(choice(saved)), and this is \(choice(value))")
      }
    }
    try trainer.restore(checkpoint)
  }

  /// Where steps are written down, from the trainer's step on.
  ///
  /// - Parameter total: The steps of the whole training.
  func record(_ trainer: Trainer, total: Int) throws -> TrainingRecord {
    let step = trainer.state.step
    return TrainingRecord(
      log: try logPath.map { try TrainingLog(path: $0, from: step) },
      board: try TrainingBoard(boardFolder, from: step + 1, of: total))
  }

  /// Saves the training if it is time to, or if `now`.
  func save(_ trainer: Trainer, now: Bool) throws(TrainingError) {
    guard let path, now || trainer.state.step % interval == 0 else { return }
    do {
      try Checkpoint(trainer, notes: notes).write(to: path)
    } catch {
      throw .checkpoint(error)
    }
  }

  /// What to say when training was interrupted.
  func advice(_ trainer: Trainer) -> String {
    let steps = "interrupted after \(trainer.state.step) steps"
    guard let path else { return "\(steps); with --checkpoint FILE the training could be resumed\n" }
    return "\(steps); saved in \(path): the same command with --resume goes on\n"
  }
}

extension ParsedOptions {
  /// What a checkpoint says of an option: its value, `yes` of an option without one, nothing if there is neither.
  fileprivate func note(_ name: String) -> String {
    let text = text(name) ?? ""
    return isGiven(name) && text.isEmpty ? "yes" : text
  }
}
