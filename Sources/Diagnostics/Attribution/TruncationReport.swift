internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// How much of the gradient truncated backpropagation through time drops.
///
/// With windows of k steps the adjoint is cut wherever ⌊t/k⌋ changes (Williams & Peng 1990, with an epoch of k steps),
/// while states continue: the gradient ignores everything before the loss's window.
public struct TruncationReport: Sendable, Hashable {
  /// A truncated gradient compared to the full one.
  public struct Comparison: Sendable, Hashable {
    /// The cosine of the angle between them: 1 if only the length differs, NaN if either is 0.
    public var cosine: Double
    /// ‖truncated‖ / ‖full‖.
    public var normRatio: Double
    /// ‖full − truncated‖ / ‖full‖: the part that was dropped.
    public var dropped: Double
  }
  /// The gradients with truncation after k steps, compared to the full ones.
  public struct Window: Sendable, Hashable {
    /// k.
    public var steps: Int
    /// For all parameters as one vector.
    public var all: Comparison
    /// For each parameter, in the order of their first use.
    public var parameters: [Comparison]
  }

  /// The parameters' names in the order of their first use.
  public var parameters: [String]
  /// One for each k.
  public var windows: [Window]
}

extension Diagnostics {
  /// The effect of truncation to each of these numbers of steps on the gradient of a network's parameters.
  ///
  /// - Parameters:
  ///   - trial: Its loss is a float scalar at each index; it is summed over them.
  ///   - windows: The numbers of steps k after which adjoints are cut, each at least 1.
  public static func truncation(
    of trial: Trial, to windows: [Int]
  ) throws(DiagnosticError) -> TruncationReport {
    let recording = trial.recording
    let axis = try recording.timeAxis()
    let node = try recording.output(named: trial.loss)
    if let window = windows.first(where: { $0 < 1 }) {
      throw .setting("gradients are truncated to at least 1 step, not \(window)")
    }
    if let state = recording.states.first(where: { $0.direction == .backward }) {
      throw .setting(
        "the state \(state.name)\(recording.remark(state.previous)) runs backward in time; only forward recurrences are "
          + "truncated")
    }
    try recording.checkInputs(trial.bindings)
    return try diagnosing(recording) {
      func gradients(truncatedTo window: Int) throws -> [[Double]] {
        try trial.parameterGradients(of: node, in: recording.graph.truncated(to: window, along: axis), over: axis)
      }
      let full = try gradients(truncatedTo: 0)
      return TruncationReport(
        parameters: recording.parameters.map(\.name),
        windows: try windows.map { window in
          let cut = try gradients(truncatedTo: window)
          return TruncationReport.Window(
            steps: window,
            all: TruncationReport.Comparison(cut.flatMap { $0 }, to: full.flatMap { $0 }),
            parameters: zip(cut, full).map { TruncationReport.Comparison($0, to: $1) })
        })
    }
  }
}

extension TruncationReport.Comparison {
  init(_ truncated: [Double], to full: [Double]) {
    cosine = truncated.cosine(to: full)
    let length = full.norm
    normRatio = length > 0 ? truncated.norm / length : .nan
    dropped = truncated.relativeDistance(to: full)
  }
}

extension Graph {
  /// The graph with adjoints cut after every `window` steps along an axis; 0 cuts none. Node numbers do not change.
  func truncated(to window: Int, along axis: Axis) -> Graph {
    mapOperations { node in
      guard case .delay(axis, let by, _) = operation(node) else { return operation(node) }
      return .delay(axis, by: by, truncation: window)
    }
  }
}
