import EbbInterchange
import EbbTestSupport
import Foundation
import Testing

/// Commands on a device that fails.
@Suite(.enabled(if: FakePlugin.compiler != nil)) struct DeviceTests {
  private static func training(_ plugin: FakePlugin?, in folder: String) -> [String] {
    [
      "train", "--task", "adding", "--length", "5", "--hidden", "3", "--batch", "4", "--steps", "60", "--quiet",
      "--checkpoint", folder + "/c.safetensors", "--checkpoint-interval", "5", "--log", folder + "/l.csv",
    ] + (plugin.map { ["--device", "pjrt:" + $0.path] } ?? [])
  }

  private static func steps(_ folder: String) throws -> [Int] {
    try String(contentsOfFile: folder + "/l.csv", encoding: .utf8).split(separator: "\n").dropFirst().compactMap {
      $0.split(separator: ",").first.flatMap { Int($0) }
    }
  }

  /// A check of the plugin's own ends the process in the middle of training. The checkpoint is whole, and training goes on
  /// from it: on the device again, or without one.
  @Test(arguments: [true, false]) func anAbortCostsTheStepsSinceTheCheckpoint(onDevice: Bool) throws {
    let (aborting, working) = (try FakePlugin("ABORT_AT=1300"), try FakePlugin())
    defer { for plugin in [aborting, working] { plugin.remove() } }
    try withTemporaryFolder { folder in
      let first = try ProgramProcess(Self.training(aborting, in: folder)).outcome()
      #expect(first.status == 128 + SIGABRT, "\(first.messages)")
      let made = try #require(try Self.steps(folder).last) + 1
      #expect(made > 10 && made < 60)
      let saved = try Safetensors(contentsOf: folder + "/c.safetensors")
      let step = try #require(saved.metadata["step"].flatMap { Int($0) })
      #expect(step.isMultiple(of: 5) && step > made - 6 && step <= made)
      // Nothing half-written lies beside it.
      let files = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(Set(files).subtracting(["c.safetensors", "l.csv", "c.safetensors.lock"]).isEmpty, "\(files)")
      let second = try ProgramProcess(Self.training(onDevice ? working : nil, in: folder) + ["--resume"]).outcome()
      #expect(second.status == 0 || second.status == 1, "\(second.messages)")
      #expect(try Self.steps(folder) == Array(0..<60))
    }
  }

  /// What a plugin reports in the middle of training ends the command with its words, and the checkpoint is whole.
  @Test func anErrorInTheMiddleOfTraining() throws {
    let failing = try FakePlugin("FAILING_AT=1300")
    defer { failing.remove() }
    try withTemporaryFolder { folder in
      let outcome = try ProgramProcess(Self.training(failing, in: folder)).outcome()
      #expect(outcome.status == 1)
      #expect(outcome.messages.contains("failed to run: the fake will not"), "\(outcome.messages)")
      let saved = try Safetensors(contentsOf: folder + "/c.safetensors")
      #expect(saved.metadata["step"].flatMap { Int($0) } ?? 0 > 9)
    }
  }

  /// Texts of 20 lengths are padded to 3, as they are without a device, and each module is compiled once: for training, for
  /// the held-out texts, and none for what comes later.
  @Test func lengthsAreBucketed() throws {
    let plugin = try FakePlugin()
    defer { plugin.remove() }
    try withTemporaryFolder { folder in
      let file = folder + "/texts.tsv"
      let texts = (0..<80).map { String(repeating: "word ", count: 1 + $0 / 4) + "\t\($0 % 2)\n" }
      try texts.joined().write(toFile: file, atomically: true, encoding: .utf8)
      func compilations(epochs: String) -> Int32 {
        let outcome = ebb(
          ["sentiment", "train", file, "--hidden", "2", "--embedding", "2", "--batch", "4", "--minimum-count", "1"]
            + ["--epochs", epochs, "--quiet", "--device", "pjrt:" + plugin.path, "--save", folder + "/m"])
        #expect(outcome.status == 0, "\(outcome.messages)")
        return plugin.compilations
      }
      let once = compilations(epochs: "1")
      #expect(once == 6)
      #expect(compilations(epochs: "4") == once)
    }
  }

  /// A budget is not kept there, and says what would help.
  @Test func aMemoryBudget() throws {
    let plugin = try FakePlugin()
    defer { plugin.remove() }
    try withTemporaryFolder { folder in
      let outcome = ebb(Self.training(plugin, in: folder) + ["--memory-budget", "1MiB"])
      #expect(outcome.status == 2)
      #expect(outcome.messages.contains("--memory-budget: a memory budget, here 1048576 bytes"), "\(outcome.messages)")
      #expect(outcome.messages.contains("fewer steps at once or a smaller batch"))
    }
  }

  /// A bench on a device that fails says so instead of showing times.
  @Test func aBenchThatFails() throws {
    let failing = try FakePlugin("FAILING_AT=3")
    defer { failing.remove() }
    let outcome = ebb(["bench", "--cells", "rnn", "--shape", "3,2,2,2", "--device", "pjrt:" + failing.path])
    #expect(outcome.status == 1 && outcome.messages.contains("the fake will not"), "\(outcome.messages)")
  }
}
