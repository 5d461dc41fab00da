import EbbApplications
import EbbCells
import EbbExecution
import EbbFiles
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTraining
import Foundation
import Testing

/// A disk that dies: after some calls, and in the middle of one if that writes. What was not synchronised is then lost in
/// any way that a file system may lose it.
private final class MortalDisk: FileStore {
  struct Dead: Error {}
  /// What a program sees, and what is safe.
  var files: [String: [UInt8]] = [:]
  private(set) var safeFiles: [String: [UInt8]] = [:]
  /// Renames that the folder does not hold safely yet.
  private var unsafeNames: [(from: String, to: String, bytes: [UInt8])] = []
  var callsLeft: Int
  /// How many bytes reach the file in the write during which it dies.
  var lastBytes = 0
  private(set) var calls: [String] = []

  init(holding files: [String: [UInt8]] = [:], callsLeft: Int = .max) {
    self.files = files
    safeFiles = files
    self.callsLeft = callsLeft
  }

  private func call(_ name: String, _ path: String) throws(FileError) {
    guard callsLeft > 0 else { throw FileError(path, "the disk is dead") }
    callsLeft -= 1
    calls.append(name)
  }

  func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    if callsLeft == 0 { files[path] = Array(bytes.prefix(lastBytes)) }
    try call("write", path)
    files[path] = bytes
  }

  func synchronize(_ path: String) throws(FileError) {
    try call("synchronize", path)
    safeFiles[path] = files[path]
  }

  func rename(_ path: String, to other: String) throws(FileError) {
    try call("rename", path)
    files[other] = files.removeValue(forKey: path)
    // What was not synchronised is an empty file under the new name.
    unsafeNames.append((path, other, safeFiles[path] ?? []))
  }

  func synchronizeFolder(of path: String) throws(FileError) {
    try call("synchronizeFolder", path)
    safeFiles = renamed
    unsafeNames = []
  }

  func remove(_ path: String) { if callsLeft > 0 { files[path] = nil } }

  /// What a file may hold when the machine starts again: with the renames that did or did not reach the disk.
  func afterPowerFailure(_ path: String) -> [[UInt8]?] {
    [safeFiles[path], renamed[path]]
  }

  private var renamed: [String: [UInt8]] {
    var result = safeFiles
    for name in unsafeNames {
      result[name.from] = nil
      result[name.to] = name.bytes
    }
    return result
  }
}

private let task = AddingProblem(length: 5)

/// A network with dropout, so that the number of the run matters, with everything that can be remembered.
private func makeTrainer(
  _ optimizer: some Optimizer = AdamW(learningRate: 0.01), seed: UInt64 = 7, threads: Int = 2
) throws -> Trainer {
  try Trainer(
    .sequenceToOne(Stack([GRU(units: 4), Dropout(0.25)]), features: 2), optimizer: optimizer,
    clipping: .globalNorm(1), groups: [ParameterGroup("readout.*.bias", isFrozen: true)],
    averaging: .exponential(decay: 0.9), seed: seed, options: ExecutionOptions(threads: threads))
}

/// Two batches a step, validated at every third with a plateau that acts at once.
private func run(_ trainer: Trainer, steps: Int, progress: (Trainer) throws(TrainingError) -> Void = { _ in }) throws {
  let held = task.batch(size: 5, seed: 2, step: 0, for: .heldOut)
  _ = try trainer.train(
    until: StoppingCriteria(steps: steps), schedule: .warmUp(steps: 3, then: .cosine(0.02, steps: 30)),
    accumulating: 2,
    validation: Validation(
      every: 3, plateau: PlateauDecay(factor: 0.5, patience: 0, tolerance: 0.5),
      earlyStopping: EarlyStopping(patience: 100)
    ) { trainer throws(TrainingError) in try trainer.loss(on: held) }
  ) { number in
    task.batch(size: 3, seed: 1, step: number)
  } progress: { _ throws(TrainingError) in
    try progress(trainer)
    return .continue
  }
}

@Suite struct CheckpointTests {
  @Test func aCheckpointHoldsEveryBit() throws {
    let trainer = try makeTrainer()
    try run(trainer, steps: 7)
    let checkpoint = Checkpoint(trainer, notes: ["cell": "gru\n\"ü\""])
    #expect(checkpoint.state.plateau != nil && checkpoint.state.rateFactor < 1)
    #expect(checkpoint.state.average?.count == 7 && checkpoint.state.earlyStopping?.bestParameters != nil)
    #expect(checkpoint.state.run == 14 && checkpoint.state.step == 7)
    let read = try Checkpoint(bytes: checkpoint.bytes)
    #expect(read == checkpoint)
    var other = checkpoint
    other.state.plateau = nil
    other.state.average = nil
    other.state.earlyStopping = EarlyStopping.State()
    let readOther = try Checkpoint(bytes: other.bytes)
    #expect(readOther == other)
  }

  /// From every step of a run the rest is made again by another trainer, from the bytes of a file.
  @Test func aResumedTrainingMakesTheSameBits() throws {
    let whole = try makeTrainer()
    var files: [[UInt8]] = []
    try run(whole, steps: 8) { trainer in files.append(Checkpoint(trainer).bytes) }
    for (index, bytes) in files.enumerated() where index % 2 == 0 {
      let resumed = try makeTrainer(threads: 1)
      try resumed.restore(Checkpoint(bytes: bytes))
      try run(resumed, steps: 8 - (index + 1))
      #expect(resumed.state == whole.state)
    }
  }

  @Test func aKillAtAnyMomentLeavesAWholeFile() throws {
    let (old, new) = ([UInt8](repeating: 1, count: 40), [UInt8](repeating: 2, count: 60))
    let whole = MortalDisk(holding: ["c": old])
    try whole.replace("c", with: new)
    #expect(whole.calls == ["write", "synchronize", "rename", "synchronizeFolder"])
    #expect(whole.files == ["c": new] && whole.safeFiles["c"] == new)
    for calls in 0..<whole.calls.count {
      for lastBytes in [0, 1, 59, 60] {
        let disk = MortalDisk(holding: ["c": old], callsLeft: calls)
        disk.lastBytes = lastBytes
        #expect(throws: FileError.self) { try disk.replace("c", with: new) }
        #expect([old, new].contains(disk.files["c"]))
        for found in disk.afterPowerFailure("c") { #expect([old, new].contains(found)) }
        // The next one succeeds in spite of what is left.
        disk.callsLeft = .max
        try disk.replace("c", with: new)
        #expect(disk.files == ["c": new] && disk.safeFiles["c"] == new)
      }
    }
  }

  @Test func whatIsCutOffIsAnErrorAndChangesNothing() throws {
    let trainer = try makeTrainer()
    try run(trainer, steps: 1)
    let bytes = Checkpoint(trainer).bytes
    for count in stride(from: 0, to: bytes.count, by: 97) {
      #expect(throws: FileError.self) { try Checkpoint(bytes: Array(bytes.prefix(count))) }
    }
  }

  @Test func whatDoesNotFitIsAnError() throws {
    let trainer = try makeTrainer()
    try run(trainer, steps: 1)
    let checkpoint = Checkpoint(trainer)
    func message(_ trainer: Trainer, _ checkpoint: Checkpoint) -> String {
      let before = trainer.state
      do {
        try trainer.restore(checkpoint)
        return ""
      } catch {
        #expect(trainer.state == before)
        return "\(error)"
      }
    }
    let (reseeded, lion) = (try makeTrainer(seed: 8), try makeTrainer(Lion()))
    #expect(
      message(reseeded, checkpoint)
        == "the checkpoint was made with the seed 7, and the trainer has 8")
    #expect(
      message(lion, checkpoint)
        == "the checkpoint was made with AdamW, and the trainer has Lion")
    var other = checkpoint
    other.state.parameters["w"] = Tensor([1], [0] as [Float])
    #expect(message(trainer, other).contains("no parameter named w"))
    other = checkpoint
    other.state.average?.values["readout.dense.bias"] = nil
    #expect(message(trainer, other).contains("no value for the parameter readout.dense.bias"))
  }

  @Test func aDiskKeepsAndReplacesFiles() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("checkpoint-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/run.checkpoint"
    let trainer = try makeTrainer()
    for _ in 0..<2 {
      try run(trainer, steps: 1)
      try Checkpoint(trainer).write(to: path)
      let found = try Checkpoint(contentsOf: path)
      #expect(found == Checkpoint(trainer))
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(names == ["run.checkpoint"])
    }
    #expect { try Checkpoint(contentsOf: folder + "/none") } throws: {
      "\($0)".hasPrefix(folder + "/none: cannot be read: ")
    }
    #expect { try Checkpoint(trainer).write(to: folder + "/no/run") } throws: {
      "\($0)".contains("/no/run: cannot be written: ")
    }
    try Data("[1, 2]".utf8).write(to: URL(fileURLWithPath: path))
    #expect { try Checkpoint(contentsOf: path) } throws: { "\($0)".contains("no checkpoint, or it is damaged") }
  }
}
