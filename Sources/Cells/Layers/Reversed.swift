public import EbbRecording

/// A cell that runs backward in time, alone: at each step its states read the step after.
///
/// ```swift
/// Recording.sequential(.features(1), [Reversed(LSTM(units: 8)), Reversed(LastStep()), Dense(units: 1)])
/// ```
///
/// The output at step t belongs to step t of the input, so its last value stands at the first step: within a `Reversed`,
/// `LastStep` takes that one. In Keras, `go_backwards` returns the outputs in the reversed order.
public struct Reversed: RecurrentCell {
  /// The cell, run in the scope of this one.
  public var cell: any RecurrentCell
  /// A cell that runs in the other direction than the scope.
  public init(_ cell: any RecurrentCell) { self.cell = cell }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal { scope.reversed.run(cell, x) }
}
