public import EbbRecording

/// The last step of a sequence: what a network that answers once goes on with.
///
/// Within a scope that runs backward it is the first one, so the two halves of
/// `Bidirectional(Stack([GRU(units: 8), LastStep()]), Stack([GRU(units: 8), LastStep()]))` each give what they read last.
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
