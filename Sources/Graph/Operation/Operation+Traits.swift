/// The kind of value that an operation computes from its operands.
package enum OperationKind: Hashable, Sendable {
  /// No operands, and a type of its own.
  case leaf
  /// No operands, and a type that follows from the operation: indices and lengths.
  case number
  /// A function of each feature at each index.
  case elementwise
  /// The operand's values; only its derivative differs.
  case identity
  /// The operand's numbers in the same order, reshaped or broadcast over more features or axes.
  case copy
  /// The operands' numbers in other places, concatenated or padded with zeros.
  case rearrangement
  /// Values chosen by an index, a position or a number of features, or values placed there.
  case selection
  case product
  /// A sum, a maximum or its index, over features or axes.
  case reduction
  /// Values that each depend on many features: running sums, orders, functions of matrices.
  case mixing
  /// A value of another step.
  case shift
}

/// The operands on which the value depends continuously, if they are floats.
package enum DifferentiableOperands: Hashable, Sendable {
  case none, all, allButFirst
  case only(Int)
  /// Those at positions 2, 4, …
  case evenFromTwo

  package func contains(_ position: Int) -> Bool {
    switch self {
    case .none: false
    case .all: true
    case .allButFirst: position > 0
    case .only(let chosen): position == chosen
    case .evenFromTwo: position >= 2 && position % 2 == 0
    }
  }
}

/// Properties of an operation that many places need: one row for each operation.
extension Operation {
  package struct Traits: Hashable, Sendable {
    package var kind: OperationKind
    /// The number of operands; nil for any.
    package var arity: Int?
    package var axes = AxisUse.pointwise
    package var differentiable = DifferentiableOperands.all
  }

  package var traits: Traits {
    switch self {
    case .parameter, .input, .constant, .literal, .random: Traits(kind: .leaf, arity: 0)
    case .axisIndex(let axis), .axisLength(let axis): Traits(kind: .number, arity: 0, axes: .measures(axis))
    case .iota: Traits(kind: .number, arity: 0)

    case .unary(let function):
      Traits(kind: .elementwise, arity: 1, differentiable: function.traits.isDifferentiable ? .all : .none)
    case .binary(let function):
      Traits(kind: .elementwise, arity: 2, differentiable: function.traits.isDifferentiable ? .all : .none)
    case .compare: Traits(kind: .elementwise, arity: 2, differentiable: .none)
    case .select: Traits(kind: .elementwise, arity: 3, differentiable: .allButFirst)
    case .convert: Traits(kind: .elementwise, arity: 1)

    case .product(_, let over): Traits(kind: .product, arity: 2, axes: .reduces(over))

    case .transpose, .slice, .pad: Traits(kind: .rearrangement, arity: 1)
    case .concatenate: Traits(kind: .rearrangement, arity: nil)
    case .reshape, .broadcast: Traits(kind: .copy, arity: 1)
    case .gather: Traits(kind: .selection, arity: 2, differentiable: .only(0))
    case .scatterAdd(_, let over): Traits(kind: .selection, arity: 2, axes: .reduces(over), differentiable: .only(1))
    case .reduceFeatures: Traits(kind: .reduction, arity: 1)
    case .argmaxFeatures: Traits(kind: .reduction, arity: 1, differentiable: .none)
    case .argsortFeatures: Traits(kind: .mixing, arity: 1, differentiable: .none)
    case .gatherFeatures: Traits(kind: .selection, arity: 2, differentiable: .only(0))
    case .scatterFeatures: Traits(kind: .selection, arity: 2, differentiable: .only(1))
    case .accumulate: Traits(kind: .mixing, arity: 2)
    case .matrix(let function): Traits(kind: .mixing, arity: function.arity)

    case .reduceAxes(_, let over): Traits(kind: .reduction, arity: 1, axes: .reduces(over))
    case .argmaxAxis(let axis): Traits(kind: .reduction, arity: 1, axes: .reduces([axis]), differentiable: .none)
    case .pick(let axis, let position):
      Traits(kind: .selection, arity: position == .at ? 2 : 1, axes: .selects(axis), differentiable: .only(0))
    case .place(let axis, let position):
      Traits(kind: .selection, arity: position == .at ? 2 : 1, axes: .places(axis), differentiable: .only(0))
    case .spread(let added): Traits(kind: .copy, arity: 1, axes: .repeats(added))
    case .axisToFeature(let axis): Traits(kind: .rearrangement, arity: 1, axes: .toFeature(axis))
    case .featureToAxis(let axis): Traits(kind: .rearrangement, arity: 1, axes: .fromFeature(axis))

    case .delay(let axis, let by, _): Traits(kind: .shift, arity: 2, axes: .shifts(axis, by: -by))
    case .advance(let axis, let by): Traits(kind: .shift, arity: 2, axes: .shifts(axis, by: by))

    case .history(let axis, let along, _):
      Traits(kind: .selection, arity: 1, axes: .remembers(axis, along: along))
    case .historySum(let axis, let along, _):
      Traits(kind: .selection, arity: 1, axes: .addsMemories(axis, along: along))

    case .stopGradient: Traits(kind: .identity, arity: 1, differentiable: .none)
    case .clipGradient: Traits(kind: .identity, arity: 1)
    case .declaredGradient: Traits(kind: .identity, arity: nil, differentiable: .evenFromTwo)
    case .incomingAdjoint: Traits(kind: .identity, arity: 1, differentiable: .none)
    }
  }

  package var kind: OperationKind { traits.kind }

  /// Whether the operation is applied to each feature of each index on its own.
  package var isElementwise: Bool { kind == .elementwise || kind == .identity && self != .declaredGradient }

  /// Whether a run supplies the value: whether it is a parameter or an input.
  package var isGiven: Bool { self == .parameter || self == .input }

  /// Whether a node with this operation carries its type instead of inferring it.
  package var isLeafWithType: Bool { kind == .leaf }

  /// For a history or its adjoint: the order of steps in which its operand is there when it is read.
  package var historyOrder: SweepDirection? {
    if case .history(let axis, _, let isBackward) = self { return SweepDirection(axis: axis, isBackward: isBackward) }
    if case .historySum(let axis, _, let isBackward) = self {
      return SweepDirection(axis: axis, isBackward: !isBackward)
    }
    return nil
  }

  /// For a history or its adjoint: the time axis, and the one that has its length.
  package var historyAxes: (time: Axis, along: Axis)? {
    if case .history(let time, let along, _) = self { return (time, along) }
    if case .historySum(let time, let along, _) = self { return (time, along) }
    return nil
  }

  /// For a delay or an advance: its axis, its steps, and whether it looks forward in time (an advance).
  public var shift: (axis: Axis, by: Int, isAdvance: Bool)? {
    guard case .shifts(let axis, let by) = traits.axes else { return nil }
    return (axis, abs(by), by > 0)
  }
}
