/// How often time has turned: phase 0 runs from the first step to the last, phase 1 back, and so on.
///
/// A forward sweep and what it needs run in even phases; a backward sweep and what follows it in odd ones. A gradient
/// takes two: forward and backward.
package struct Phase: Hashable, Comparable, Sendable {
  /// How often time has turned before it.
  package let number: Int

  /// The phase of this number.
  package init(_ number: Int) { self.number = number }

  /// The forward pass.
  package static let first = Phase(0)

  /// Whether the steps run from the last to the first.
  package var isBackward: Bool { !number.isMultiple(of: 2) }
  /// The phase after the next turn.
  package var next: Phase { Phase(number + 1) }

  package static func < (left: Phase, right: Phase) -> Bool { left.number < right.number }
}
