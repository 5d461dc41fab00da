import EbbCells
import EbbDiagnostics
import EbbGraph
import EbbRecording
import EbbStableHLO
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Foundation
import Testing

/// The text of ten modules, so that a change of the translation is seen: `Tests/Vectors/StableHLO`, written anew where
/// EBB_RECORD_STABLEHLO is set.
struct GoldenTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Vectors/StableHLO")
  static let isRecording = ProcessInfo.processInfo.environment["EBB_RECORD_STABLEHLO"] != nil

  static func graphs() throws -> [(name: String, graph: Graph)] {
    func network(_ cell: some RecurrentCell, ragged: Bool = false) throws -> Graph {
      try Recording(cell, features: 3, ragged: ragged).evaluationGraph
    }
    func gradient(_ cell: some RecurrentCell) throws -> Graph { try TrainingStepGraph(cell, features: 3).gradient }
    return [
      ("simple-rnn", SampleGraph.simpleRNN()), ("gated-recurrent-unit", SampleGraph.gatedRecurrentUnit()),
      ("lstm", try network(LSTM(units: 4))), ("lstm-gradient", try gradient(LSTM(units: 4))),
      ("gru-gradient", try gradient(GRU(units: 4))),
      ("layer-norm-lstm-gradient", try gradient(LayerNormLSTM(units: 4))),
      ("both-ways-ragged", try network(Bidirectional(GRU(units: 2), LSTM(units: 2)), ragged: true)),
      ("last-step-ragged", try network(Stack([SimpleRNN(units: 4), LastStep()]), ragged: true)),
      ("dropout-gradient", try gradient(VariationalLSTM(units: 4, inputDropout: 0.5))),
      ("sorted", sorted()),
    ]
  }

  /// The entries of each step in order, and the running sum of them.
  static func sorted() -> Graph {
    var graph = Graph()
    let t = graph.addAxis(AxisDescription(name: "t", kind: .time))
    let x = graph.appendLeaf(.input, NodeType(.float32, [t], [5]), name: "x")
    let one = graph.appendLeaf(.constant(1), NodeType(.float32))
    let order = graph.append(.argsortFeatures(dimension: 0, descending: true), [x])
    let entries = graph.append(.gatherFeatures(dimension: 0), [x, order])
    graph.setOutput("sums", graph.append(.accumulate(dimension: 0, reversed: false), [one, entries]))
    graph.setOutput("decayed", graph.append(.accumulate(dimension: 0, reversed: true), [entries, x]))
    return graph
  }

  @Test func modules() throws {
    for (name, graph) in try Self.graphs() {
      let lengths = ["t": 7, "b": 3].filter { graph.axis(named: $0.key) != nil }
      let module = try Passes.optimized(graph).stableHLO(lengths: lengths, name: name)
      let file = Self.folder.appendingPathComponent("\(name).mlir")
      if Self.isRecording { try module.text.write(to: file, atomically: true, encoding: .utf8) }
      let expected = try String(contentsOf: file, encoding: .utf8)
      #expect(module.text == expected, "\(name) differs from \(file.lastPathComponent)")
    }
  }

  /// A gradient has one product in each of its two loops, and its other products outside: those that the passes join.
  @Test func productsInLoops() throws {
    let module = try Passes.optimized(TrainingStepGraph(LSTM(units: 4), features: 3).gradient)
      .stableHLO(lengths: ["t": 7, "b": 3])
    var (inside, outside) = (0, 0)
    for line in module.text.split(separator: "\n") where line.contains("dot_general") {
      if line.hasPrefix("      ") { inside += 1 } else { outside += 1 }
    }
    #expect((inside, outside) == (2, 3))
    #expect(module.text.components(separatedBy: "stablehlo.while").count == 3)
  }

  /// The types of the sequences that the loops of a module fill.
  private static func filled(_ text: String) -> [String] {
    text.split(separator: "\n").filter { $0.hasPrefix("      ") }.compactMap { line in
      line.firstMatch(of: #/dynamic_update_slice.*-> tensor<(.+)>$/#).map { String($0.output.1) }
    }
  }

  /// An LSTM keeps the sum of its gates, and c and h. What functions give of these is computed again.
  @Test func keptForTheGradient() throws {
    let graph = try TrainingStepGraph(LSTM(units: 4), features: 3).gradient
    let text = try Passes.optimized(graph).stableHLO(lengths: ["t": 7, "b": 3]).text
    #expect(Self.filled(text) == ["7x3x16xf32", "8x3x8xf32", "7x3x16xf32"])
    #expect(text.components(separatedBy: "stablehlo.logistic").count - 1 == 3 + 3 + 1)
  }

  /// Two functions of one sum, of which the sum is kept, unless a comparison reads them: computed again, they could fall
  /// on its other side.
  @Test(arguments: [false, true])
  func keptForAComparison(isCompared: Bool) throws {
    var graph = try Recording(Twofold(units: 4), features: 3).evaluationGraph
    let (s, t) = (try #require(graph.node(named: "s")), try #require(graph.node(named: "t")))
    let (x, y) = (graph.append(.unary(.square), [s]), graph.append(.unary(.square), [t]))
    graph.setOutput("squares", graph.append(.binary(.add), [x, y]))
    if isCompared { graph.setOutput("where", graph.append(.compare(.greater), [x, y])) }
    let text = try graph.stableHLO(lengths: ["t": 7, "b": 3]).text
    // h and a; or h, s and t.
    #expect(Self.filled(text) == [isCompared ? "7x3x12xf32" : "7x3x8xf32"])
    #expect(text.components(separatedBy: "stablehlo.logistic").count - 1 == (isCompared ? 1 : 2))
  }

  /// The norms of all states' gradients are sums in the backward loop, whose adjoints fill no sequence for them.
  @Test func normsInLoops() throws {
    func text(_ norms: Bool) throws -> String {
      let graph = try TrainingStepGraph(LSTM(units: 4), features: 3, gradientNorms: norms).gradient
      return try Passes.optimized(graph).stableHLO(lengths: ["t": 7, "b": 3]).text
    }
    /// Lines in loops with this operator and this type in them.
    func count(_ text: String, _ word: String, _ type: String) -> Int {
      text.split(separator: "\n").count { $0.hasPrefix("      ") && $0.contains(word) && $0.contains(type) }
    }
    let (with, without) = (try text(true), try text(false))
    #expect(count(without, "dynamic_update_slice", "-> tensor<7x3xf32>") == 0)
    #expect(count(with, "dynamic_update_slice", "-> tensor<7x3x2xf32>") == 1)
    #expect(count(with, "reduce(", "-> tensor<3xf32>") >= 2)
    for shape in ["7x3x4", "8x3x4", "7x3x8", "8x3x8"] {
      let type = "-> tensor<\(shape)xf32>"
      #expect(count(with, "dynamic_update_slice", type) == count(without, "dynamic_update_slice", type))
    }
  }

  /// A module for a part of a batch also takes the number of its first sample, if it draws random numbers, and adds it to
  /// the indices of samples.
  @Test func partsOfABatch() throws {
    func texts(_ cell: some RecurrentCell) throws -> (whole: String, part: String) {
      let graph = try Passes.optimized(TrainingStepGraph(cell, features: 3).gradient)
      let lengths = graph.axes.map { $0.length ?? ($0.kind == .time ? 7 : 3) }
      return (graph.module(lengths, named: "ebb").text, graph.module(lengths, isPart: true, named: "ebb").text)
    }
    let plain = try texts(LSTM(units: 4))
    #expect(plain.whole == plain.part)
    let (whole, part) = try texts(VariationalLSTM(units: 4, inputDropout: 0.5))
    #expect(!whole.contains("first"))
    #expect(part.contains("%first_sample: tensor<ui64>\n  ) -> ("))
    let sums = part.split(separator: "\n").count { $0.contains("stablehlo.add %iota") && $0.contains("%first.all") }
    #expect(sums == 1)
  }

  @Test func lengthsAreNeeded() throws {
    let graph = SampleGraph.simpleRNN()
    #expect(throws: BindingError("a module has fixed lengths: give one for axis b")) {
      try graph.stableHLO(lengths: ["t": 3])
    }
    #expect(throws: BindingError("there is no axis named q; the axes are t, b")) {
      try graph.stableHLO(lengths: ["t": 3, "b": 2, "q": 1])
    }
    #expect(throws: BindingError("axis t has length 0; it needs at least 1")) {
      try graph.stableHLO(lengths: ["t": 0, "b": 2])
    }
  }

  /// Names that MLIR does not take are written beside the argument.
  @Test func unusualNames() throws {
    var graph = Graph()
    let a = graph.appendLeaf(.input, NodeType(.float64), name: "3 \"é\"")
    graph.setOutput("a\\b", graph.append(.unary(.square), [a]))
    let text = try graph.stableHLO(lengths: [:]).text
    #expect(text.contains(#"%_3____: tensor<f64> {ebb.name = "3 \22\C3\A9\22"}"#))
    #expect(text.contains(#"tensor<f64> {ebb.name = "a\5Cb"}"#))
  }
}

/// h = σ(a) tanh(a), a = W [h, x] + b
private struct Twofold: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let a = scope.affine("a", [h, x], units)
    return h.next(sigmoid(a).named("s") * tanh(a).named("t"))
  }
}
