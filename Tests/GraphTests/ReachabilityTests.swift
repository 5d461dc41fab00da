import EbbGraph
import EbbTestSupport
import Testing

/// What depends on what, against the transitive closure of the edges.
struct ReachabilityTests {
  /// For each node the nodes that it reads, directly or not, and itself.
  private func closure(_ graph: Graph, where counts: (NodeID, Int) -> Bool = { _, _ in true }) -> [Set<NodeID>] {
    var result = graph.nodes.map { Set([$0]) }
    var isSettled = false
    while !isSettled {
      isSettled = true
      for node in graph.nodes {
        for (position, operand) in graph.operands(node).enumerated() where counts(node, position) {
          let more = result[node.index].union(result[operand.index])
          if more.count > result[node.index].count { (result[node.index], isSettled) = (more, false) }
        }
      }
    }
    return result
  }

  private var graphs: [Graph] { (0..<30).map { RandomGraph.make(seed: 500 + $0).graph } }

  @Test func ancestorsAndDescendantsGoThroughDelays() {
    for graph in graphs {
      let closure = closure(graph)
      for node in graph.nodes {
        #expect(Set(graph.ancestors(of: [node])) == closure[node.index])
        #expect(Set(graph.descendants(of: [node])) == Set(graph.nodes.filter { closure[$0.index].contains(node) }))
      }
    }
  }

  @Test func pathsTakeOnlyTheEdgesThatCount() {
    for graph in graphs {
      // Not what a delay carries, and no second operand.
      let counts = { (node: NodeID, position: Int) in position == 0 && graph.operation(node).shift == nil }
      let closure = closure(graph, where: counts)
      let (source, target) = (NodeID(graph.count / 3), NodeID(graph.count - 1))
      #expect(Set(graph.ancestors(of: [target], where: counts)) == closure[target.index])
      for source in [source, NodeID(0), target] {
        let expected = graph.nodes.filter { closure[target.index].contains($0) && closure[$0.index].contains(source) }
        #expect(Array(graph.paths(from: [source], to: [target], where: counts)) == expected)
      }
    }
  }

  @Test func readersOfANodeStandInOrder() throws {
    let graph = try Graph(
      parsing: """
        axis t : time
        %0 x: f32 {t} = input
        %1: f32 {t} = add(%0, %0)
        %2: f32 {t} = multiply(%1, %0)
        output y = %2
        """)
    #expect(Array(Readers(graph)[NodeID(0)]).map(\.index) == [1, 1, 2])
    #expect(Array(Readers(graph) { _, position in position == 1 }[NodeID(0)]).map(\.index) == [1, 2])
    #expect(Readers(graph)[NodeID(2)].isEmpty)
  }

  @Test func aSetGrowsWithTheGraph() {
    var set = NodeSet([NodeID(1)], count: 2)
    #expect(!set.contains(NodeID(5)))
    #expect(set.insert(NodeID(5)) && !set.insert(NodeID(5)))
    #expect(Array(set).map(\.index) == [1, 5])
  }
}
