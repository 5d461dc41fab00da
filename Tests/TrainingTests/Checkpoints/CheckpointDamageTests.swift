import EbbApplications
import EbbCells
import EbbFiles
import EbbRecording
import EbbTensors
import Foundation
import Synchronization
import Testing

@testable import EbbTraining

@Suite struct CheckpointDamageTests {
  private func trainer(dropout: Double = 0.25) throws -> Trainer {
    try Trainer(
      .sequenceToOne(Stack([GRU(units: 2), Dropout(dropout)]), features: 2), optimizer: Adam(), seed: 1)
  }

  /// A checkpoint with everything that can be remembered.
  private func checkpoint() throws -> Checkpoint {
    let trainer = try trainer()
    _ = try trainer.step(AddingProblem(length: 3).batch(size: 2, seed: 1, step: 0))
    var checkpoint = Checkpoint(trainer, notes: ["--cell": "gru"])
    checkpoint.state.plateau = PlateauDecay.State(best: BestValue(value: 1, stale: 1), cooldownLeft: 1)
    checkpoint.state.earlyStopping = EarlyStopping.State(
      best: BestValue(value: 1, stale: 1), bestParameters: trainer.parameters)
    checkpoint.state.average = AveragedWeights(count: 1, values: trainer.parameters)
    checkpoint.state.callSteps = 1
    checkpoint.state.history = StepHistory(
      losses: [1 / 7], gradientNorms: [0.1], clippedSteps: [1], skippedSteps: [1],
      validations: [Validation.Point(step: 1, value: 1 / 3)])
    for value in [1.0, .infinity] { checkpoint.records.add([value], to: "tests") }
    return checkpoint
  }

  /// The file with other texts in its header, which may be longer.
  private func edited(_ bytes: [UInt8], _ changes: (String, String)...) -> [UInt8] {
    let count = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    var header = String(decoding: bytes[8..<8 + count], as: UTF8.self)
    for (old, new) in changes {
      precondition(header.contains(old), "\(old) is not in \(header)")
      header = header.replacingOccurrences(of: old, with: new)
    }
    let text = Array(header.utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + bytes[(8 + count)...]
  }

  /// As programs wrote it that knew no checksum.
  private func old(_ bytes: [UInt8]) -> [UInt8] {
    let text = String(decoding: bytes, as: UTF8.self)
    let start = text.range(of: "\"ebb.checksum\":\"")?.lowerBound ?? text.startIndex
    let sum = String(text[start...].prefix(34))
    return edited(bytes, ("\"ebb.checkpoint\":\"2\"", "\"ebb.checkpoint\":\"1\""), (sum, ""))
  }

  @Test func noBitChangesInSilence() throws {
    let checkpoint = try checkpoint()
    let bytes = checkpoint.bytes
    // 9 and 8 have no common divisor: every bit of a byte is met.
    for bit in stride(from: 3, to: 8 * bytes.count, by: 9 * (8 * bytes.count / 9 / 1500 | 1)) {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      // Of a hexadecimal digit in the header, say, the other case is the same.
      let read = try? Checkpoint(bytes: damaged)
      #expect(read == nil || read == checkpoint, "bit \(bit)")
    }
  }

  @Test func oldCheckpointsAreRead() throws {
    let checkpoint = try checkpoint()
    let bytes = old(checkpoint.bytes)
    #expect(try Checkpoint(bytes: bytes) == checkpoint)
    // A new one does not pass for one when its checksum is taken away.
    let stripped = edited(bytes, ("\"ebb.checkpoint\":\"1\"", "\"ebb.checkpoint\":\"2\""))
    #expect { try Checkpoint(bytes: stripped) } throws: { "\($0)".contains("its ebb.checksum is missing") }
    let later = edited(bytes, ("\"ebb.checkpoint\":\"1\"", "\"ebb.checkpoint\":\"3\""))
    #expect { try Checkpoint(bytes: later) } throws: { "\($0)".contains("of version 3; known are 1 and 2") }
  }

  @Test(arguments: [
    "step", "run", "skippedSteps", "optimizer.step", "average.count", "plateau.stale", "plateau.cooldownLeft",
    "earlyStopping.stale",
  ])
  func countersHaveBounds(name: String) throws {
    let bytes = old(try checkpoint().bytes)
    for number in ["9223372036854775807", "9223372036854775808", "-1", "1e3", "1099511627777"] {
      let count = name == "skippedSteps" ? 0 : 1
      let changed = edited(bytes, ("\"\(name)\":\"\(count)\"", "\"\(name)\":\"\(number)\""))
      #expect { try Checkpoint(bytes: changed) } throws: { "\($0)".contains("its \(name) is") }
    }
  }

  /// NaN is not equal to itself, so the bits of a loss are compared.
  @Test func theHistoryKeepsEveryBit() throws {
    var checkpoint = try checkpoint()
    checkpoint.state.history.losses = [.nan]
    let read = try Checkpoint(bytes: checkpoint.bytes)
    let (history, expected) = (read.state.history, checkpoint.state.history)
    #expect(history.losses.map(\.bitPattern) == expected.losses.map(\.bitPattern))
    #expect(history.gradientNorms == [0.1] && history.clippedSteps == [1] && history.skippedSteps == [1])
    #expect(history.validations == expected.validations)
    #expect(read.records.values("tests") == [[1.0], [.infinity]])
    #expect(read.records.values("tests", String.self).isEmpty && read.records.values("none", Double.self).isEmpty)
    var odd = checkpoint
    odd.state.history.losses.append(1)
    #expect { try Checkpoint(bytes: odd.bytes) } throws: { "\($0)".contains("2 losses and 1 norms") }
  }

  @Test func aStateThatCannotBeIsNotRestored() throws {
    let trainer = try trainer()
    var state = trainer.state
    state.step = .max
    #expect { try trainer.restore(state) } throws: { "\($0)".contains("its step is 9223372036854775807") }
    state.step = 2
    state.optimizer.step = 3
    #expect { try trainer.restore(state) } throws: { "\($0)".contains("its optimizer.step is 3, after 2 steps") }
  }

  /// The parameters are the same, what is computed from them is not.
  @Test func anotherNetworkIsRefused() throws {
    let checkpoint = Checkpoint(try trainer())
    #expect { try trainer(dropout: 0.5).restore(checkpoint) } throws: { "\($0)".contains("network of other equations") }
    var unknown = checkpoint
    unknown.network = ""
    try trainer(dropout: 0.5).restore(unknown)
  }

  /// Each writes the file again and again; what is read in between is one of the two, whole.
  @Test func writersOfOneFileTakeTurns() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/file"
    let texts = [[UInt8](repeating: 1, count: 30_000), [UInt8](repeating: 2, count: 50_000)]
    try DiskStore().replace(path, with: texts[0])
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 3) { writer in
      for _ in 0..<60 {
        do {
          if writer < 2 {
            try DiskStore().replace(path, with: texts[writer])
          } else if !texts.contains(try DiskStore().read(path)) {
            failures.withLock { $0.append("mixed") }
          }
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
      }
    }
    #expect(failures.withLock { $0 } == [])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
  }

  @Test func aLockIsHeldOnceAndGoesWithItsOwner() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID())").path
    // What a process that was killed has left.
    try Data("1\n".utf8).write(to: URL(fileURLWithPath: file + ".lock"))
    var lock: FileLock? = try FileLock(for: file)
    let error = #expect(throws: FileError.self) { try FileLock(for: file) }
    #expect(error?.description.contains("another process (\(getpid())) is writing it") == true)
    #expect(lock != nil)
    lock = nil
    #expect(!FileManager.default.fileExists(atPath: file + ".lock"))
    _ = try FileLock(for: file)
    #expect(throws: FileError.self) { try FileLock(for: "/no/such/folder/file") }
  }
}
