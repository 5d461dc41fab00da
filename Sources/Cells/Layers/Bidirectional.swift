public import EbbRecording

/// Two cells over one sequence, one forward and one backward in time, with their outputs merged at each step (Schuster &
/// Paliwal 1997).
///
/// The states of the backward cell are advances: no data is reversed, and ragged sequences need no special treatment.
public struct Bidirectional: RecurrentCell {
  /// How the two outputs are combined. Both have the same number of features, except where they are concatenated.
  public enum Merge: Hashable, Sendable, CaseIterable {
    /// Both, the forward one first.
    case concatenate
    /// Their sum.
    case sum
    /// Half of their sum.
    case average
    /// Their product, feature by feature.
    case product
  }

  /// The cell that runs forward, in the scope `forward`.
  public var forward: any RecurrentCell
  /// The cell that runs backward, in the scope `backward`.
  public var backward: any RecurrentCell
  /// How the two outputs are combined.
  public var merge: Merge
  /// Whether the backward cell uses the parameters of the forward one, `forward.*`; its states have their own names.
  public var sharesWeights: Bool

  /// Two cells over one sequence.
  public init(
    _ forward: any RecurrentCell, _ backward: any RecurrentCell, merge: Merge = .concatenate,
    sharesWeights: Bool = false
  ) {
    self.forward = forward
    self.backward = backward
    self.merge = merge
    self.sharesWeights = sharesWeights
  }

  /// The same cell in both directions, by default each with weights of its own.
  public init(_ cell: any RecurrentCell, merge: Merge = .concatenate, sharesWeights: Bool = false) {
    self.init(cell, cell, merge: merge, sharesWeights: sharesWeights)
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let (ahead, back) = outputs(x, scope)
    switch merge {
    case .concatenate: return concatenate([ahead, back])
    case .sum: return ahead + back
    case .average: return 0.5 * (ahead + back)
    case .product: return ahead * back
    }
  }

  /// The outputs of the two directions by themselves, in place of a merged one.
  ///
  /// ```swift
  /// let (ahead, back) = Bidirectional(GRU(units: 8)).outputs(x, scope.child("encoder"))
  /// ```
  public func outputs(_ x: Signal, _ scope: Scope) -> (forward: Signal, backward: Signal) {
    let ahead = scope.run(forward, x, named: "forward")
    guard sharesWeights else { return (ahead, scope.reversed.run(backward, x, named: "backward")) }
    let twin = scope.reversed.child("backward", sharing: scope.child("forward"))
    return (ahead, twin.run(backward, x))
  }
}
