extension Position {
  var place: String {
    switch self {
    case .first: "0"
    case .last: "last"
    case .at: "·"
    }
  }
}

extension Operation {
  /// What tells the operands apart on their arrows, where their order matters.
  var operandMarks: [String?] {
    switch self {
    case .binary(let function): function.traits.secondMark.map { [nil, $0] } ?? []
    case .compare(let comparison): comparison.isSymmetric ? [] : ["left", "right"]
    case .select: ["if", "then", "else"]
    case .gather: ["table", "id"]
    case .scatterAdd: ["id", nil]
    case .pick(_, .at), .place(_, .at): [nil, "at"]
    case .delay: [nil, "initial"]
    case .advance: [nil, "final"]
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .convert,
      .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .reduceFeatures, .argmaxFeatures,
      .reduceAxes, .argmaxAxis, .pick, .place, .spread, .axisToFeature, .featureToAxis, .stopGradient, .clipGradient:
      []
    }
  }
}
