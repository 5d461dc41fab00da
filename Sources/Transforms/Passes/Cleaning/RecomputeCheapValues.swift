internal import EbbGraph
internal import EbbTensors

/// Recomputes a cheap value where it is read, if its operands are available there anyway (rematerialization).
///
///     forward  z = σ(…);  k = 1 − z;  h = k ⊙ h₋₁ + z ⊙ g        backward  … z …;  k = 1 − z;  … k …
///
/// A value that crosses from one recurrence to another, or to the work over the whole sequence, is written to memory at
/// every step and read again. One operation on numbers that are loaded anyway is cheaper.
struct RecomputeCheapValues: Pass {
  var name: String { "recompute-cheap-values" }
  var purpose: String { "computes a cheap value again instead of keeping it for every step" }

  func run(_ graph: Graph) -> Graph {
    let crossings = Crossings(graph)
    let copies = crossings.copies()
    guard !copies.isEmpty else { return graph }
    var result = GraphCopy(of: graph)
    // The recomputed values, for each place.
    var repeated: [Crossings.Copy: NodeID] = [:]
    for node in graph.nodes {
      let operands = graph.operands(node).map { operand in
        repeated[Crossings.Copy(node: operand, place: crossings.places[node.index])] ?? result[operand]
      }
      result.append(node, on: operands)
      for place in copies[node] ?? [] {
        let operands = graph.operands(node).map { result[$0] }
        repeated[Crossings.Copy(node: node, place: place)] = result.graph.appendUnchecked(
          graph.operation(node), operands, graph.type(node))
      }
    }
    return result.finish()
  }
}

/// The values that cross between places: from a recurrence to another, or to the work over whole sequences.
private struct Crossings {
  struct Copy: Hashable {
    var node: NodeID
    var place: Int
  }

  private let graph: Graph
  /// The recurrence of each node, −1 outside all recurrences.
  let places: [Int]
  private let users: Readers
  private let isOutput: [Bool]

  init(_ graph: Graph) {
    self.graph = graph
    let components = Components(graph)
    let users = Readers(graph)
    var isOutput = Array(repeating: false, count: graph.count)
    for output in graph.outputs { isOutput[output.node.index] = true }
    for lengths in graph.axes.compactMap(\.lengths) { isOutput[lengths.index] = true }
    var places = graph.nodes.map { components.isCyclic[components[$0]] ? components[$0] : -1 }
    // A value that only one recurrence reads is computed in it.
    for node in graph.nodes.reversed() where places[node.index] < 0 && graph.operation(node).isElementwise {
      guard !isOutput[node.index], let first = users[node].first, graph.operation(first).shift == nil else {
        continue
      }
      let place = places[first.index]
      if users[node].allSatisfy({ places[$0.index] == place && graph.operation($0).shift == nil }) {
        places[node.index] = place
      }
    }
    self.users = users
    self.isOutput = isOutput
    self.places = places
  }

  /// For each node to recompute, the places.
  func copies() -> [NodeID: [Int]] {
    var result: [NodeID: [Int]] = [:]
    // The places other than its own where each node is read, updated as copies are made.
    var readers = graph.nodes.map { node in
      Set(users[node].map { places[$0.index] }).subtracting([places[node.index]])
    }
    for node in graph.nodes {
      let elsewhere = readers[node.index]
      guard !elsewhere.isEmpty, graph.operation(node).isCheap, !isOutput[node.index], !graph.type(node).domain.isEmpty
      else { continue }
      let isHistory = graph.operation(node).historyAxes != nil
      if !isHistory {
        let outside = users[node].filter { places[$0.index] != places[node.index] }
        // A product or a sum needs the value in memory, so its other readers can load it too.
        guard outside.allSatisfy({ graph.operation($0).isElementwise }) else { continue }
        let isThere = graph.operands(node).allSatisfy { operand in
          isKept(operand, readers) || graph.type(operand).shape.count < graph.type(node).shape.count
        }
        guard isThere else { continue }
      }
      result[node] = elsewhere.sorted()
      readers[node.index] = []
      for operand in graph.operands(node) {
        readers[operand.index].formUnion(elsewhere.subtracting([places[operand.index]]))
      }
    }
    return result
  }

  /// Whether a node is in memory at every step in any case.
  private func isKept(_ node: NodeID, _ readers: [Set<Int>]) -> Bool {
    let operation = graph.operation(node)
    if case .constant = operation { return true }
    if case .literal = operation { return true }
    return operation.isGiven || isOutput[node.index] || !readers[node.index].isEmpty
  }
}

extension EbbGraph.Operation {
  /// A few vector instructions: cheaper than a store and a load.
  fileprivate var isCheap: Bool {
    if case .unary(let function) = self { return function.traits.cost == .instructions }
    if case .binary(let function) = self { return function.traits.cost == .instructions }
    if case .compare = self { return true }
    // The sequence itself is there, and the history of each step would be another.
    if case .history = self { return true }
    return self == .select
  }
}
