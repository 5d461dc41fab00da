public import EbbFiles
internal import EbbRecording

/// The state of training after a step, as a file. With the same recording, settings and data, a trainer restored from
/// it gives the same bits as one that never stopped.
///
/// If it is saved by the callback of `train` or `fit`, it includes the progress of that call: the first call after
/// `restore` continues it, for the given number of steps.
///
/// The file holds parameters, the optimizer's state, the learning rate's factor, means and counters, and what the steps
/// of the call were, so that a report of the training is about all of it. Schedules, random
/// numbers and the order of the data are functions of the counters and the seed. The file is in the safetensors format,
/// so other tools read it too: `parameter/NAME`, `optimizer/SLOT/NAME`, …. It carries a checksum, so that a damaged
/// file is rejected.
///
/// ```swift
/// try Checkpoint(trainer).write(to: "run.checkpoint")
/// try trainer.restore(Checkpoint(contentsOf: "run.checkpoint"))
/// ```
public struct Checkpoint: Hashable, Sendable {
  /// Everything that changes from step to step.
  public var state: TrainingState
  /// The trainer's seed.
  public var seed: UInt64
  /// The optimizer's name: its kind, which determines the meaning of its state, and its form of weight decay.
  public var optimizer: String
  /// The fingerprint of the network's equations; empty if it is unknown.
  public var network = ""
  /// Any other data of the program, such as the settings required to resume.
  public var notes: [String: String] = [:]
  /// What others have noted about the training.
  package var records = TrainingRecords()
}

extension Checkpoint {
  /// The trainer's state.
  public init(_ trainer: Trainer, notes: [String: String] = [:]) {
    self.init(
      state: trainer.state, seed: trainer.seed, optimizer: trainer.optimizer.name,
      network: trainer.recording.fingerprint, notes: notes, records: trainer.records)
  }

  /// Writes the file so that it survives a kill or a power failure at any moment: it then holds this checkpoint or the
  /// previous one.
  public func write(to path: String) throws(FileError) { try DiskStore().replace(path, with: bytes) }

  /// Reads a file that `write` made.
  public init(contentsOf path: String) throws(FileError) {
    try self.init(bytes: DiskStore().read(path), source: path)
  }
}

extension Trainer {
  /// Continues from a checkpoint, bit for bit. Nothing changes if it does not fit the trainer.
  public func restore(_ checkpoint: Checkpoint) throws(TrainingError) {
    guard checkpoint.seed == seed else {
      throw .setting("the checkpoint was made with the seed \(checkpoint.seed), and the trainer has \(seed)")
    }
    let own = optimizer.name
    // Files without the optimizer's kind hold the name of its type.
    let isOfType = checkpoint.state.optimizer.kind == nil && checkpoint.optimizer == "\(type(of: optimizer))"
    guard checkpoint.optimizer == own || isOfType else {
      throw .setting("the checkpoint was made with \(checkpoint.optimizer), and the trainer has \(own)")
    }
    guard checkpoint.network.isEmpty || checkpoint.network == recording.fingerprint else {
      throw .setting(
        "the checkpoint was made with a network of other equations: its cell, or a setting that its graph depends on, is "
          + "not the same")
    }
    try restore(checkpoint.state)
    records = checkpoint.records
  }
}
