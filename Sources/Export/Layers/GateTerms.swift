internal import EbbGraph
internal import EbbTensors

/// What a gate adds up before its function: products of vectors with weights, biases, and the rest.
struct GateTerms: Hashable {
  /// Some rows of weights times a vector.
  struct Product: Hashable {
    var vector: NodeID
    var weight: NodeID
    /// The dimension of the weight that is summed over: 0 if its rows belong to the vector's features.
    var contracted: Int
    /// The first of its rows that belongs to the vector, and how many do.
    var start: Int
    var count: Int
  }

  var products: [Product] = []
  /// Values that are fixed once the network is trained.
  var biases: [NodeID] = []
  var others: [NodeID] = []

  /// The terms of a sum.
  ///
  /// - Parameters:
  ///   - node: A vector of each step.
  ///   - isFixed: Whether a value depends on parameters alone.
  init(_ node: NodeID, in graph: Graph, isFixed: (NodeID) -> Bool) {
    var pending = [node]
    while let node = pending.popLast() {
      if isFixed(node) {
        biases.append(node)
      } else if graph.operation(node) == .binary(.add) {
        pending += graph.operands(node).reversed()
      } else if case .product(.dimensions(let i, let j), let over) = graph.operation(node), over.isEmpty {
        let (left, right) = (graph.operand(node, 0), graph.operand(node, 1))
        if isFixed(right), graph.type(right).shape.rank == 2, graph.type(left).shape.rank == 1 {
          add(left, right, j, in: graph)
        } else if isFixed(left), graph.type(left).shape.rank == 2, graph.type(right).shape.rank == 1 {
          add(right, left, i, in: graph)
        } else {
          others.append(node)
        }
      } else {
        others.append(node)
      }
    }
  }

  private mutating func add(_ vector: NodeID, _ weight: NodeID, _ contracted: Int, in graph: Graph) {
    guard graph.operation(vector) == .concatenate(dimension: 0) else {
      let count = graph.type(vector).shape.count
      return products.append(
        Product(vector: vector, weight: weight, contracted: contracted, start: 0, count: count))
    }
    var start = 0
    for part in graph.operands(vector) {
      let count = graph.type(part).shape.count
      products.append(Product(vector: part, weight: weight, contracted: contracted, start: start, count: count))
      start += count
    }
  }
}
