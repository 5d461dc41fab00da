public import EbbRecording

/// A cell whose states have trained initial values `<state>.initial`, zero at first, the same for every sample.
public struct LearnedStart: RecurrentCell {
  /// The cell, run in the scope of this one.
  public var cell: any RecurrentCell
  /// A cell with trained first states.
  public init(_ cell: any RecurrentCell) { self.cell = cell }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    scope.starting(.parameter).run(cell, x)
  }
}
