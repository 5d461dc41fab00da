import EbbGraph
import EbbInterpreter
import EbbTensors
import Testing

extension Graph {
  /// The node of this name; a test fails if there is none.
  func require(_ name: String) throws -> NodeID { try #require(node(named: name), "there is no node \(name)") }

  /// The numbers of some nodes in a run with these values.
  func evaluate(_ nodes: [NodeID], _ values: [String: Tensor], lengths: [String: Int] = [:]) throws -> [[Double]] {
    var graph = self
    graph.removeOutputs()
    for (index, node) in nodes.enumerated() { graph.setOutput("\(index)", node) }
    try graph.verify()
    let results = try Interpreter.run(graph, Bindings(values, lengths: lengths))
    return try nodes.indices.map { try #require(results["\($0)"]).doubles }
  }
}

/// Whether numbers agree to a relative error.
func agree(_ found: [Double], _ expected: [Double], tolerance: Double = 1e-12) -> Bool {
  found.count == expected.count
    && zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) || $0 == $1 }
}

/// All outputs of a graph.
func interpret(_ graph: Graph, _ bindings: Bindings) throws -> [String: Tensor] { try Interpreter.run(graph, bindings) }
