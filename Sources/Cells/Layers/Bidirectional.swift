public import EbbRecording

/// Two cells over one sequence, one forward and one backward in time, their outputs joined or added (Schuster & Paliwal
/// 1997).
///
/// The backward one's states are advances: no data is reversed, and ragged sequences need no care.
public struct Bidirectional: RecurrentCell {
  /// What becomes of the two outputs.
  public enum Merge: Hashable, Sendable {
    /// Both, the forward one first.
    case concatenate
    /// Their sum; both must have as many features.
    case sum
  }

  /// The cell that runs forward, in the scope `forward`.
  public var forward: any RecurrentCell
  /// The cell that runs backward, in the scope `backward`.
  public var backward: any RecurrentCell
  /// What becomes of their outputs.
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
