import EbbMarkup
import EbbSweeps
import EbbTensors
import Testing

/// Which settings go on under halving, and that it depends on nothing but their results.
@Suite struct HalvingTests {
  private static let metric = SweepMetric("loss", "loss")

  private static func experiment(_ settings: Int, seeds: Int = 1, _ halving: String) throws -> Experiment {
    let rates = (1...settings).map(String.init).joined(separator: ", ")
    return try Experiment(
      JSONValue(
        parsing: #"{"command": "train", "grid": {"rate": [\#(rates)]}, "seeds": \#(seeds), "halving": \#(halving)}"#),
      file: "e.json")
  }

  private static func record(_ task: SweepTask, _ loss: Double?, _ steps: Int) -> TaskRecord {
    TaskRecord(
      task, experiment: "", version: "", rung: steps,
      outcome: loss.map { .finished(numbers: ["loss": .number($0)]) }
        ?? .failed(status: 1, reason: "no"))
  }

  private static func states(_ experiment: Experiment, _ table: HalvingTable) throws -> [HalvingState] {
    try experiment.tasks.map { try table.state(of: $0) }
  }

  @Test func aRungIsJudgedWhenAllAreThere() throws {
    let experiment = try Self.experiment(5, seeds: 2, #"{"steps": [10, 30], "factor": 3}"#)
    let tasks = experiment.tasks
    var table = HalvingTable(experiment, try #require(experiment.halving), metric: Self.metric)
    #expect(try Self.states(experiment, table) == Array(repeating: .runs(steps: 10), count: 10))
    // The settings' medians are 5, 4, NaN, 2, 1: the last two of five go on. Task 4 comes last, and fails.
    func loss(_ task: Int) -> Double { tasks[task - 1].setting == 2 ? .nan : 5 - Double(tasks[task - 1].setting) }
    table.read { $1 == 10 && $0 != 4 ? Self.record(tasks[$0 - 1], loss($0), $1) : nil }
    #expect(try table.state(of: tasks[9]) == .waits(steps: 10))
    #expect(try table.state(of: tasks[3]) == .runs(steps: 10))
    table.read { task, steps in
      if task == 4 { return Self.record(tasks[3], nil, 10) }
      return steps == 10 || task == 10 ? Self.record(tasks[task - 1], loss(task), steps) : nil
    }
    #expect(
      try Self.states(experiment, table) == Array(repeating: .stopped(steps: 10), count: 6)
        + Array(repeating: .runs(steps: 30), count: 3) + [.finished])
  }

  /// Of the first three 2 is the best; of the first six also 4; of all nine also 9.
  @Test func asynchronouslyTheBestOfTheFirstGoOn() throws {
    let experiment = try Self.experiment(9, #"{"steps": [10, 30], "factor": 3, "asynchronous": true}"#)
    let tasks = experiment.tasks
    let losses = [5.0, 3, 6, 2, 4, 7, 8, 9, 1]
    func states(_ known: Set<Int>) throws -> [HalvingState] {
      var table = HalvingTable(experiment, try #require(experiment.halving), metric: Self.metric)
      table.read { $1 == 10 && known.contains($0) ? Self.record(tasks[$0 - 1], losses[$0 - 1], 10) : nil }
      return try Self.states(experiment, table)
    }
    let early = try states([1, 2, 3, 5, 6, 9])
    #expect(early[1] == .runs(steps: 30))
    // The ninth is the best of those that are there; but the fourth may still be better than others before it.
    #expect(early[8] == .waits(steps: 10) && early[4] == .waits(steps: 10) && early[3] == .runs(steps: 10))
    let late = try states(Set(1...9))
    #expect(late.indices.filter { late[$0] == .runs(steps: 30) } == [1, 3, 8])
    #expect(late.count { $0 == .stopped(steps: 10) } == 6)
  }

  @Test func ofFewSettingsOneGoesOn() throws {
    let experiment = try Self.experiment(2, #"{"steps": [1, 2, 3], "factor": 4, "asynchronous": true}"#)
    var table = HalvingTable(experiment, try #require(experiment.halving), metric: Self.metric)
    table.read { Self.record(experiment.tasks[$0 - 1], -Double($0), $1) }
    #expect(try Self.states(experiment, table) == [.stopped(steps: 1), .finished])
  }

  /// In whichever order tasks end, each goes as far, and none makes steps that it would not have made in another order.
  @Test(arguments: [true, false])
  func theOrderInWhichTasksEndDecidesNothing(isAsynchronous: Bool) throws {
    let experiment = try Self.experiment(
      20, seeds: 2, #"{"steps": [1, 2, 4], "factor": 3, "asynchronous": \#(isAsynchronous)}"#)
    let tasks = experiment.tasks
    func outcome(order: UInt64) throws -> (states: [HalvingState], runs: Set<[Int]>) {
      let random = RandomStream(seed: order, stream: 1)
      let results = RandomStream(seed: 7, stream: 2)
      var records: [[Int]: TaskRecord] = [:]
      var table = HalvingTable(experiment, try #require(experiment.halving), metric: Self.metric)
      for turn in 0... {
        table.read { records[[$0, $1]] }
        let ready = try tasks.compactMap { task -> (SweepTask, Int)? in
          if case .runs(let steps) = try table.state(of: task) { (task, steps) } else { nil }
        }
        guard !ready.isEmpty else { break }
        let draw = random.value(.uniform, at: [UInt32(turn), 0, 0], element: 0)
        let (task, steps) = ready[Int(draw * Double(ready.count))]
        let loss = results.value(.normal, at: [UInt32(task.number), UInt32(steps), 0], element: 0)
        records[[task.number, steps]] = Self.record(task, loss, steps)
      }
      return (try Self.states(experiment, table), Set(records.keys))
    }
    let (first, runs) = try outcome(order: 0)
    for order in 1...5 { #expect(try outcome(order: UInt64(order)) == (first, runs)) }
    #expect(first.allSatisfy { if case .waits = $0 { false } else { true } })
    // Twenty settings, of which at least ⌊20/3⌋ go on.
    let goOn = first.count { $0 != .stopped(steps: 1) } / 2
    #expect(isAsynchronous ? goOn >= 6 : goOn == 7)
  }

  @Test func aFileThatCannotBeReadStopsNobody() throws {
    let experiment = try Self.experiment(3, #"{"steps": [1, 2]}"#)
    var table = HalvingTable(experiment, try #require(experiment.halving), metric: Self.metric)
    table.read { task, steps throws in
      if task == 2 { throw SweepError("0002.json", "cut off") }
      return steps == 1 ? Self.record(experiment.tasks[task - 1], 1, 1) : nil
    }
    #expect(throws: SweepError.self) { try table.state(of: experiment.tasks[1]) }
    #expect(try table.state(of: experiment.tasks[0]) == .waits(steps: 1))
  }
}
