/// The effect of an operation on the indices of axes.
package enum AxisUse: Hashable, Sendable {
  /// The value at an index depends on the operands' values at that index.
  case pointwise
  /// The value is the index along the axis, or its length.
  case measures(Axis)
  /// The values over these axes are reduced to one: their sum, their maximum or its index.
  case reduces(Domain)
  /// One index of the axis is read.
  case selects(Axis)
  /// The value is placed at one index of an axis that the operand lacks.
  case places(Axis)
  /// The value is broadcast along axes that the operand lacks.
  case repeats(Domain)
  /// The axis becomes a feature dimension.
  case toFeature(Axis)
  /// A feature dimension becomes the axis.
  case fromFeature(Axis)
  /// The value `by` steps later, or earlier if that is negative.
  case shifts(Axis, by: Int)
  /// The values at the steps up to the present one, or from it on, lie along an axis that the operand lacks.
  case remembers(Axis, along: Axis)
  /// The adjoint of that, which adds them up.
  case addsMemories(Axis, along: Axis)
}

/// The use of axes as sets, each larger than the one before.
extension Operation {
  /// The axes over which a value sums or searches: each of its numbers is a loop over them.
  package var reducedAxes: Domain {
    if case .reduces(let over) = traits.axes { over } else { .empty }
  }

  /// The axes along which a value reads other indices than its own, so that all of these must be computed before it.
  /// Delays do not count.
  package var mixedAxes: Domain {
    switch traits.axes {
    case .reduces(let over): over
    case .selects(let axis), .toFeature(let axis), .remembers(let axis, _): [axis]
    case .addsMemories(let axis, let along): [axis, along]
    case .pointwise, .measures, .places, .repeats, .fromFeature, .shifts: .empty
    }
  }

  /// The axes along which a value at one index is computed from other indices, or writes to them. Delays do not count.
  package var crossedAxes: Domain {
    switch traits.axes {
    case .places(let axis), .fromFeature(let axis): [axis]
    case .remembers(let axis, let along): [axis, along]
    case .pointwise, .measures, .reduces, .selects, .repeats, .toFeature, .shifts, .addsMemories: mixedAxes
    }
  }

  /// The axes along which values pass from one index to another, delays and advances included.
  package var linkedAxes: Domain {
    if case .shifts(let axis, _) = traits.axes { [axis] } else { crossedAxes }
  }

  /// Whether a value at one step depends on more than the operands at this step and, through delays, at earlier ones:
  /// on the step's number, on the number of steps, or on other steps.
  package func looksBeyondStep(of time: Axis) -> Bool {
    traits.axes == .measures(time) || crossedAxes.contains(time)
  }
}
