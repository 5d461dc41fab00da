public import EbbRecording

/// The last step of a sequence, for networks with one result per sequence.
///
/// In a backward scope this is the first step, so each half of `Bidirectional(Stack([GRU(units: 8), LastStep()]),
/// Stack([GRU(units: 8), LastStep()]))` returns its final output.
public struct LastStep: RecurrentCell {
  /// The last step.
  public init() {}

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    // Without a time axis there is only one step.
    guard let time = scope.axis else { return x }
    switch scope.direction {
    case .forward: return last(x, along: time)
    case .backward: return first(x, along: time)
    }
  }
}
