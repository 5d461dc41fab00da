import EbbMarkup
import EbbSweeps
import Foundation
import Testing

/// What an experiment's file means, and what is wrong with one.
@Suite struct ExperimentTests {
  private func experiment(_ text: String) throws -> Experiment {
    try Experiment(JSONValue(parsing: text), file: "e.json")
  }

  @Test func tasksAreEveryCombinationWithEverySeed() throws {
    let experiment = try experiment(
      """
      {"// remark": "no field", "command": "text train", "input": "a b.txt", "options": {"words": true, "hidden": 8},
       "grid": {"cell": ["rnn", "gru"], "rate": {"from": 0.001, "to": 0.1, "count": 3, "scale": "log"}}, "seeds": [3, 7]}
      """)
    let tasks = experiment.tasks
    #expect(tasks.count == 12 && experiment.taskCount == 12)
    #expect(tasks.map(\.number) == Array(1...12))
    #expect(
      tasks[2].arguments == [
        "text", "train", "a b.txt", "--words", "--hidden=8", "--cell=rnn", "--rate=0.01", "--seed", "3", "--threads",
        "1",
      ])
    #expect(tasks.map(\.seed) == [3, 7, 3, 7, 3, 7, 3, 7, 3, 7, 3, 7])
    #expect(tasks[11].words == "cell gru, rate 0.1")
  }

  @Test func aLatinHypercubeDrawsOnceFromEachPart() throws {
    let text = """
      {"command": "train", "draw": {"count": 10, "method": "latin-hypercube", "seed": 5, "options": {
        "rate": {"from": 0.001, "to": 1, "scale": "log"}, "hidden": {"from": 1, "to": 10, "whole": true},
        "cell": ["a", "b"]}}}
      """
    let tasks = try experiment(text).tasks
    let rates = tasks.compactMap { $0.varied[0].value.number }
    // Ten parts of the three decades, each 0.3 wide in the logarithm.
    let parts = rates.map { rate in (0..<10).last { rate >= 0.001 * pow(10, 0.3 * Double($0)) * 0.9999 } }
    #expect(Set(parts).count == 10)
    let units = tasks.compactMap { $0.varied[1].value.number }
    #expect(Set(units) == Set((1...10).map(Double.init)))
    #expect(tasks.count { $0.varied[2].value == .word("a") } == 5)
    // The draws are a function of the seed.
    #expect(try experiment(text).tasks == tasks)
    #expect(try experiment(text.replacingOccurrences(of: "\"seed\": 5", with: "\"seed\": 6")).tasks != tasks)
  }

  @Test func wholeRangesIncludeTheirEnds() throws {
    let tasks = try experiment(
      """
      {"command": "train", "draw": {"count": 400, "options": {"hidden": {"from": 1, "to": 3, "whole": true}}}}
      """
    ).tasks
    let counts = [1.0, 2, 3].map { value in tasks.count { $0.varied[0].value.number == value } }
    #expect(counts.reduce(0, +) == 400)
    #expect(counts.allSatisfy { $0 > 100 })
  }

  @Test(arguments: [
    (#"{"grid": {"rate": [1]}}"#, "e.json: command: is missing"),
    (#"{"command": "train", "grid": {"rate": []}}"#, "e.json: grid.rate: the list is empty"),
    (#"{"command": "train", "grid": {"rate": [1, 1]}}"#, "e.json: grid.rate: a value is there twice"),
    (#"{"command": "train", "grid": {"rate": 1}}"#, "e.json: grid.rate: a list, or a range"),
    (
      #"{"command": "train", "grid": {"rate": {"from": 2, "to": 1, "count": 3}}}"#, "e.json: grid.rate: a range has two"
    ),
    (#"{"command": "train", "grid": {"rate": {"from": 1, "to": 2}}}"#, "e.json: grid.rate.count: is missing"),
    (#"{"command": "train", "grid": {"rate": {"from": 0, "to": 2, "count": 2, "scale": "log"}}}"#, "begins above 0"),
    (#"{"command": "train", "grid": {"seed": [1]}}"#, "decided by the field \"seeds\""),
    (#"{"command": "train", "options": {"rate": 1}, "grid": {"rate": [2]}}"#, "decided by the field \"options\""),
    (#"{"command": "train", "options": {"rate": [1]}}"#, "several belong in \"grid\""),
    (#"{"command": "train", "seeds": 0}"#, "e.json: seeds: a number of seeds"),
    (#"{"command": "train", "seeds": [1, 1]}"#, "different whole numbers"),
    (#"{"command": "train", "sedes": 3}"#, "there is no field \"sedes\"; the fields are command, input"),
    (#"{"command": "train", "seeds": 100000, "grid": {"rate": [1, 2]}}"#, "200000 tasks are too many; 100000"),
    (#"{"command": "train", "draw": {"count": 2, "method": "sobol", "options": {"a": [1]}}}"#, "\"latin-hypercube\""),
    (#"{"command": "train", "halving": {"steps": [10, 5]}}"#, "each larger than the one before"),
    (#"{"command": "train", "options": {"steps": 5}, "halving": {"steps": [1, 5]}}"#, "by the field \"halving\""),
  ])
  func faultsAreNamedWithTheirPlace(text: String, message: String) {
    let error = #expect(throws: SweepError.self) { try self.experiment(text) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test func theIndexComesFromAnyScheduler() {
    #expect(ArrayIndex.task(["SLURM_ARRAY_TASK_ID": "3"]) == 3)
    #expect(ArrayIndex.task(["PBS_ARRAY_INDEX": "4"]) == 4)
    #expect(ArrayIndex.task(["PBS_ARRAYID": "5"]) == 5)
    #expect(ArrayIndex.task(["SGE_TASK_ID": "6"]) == 6)
    #expect(ArrayIndex.task(["LSB_JOBINDEX": "7"]) == 7)
    // Kubernetes counts from 0.
    #expect(ArrayIndex.task(["JOB_COMPLETION_INDEX": "0"]) == 1)
    // What SGE and LSF set in jobs that are no array.
    #expect(ArrayIndex.task(["SGE_TASK_ID": "undefined", "LSB_JOBINDEX": "0"]) == nil)
  }

  /// Short numbers between ends that are as written.
  @Test func rangesHaveShortNumbers() throws {
    let tasks = try experiment(
      #"{"command": "train", "grid": {"rate": {"from": 0.00012345678, "to": 0.1, "count": 3, "scale": "log"}}}"#
    ).tasks
    #expect(tasks.map(\.words) == ["rate 0.00012345678", "rate 0.00351364", "rate 0.1"])
  }

  @Test(arguments: Scheduler.allCases)
  func scriptsHaveTheArrayAndTheNeeds(scheduler: Scheduler) {
    let text = SchedulerScript(
      name: "my_sweep", command: "ebb sweep e.json", directory: "/d", output: "/d/o", tasks: 12,
      needs: TaskNeeds(threads: 2, mebibytes: 512, minutes: 75)
    ).text(scheduler)
    #expect(text.contains("ebb sweep e.json") && text.contains("12") && text.contains("/d"))
    switch scheduler {
    case .slurm:
      let parts = [
        "--array=1-12", "--mem=512M", "--time=1:15:00", "--cpus-per-task=2", "--requeue", "--signal=B:TERM@90",
      ]
      for part in parts { #expect(text.contains(part), "\(part)") }
    case .pbs:
      #expect(text.contains("-J 1-12") && text.contains("walltime=1:15:00") && text.contains("qrerun"))
      #expect(text.contains("timeout --preserve-status -s TERM 4410 ebb"))
    case .sge:
      #expect(text.contains("-t 1-12") && text.contains("-notify") && text.contains("exit 99"))
      #expect(text.contains("timeout --preserve-status -s TERM 4410 ebb"))
    case .lsf: #expect(text.contains("[1-12]") && text.contains("-W 1:15") && text.contains("brequeue"))
    case .kubernetes: #expect(text.contains("completions: 12") && text.contains("name: my-sweep"))
    case .parallel: #expect(text.contains("seq 1 12") && text.contains("--task {}"))
    }
  }

  /// Schedulers take no spaces and parentheses, and some no digit at the beginning.
  @Test(arguments: [("2 cells (new)", "ebb-2-cells-new"), ("ü.", "ebb-sweep"), ("a_b", "a-b")])
  func jobsHaveNamesThatAllTake(name: String, expected: String) {
    let script = SchedulerScript(
      name: name, command: "ebb", directory: "/d", output: "/o", tasks: 1,
      needs: TaskNeeds(threads: 1, mebibytes: 1, minutes: 1))
    for (scheduler, line) in [
      (Scheduler.slurm, "--job-name=\(expected)\n"), (.pbs, "#PBS -N \(expected)\n"), (.sge, "#$ -N \(expected)\n"),
      (.lsf, "-J \"\(expected)[1-1]\""), (.kubernetes, "  name: \(expected)\n"),
    ] {
      #expect(script.text(scheduler).contains(line), "\(scheduler)")
    }
    for scheduler in [Scheduler.pbs, .sge] { #expect(script.text(scheduler).contains(" -S /bin/sh\n")) }
  }
}
