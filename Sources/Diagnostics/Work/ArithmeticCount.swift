public import EbbGraph
internal import EbbTensors

/// The number of floating-point operations of a graph.
public struct ArithmeticCount: Sendable, Hashable {
  /// In matrix and outer products: one multiplication and one addition for each pair of numbers.
  public var products = 0
  /// In elementwise functions and reductions: one per number, for any function.
  public var others = 0

  /// All of them.
  public var total: Int { products + others }

  /// Counts the operations of the graph's equations as written, for these lengths of the axes. Axes of fixed length and
  /// own pasts may be left out at the end.
  public init(_ graph: Graph, lengths: [Int]) {
    let lengths = graph.completed(lengths)
    for node in graph.nodes {
      let type = graph.type(node)
      let operands = graph.operands(node).map { graph.type($0) }
      func indices(_ domain: Domain) -> Int { domain.reduce(1) { $0 * lengths[$1.index] } }
      let results = indices(type.domain) * type.shape.count
      let operation = graph.operation(node)
      if case .product(let contraction, let over) = operation {
        let contracted =
          switch contraction {
          case .outer: 1
          case .dimensions(let left, _): operands[0].shape[left]
          }
        products += 2 * results * contracted * indices(over)
      }
      if operation.isFunction, type.element.isFloat { others += results }
      if operation.isSum { others += operands.last.map { indices($0.domain) * $0.shape.count } ?? 0 }
    }
  }
}

extension EbbGraph.Operation {
  /// Whether the value's numbers are computed from its operands' rather than copied.
  fileprivate var isFunction: Bool {
    if case .convert = self { false } else { kind == .elementwise }
  }

  /// Whether each number of the last operand enters a sum or a maximum.
  fileprivate var isSum: Bool {
    if case .reduceFeatures = self { return true }
    if case .reduceAxes = self { return true }
    if case .scatterAdd = self { return true }
    if case .scatterFeatures = self { return true }
    if case .accumulate = self { return true }
    return false
  }
}
