internal import EbbGraph
internal import EbbTensors
internal import EbbTransforms

/// A function that is composed of primitives here, and that other programs have as one operation: found by its equations
/// as `softmax` and `layerNorm` record them, after the passes.
enum ComposedFunction: Hashable {
  /// eˣ / Σ eˣ over the last feature dimension.
  case softmax(NodeID)
  /// s ⊙ (x − μ) / √(σ² + ε) + b over the one feature dimension; without s, 1, and without b, 0.
  case layerNormalization(NodeID, epsilon: Double, scale: NodeID?, bias: NodeID?)

  /// What it reads.
  var operands: [NodeID] {
    switch self {
    case .softmax(let x): [x]
    case .layerNormalization(let x, _, let scale, let bias): [x] + [scale, bias].compactMap { $0 }
    }
  }

  /// The function whose value the node is; nil if it is none.
  ///
  /// - Parameter fixed: What parameters alone determine, as are s and b.
  init?(_ node: NodeID, in graph: Graph, _ fixed: FixedValues) {
    guard !fixed.contains(node) else { return nil }
    if let x = Self.softmaxArgument(node, in: graph) {
      self = .softmax(x)
    } else if let found = Self.normalization(node, in: graph, fixed) {
      self = found
    } else {
      return nil
    }
  }

  // MARK: Softmax

  /// x, where the node is e · (1 / n) with e = exp(x − m), m = max x, 0 if that is infinite, and n = Σ e, 1 if that is 0.
  private static func softmaxArgument(_ node: NodeID, in graph: Graph) -> NodeID? {
    let last = graph.type(node).shape.rank - 1
    guard last >= 0 else { return nil }
    for (exponential, factor) in graph.pairs(node, .multiply) {
      guard let divisor = graph.argument(reduced(factor, last, in: graph), of: .reciprocal),
        let x = softmaxArgument(exponential, divisor, last, in: graph)
      else { continue }
      return x
    }
    return nil
  }

  /// x, where these are e and n.
  private static func softmaxArgument(
    _ exponential: NodeID, _ divisor: NodeID, _ last: Int, in graph: Graph
  ) -> NodeID? {
    guard let shifted = graph.argument(exponential, of: .exp), graph.operation(shifted) == .binary(.subtract) else {
      return nil
    }
    let x = graph.operand(shifted, 0)
    // The primitives give 0 for features that are all −∞, as masks make them, and the operation gives NaN.
    guard !graph.ancestors(of: [x]).contains(where: { graph.number($0) == -.infinity }) else { return nil }
    guard let (isFinite, largest, zero) = graph.selection(reduced(graph.operand(shifted, 1), last, in: graph)),
      graph.argument(isFinite, of: .isFinite) == largest, graph.number(zero) == 0,
      graph.argument(largest, of: .max, dimension: last) == x,
      let (isEmpty, one, total) = graph.selection(divisor),
      graph.operation(isEmpty) == .compare(.equal), graph.operand(isEmpty, 0) == total,
      graph.number(graph.operand(isEmpty, 1)) == 0, graph.number(one) == 1,
      graph.argument(total, of: .sum, dimension: last) == exponential
    else { return nil }
    return x
  }

  /// The value that is repeated over a dimension; itself if it broadcasts without that.
  private static func reduced(_ node: NodeID, _ dimension: Int, in graph: Graph) -> NodeID {
    guard case .broadcast(dimension, _) = graph.operation(node) else { return node }
    return graph.operand(node, 0)
  }

  // MARK: Layer normalization

  private static func normalization(_ node: NodeID, in graph: Graph, _ fixed: FixedValues) -> ComposedFunction? {
    // The operation may compute in 32 bits, and has an ε of 32 bits.
    let type = graph.type(node)
    guard type.shape.rank == 1, type.element == .float32 else { return nil }
    func isVector(_ node: NodeID) -> Bool { fixed.contains(node) && graph.type(node).shape == type.shape }
    for (sum, bias) in [(node, nil)] + graph.pairs(node, .add).map({ ($0.0, Optional($0.1)) }) {
      if let bias, !isVector(bias) { continue }
      for (value, scale) in [(sum, nil)] + graph.pairs(sum, .multiply).map({ ($0.0, Optional($0.1)) }) {
        if let scale, !isVector(scale) { continue }
        guard let (x, epsilon) = standardized(value, in: graph) else { continue }
        return .layerNormalization(x, epsilon: epsilon, scale: scale, bias: bias)
      }
    }
    return nil
  }

  /// x and ε, where the node is d / √(mean d² + ε) with d = k x − k mean x. k is 1, or a power of two for features so large
  /// that squares would leave the range, and their ε is negligible.
  private static func standardized(_ node: NodeID, in graph: Graph) -> (x: NodeID, epsilon: Double)? {
    for (centred, inverse) in graph.pairs(node, .multiply) {
      guard let deviation = graph.argument(inverse, of: .reciprocal),
        let sum = graph.argument(deviation, of: .sqrt), graph.operation(centred) == .binary(.subtract)
      else { continue }
      for (variance, offset) in graph.pairs(sum, .add) {
        guard let squares = graph.argument(variance, of: .mean, dimension: 0),
          graph.argument(squares, of: .square) == centred,
          let (isLarge, _, epsilon) = graph.selection(offset), let number = graph.number(epsilon),
          let x = scaled(centred, where: isLarge, in: graph)
        else { continue }
        return (x, number)
      }
    }
    return nil
  }

  /// x, where the node is k x − k mean x, and k is 1 unless the norm of x is large.
  private static func scaled(_ centred: NodeID, where isLarge: NodeID, in graph: Graph) -> NodeID? {
    for (x, scale) in graph.pairs(graph.operand(centred, 0), .multiply) {
      guard let (condition, _, one) = graph.selection(scale), condition == isLarge, graph.number(one) == 1,
        graph.operation(isLarge) == .compare(.less), graph.number(graph.operand(isLarge, 0)) != nil,
        graph.argument(graph.operand(isLarge, 1), of: .norm, dimension: 0) == x
      else { continue }
      for (mean, other) in graph.pairs(graph.operand(centred, 1), .multiply)
      where other == scale && graph.argument(mean, of: .mean, dimension: 0) == x {
        return x
      }
    }
    return nil
  }
}
