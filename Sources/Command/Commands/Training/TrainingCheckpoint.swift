internal import EbbFiles
internal import EbbTraining

/// The checkpoint of a training command: its path, the options that it must match, and when it is written.
final class TrainingCheckpoint {
  static let options = [
    Option("checkpoint", "FILE", "saves the training there as it goes, at its end, at Ctrl-C and at SIGUSR1")
      .with(values: .written([.safetensors])),
    Option("checkpoint-interval", "STEPS", "after how many steps each time", standard: "100"),
    Option(flag: "resume", "goes on from the checkpoint, with the same other options; more steps may be given"),
    Option(flag: "overwrite", "begins anew although there is a checkpoint"),
  ]

  /// The keys of notes that are not options.
  private static let steps = "--steps"
  private static let order = "order"

  private let path: String?
  private let interval: Int
  private let isResumed: Bool
  private let overwrites: Bool
  private let options: ParsedOptions
  /// The names of the options that must not change when training is resumed.
  private let decisive: [String]
  private let output: CommandOutput
  private let isFollower: Bool
  /// The next checkpoint's contents besides the training: options, and the data's fingerprint.
  private var notes: [String: String] = [:]
  private var lock: FileLock?
  /// The training after its last step, until it is written.
  private var last: (checkpoint: Checkpoint, isAsked: Bool)?
  /// Why the last checkpoint could not be written; nil if it was.
  private var failure: FileError?

  /// - Parameter decisive: The names of the options that must not change when training is resumed.
  init(_ options: ParsedOptions, decisive: [String], _ context: CommandContext) throws {
    path = options.text("checkpoint")
    interval = try options.integer("checkpoint-interval")
    isResumed = options.isGiven("resume")
    overwrites = options.isGiven("overwrite")
    self.options = options
    self.decisive = decisive
    output = context.output
    isFollower = context.isFollower
    for name in decisive { notes[options.label(name)] = options.note(name) }
    if isResumed, path == nil { throw UsageError("--resume needs --checkpoint FILE, the training to go on from") }
    if isResumed, overwrites { throw UsageError("--resume and --overwrite exclude each other") }
    try context.checkCanSave(to: path)
    try checkIsFree()
  }

  /// Throws if a new training would replace a checkpoint.
  private func checkIsFree() throws(UsageError) {
    guard let path, !isResumed, !overwrites, DiskStore().holdsFile(path) else { return }
    throw UsageError(
      "\(path) exists: --resume goes on from it, --overwrite begins anew and replaces it, and another name keeps both")
  }

  /// Starts the training, or restores the checkpoint. From now on signals ask the loop to end, and no other process can
  /// train with the same checkpoint.
  func begin(_ trainer: Trainer, _ plan: TrainingPlan) throws {
    let total = plan.steps
    notes["data"] = plan.data
    notes[Self.order] = plan.order?.rawValue
    notes[Self.steps] = "\(total)"
    if !isFollower, let path, case .file(let file) = DiskStore().destination(of: path) {
      lock = try FileLock(for: file)
    }
    Interrupts.listen()
    if isResumed, let path {
      let checkpoint = try Checkpoint(contentsOf: path)
      try compare(checkpoint, path)
      guard checkpoint.state.step <= total else {
        throw UsageError(
          "\(path) has made \(checkpoint.state.step) steps, and this training ends after \(total); give more "
            + "--\(plan.option)")
      }
      try trainer.restore(checkpoint)
      if checkpoint.state.history.losses.count < checkpoint.state.callSteps {
        output.warn(
          "\(path) is of an older program and does not have the losses and tests of its \(checkpoint.state.step) steps; "
            + "the results have those from here on")
      }
      if plan.rateFollowsSteps, let before = checkpoint.notes[Self.steps], before != "\(total)" {
        output.warn(
          "the learning rate follows --\(plan.option): from here on it is that of \(total) steps instead of \(before), so this "
            + "is not the same as \(total) at once")
      }
    } else {
      try checkIsFree()
    }
  }

  /// Throws, with the names, if the checkpoint was made with other options or data.
  private func compare(_ checkpoint: Checkpoint, _ path: String) throws(UsageError) {
    for name in decisive.sorted() {
      let (label, value) = (options.label(name), options.note(name))
      // An option that did not exist when the checkpoint was made had its default value.
      let saved = checkpoint.notes[label] ?? options.standard(name) ?? ""
      guard saved != value else { continue }
      func choice(_ value: String) -> String { value.isEmpty ? "without \(label)" : "with \(label) \(value)" }
      throw UsageError("\(path) was made \(choice(saved)), and this is \(choice(value))")
    }
    if let order = notes[Self.order].flatMap(SampleOrder.init) {
      // Checkpoints from before there was another order.
      let saved = checkpoint.notes[Self.order].flatMap(SampleOrder.init) ?? .drawn
      guard saved == order else {
        throw UsageError("\(path) was made with \(saved.words), and this is with \(order.words)")
      }
    }
    guard let data = notes["data"] else { return }
    guard let saved = checkpoint.notes["data"] else {
      output.warn("\(path) does not say which data it was made with; they are taken for the same")
      return
    }
    guard saved == data else {
      throw UsageError("the data have changed: \(path) was made with \(saved), and these are \(data)")
    }
  }

  /// Saves the training if a checkpoint is due or requested, or if `now`. A failure is reported, and training
  /// continues. That of the last step waits for `finish`.
  func save(_ trainer: Trainer, now: Bool, isLast: Bool) {
    let isAsked = Interrupts.takeCheckpointRequest()
    guard let path else {
      if isAsked { output.writeError("SIGUSR1: without --checkpoint FILE there is nothing to write\n") }
      return
    }
    guard !isFollower, now || isLast || isAsked || trainer.stepCount % interval == 0 else { return }
    let checkpoint = Checkpoint(trainer, notes: notes)
    if isLast { last = (checkpoint, isAsked) } else { write(checkpoint, to: path, isAsked: isAsked) }
  }

  /// Saves the training as it was after its last step, with what has been measured since; nothing if it has not come to
  /// its end.
  func finish(_ trainer: Trainer) {
    guard let path, var last else { return }
    last.checkpoint.records = trainer.records
    write(last.checkpoint, to: path, isAsked: last.isAsked)
    self.last = nil
  }

  private func write(_ checkpoint: Checkpoint, to path: String, isAsked: Bool) {
    do throws(FileError) {
      try checkpoint.write(to: path)
      failure = nil
      if isAsked { output.writeError("saved in \(path) after \(checkpoint.state.step) steps\n") }
    } catch {
      if failure != error { output.fail(error) }
      failure = error
    }
  }

  /// The advice after an interrupted training.
  func advice(_ trainer: Trainer) -> String {
    let steps = "interrupted after \(trainer.stepCount) steps"
    guard let path else { return "\(steps); with --checkpoint FILE the training could be resumed\n" }
    guard failure == nil else { return "\(steps), which could not be saved in \(path)\n" }
    return "\(steps); saved in \(path): the same command with --resume goes on\n"
  }
}

/// A training as a whole, in addition to the options that determine it.
struct TrainingPlan {
  var steps: Int
  /// The name of the option that gives the steps, directly or in epochs.
  var option = "steps"
  /// Whether the learning rate of a step depends on the number of steps.
  var rateFollowsSteps: Bool
  /// The fingerprint of the training data; nil if they are random.
  var data: String?
  /// How a step's samples are chosen, if a command supports several ways.
  var order: SampleOrder?
}

/// How the samples of a step are chosen.
enum SampleOrder: String {
  /// Each by itself.
  case drawn
  /// Each sample once per epoch.
  case epochs

  var words: String {
    switch self {
    case .drawn: "--steps, whose samples are drawn"
    case .epochs: "--epochs, in each of which every sample comes once"
    }
  }
}

extension ParsedOptions {
  /// A checkpoint's entry for an option: its value, `yes` for an option without one, empty if not given.
  fileprivate func note(_ name: String) -> String {
    let text = text(name) ?? ""
    return isGiven(name) && text.isEmpty ? "yes" : text
  }
}
