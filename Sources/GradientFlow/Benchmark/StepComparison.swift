public import EbbExecution
public import EbbRecording

/// A training step's time beside other frameworks' times for the same work, measured in turn: Ebb, the others, Ebb again.
///
/// A machine that slows down or speeds up meanwhile shows as a difference of the two, and the slower one counts.
public struct StepComparison: Sendable, Hashable {
  public var cell: String
  /// Before and after the others.
  public var measurements: [StepBenchmark]
  public var peers: [PeerScript.Time]

  /// A comparison of measurements, of which there is at least one.
  public init(cell: String, measurements: [StepBenchmark], peers: [PeerScript.Time]) {
    precondition(!measurements.isEmpty, "a comparison needs a measurement")
    self.cell = cell
    self.measurements = measurements
    self.peers = peers
  }

  /// Times a cell and what the script knows by its name.
  public static func measure(
    _ name: String, _ cell: some RecurrentCell, _ size: StepBenchmark.Size, script: PeerScript, runs: Int = 7,
    execution: ExecutionOptions = ExecutionOptions()
  ) throws(DiagnosticError) -> StepComparison {
    let before = try StepBenchmark.measure(cell, size, runs: runs, execution: execution)
    let peers = try script.measure(name, size, runs: runs, threads: execution.threads)
    let after = try StepBenchmark.measure(cell, size, runs: runs, execution: execution)
    return StepComparison(cell: name, measurements: [before, after], peers: peers)
  }

  /// The slower of Ebb's measurements.
  public var slower: StepBenchmark {
    measurements.dropFirst().reduce(measurements[0]) { $0.median < $1.median ? $1 : $0 }
  }
  /// The fastest of the others.
  public var best: PeerScript.Time? { peers.min { $0.median < $1.median } }
  /// How many times longer the best of the others took; nil where there is no other.
  public var ratio: Double? { best.map { $0.median / slower.median } }
}

extension [StepComparison] {
  /// The geometric mean of the ratios; nil where there are none.
  public var meanRatio: Double? {
    let ratios = compactMap(\.ratio)
    return ratios.isEmpty ? nil : geometricMean(ratios)
  }
}
