internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// The bias of truncated backpropagation through time: how much of the gradient it drops.
///
/// With windows of k steps the adjoint is cut wherever ⌊t/k⌋ changes (Williams & Peng 1990, whose epochs are windows here),
/// while states continue: the gradient ignores everything before the loss's window. With k lags the gradient of the loss
/// of each step reaches back over exactly k uses of a parameter, its own step's among them (their BPTT(h; 1)):
///
///     Σ_s Σ_{j < k} ∂L_s/∂W_{s−j}
public struct TruncationBias: Sendable, Hashable {
  /// Where the gradient is cut.
  public enum Cut: String, Sendable, Hashable, CaseIterable {
    /// At the borders of windows of k steps.
    case windows
    /// k steps before the loss of each step.
    case lags
  }
  /// A truncated gradient compared to the full one.
  public struct Comparison: Sendable, Hashable {
    /// The cosine of the angle between them: 1 if only the length differs, NaN if either is 0.
    public var cosine: Double
    /// ‖truncated‖ / ‖full‖.
    public var normRatio: Double
    /// ‖full − truncated‖ / ‖full‖: the part that was dropped.
    public var dropped: Double
  }
  /// The gradients with truncation after k steps, compared with the full ones.
  public struct Truncation: Sendable, Hashable {
    /// k.
    public var steps: Int
    /// For all parameters as one vector.
    public var all: Comparison
    /// For each parameter, in the order of their first use.
    public var parameters: [Comparison]
  }

  /// Where the gradient is cut.
  public var cut = Cut.windows
  /// The parameters' names in the order of their first use.
  public var parameters: [String]
  /// One for each k.
  public var truncations: [Truncation]
}

extension Diagnostics {
  /// The effect of truncation to each of these numbers of steps on the gradient of a network's parameters.
  ///
  /// - Parameters:
  ///   - trial: Its loss is a float scalar at each index; it is summed over them. Lags count from the step of a loss over
  ///     time, and from the last step for a loss without time.
  ///   - lengths: The numbers of steps k after which adjoints are cut, each at least 1.
  ///   - cut: Whether they are cut at the borders of windows, or so many steps before each loss, which takes as long as
  ///     T backward sweeps if the loss is over time.
  public static func truncation(
    of trial: Trial, to lengths: [Int], cut: TruncationBias.Cut = .windows
  ) throws(DiagnosticError) -> TruncationBias {
    let recording = trial.recording
    let axis = try recording.timeAxisOfSteps()
    let node = try recording.output(named: trial.loss)
    if let length = lengths.first(where: { $0 < 1 }) {
      throw .setting("gradients are truncated to at least 1 step, not \(length)")
    }
    if let state = recording.states.first(where: { $0.direction == .backward }) {
      throw .setting(
        "the state \(state.name)\(recording.remark(state.previous)) runs backward in time; only forward recurrences are "
          + "truncated")
    }
    try recording.checkInputs(trial.bindings)
    return try diagnosing(recording) {
      // Of the network without a truncation of its own.
      let whole = recording.replacing(recording.graph.truncated(to: 0, along: axis))
      let full = try trial.parameterGradients(of: node, in: whole.graph, over: axis)
      let truncated: [[[Double]]] =
        switch cut {
        case .windows:
          try lengths.map { length in
            try trial.parameterGradients(of: node, in: recording.graph.truncated(to: length, along: axis), over: axis)
          }
        case .lags:
          try Trial(whole, loss: trial.loss, trial.bindings, run: trial.run)
            .gradients(of: node, over: axis, lags: lengths)
        }
      return TruncationBias(
        cut: cut, parameters: recording.parameters.map(\.name),
        truncations: zip(lengths, truncated).map { length, gradients in
          TruncationBias.Truncation(
            steps: length,
            all: TruncationBias.Comparison(gradients.flatMap { $0 }, to: full.flatMap { $0 }),
            parameters: zip(gradients, full).map { TruncationBias.Comparison($0, to: $1) })
        })
    }
  }
}

extension Trial {
  /// For each k the gradients of the parameters through their last k uses before each loss. What arises outside of time,
  /// as the gradient of an initial state, belongs to those that reach back over all steps.
  fileprivate func gradients(of loss: NodeID, over axis: Axis, lags lengths: [Int]) throws -> [[[Double]]] {
    let stepwise = try StepwiseParameters(recording, over: axis)
    let steps = try recording.graph.lengths(for: bindings)[axis.index]
    var split = SplitGradients(self, stepwise, axis: axis, steps: steps)
    try split.measureTotals(loss)
    try split.measureSteps(loss)
    let isOverTime = recording.graph.type(loss).domain.contains(axis)
    let sums = isOverTime ? try split.lagSums(loss, bytes: 128 << 20) : try split.sumsBeforeEnd(loss)
    return lengths.map { length in
      sums.enumerated().map { index, lags in
        let start = length >= steps ? split.rests[index] : [Double](repeating: 0, count: split.rests[index].count)
        return lags.prefix(length).reduce(into: start) { $0.add($1) }
      }
    }
  }
}

extension TruncationBias.Comparison {
  init(_ truncated: [Double], to full: [Double]) {
    cosine = truncated.cosine(to: full)
    let length = full.norm
    normRatio = length > 0 ? truncated.norm / length : .nan
    dropped = truncated.relativeDistance(to: full)
  }
}

extension Graph {
  /// The graph with adjoints cut after every `length` steps along an axis; 0 cuts none. Node numbers do not change.
  func truncated(to length: Int, along axis: Axis) -> Graph {
    mapOperations { node in
      guard case .delay(axis, let by, _) = operation(node) else { return operation(node) }
      return .delay(axis, by: by, truncation: length)
    }
  }
}
