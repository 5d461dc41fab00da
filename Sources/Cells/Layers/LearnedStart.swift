public import EbbRecording

/// A cell whose states begin as trained values, zero at first, the same for every sample: `<state>.initial`.
public struct LearnedStart: RecurrentCell {
  public var cell: any RecurrentCell
  public init(_ cell: any RecurrentCell) { self.cell = cell }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    scope.starting(.parameter).run(cell, x)
  }
}
