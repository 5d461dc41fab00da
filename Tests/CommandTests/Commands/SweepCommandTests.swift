import EbbMarkup
import Foundation
import Testing

/// `ebb sweep` from the template to the page.
@Suite struct SweepCommandTests {
  private let experiment = """
    {"command": "train", "options": {"task": "copy", "length": 4, "hidden": 3, "batch": 4, "steps": 12},
     "grid": {"cell": ["rnn", "gru"], "rate": [0.01, -1]}, "seeds": 2}
    """

  private func withExperiment(_ text: String? = nil, _ body: (String, String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let file = folder + "/e.json"
      try (text ?? experiment).write(toFile: file, atomically: true, encoding: .utf8)
      try body(file, folder)
    }
  }

  @Test func theTemplateIsAnExperiment() throws {
    let template = ebb("sweep", "--template")
    #expect(template.status == 0)
    try withExperiment(template.output) { file, _ in
      let script = ebb("sweep", file, "--script", "pbs")
      #expect(script.status == 0 && script.output.contains("#PBS -J 1-18"), "\(script.messages)")
    }
  }

  @Test func tasksRunAreSkippedAndAreCollected() throws {
    try withExperiment { file, folder in
      let first = ebb("sweep", file, "--task", "1")
      #expect(first.status == 0, "\(first.messages)")
      #expect(ebb("sweep", file, "--task", "1").messages.contains("task 1 is finished"))
      let failing = ebb("sweep", file, "--task", "3")
      #expect(failing.status != 0)
      #expect(ebb("sweep", file, "--task", "3").messages.contains("task 3 has failed, and --retry runs it again"))
      let some = ebb("sweep", file, "--collect")
      #expect(some.status == 0)
      #expect(some.output.contains("Tasks: 1 finished, 6 missing, 1 failed."), "\(some.output)")
      #expect(some.output.contains("--rate takes a number greater than 0, not '-1'"))
      let table = try String(contentsOfFile: file.dropLast(5) + ".sweep/table.csv", encoding: .utf8)
      #expect(
        table.hasPrefix(
          "task,cell,rate,seed,state,loss,accuracy,solved,solved after,factor a step\n1,rnn,0.01,1,finished,"))
    }
  }

  /// A task gives the numbers of its command.
  @Test func aTaskIsTheCommand() throws {
    try withExperiment { file, folder in
      #expect(ebb("sweep", file, "--task", "2").status == 0)
      let record = try JSONValue(
        parsing: String(contentsOfFile: file.dropLast(5) + ".sweep/results/0002.json", encoding: .utf8))
      let alone = try ebb(
        "train", "--task", "copy", "--length", "4", "--hidden", "3", "--batch", "4", "--steps", "12", "--cell", "rnn",
        "--rate", "0.01", "--seed", "2", "--threads", "1", "--json"
      ).json()
      #expect(record["numbers"]?["evaluations"] == alone["evaluations"])
      #expect(record["numbers"]?["losses"]?.array?.count == 12)
      #expect(record["numbers"]?["losses"] == alone["losses"])
    }
  }

  @Test(arguments: [
    (#"{"command": "train", "grid": {"unit": [3]}}"#, "there is no option --unit"),
    (#"{"command": "trian"}"#, "there is no command trian"),
    (#"{"command": "weights"}"#, "there is no command weights"),
    (#"{"command": "train", "options": {"json": "x"}}"#, "the files of a task are named by the sweep itself"),
    (#"{"command": "train", "report": ["loss"], "best": {"metric": "los"}}"#, "there is no reported number los"),
    (#"{"command": "train", "halving": {"steps": [1, 2], "asynchronous": 1}}"#, "true or false is expected"),
    (#"{"command": "flow", "halving": {"steps": [1, 2]}}"#, "flow has no training that could go on"),
    (#"{"command": "train","#, "line 1"),
  ])
  func faultsAreToldBeforeAnythingRuns(text: String, message: String) throws {
    try withExperiment(text) { file, folder in
      let outcome = ebb("sweep", file)
      #expect(outcome.status != 0)
      #expect(outcome.messages.contains(message), "\(outcome.messages)")
      let files = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(files == ["e.json"])
    }
  }

  /// Also where sizes depend on data: the command tells what its plan needs.
  @Test func aDryRunEstimatesTimeAndMemory() throws {
    let text = """
      {"command": "forecast train", "input": "FILE", "options": {"target": "y", "window": 8, "hidden": 4},
       "grid": {"steps": [20, 30]}}
      """
    try withTemporaryFolder { folder in
      let data = folder + "/d.csv"
      try (["y"] + (0..<200).map { "\(($0 * 37) % 11)" }).joined(separator: "\n")
        .write(toFile: data, atomically: true, encoding: .utf8)
      try withExperiment(text.replacingOccurrences(of: "FILE", with: data)) { file, _ in
        let outcome = ebb("sweep", file, "--dry-run")
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(!outcome.output.contains("unknown") && outcome.output.contains("MiB"), "\(outcome.output)")
      }
    }
  }

  @Test func aTaskThatDoesNotExistIsRefused() throws {
    try withExperiment { file, _ in
      #expect(ebb("sweep", file, "--task", "9").messages.contains("--task takes a whole number"))
      #expect(ebb("sweep").messages.contains("FILE is missing"))
      #expect(ebb("sweep", file, "--watch").messages.contains("--watch goes with --collect"))
      #expect(ebb("sweep", file, "--collect", "--dry-run").messages.contains("exclude each other"))
    }
  }

  /// Side by side as processes, interrupted and gone on with: the table is that of tasks in one process.
  @Test func processesGiveTheSameTable() throws {
    let long = """
      {"command": "train", "options": {"task": "order2", "length": 12, "hidden": 6, "steps": 150, "checkpoint-interval": 5},
       "grid": {"rate": [0.000001, 0.000002]}, "seeds": 2}
      """
    try withExperiment(long) { file, folder in
      let program = try ProgramProcess(["sweep", file, "--folder", folder + "/cut", "--processes", "2"])
      let checkpoint = folder + "/cut/work/0002.checkpoint.safetensors"
      #expect(program.wait { FileManager.default.fileExists(atPath: checkpoint) })
      program.send(SIGTERM)
      let cut = try program.outcome()
      #expect(cut.status == 143, "\(cut.messages)")
      #expect(cut.messages.contains("interrupted: the same command goes on"))
      let rest = try ProgramProcess(["sweep", file, "--folder", folder + "/cut"]).outcome()
      #expect(rest.status == 0, "\(rest.messages)")
      #expect(rest.messages.contains("4 of 4 tasks are finished"))
      for task in 1...4 { #expect(ebb("sweep", file, "--folder", folder + "/whole", "--task", "\(task)").status == 0) }
      for name in ["cut", "whole"] {
        #expect(ebb("sweep", file, "--folder", folder + "/" + name, "--collect").status == 0)
      }
      let tables = try ["cut", "whole"].map { try String(contentsOfFile: "\(folder)/\($0)/table.csv", encoding: .utf8) }
      #expect(tables[0] == tables[1])
      // Also where the numbers are of the time before the interruption.
      func numbers(_ name: String, _ task: Int) throws -> [JSONValue?] {
        let record = try String(contentsOfFile: "\(folder)/\(name)/results/000\(task).json", encoding: .utf8)
        let numbers = try JSONValue(parsing: record)["numbers"]
        return ["firstStep", "losses", "evaluations", "gradientsThroughTime"].map { numbers?[$0] }
      }
      for task in 1...4 {
        let (cut, whole) = try (numbers("cut", task), numbers("whole", task))
        #expect(cut == whole && cut[0]?.integer == 1 && cut[2]?.array?.count == 11)
      }
    }
  }

  private func losses(_ record: String) throws -> JSONValue? { try JSONValue(parsing: record)["numbers"]?["losses"] }

  @Test(arguments: [false, true])
  func halvingEndsTheOthersEarly(isAsynchronous: Bool) throws {
    let text = """
      {"command": "train", "options": {"task": "order2", "length": 10, "hidden": 4},
       "grid": {"rate": [0.0001, 0.001, 0.01, 0.1]},
       "halving": {"steps": [5, 10, 15], "factor": 2, "asynchronous": \(isAsynchronous)}}
      """
    try withExperiment(text) { file, folder in
      let outcome = try ProgramProcess(["sweep", file]).outcome()
      #expect(outcome.messages.contains("of 4 tasks are finished"), "\(outcome.messages)")
      #expect(
        isAsynchronous
          || outcome.messages.contains("1 of 4 tasks are finished, 3 stopped early, 0 failed"), "\(outcome.messages)")
      // The jobs of an array, one after the other: the last of them also does what the others have left.
      let array = folder + "/array"
      for task in 1...4 {
        #expect(ebb("sweep", file, "--folder", array, "--task", "\(task)", "--others").status == 0)
      }
      func records(_ path: String) throws -> [String: String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: path + "/results")
        return try Dictionary(
          uniqueKeysWithValues: names.map { ($0, try String(contentsOfFile: path + "/results/" + $0, encoding: .utf8)) }
        )
      }
      #expect(try records(array).mapValues(losses) == records(file.dropLast(5) + ".sweep").mapValues(losses))
      guard !isAsynchronous else { return }
      let collected = ebb("sweep", file, "--collect")
      #expect(
        collected.output.contains("Tasks: ") && collected.output.contains("3 stopped early"), "\(collected.output)")
      // What went on has made all steps as if nothing had been decided in between.
      let results = try FileManager.default.contentsOfDirectory(atPath: file.dropLast(5) + ".sweep/results").sorted()
      #expect(results.count == 4 + 2 + 1)
      let last = try #require(results.first { $0.hasSuffix("15-steps.json") })
      let record = try JSONValue(
        parsing: String(contentsOfFile: file.dropLast(5) + ".sweep/results/" + last, encoding: .utf8))
      #expect(record["numbers"]?["losses"]?.array?.count == 15)
    }
  }
}
