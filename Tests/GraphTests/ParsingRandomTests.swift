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

  @Test func randomGraphsAreDrawn() {
    for seed in UInt64(0)..<20 {
      let graph = RandomGraph.make(seed: seed).graph
      #expect(graph.svg().hasSuffix("</svg>\n"))
      #expect(graph.dot().hasSuffix("}\n"))
    }
  }
}
