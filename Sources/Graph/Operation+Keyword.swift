extension Operation {
  /// The operation's word in printed graphs and in messages.
  public var keyword: String {
    switch self {
    case .parameter: "parameter"
    case .input: "input"
    case .constant: "constant"
    case .axisIndex: "index"
    case .axisLength: "length"
    case .iota: "iota"
    case .random: "random"
    case .unary(let function): "\(function)"
    case .binary(let function): "\(function)"
    case .compare(let comparison): "\(comparison)"
    case .select: "select"
    case .convert: "convert"
    case .product: "product"
    case .transpose: "transpose"
    case .reshape: "reshape"
    case .broadcast: "broadcast"
    case .concatenate: "concatenate"
    case .slice: "slice"
    case .pad: "pad"
    case .gather: "gather"
    case .scatterAdd: "scatterAdd"
    case .reduceFeatures(let reduction, _): "\(reduction)Features"
    case .argmaxFeatures: "argmaxFeatures"
    case .reduceAxes(let reduction, _): "\(reduction)Axes"
    case .argmaxAxis: "argmaxAxis"
    case .pick: "pick"
    case .place: "place"
    case .spread: "spread"
    case .axisToFeature: "axisToFeature"
    case .featureToAxis: "featureToAxis"
    case .delay: "delay"
    case .advance: "advance"
    case .stopGradient: "stopGradient"
    case .clipGradient: "clipGradient"
    }
  }

  /// For a delay or an advance: its axis, its steps, and whether it looks forward in time (an advance).
  public var carrier: (axis: Axis, by: Int, isAdvance: Bool)? {
    switch self {
    case .delay(let axis, let by, _): (axis, by, false)
    case .advance(let axis, let by): (axis, by, true)
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd,
      .reduceFeatures, .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick, .place, .spread, .axisToFeature,
      .featureToAxis, .stopGradient, .clipGradient:
      nil
    }
  }

  /// Whether the operation is applied to each feature of each index on its own.
  public var isElementwise: Bool {
    switch self {
    case .unary, .binary, .compare, .select, .convert, .stopGradient, .clipGradient: true
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .product, .transpose, .reshape,
      .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd, .reduceFeatures, .argmaxFeatures, .reduceAxes,
      .argmaxAxis, .pick, .place, .spread, .axisToFeature, .featureToAxis, .delay, .advance:
      false
    }
  }

  /// The axes that the operation itself mixes: over which it sums, picks, places or moves. Not its delays.
  public var mixedAxes: Domain {
    switch self {
    case .product(_, let over), .scatterAdd(_, let over), .reduceAxes(_, let over): over
    case .argmaxAxis(let axis), .pick(let axis, _), .axisToFeature(let axis): [axis]
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .reduceFeatures,
      .argmaxFeatures, .place, .spread, .featureToAxis, .delay, .advance, .stopGradient, .clipGradient:
      .empty
    }
  }
}
