public import EbbGraph
internal import EbbTensors

/// Computes what depends on constants only.
///
/// A constant is one number for all features, so what is folded is uniform: elementwise functions of constants, and
/// operations that only move or repeat features of one.
public struct FoldConstants: Pass {
  public init() {}
  public var name: String { "fold-constants" }
  public var purpose: String { "computes what depends on constants only" }

  public func run(_ graph: Graph) -> Graph {
    var editor = GraphEditor(graph)
    for node in graph.nodes where editor.isLive(node) {
      if let value = editor.foldedValue(of: node), graph.operation(node) != .constant(value) {
        let type = editor.type(node)
        editor.replace(node, with: editor.constant(value, type.element, type.shape))
      }
    }
    return editor.finished()
  }
}

extension GraphEditor {
  /// The number that a node without axes is for every feature, if its operands are constants.
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
    switch operation {
    case .unary(let function):
      return ScalarArithmetic.apply(function, first, element)
    case .binary(let function):
      return ScalarArithmetic.apply(function, first, values[1], element)
    case .compare(let comparison):
      return ScalarArithmetic.apply(comparison, first, values[1])
    case .select:
      return first != 0 ? values[1] : values[2]
    case .convert(let element):
      return ScalarArithmetic.convert(first, to: element)
    case .transpose, .reshape, .broadcast, .slice, .stopGradient, .clipGradient, .reduceFeatures(.max, _),
      .reduceFeatures(.mean, _):
      return first
    case .concatenate:
      return values.allSatisfy { $0.bitPattern == first.bitPattern } ? first : nil
    case .pad:
      return first.bitPattern == 0 ? first : nil
    case .reduceFeatures(.sum, let dimension):
      let count = Double(type(operand(node, 0)).shape[dimension])
      return element == .int32 ? Int32(exactly: first * count).map(Double.init) : first * count
    case .reduceFeatures(.norm, let dimension):
      return abs(first) * Double(type(operand(node, 0)).shape[dimension]).squareRoot()
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .product, .gather, .scatterAdd,
      .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick, .place, .spread, .axisToFeature, .featureToAxis, .delay,
      .advance:
      return nil
    }
  }

  /// The number that a node is at every index and for every feature, seen through repetition.
  func uniformValue(of node: NodeID) -> Double? {
    var node = resolved(node)
    while true {
      switch operation(node) {
      case .constant(let value):
        return value
      case .spread, .broadcast, .reshape, .transpose:
        node = operand(node, 0)
      case .parameter, .input, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select, .convert,
        .product, .concatenate, .slice, .pad, .gather, .scatterAdd, .reduceFeatures, .argmaxFeatures, .reduceAxes,
        .argmaxAxis, .pick, .place, .axisToFeature, .featureToAxis, .delay, .advance, .stopGradient, .clipGradient:
        return nil
      }
    }
  }
}
