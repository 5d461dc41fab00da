package import EbbGraph

/// The numbers that an instruction reads or writes: a value of the plan, or a part of it.
package struct View: Hashable, Sendable {
  /// The index of the value in the plan.
  package var value: Int
  /// The node whose numbers these are, its name in messages; nil for a copy made by the plan.
  package var node: NodeID?
  /// The first panel, for a range of panels.
  package var panel = 0
  /// For one feature out of many: its lane in that panel.
  package var lane = 0
  /// The features as they are seen here.
  package var features: FeatureLayout
  /// Whether one number stands for all the features.
  package var isRepeated = false
  /// Steps added to the index of the outermost axis: −k for a delay.
  package var shift = 0
  /// In a sweep over a grid, steps added to the index of one of its outer axes.
  package var across: Across?
  /// An axis that is not iterated but fixed at its first or last index.
  package var fixed: FixedAxis?

  /// Steps along an axis that is not the outermost in memory.
  package struct Across: Hashable, Sendable {
    /// The axis.
    package var axis: Axis
    /// −k for a delay.
    package var shift: Int
  }

  /// An axis that is not iterated.
  package struct FixedAxis: Hashable, Sendable {
    /// The axis.
    package var axis: Axis
    /// The index at which it is fixed.
    package var position: Position
  }
}
