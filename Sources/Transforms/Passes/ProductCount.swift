package import EbbGraph

/// The number of matrix products that a graph computes, and where.
package struct ProductCount: Hashable, Sendable {
  /// The products in one step of each recurrence, in an order of evaluation. Recurrences without a product count 0.
  package var perSweep: [Int]
  /// The products that are computed for the whole sequence at once or do not depend on time.
  package var wholeSequence: Int

  /// These numbers of products.
  package init(perSweep: [Int], wholeSequence: Int) {
    self.perSweep = perSweep
    self.wholeSequence = wholeSequence
  }

  /// Counts the products of a graph.
  package init(_ graph: Graph) {
    let components = Components(graph)
    perSweep = []
    wholeSequence = 0
    for (index, members) in components.members.enumerated() {
      let products = members.filter { graph.isProduct($0) }.count
      if components.isCyclic[index] {
        perSweep.append(products)
      } else {
        wholeSequence += products
      }
    }
  }
}
