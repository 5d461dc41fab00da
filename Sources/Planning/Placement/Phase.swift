/// How often time has turned: phase 0 runs from the first step to the last, phase 1 back, and so on.
///
/// A forward sweep and what it needs run in even phases; a backward sweep and what follows it in odd ones. A gradient
/// takes two: forward and backward.
public struct Phase: Hashable, Comparable, Sendable {
  /// How often time has turned before it.
  public let number: Int

  /// The phase of this number.
  public init(_ number: Int) { self.number = number }

  /// The forward pass.
  public static let first = Phase(0)

  /// Whether the steps run from the last to the first.
  public var isBackward: Bool { !number.isMultiple(of: 2) }
  /// The phase after the next turn.
  public var next: Phase { Phase(number + 1) }

  public static func < (left: Phase, right: Phase) -> Bool { left.number < right.number }
}
