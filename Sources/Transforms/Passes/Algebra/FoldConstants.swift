package import EbbGraph
internal import EbbTensors

/// Computes values that depend only on constants.
///
/// A constant is one number for all features, so folded values are uniform: elementwise functions of constants, and
/// operations that only move or broadcast the features of one.
package struct FoldConstants: Pass {
  /// The pass.
  package init() {}
  package var name: String { "fold-constants" }
  package var purpose: String { "computes what depends on constants only" }

  package func run(_ graph: Graph) -> Graph {
    graph.rewritten { editor, node in
      guard let value = editor.foldedValue(of: node), graph.operation(node) != .constant(value) else { return nil }
      let type = editor.type(node)
      return editor.constant(value, type.element, type.shape)
    }
  }
}

extension GraphEditor {
  /// The value of a node without axes, uniform over features, if its operands are constants.
  func foldedValue(of node: NodeID) -> Double? {
    let operation = operation(node)
    // A ragged axis has no fixed length.
    if case .axisLength(let axis) = operation { return graph.axes[axis.index].length.map(Double.init) }
    var values: [Double] = []
    for operand in operands(node) {
      guard case .constant(let value) = self.operation(operand) else { return nil }
      values.append(value)
    }
    guard let first = values.first else { return nil }
    let element = type(node).element
    if case .unary(let function) = operation { return ScalarArithmetic.apply(function, first, element) }
    if case .binary(let function) = operation { return ScalarArithmetic.apply(function, first, values[1], element) }
    if case .compare(let comparison) = operation { return ScalarArithmetic.apply(comparison, first, values[1]) }
    if case .select = operation { return first != 0 ? values[1] : values[2] }
    if case .convert(let element) = operation { return ScalarArithmetic.convert(first, to: element) }
    if case .reduceFeatures(let reduction, let dimension) = operation {
      let count = Double(type(operand(node, 0)).shape[dimension])
      switch reduction {
      case .sum: return element == .int32 ? Int32(exactly: first * count).map(Double.init) : first * count
      case .mean, .max: return first
      case .norm: return abs(first) * count.squareRoot()
      }
    }
    // The remaining operations only move numbers: the result is uniform if all operands are the same number and no axis
    // is new.
    guard operation.traits.axes == .pointwise else { return nil }
    if case .pad = operation { values.append(0) }
    let isOfNumbers = operation.kind == .rearrangement || operation.kind == .copy || operation.kind == .identity
    return isOfNumbers && values.allSatisfy { $0.bitPattern == first.bitPattern } ? first : nil
  }

  /// The uniform value of a node over all indices and features, seen through broadcasts.
  func uniformValue(of node: NodeID) -> Double? {
    var node = resolved(node)
    while true {
      if case .constant(let value) = operation(node) { return value }
      guard isRepetitionOrOrder(operation(node)) else { return nil }
      node = operand(node, 0)
    }
  }

  private func isRepetitionOrOrder(_ operation: EbbGraph.Operation) -> Bool {
    if case .transpose = operation { true } else { operation.kind == .copy }
  }
}
