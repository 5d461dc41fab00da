internal import EbbStatistics

/// Where all tasks stand under successive halving, from their files alone: whoever asks, whenever and on whichever
/// machine, gets the same answer for the same files, and which settings go on depends on their results alone.
///
/// Settings are ranked by the median of their seeds. Of n settings on a rung,
///
/// - when all have results, the best ⌈n/η⌉ go on (Jamieson & Talwalkar 2016, algorithm 1); or,
/// - asynchronously, those go on that are among the best ⌊m/η⌋ of the first m, for any m (ASHA: Li et al. 2020,
///   algorithm 2). There the first m are those that have finished by then, so that fast machines decide; here they are
///   the first in the order in which they came to the rung, on the lowest one that of the tasks.
public struct HalvingTable: Sendable {
  private let tasks: [Int: [SweepTask]]
  private let halving: Experiment.Halving
  private let metric: SweepMetric
  /// For each rung the scores of the tasks that have results there, by number.
  private var scores: [[Int: Double]]
  private var rungs: [Rung]
  /// The tasks whose file cannot be read, and why.
  private var faults: [Int: any Error] = [:]

  /// The settings that have come to a rung.
  private struct Rung {
    /// In the order in which they came.
    var settings: [Int]
    /// Whether no other can come.
    var isFinal: Bool
  }

  /// A table without results.
  public init(_ experiment: Experiment, _ halving: Experiment.Halving, metric: SweepMetric) {
    tasks = Dictionary(grouping: experiment.tasks, by: \.setting)
    (self.halving, self.metric) = (halving, metric)
    scores = halving.steps.map { _ in [:] }
    rungs = [Rung(settings: tasks.keys.sorted(), isFinal: true)]
  }

  /// Reads the results that have come since the last time.
  ///
  /// - Parameter record: The record of a task after so many steps; nil if it has none. One that cannot be read counts as
  ///   none for the other tasks.
  public mutating func read(_ record: (_ task: Int, _ steps: Int) throws -> TaskRecord?) {
    faults = [:]
    rungs.removeSubrange(1...)
    for (place, steps) in halving.steps.enumerated() {
      for task in rungs[place].settings.flatMap({ tasks[$0] ?? [] }) where scores[place][task.number] == nil {
        do {
          scores[place][task.number] = try record(task.number, steps)?.score(metric)
        } catch {
          faults[task.number] = error
        }
      }
      if steps != halving.steps.last { rungs.append(next(after: rungs[place], scores[place])) }
    }
  }

  /// What a task has to do next.
  ///
  /// - Throws: Why its file cannot be read.
  public func state(of task: SweepTask) throws -> HalvingState {
    if let fault = faults[task.number] { throw fault }
    for (place, rung) in rungs.enumerated() {
      guard rung.settings.contains(task.setting) else {
        let steps = halving.steps[place - 1]
        return rung.isFinal ? .stopped(steps: steps) : .waits(steps: steps)
      }
      if scores[place][task.number] == nil { return .runs(steps: halving.steps[place]) }
    }
    return .finished
  }

  // MARK: Who goes on

  private func next(after rung: Rung, _ scores: [Int: Double]) -> Rung {
    let medians = rung.settings.map { setting -> Double? in
      let seeds = (tasks[setting] ?? []).map { scores[$0.number] }
      return seeds.contains(nil) ? nil : Spread(seeds.compactMap { $0 }).median
    }
    let known = Array(zip(rung.settings, medians.prefix { $0 != nil }.compactMap { $0 }))
    let isWhole = rung.isFinal && known.count == rung.settings.count
    if halving.isAsynchronous { return Rung(settings: asynchronous(known, isWhole), isFinal: isWhole) }
    guard isWhole else { return Rung(settings: [], isFinal: false) }
    let count = (known.count + halving.factor - 1) / halving.factor
    return Rung(settings: known.sorted(by: Self.isBetter).prefix(count).map(\.0), isFinal: true)
  }

  private func asynchronous(_ known: [(Int, Double)], _ isWhole: Bool) -> [Int] {
    var (ranking, goOn): ([(Int, Double)], [Int]) = ([], [])
    for setting in known {
      ranking.insert(setting, at: ranking.firstIndex { Self.isBetter(setting, $0) } ?? ranking.count)
      for (best, _) in ranking.prefix(ranking.count / halving.factor) where !goOn.contains(best) { goOn.append(best) }
    }
    // Of fewer than η settings one goes on all the same.
    if isWhole, goOn.isEmpty, let best = ranking.first { goOn = [best.0] }
    return goOn
  }

  /// Of equal settings the first is better; one that diverged is the worst.
  private static func isBetter(_ first: (Int, Double), _ second: (Int, Double)) -> Bool {
    let (a, b) = (first.1, second.1)
    return a == b || (a.isNaN && b.isNaN) ? first.0 < second.0 : a < b || (b.isNaN && !a.isNaN)
  }
}
