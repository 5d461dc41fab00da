import EbbFiles
import EbbMarkup
import EbbSweeps
import Foundation
import Testing

/// Results in files: which are taken, which are refused, and what halving makes of them.
@Suite struct SweepFolderTests {
  private let experiment: Experiment
  private let metric = SweepMetric("loss", "evaluations.-1.loss")

  init() throws {
    experiment = try Experiment(
      JSONValue(
        parsing: """
          {"command": "train", "grid": {"rate": [1, 2, 3, 4, 5]}, "seeds": 2, "halving": {"steps": [10, 30], "factor": 3}}
          """), file: "e.json")
  }

  private func withFolder(_ body: (SweepFolder) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let folder = SweepFolder(path, of: experiment)
    try folder.open()
    try body(folder)
  }

  private func record(
    _ task: SweepTask, _ folder: SweepFolder, loss: Double, rung: Int?
  ) -> TaskRecord {
    let numbers: JSONValue = ["evaluations": [["loss": 9], ["loss": .number(loss)]]]
    return TaskRecord(
      task, experiment: folder.fingerprint, version: "0", rung: rung,
      outcome: .finished(numbers: numbers))
  }

  @Test func recordsComeBackAsTheyWere() throws {
    try withFolder { folder in
      let tasks = experiment.tasks
      let record = record(tasks[2], folder, loss: .nan, rung: 10)
      try folder.write(record)
      let read = try #require(try folder.record(3, rung: 10))
      #expect(read.json.text() == record.json.text())
      #expect(try folder.record(3, rung: 30) == nil)
      let failed = TaskRecord(
        tasks[3], experiment: folder.fingerprint, version: "0", outcome: .failed(status: 2, reason: "no"))
      try folder.write(failed)
      #expect(try folder.record(4)?.outcome == .failed(status: 2, reason: "no"))
      // A result takes the place of a failure.
      try folder.write(self.record(tasks[3], folder, loss: 1, rung: nil))
      #expect(!FileManager.default.fileExists(atPath: folder.failure(4)))
    }
  }

  @Test func foreignAndBrokenResultsAreRefused() throws {
    try withFolder { folder in
      let task = experiment.tasks[0]
      let good = record(task, folder, loss: 1, rung: nil).json.text()
      let faults = [
        (good.replacingOccurrences(of: "\"format\": 1", with: "\"format\": 2"), "2, and this program reads version 1"),
        (good.replacingOccurrences(of: folder.fingerprint, with: "0123456789abcdef"), "another experiment"),
        (String(good.prefix(40)), "line"), ("{}", "not the result of a task"),
      ]
      for (text, message) in faults {
        try text.write(toFile: folder.result(1), atomically: true, encoding: .utf8)
        let error = #expect(throws: SweepError.self) { try folder.record(1) }
        #expect(error?.description.contains(message) == true, "\(message)")
      }
    }
  }

  @Test func twoExperimentsDoNotShareAFolder() throws {
    try withFolder { folder in
      var other = experiment
      other.seeds = [1]
      let error = #expect(throws: SweepError.self) { try SweepFolder(folder.path, of: other).open() }
      #expect(error?.description.contains("another experiment") == true)
      // What is reported of the tasks may change.
      other = experiment
      other.report = ["evaluations.0.loss"]
      try SweepFolder(folder.path, of: other).open()
    }
  }

  /// Where the file system has no locks, two processes may run one task. They write the same, and whoever reads sees a
  /// whole record.
  @Test func writersWithoutLocksLeaveWholeRecords() throws {
    try withFolder { folder in
      let task = experiment.tasks[1]
      let record = record(task, folder, loss: 1, rung: nil)
      try folder.write(record)
      DispatchQueue.concurrentPerform(iterations: 4) { writer in
        for _ in 0..<50 {
          if writer < 2 {
            #expect(throws: Never.self) { try folder.write(record) }
          } else {
            #expect((try? folder.record(task.number)) == record)
          }
        }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/results") == ["0002.json"])
    }
  }

  /// A clock that runs back gives files dates of any order; they decide nothing.
  @Test func datesOfFilesDecideNothing() throws {
    try withFolder { folder in
      let tasks = experiment.tasks
      try folder.write(record(tasks[0], folder, loss: 1, rung: nil))
      try folder.write(record(tasks[1], folder, loss: 2, rung: nil))
      for (file, year) in [
        (folder.path + "/experiment.json", 2090), (folder.result(1), 1980), (folder.result(2), 2080),
      ] {
        let date = try #require(DateComponents(calendar: Calendar(identifier: .gregorian), year: year).date)
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file)
      }
      try folder.open()
      #expect(try folder.record(1) == record(tasks[0], folder, loss: 1, rung: nil))
      #expect(try folder.record(2) == record(tasks[1], folder, loss: 2, rung: nil))
      #expect(try folder.record(3) == nil)
    }
  }

  @Test func placesInNumbersCountFromBothEnds() throws {
    let json = try JSONValue(parsing: #"{"a": [{"b": 1}, {"b": true, "c": null}]}"#)
    #expect(SweepMetric("", "a.0.b").value(in: json) == 1)
    #expect(SweepMetric("", "a.-1.b").value(in: json) == 1)
    #expect(SweepMetric("", "a.-3.b").value(in: json).isNaN)
    #expect(SweepMetric("", "a.1.c").value(in: json).isNaN)
  }
}
