public import EbbRecording

/// Two cells over one sequence, one forward and one backward in time, with their outputs concatenated or added
/// (Schuster & Paliwal 1997).
///
/// The states of the backward cell are advances: no data is reversed, and ragged sequences need no special treatment.
public struct Bidirectional: RecurrentCell {
  /// How the two outputs are combined.
  public enum Merge: Hashable, Sendable {
    /// Both, the forward one first.
    case concatenate
    /// Their sum; both must have the same number of features.
    case sum
  }

  /// The cell that runs forward, in the scope `forward`.
  public var forward: any RecurrentCell
  /// The cell that runs backward, in the scope `backward`.
  public var backward: any RecurrentCell
  /// How the two outputs are combined.
  public var merge: Merge

  /// Two cells over one sequence.
  public init(_ forward: any RecurrentCell, _ backward: any RecurrentCell, merge: Merge = .concatenate) {
    self.forward = forward
    self.backward = backward
    self.merge = merge
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let ahead = scope.run(forward, x, named: "forward")
    let back = scope.reversed.run(backward, x, named: "backward")
    switch merge {
    case .concatenate: return concatenate([ahead, back])
    case .sum: return ahead + back
    }
  }
}
