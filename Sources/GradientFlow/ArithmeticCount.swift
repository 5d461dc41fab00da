public import EbbGraph
internal import EbbTensors

/// How many floating-point operations a graph asks for.
public struct ArithmeticCount: Sendable, Hashable {
  /// In matrix and outer products: a multiplication and an addition for each pair of numbers.
  public var products = 0
  /// In elementwise functions and reductions: one for each number, whatever the function.
  public var others = 0

  public var total: Int { products + others }

  /// Counts the graph's equations as they are written, for these lengths of the axes.
  public init(_ graph: Graph, lengths: [Int]) {
    for node in graph.nodes {
      let type = graph.type(node)
      let operands = graph.operands(node).map { graph.type($0) }
      func indices(_ domain: Domain) -> Int { domain.reduce(1) { $0 * lengths[$1.index] } }
      let results = indices(type.domain) * type.shape.count
      switch graph.operation(node) {
      case .product(let contraction, let over):
        let contracted =
          switch contraction {
          case .outer: 1
          case .dimensions(let left, _): operands[0].shape[left]
          }
        products += 2 * results * contracted * indices(over)
      case .unary, .binary, .compare, .select:
        if type.element.isFloat { others += results }
      case .reduceFeatures, .reduceAxes, .scatterAdd:
        others += operands.last.map { indices($0.domain) * $0.shape.count } ?? 0
      case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .convert, .transpose, .reshape,
        .broadcast, .concatenate, .slice, .pad, .gather, .argmaxFeatures, .argmaxAxis, .pick, .place, .spread,
        .axisToFeature, .featureToAxis, .delay, .advance, .stopGradient, .clipGradient:
        break
      }
    }
  }
}
