package import EbbGraph

/// A part of the plan that runs as a whole.
package struct Stage: Hashable, Sendable {
  /// How a stage goes through its indices.
  package enum Kind: Hashable, Sendable {
    /// All indices at once.
    case whole
    /// Step by step along an axis; backward in time for an advance.
    case sweep(Axis, isBackward: Bool)
  }

  /// How it goes through its indices.
  package var kind: Kind
  /// Done once, before the steps.
  package var prologue: [Instruction]
  /// Its instructions at every step, or once for all indices, in order.
  package var instructions: [Instruction]
  /// For a sweep: the axis whose indices are independent of one another, so that workers can take slices of it.
  package var sliced: Axis?
  /// Stages with the same level do not depend on each other's steps.
  package var level: Int
}

extension Stage {
  /// Whether the stage runs from the last step to the first.
  package var isBackward: Bool {
    switch kind {
    case .whole: false
    case .sweep(_, let isBackward): isBackward
    }
  }
}
