internal import EbbStatistics

/// What a task has to do next under successive halving, from the files of all tasks alone: whoever asks, whenever and
/// on whichever machine, gets the same answer for the same files.
///
/// Rung by rung the best 1/η of the settings go on, ranked by the median of their seeds (Jamieson & Talwalkar 2016,
/// algorithm 1). A setting is judged when all tasks of its rung are done, so the outcome does not depend on which
/// machine was fast. (ASHA, Li et al. 2020, promotes earlier, and so depends on that.)
public enum HalvingState: Sendable, Hashable {
  /// It trains until this number of steps.
  case runs(steps: Int)
  /// It has made all steps.
  case finished
  /// Others were better after so many steps.
  case stopped(steps: Int)
  /// Other tasks have to make so many steps first.
  case waits(steps: Int)

  /// - Parameters:
  ///   - record: The record of a task at a rung; nil if it has none.
  ///   - metric: What ranks the settings.
  public init(
    of task: SweepTask, in experiment: Experiment, _ halving: Experiment.Halving, metric: SweepMetric,
    record: (Int, Int) throws -> TaskRecord?
  ) throws {
    let tasks = experiment.tasks
    var settings = Set(tasks.map(\.setting)).sorted()
    for (place, steps) in halving.steps.enumerated() {
      guard settings.contains(task.setting) else {
        self = .stopped(steps: halving.steps[place - 1])
        return
      }
      guard try record(task.number, steps) != nil else {
        self = .runs(steps: steps)
        return
      }
      guard place + 1 < halving.steps.count else { break }
      var values: [Int: [Double]] = [:]
      for other in tasks where settings.contains(other.setting) {
        guard let record = try record(other.number, steps) else {
          self = .waits(steps: steps)
          return
        }
        values[other.setting, default: []].append(record.score(metric))
      }
      let medians = values.mapValues { Spread($0).median }
      func isBetter(_ first: Int, _ second: Int) -> Bool {
        let (a, b) = (medians[first] ?? .nan, medians[second] ?? .nan)
        // The first setting of equal ones goes on.
        return a == b || (a.isNaN && b.isNaN) ? first < second : a < b || b.isNaN
      }
      let count = (settings.count + halving.factor - 1) / halving.factor
      settings = Array(settings.sorted(by: isBetter).prefix(count))
    }
    self = .finished
  }
}

extension TaskRecord {
  /// The metric such that less is better; a failed task has none.
  func score(_ metric: SweepMetric) -> Double {
    switch outcome {
    case .finished(let numbers, _): (metric.isLargestBest ? -1 : 1) * metric.value(in: numbers)
    case .failed: .nan
    }
  }
}
