import EbbGraph
import EbbMarkup
import EbbTensors
import EbbTestSupport
import Testing

@testable import EbbPictures

@Suite struct DrawingTests {
  @Test func theLayersFollowTheLongestPaths() {
    // 0 → 1 → 2 → 4, 0 → 4 and 3 → 4: the source 3 stands beside its reader, the edge 0 → 4 bends twice.
    let layout = layout(5, [(0, 1), (1, 2), (0, 4), (2, 4), (3, 4)])
    #expect(Array(layout.layerOf[0..<5]) == [0, 1, 2, 2, 3])
    #expect(layout.paths.map(\.count) == [2, 2, 4, 2, 2])
  }

  @Test func theOrderRemovesCrossings() {
    // Two edges that cross in the given order, and a star of three: all can be drawn without a crossing.
    #expect(layout(4, [(0, 3), (1, 2)]).crossings() == 0)
    #expect(layout(8, [(0, 5), (1, 4), (2, 3), (3, 7), (4, 6), (5, 7)]).crossings() == 0)
    // The complete bipartite graph on three and three: each of the 3 · 3 pairs of pairs crosses once in any order.
    let complete = (0..<3).flatMap { source in (3..<6).map { (source, $0) } }
    #expect(layout(6, complete).crossings() == 9)
  }

  @Test func boxesOfALayerKeepTheirDistance() {
    let graph = Drawing(SampleGraph.gatedRecurrentUnit(), DrawingOptions())
    let areas = graph.flowPicture().rectangles
    for (index, first) in areas.enumerated() {
      for second in areas[(index + 1)...] {
        let apart =
          first.right + 15 < second.left || second.right + 15 < first.left || first.bottom + 15 < second.top
          || second.bottom + 15 < first.top
        #expect(apart)
      }
    }
  }

  @Test func operandsAreLeftOfTheirReadersAndLoopsReturn() {
    let drawing = Drawing(SampleGraph.gatedRecurrentUnit(), DrawingOptions())
    let areas = drawing.flowPicture().rectangles
    for arrow in drawing.arrows {
      #expect((areas[arrow.source].right < areas[arrow.target].left) != arrow.isBackward)
    }
    #expect(drawing.arrows.count(where: \.isBackward) == 1)
    #expect(drawing.arrows.first(where: \.isBackward)?.carried == "delay 1")
  }

  @Test func mediansAscend() {
    // 5 before 1 violates the order; pooled, all of 1 ... 5 is as good, and 2 is where they are.
    let wishes = [5.0, 1, 3].map { Median([Median.Point(value: $0, weight: 1)], current: 2) }
    #expect(Median.ascending(wishes) == [2, 2, 3])
    // A heavy wish holds its place against light ones.
    let heavy = [(5.0, 9.0), (1, 1), (7, 1)].map { Median([Median.Point(value: $0, weight: $1)], current: 0) }
    #expect(Median.ascending(heavy) == [5, 5, 7])
  }

  @Test func parametersAndConstantsAreWrittenIntoTheirReaders() {
    let labels = symbols(SampleGraph.gatedRecurrentUnit(), DrawingOptions())
    #expect(labels.isSuperset(of: ["· Wz", "+ br", "1 −", "ht−1 from 0"]))
    #expect(labels.isDisjoint(with: ["Wz", "br", "0", "1"]))
    let apart = symbols(SampleGraph.gatedRecurrentUnit(), DrawingOptions(inlinesParameters: false))
    #expect(apart.isSuperset(of: ["Wz", "br", "matmul", "+", "1 −"]))
  }

  @Test func namesOfParametersAreWrittenAsLetters() {
    var graph = Graph()
    for name in ["layer0.forget.weight", "layer0.forget.bias", "layer0.scale", "layer0.weight"] {
      graph.appendLeaf(.parameter, NodeType(.float32), name: name)
    }
    #expect(symbols(graph, DrawingOptions()) == ["Wforget", "bforget", "scale", "W"])
    graph.appendLeaf(.parameter, NodeType(.float32), name: "layer1.forget.weight")
    #expect(symbols(graph, DrawingOptions()).isSuperset(of: ["Wlayer0.forget", "Wlayer1.forget", "layer0.scale"]))
  }

  @Test(arguments: [
    ("h@3", ["h", "3"]), ("W_z", ["W", "z"]), ("W_z@12", ["W", "z,12"]), ("loss", ["loss"]), ("_x", ["_x"]),
    ("a@b", ["a@b"]), ("layer0.forget.weights.of.a.cell", ["layer0.f…ghts.of.a.cell"]), ("", [""]),
  ])
  func indicesOfNamesAreLowered(name: String, pieces: [String]) {
    #expect(Drawing.Piece.name(name).map(\.text) == pieces)
  }

  @Test func anUnrolledGraphHasAColumnForEachStep() throws {
    let graph = SampleGraph.unrolledRNN(steps: 3)
    let drawing = Drawing(graph, DrawingOptions())
    let columns = try #require(TimeColumns(graph, drawing))
    func step(_ name: String) -> Int? {
      drawing.boxes.firstIndex { graph.name($0.node) == name }.flatMap { columns.steps[$0] }
    }
    #expect(["x@0", "h@0", "x@1", "h@1", "x@2", "h@2"].map(step) == [0, 0, 1, 1, 2, 2])
    // The products before h@1 belong to step 1, the sum of the first two losses too.
    let areas = drawing.columnPicture(columns).rectangles
    #expect(Dictionary(grouping: columns.steps, by: \.self).mapValues(\.count) == [0: 7, 1: 8, 2: 9])
    for arrow in drawing.arrows {
      let (from, to) = (columns.steps[arrow.source] ?? -1, columns.steps[arrow.target] ?? -1)
      if from == to {
        #expect(areas[arrow.source].top > areas[arrow.target].bottom)
      } else {
        #expect(areas[arrow.source].right < areas[arrow.target].left)
      }
    }
  }

  @Test func picturesAreWellFormed() {
    for graph in [SampleGraph.simpleRNN(), SampleGraph.everyOperation(), SampleGraph.unrolledRNN(steps: 3), Graph()] {
      let svg = graph.svg()
      #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.hasSuffix("</svg>\n"))
      #expect(unbalancedTags(svg) == [])
      // No place is NaN; a number of the graph may be.
      let places = svg.replacing(#/(constant|literal)\([^)]*\)/#, with: "")
      #expect(!places.contains("nan"))
      #expect(svg.contains("prefers-color-scheme: dark"))
    }
    // A name full of mark-up stays text.
    var hostile = Graph()
    hostile.appendLeaf(.parameter, NodeType(.float32), name: "<script>&\"\u{0}")
    #expect(hostile.svg().contains("&lt;script&gt;&amp;&quot;\u{FFFD}"))
    #expect(!hostile.svg().contains("<script>"))
  }

  @Test func randomGraphsAreDrawn() {
    for seed in UInt64(0)..<20 {
      let graph = RandomGraph.make(seed: seed).graph
      #expect(graph.svg().hasSuffix("</svg>\n"))
      #expect(graph.dot().hasSuffix("}\n"))
    }
  }

  @Test func aLargeGraphGivesASentence() {
    let options = DrawingOptions(maximumNodes: 3)
    let sentence = "This graph has 11 boxes; a picture of more than 3 is not readable."
    #expect(SampleGraph.simpleRNN().svg(options).contains(sentence))
    #expect(SampleGraph.simpleRNN().dot(options).contains(sentence))
  }

  @Test func graphvizTextHasEachBoxAndEdge() {
    let dot = SampleGraph.simpleRNN().dot()
    #expect(dot.hasPrefix("digraph {\n") && dot.hasSuffix("}\n"))
    #expect(dot.contains("n0 [label=\"x\\n[t, b, 8]\", tooltip=\"%0 x: f32 {t, b} [8] = input\""))
    #expect(dot.contains("n6 -> n1 [label=\"delay 1\", style=dashed, constraint=false];"))
    #expect(dot.split(separator: "\n").count { $0.contains(" -> ") } == 11)
  }

  private func layout(_ count: Int, _ edges: [(Int, Int)]) -> LayeredLayout {
    LayeredLayout(
      breadths: [Double](repeating: 10, count: count),
      edges: edges.map { LayeredLayout.Edge(source: $0.0, target: $0.1) }, gap: 5)
  }

  private func symbols(_ graph: Graph, _ options: DrawingOptions) -> Set<String> {
    Set(Drawing(graph, options).boxes.map { $0.symbol.map(\.text).joined() })
  }

  /// The tags that are opened and not closed, or closed and not opened.
  private func unbalancedTags(_ text: String) -> [String] {
    var open: [Substring] = []
    for part in text.split(separator: "<") {
      guard let end = part.firstIndex(of: ">") else { return [String(part)] }
      let tag = part[..<end]
      let name = tag.prefix { !$0.isWhitespace && $0 != "/" }
      if tag.hasPrefix("/") {
        guard let last = open.popLast(), last == tag.dropFirst() else { return [String(tag)] }
      } else if !tag.hasSuffix("/") {
        open.append(name)
      }
    }
    return open.map(String.init)
  }
}
