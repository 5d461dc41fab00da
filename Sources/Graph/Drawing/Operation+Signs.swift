/// The signs of functions, as papers write them.
extension UnaryFunction {
  var sign: String {
    switch self {
    case .negate: "−"
    case .absolute: "|·|"
    case .relu: "ReLU"
    case .sqrt: "√"
    case .reciprocal: "1 ÷"
    case .sigmoid: "σ"
    case .floor: "⌊·⌋"
    case .square: "(·)²"
    case .not: "¬"
    case .isFinite: "finite?"
    case .sign, .exp, .expm1, .log, .log1p, .tanh, .softplus, .sin, .cos, .erf: "\(self)"
    }
  }
}

extension Comparison {
  var sign: String {
    switch self {
    case .equal: "="
    case .notEqual: "≠"
    case .less: "<"
    case .lessOrEqual: "≤"
    case .greater: ">"
    case .greaterOrEqual: "≥"
    }
  }
}

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
    case .binary(.subtract): [nil, "−"]
    case .binary(.divide), .binary(.floorDivide), .binary(.remainder): [nil, "÷"]
    case .binary(.power): [nil, "^"]
    case .compare(.less), .compare(.lessOrEqual), .compare(.greater), .compare(.greaterOrEqual): ["left", "right"]
    case .select: ["if", "then", "else"]
    case .gather: ["table", "id"]
    case .scatterAdd: ["id", nil]
    case .pick(_, .at), .place(_, .at): [nil, "at"]
    case .delay: [nil, "initial"]
    case .advance: [nil, "final"]
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .convert,
      .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .reduceFeatures, .argmaxFeatures,
      .reduceAxes, .argmaxAxis, .pick, .place, .spread, .axisToFeature, .featureToAxis, .stopGradient, .clipGradient:
      []
    }
  }
}
