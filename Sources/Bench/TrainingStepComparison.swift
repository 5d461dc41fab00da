internal import EbbDiagnostics
public import EbbExecution
public import EbbRecording
internal import Foundation

/// A training step's time and other frameworks' times for the same work, measured alternately: Ebb, the others, Ebb
/// again, and so on for a number of rounds.
///
/// The speed of a machine varies. The median of Ebb's measurements counts, for an even number the slower of the two in
/// the middle; for each other framework also the median, but the faster of the two.
public struct TrainingStepComparison: Sendable, Hashable {
  /// The cell's name.
  public var cell: String
  /// Before and after each round of the other frameworks, so at least one.
  public var measurements: [TrainingStepBenchmark]
  /// The other frameworks' times, one for each framework and round.
  public var rounds: [[PeerScript.Time]]

  /// Times a cell and its counterparts in the script.
  ///
  /// - Parameters:
  ///   - name: The cell's name in the script, such as `lstm`.
  ///   - cell: The cell to time, with the units of `size`.
  ///   - size: Steps, samples, input features and units.
  ///   - script: Times the same step in other frameworks.
  ///   - rounds: How often the other frameworks are timed, at least once.
  ///   - runs: The minimum number of timed runs per measurement.
  ///   - minimumTime: Measurements continue until this many seconds are timed.
  ///   - execution: Threads, instruction set and memory limits. The others get as many threads.
  ///   - isCancelled: Called many times a second while the script works. True ends the script, and the error is
  ///     `cancelled`.
  public static func measure(
    _ name: String, _ cell: some RecurrentCell, _ size: TrainingStepBenchmark.Size, script: PeerScript, rounds: Int = 1,
    runs: Int = 7, minimumTime: Double = 0, execution: ExecutionOptions = ExecutionOptions(),
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(BenchError) -> TrainingStepComparison {
    guard rounds >= 1 else {
      throw .diagnostic(.setting("a comparison has at least 1 round, not \(rounds)"))
    }
    func own() throws(BenchError) -> TrainingStepBenchmark {
      do {
        return try TrainingStepBenchmark.measure(
          cell, size, runs: runs, minimumTime: minimumTime, execution: execution)
      } catch {
        throw .diagnostic(error)
      }
    }
    var measurements = [try own()]
    var times: [[PeerScript.Time]] = []
    for _ in 0..<rounds {
      times.append(
        try script.measure(
          name, size, runs: runs, minimumTime: minimumTime, threads: execution.threads, isCancelled: isCancelled))
      measurements.append(try own())
    }
    return TrainingStepComparison(cell: name, measurements: measurements, rounds: times)
  }

  /// The measurement of Ebb that counts.
  public var own: TrainingStepBenchmark { measurements.sorted { $0.median < $1.median }[measurements.count / 2] }
  /// The counted times of the other frameworks, in the order of the first round.
  public var peers: [PeerScript.Time] { rounds.countedTimes }
  /// The fastest of the others.
  public var best: PeerScript.Time? { peers.min { $0.median < $1.median } }
  /// How many times longer the best other framework took; nil if there is none.
  public var ratio: Double? { best.map { $0.median / own.median } }
}

extension [[PeerScript.Time]] {
  /// For each framework the median of the rounds, of two in the middle the faster; in the order of the first round.
  var countedTimes: [PeerScript.Time] {
    (first ?? []).map { first in
      let times = joined().filter { $0.peer == first.peer }.sorted { $0.median < $1.median }
      return times[(times.count - 1) / 2]
    }
  }
}

extension [TrainingStepComparison] {
  /// The geometric mean of the ratios; nil if there are none.
  public var meanRatio: Double? {
    let ratios = compactMap(\.ratio)
    return ratios.isEmpty ? nil : exp(ratios.reduce(0) { $0 + log($1) } / Double(ratios.count))
  }
}
