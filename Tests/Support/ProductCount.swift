public import EbbGraph

/// How many matrix products a graph computes, and where.
public struct ProductCount: Hashable, Sendable {
  /// The products in one step of each recurrence, in an order of evaluation. Recurrences without a product count 0.
  public var perSweep: [Int]
  /// The products that are computed for the whole sequence at once, or do not depend on time.
  public var wholeSequence: Int

  /// These numbers of products.
  public init(perSweep: [Int], wholeSequence: Int) {
    self.perSweep = perSweep
    self.wholeSequence = wholeSequence
  }

  /// Counts the products of a graph.
  public init(_ graph: Graph) {
    let components = Components(graph)
    perSweep = []
    wholeSequence = 0
    for (index, members) in components.members.enumerated() {
      let products = members.count { if case .product = graph.operation($0) { true } else { false } }
      if components.isCyclic[index] {
        perSweep.append(products)
      } else {
        wholeSequence += products
      }
    }
  }
}
