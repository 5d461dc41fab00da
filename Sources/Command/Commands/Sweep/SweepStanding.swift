internal import EbbSweeps

/// Where the tasks of a sweep stand, as their files have it.
struct SweepStanding {
  private let sweep: Sweep
  private var table: HalvingTable?

  init(_ sweep: Sweep) {
    self.sweep = sweep
    table = sweep.experiment.halving.map { HalvingTable(sweep.experiment, $0, metric: sweep.best) }
    refresh()
  }

  /// Reads the results that have come since.
  mutating func refresh() {
    let folder = sweep.folder
    table?.read { try folder.record($0, rung: $1) }
  }

  /// What a task has to do next; without halving, it runs if it has no record.
  func state(of task: SweepTask) throws -> HalvingState {
    if let table { return try table.state(of: task) }
    return try sweep.folder.record(task.number) == nil ? .runs(steps: 0) : .finished
  }

  /// The tasks that have something to do, those first that have done the most. One whose file cannot be read has not.
  func runnable() -> [(task: SweepTask, steps: Int)] {
    var found: [(task: SweepTask, steps: Int)] = []
    for task in sweep.tasks {
      if case .runs(let steps)? = try? state(of: task) { found.append((task, steps)) }
    }
    return found.sorted { $0.steps != $1.steps ? $0.steps > $1.steps : $0.task.number < $1.task.number }
  }
}
