import EbbGraph
import EbbTestSupport
import Testing

@Suite struct ParsingRandomTests {
  @Test func randomGraphsParseBack() throws {
    for seed in UInt64(0)..<150 {
      let graph = RandomGraph.make(seed: seed).graph
      let parsed = try Graph(parsing: graph.description)
      if parsed != graph { Issue.record("seed \(seed):\n\(graph)") }
    }
  }
}
