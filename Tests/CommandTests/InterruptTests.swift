import EbbMarkup
import EbbTestSupport
import Foundation
import Testing

/// What becomes of a run that is ended, at moments drawn with a fixed seed.
@Suite struct InterruptTests {
  /// The lines of a log, of which each step adds one.
  private func lines(_ path: String) -> Int {
    guard let data = FileManager.default.contents(atPath: path) else { return 0 }
    return data.count { $0 == UInt8(ascii: "\n") }
  }

  private func inFolders(_ body: (_ data: String, _ folder: String) throws -> Void) throws {
    try withTemporaryFolder { data in
      try SmallTraining.writeData(in: data)
      try withTemporaryFolder { try body(data, $0) }
    }
  }

  private func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  private func resume(_ folder: String) -> [String] {
    FileManager.default.fileExists(atPath: folder + "/c") ? ["--resume"] : []
  }

  /// Numbers without those that are times.
  private func untimed(_ json: JSONValue) -> JSONValue {
    switch json {
    case .object(let object):
      .object(JSONObject(object.members.filter { $0.key != "stepsPerSecond" }.map { ($0.key, untimed($0.value)) }))
    case .array(let values): .array(values.map(untimed))
    case .string, .number, .integer, .bool, .null: json
    }
  }

  private func numbers(_ path: String) throws -> JSONValue {
    untimed(try JSONValue(parsing: String(contentsOfFile: path, encoding: .utf8)))
  }

  /// A page from its first heading to the command line at its end.
  private func page(_ path: String) throws -> Substring {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let end = try #require(text.range(of: "<code>ebb ", options: .backwards)?.lowerBound)
    return text[..<end]
  }

  /// Whatever ends it and when, the run that goes on has the bits of one that was never ended, and reports the same of all
  /// its steps.
  @Test(arguments: SmallTraining.all)
  func resumedRunsHaveTheSameBits(training: SmallTraining) throws {
    try inFolders { data, folder in
      let whole = ebb(
        training.arguments(data) + ["--save", data + "/whole", "--json", data + "/n", "--report", data + "/page"])
      #expect(whole.status == 0, "\(whole.messages)")
      let files = [
        "--save", folder + "/model", "--checkpoint", folder + "/c", "--checkpoint-interval", "7", "--log",
        folder + "/log.csv", "--json", folder + "/n", "--report", folder + "/page",
      ]
      var random = SmallRandom(seed: UInt64(training.name.utf8.reduce(0) { $0 + Int($1) }))
      var endings = 0
      let signals = effort(debug: [SIGKILL, SIGTERM], optimized: [SIGKILL, SIGINT, SIGKILL, SIGTERM, SIGHUP])
      for signal in signals {
        let run = try ProgramProcess(training.arguments(data) + files + resume(folder))
        let begin = lines(folder + "/log.csv")
        let goal = begin + 2 + random.next(below: 20)
        _ = run.wait { lines(folder + "/log.csv") >= goal }
        run.send(signal)
        let outcome = try run.outcome()
        // It may have been faster than the signal.
        if outcome.status == 0 { break }
        endings += 1
        #expect(outcome.status == 128 + signal, "\(outcome.messages)")
        if signal == SIGKILL {
          // A lock that nobody holds and a draft are overwritten.
          #expect(try Set(names(in: folder)).isSubset(of: ["c", "c.lock", "c.part", "log.csv", "model", "n", "page"]))
        } else {
          #expect(outcome.messages.contains("the same command with --resume goes on"), "\(outcome.messages)")
          #expect(try names(in: folder) == ["c", "log.csv", "model", "n", "page"])
          #expect(ebb("weights", folder + "/model").status == 0)
        }
      }
      #expect(endings > 0)
      // The second time nothing is left to do, as if the first had been killed after its last step.
      for _ in 0..<2 {
        let last = ebb(training.arguments(data) + files + resume(folder))
        #expect(last.status == 0, "\(last.messages)")
        #expect(try names(in: folder) == ["c", "log.csv", "model", "n", "page"])
        #expect(try bytes(folder + "/model") == bytes(data + "/whole"))
        #expect(try numbers(folder + "/n") == numbers(data + "/n"))
        #expect(try page(folder + "/page") == page(data + "/page"))
      }
      // Every step is in the log once.
      #expect(lines(folder + "/log.csv") == SmallTraining.steps + 1)
    }
  }

  /// A training that makes its last step is complete, and no other one goes on from it.
  @Test func aSignalInTheLastStepInterruptsNothing() throws {
    try withTemporaryFolder { folder in
      let log = folder + "/log.csv"
      let run = try ProgramProcess([
        "train", "--task", "copy", "--length", "60", "--hidden", "40", "--steps", "1", "--log", log, "--checkpoint",
        folder + "/c",
      ])
      // From the header on signals are questions; then comes a test of the network, and then the step.
      #expect(run.wait { lines(log) >= 1 })
      run.send(SIGINT)
      let outcome = try run.outcome()
      #expect(outcome.status == 0 && !outcome.messages.contains("interrupted"), "\(outcome.messages)")
      #expect(lines(log) == 2 && FileManager.default.fileExists(atPath: folder + "/c"))
    }
  }

  @Test func aSignalAsksForACheckpoint() throws {
    try withTemporaryFolder { folder in
      let log = folder + "/log.csv"
      let train = [
        "train", "--task", "copy", "--length", "20", "--hidden", "2", "--batch", "4", "--steps", "1000000", "--log",
      ]
      let checkpoint = ["--checkpoint", folder + "/c"]
      let saving = try ProgramProcess(train + [log] + checkpoint + ["--checkpoint-interval", "1000000"])
      #expect(saving.wait { lines(log) > 2 })
      #expect(!FileManager.default.fileExists(atPath: folder + "/c"))
      saving.send(SIGUSR1)
      #expect(saving.wait { FileManager.default.fileExists(atPath: folder + "/c") })
      let steps = lines(log)
      #expect(saving.wait { lines(log) > steps + 2 })
      // Another run keeps off the checkpoint of one that runs.
      let second = ebb(train + [log] + checkpoint + ["--resume"])
      #expect(second.status == 1 && second.messages.contains("another process"), "\(second.messages)")
      saving.send(SIGTERM)
      let outcome = try saving.outcome()
      #expect(outcome.status == 143 && outcome.messages.contains("saved in \(folder)/c after"), "\(outcome.messages)")

      // A log of its own: the other one is full of lines until this run begins it anew.
      let otherLog = folder + "/other.csv"
      let other = try ProgramProcess(train + [otherLog])
      #expect(other.wait { lines(otherLog) > 2 })
      other.send(SIGUSR1)
      let before = lines(otherLog)
      #expect(other.wait { lines(otherLog) > before + 2 })
      other.send(SIGTERM)
      let end = try other.outcome()
      #expect(end.status == 143 && end.messages.contains("without --checkpoint FILE there is nothing to write"))
    }
  }

  @Test func whatIsIgnoredAtTheStartStaysSo() throws {
    try withTemporaryFolder { folder in
      let log = folder + "/log.csv"
      let run = try ProgramProcess(
        ["train", "--task", "copy", "--length", "20", "--hidden", "2", "--steps", "1000000", "--log", log],
        shell: "trap '' HUP")
      #expect(run.wait { lines(log) > 2 })
      run.send(SIGHUP)
      let steps = lines(log)
      #expect(run.wait { lines(log) > steps + 3 })
      run.send(SIGINT)
      #expect(try run.outcome().status == 130)
    }
  }

  /// Commands that train nothing end at once, and so does a step of training at the second Ctrl-C.
  @Test func whatHasNoOrderlyEndEndsAtOnce() throws {
    try withTemporaryFolder { folder in
      let log = folder + "/log.csv"
      let flow = try ProgramProcess(
        ["flow", "--length", "20000", "--hidden", "64", "--json", folder + "/flow.json"])
      usleep(300_000)
      flow.send(SIGTERM)
      #expect(try flow.outcome().status == 143)
      #expect(try names(in: folder).isEmpty)
      let train = try ProgramProcess(
        [
          "train", "--task", "adding", "--length", "3000", "--hidden", "128", "--batch", "64", "--log", log, "--save",
          folder + "/model",
        ])
      #expect(train.wait { FileManager.default.fileExists(atPath: log) })
      train.send(SIGINT)
      usleep(300_000)
      train.send(SIGINT)
      #expect(try train.outcome().status == 130)
      #expect(try names(in: folder) == ["log.csv"])
    }
  }
}

/// Numbers that are the same in every run of the tests.
private struct SmallRandom {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next(below limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % limit
  }
}
