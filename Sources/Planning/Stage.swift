package import EbbGraph

/// A part of the plan that runs as a whole.
package struct Stage: Hashable, Sendable {
  /// Steps along an axis, one after another.
  package struct Sweep: Hashable, Sendable {
    /// The axis.
    package var axis: Axis
    /// Whether the steps run from the last to the first, as an advance needs it.
    package var isBackward: Bool
    /// For a recurrence over a grid, the loops around these steps, the outermost first.
    package var outer: [SweepDirection] = []
    /// All axes along which it goes.
    var axes: Domain { Domain(outer.map(\.axis)).inserting(axis) }
  }

  /// How it goes step by step; nil for all indices at once.
  package var sweep: Sweep?
  /// Done once, before the steps.
  package var prologue: [Instruction]
  /// Its instructions at every step, or once for all indices, in order.
  package var instructions: [Instruction]
  /// For a sweep: the axis whose indices are independent of one another, so that workers can take slices of it.
  package var sliced: Axis?
  /// Stages with the same level do not depend on each other's steps.
  package var level: Int
}
