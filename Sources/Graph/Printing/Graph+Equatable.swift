extension Graph: Equatable {
  /// Whether two graphs have the same axes, equations, types, names and outputs, in the same order.
  public static func == (left: Graph, right: Graph) -> Bool {
    left.count == right.count && left.axes == right.axes && left.types == right.types && left.names == right.names
      && left.outputs == right.outputs
      && left.nodes.allSatisfy {
        left.operation($0).isIdentical(to: right.operation($0)) && left.operands($0) == right.operands($0)
      }
  }
}

extension Operation {
  /// Whether two operations give the same results, bit for bit. Unlike under `==`, a constant NaN is identical to
  /// itself, and 0 is not identical to −0, whose reciprocal differs.
  package func isIdentical(to other: Operation) -> Bool {
    if case .constant(let left) = self, case .constant(let right) = other {
      return left.bitPattern == right.bitPattern || (left.isNaN && right.isNaN)
    }
    return self == other
  }
}
