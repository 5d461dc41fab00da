internal import EbbGraph

/// What a copy has outside a ragged axis, so that it does not count: in a sum, or in a maximum.
package enum OutsideNumber: Hashable, Sendable, CaseIterable {
  case zero, leastNumber

  package var number: Double {
    switch self {
    case .zero: 0
    case .leastNumber: -.infinity
    }
  }

  /// In the text of a plan.
  var words: [String] {
    switch self {
    case .zero: ["zeros"]
    case .leastNumber: ["minus", "infinity"]
    }
  }
}

extension EbbGraph.Operation {
  /// What its operands have outside ragged axes.
  var outside: OutsideNumber {
    if case .reduceAxes(.max, _) = self { return .leastNumber }
    if case .argmaxAxis = self { return .leastNumber }
    return .zero
  }
}
