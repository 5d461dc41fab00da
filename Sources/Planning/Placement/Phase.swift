/// How often time has changed direction: phase 0 runs from the first step to the last, phase 1 back, and so on.
///
/// A forward sweep and its operands run in even phases; a backward sweep and its readers in odd ones. A gradient has
/// two phases: forward and backward.
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
