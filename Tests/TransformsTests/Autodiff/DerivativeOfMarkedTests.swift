import EbbGraph
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// A gradient that was clipped or truncated is differentiated as the function that it is: against central differences of
/// its own values, in reverse over reverse and in forward over reverse.
struct DerivativeOfMarkedTests {
  // MARK: A chain

  /// hₜ = w hₜ₋₁ from h₀ = 1, L = h_T, of which dL/dw is a polynomial in w where nothing is clipped.
  private func chain(truncation: String = "", clip: String? = nil) throws -> Graph {
    let value = clip.map { "clipGradient(%3; \($0))" } ?? "reshape(%3; to [])"
    return try Graph(
      parsing: """
        axis t: time
        %0 w: f64 = parameter
        %1: f64 = constant(1)
        %2: f64 {t} = delay(h, initial %1; along t\(truncation))
        %3: f64 {t} = multiply(w, %2)
        %4 h: f64 {t} = \(value)
        %5 loss: f64 = pick(h; along t, last)

        """)
  }

  private struct Twice {
    var first: Double
    var reverse: Double
    var forward: Double
  }

  /// dL/dw and its derivative by w in both ways.
  private func differentiatedTwice(
    _ graph: Graph, _ w: Double, steps: Int, reparsing: Bool = false, unrolling: Bool = false
  ) throws -> Twice {
    var graph = graph
    func first() throws -> NodeID {
      try graph.gradient(of: graph.require("loss"), withRespectTo: [graph.require("w")])[0]
    }
    let gradient = try first()
    graph.setOutput("first", gradient)
    if unrolling { graph = try graph.unrolled(Axis(0), steps: steps) }
    if reparsing { graph = try Graph(parsing: graph.description) }
    let node = try #require(graph.output(named: "first"))
    let w0 = try graph.require("w")
    let one = graph.appendLeaf(.constant(1), NodeType(.float64))
    let nodes = try [node] + graph.gradient(of: node, withRespectTo: [w0]) + graph.tangent(of: [node], along: [w0: one])
    let found = try graph.evaluate(nodes, ["w": Tensor([], [w])], lengths: ["t": steps])
    return Twice(first: found[0][0], reverse: found[1][0], forward: found[2][0])
  }

  @Test(arguments: ["", "norm 2", "value 2", "norm 2 truncated", "truncated", "value 0"])
  func chainOfTwentySteps(_ mark: String) throws {
    let truncation = mark.hasSuffix("truncated") ? ", truncation 3" : ""
    let clip = mark.isEmpty || mark == "truncated" ? nil : mark.replacing(" truncated", with: "")
    let graph = try chain(truncation: truncation, clip: clip)
    let step = 1e-6
    let above = try differentiatedTwice(graph, 1.1 + step, steps: 20).first
    let below = try differentiatedTwice(graph, 1.1 - step, steps: 20).first
    let expected = (above - below) / (2 * step)
    for (reparsing, unrolling) in [(false, false), (true, false), (false, true)] {
      let found = try differentiatedTwice(graph, 1.1, steps: 20, reparsing: reparsing, unrolling: unrolling)
      #expect(abs(found.reverse - found.forward) <= 1e-12 * abs(found.forward))
      #expect(abs(found.reverse - expected) <= 1e-7 * max(1, abs(expected)), "\(found) instead of \(expected)")
    }
    if mark.isEmpty { #expect(abs(expected - 380 * (1...18).reduce(1.0) { power, _ in power * 1.1 }) < 1e-4) }
  }

  /// As `chainOfTwentySteps` with the graph unrolled before either derivative is taken.
  @Test func unrolledBeforehand() throws {
    for (truncation, clip) in [("", "norm 2"), (", truncation 3", nil), (", truncation 3", "value 1.5")] {
      let rolled = try chain(truncation: truncation, clip: clip)
      var flat = try rolled.unrolled(Axis(0), steps: 9)
      let expected = try differentiatedTwice(rolled, 1.3, steps: 9)
      let w = try flat.require("w")
      let first = try flat.gradient(of: flat.require("loss"), withRespectTo: [w])[0]
      let second = try flat.gradient(of: first, withRespectTo: [w])[0]
      let found = try flat.evaluate([first, second], ["w": Tensor([], [1.3])], lengths: ["t": 9])
      #expect(agree(found[0], [expected.first]) && agree(found[1], [expected.reverse]))
    }
  }

  /// A derivative of a tangent passes no mark either: d²h_T/dw².
  @Test func tangentsAreDifferentiatedWithoutMarks() throws {
    var graph = try chain(truncation: ", truncation 3", clip: "norm 0.1")
    let w = try graph.require("w")
    let one = graph.appendLeaf(.constant(1), NodeType(.float64))
    let tangent = try graph.tangent(of: [graph.require("loss")], along: [w: one])[0]
    let nodes = try [tangent] + graph.gradient(of: tangent, withRespectTo: [w])
    let found = try graph.evaluate(nodes, ["w": Tensor([], [1.1])], lengths: ["t": 20])
    func power(_ n: Int) -> Double { (0..<n).reduce(1.0) { power, _ in power * 1.1 } }
    #expect(agree(found[0], [20 * power(19)]) && agree(found[1], [380 * power(18)]))
  }

  /// L itself passes the clip in a sum with a function of its gradient, which passes none.
  @Test func marksHoldForTheLossBesideItsGradient() throws {
    var graph = try chain(clip: "norm 2")
    let (loss, w) = (try graph.require("loss"), try graph.require("w"))
    let first = try graph.gradient(of: loss, withRespectTo: [w])[0]
    let sum = graph.append(.binary(.add), [loss, first])
    let nodes =
      try [first] + graph.gradient(of: sum, withRespectTo: [w]) + graph.gradient(of: first, withRespectTo: [w])
    let found = try graph.evaluate(nodes, ["w": Tensor([], [1.1])], lengths: ["t": 20])
    #expect(agree(found[1], [found[0][0] + found[2][0]]))
  }

  // MARK: Any graph

  /// uᵀ (dg/dx) v of the gradient g of a random graph with clips and truncation: by a tangent of g, by a gradient of uᵀg,
  /// and by central differences of g.
  @Test(arguments: Array(stride(from: 5000, to: 5064, by: 8)))
  func randomGraphs(from first: Int) throws {
    var options = RandomGraph.Options()
    options.allowsKinks = false
    options.allowsStops = false
    options.operations = 3...6
    options.recurrences = 0...2
    for seed in first..<first + 8 {
      let random = RandomGraph.make(seed: UInt64(seed), options: options)
      var graph = random.graph
      let gradients = try graph.gradient(of: random.loss, withRespectTo: random.parameters)
      var inner: NodeID?
      for (position, gradient) in gradients.enumerated() {
        let weight = graph.appendLeaf(.constant(0.3 + 0.2 * Double(position % 5)), NodeType(.float64))
        var term = graph.append(.unary(.sin), [graph.append(.binary(.multiply), [gradient, weight])])
        for dimension in (0..<graph.type(term).shape.rank).reversed() {
          term = graph.append(.reduceFeatures(.sum, dimension: dimension), [term])
        }
        inner = inner.map { graph.append(.binary(.add), [$0, term]) } ?? term
      }
      guard let inner else { continue }
      graph.setOutput("inner", inner)
      let expected = try centralDifference(
        graph, random.bindings, output: "inner", direction: random.direction(), step: 1e-6)
      let found = try derivatives(of: inner, in: graph, random)
      let scale = max(1, abs(expected))
      #expect(abs(found.byTangent - found.byGradient) < 1e-9 * scale, "\(random)")
      #expect(abs(found.byGradient - expected) < 1e-5 * scale, "\(random)")
    }
  }

  private func derivatives(
    of node: NodeID, in graph: Graph, _ random: RandomGraph
  ) throws -> (byTangent: Double, byGradient: Double) {
    var graph = graph
    var bindings = random.bindings
    var directions: [NodeID: NodeID] = [:]
    let direction = random.direction()
    for leaf in random.parameters + random.inputs {
      guard let name = graph.name(leaf), let tensor = direction[name] else { continue }
      directions[leaf] = graph.appendLeaf(.input, graph.type(leaf), name: "direction " + name)
      bindings.values["direction " + name] = tensor
    }
    let leaves = directions.keys.sorted()
    graph.setOutput("tangent", try graph.tangent(of: [node], along: directions)[0])
    for (leaf, gradient) in zip(leaves, try graph.gradient(of: node, withRespectTo: leaves)) {
      graph.setOutput("gradient " + (graph.name(leaf) ?? ""), gradient)
    }
    #expect(DerivativeCheck.malformations(graph).isEmpty, "\(random)")
    let outputs = try interpret(graph, bindings)
    let gradients = Dictionary(
      uniqueKeysWithValues: outputs.compactMap { name, value in
        name.hasPrefix("gradient ") ? (String(name.dropFirst("gradient ".count)), value) : nil
      })
    return (
      try #require(outputs["tangent"]).doubles.reduce(0, +),
      directionalDerivative(gradients: gradients, direction: direction)
    )
  }

  // MARK: What it costs

  /// States a (clipped) and b (not): only what is downstream of the clip is written again, and the passes leave nothing
  /// of it.
  @Test func copiesAreFewAndMerged() throws {
    func text(_ clip: String) -> String {
      """
      axis t: time
      %0 x: f64 {t} [3] = input
      %1 u: f64 [3, 3] = parameter
      %2 v: f64 [3, 3] = parameter
      %3: f64 [3] = constant(0)
      %4: f64 {t} [3] = delay(b, initial %3; along t)
      %5: f64 {t} [3] = product(%4, u; contracting 0 with 0)
      %6: f64 {t} [3] = add(%5, x)
      %7 b: f64 {t} [3] = tanh(%6)
      %8: f64 {t} [3] = delay(a, initial %3; along t)
      %9: f64 {t} [3] = product(%8, v; contracting 0 with 0)
      %10: f64 {t} [3] = add(%9, b)
      %11: f64 {t} [3] = tanh(%10)
      %12 a: f64 {t} [3] = \(clip)
      %13: f64 {t} = sumFeatures(a; dimension 0)
      %14 loss: f64 = sumAxes(%13; over {t})

      """
    }
    func differentiated(_ clip: String) throws -> (graph: Graph, copies: [NodeID: NodeID]) {
      var graph = try Graph(parsing: text(clip))
      let gradients = try graph.gradients(
        of: graph.require("loss"), withRespectTo: [graph.require("u"), graph.require("v")])
      for (index, adjoint) in gradients.adjoints.enumerated() { graph.setOutput("\(index)", adjoint) }
      return (graph, gradients.copies)
    }
    let (clipped, copies) = try differentiated("clipGradient(%11; norm 1)")
    #expect(copies.keys.sorted() == [8, 9, 10, 11].map { NodeID($0) })
    #expect(copies.allSatisfy { clipped.operation($0.key) == clipped.operation($0.value) })
    let plain = try differentiated("reshape(%11; to [3])")
    #expect(plain.copies.isEmpty)
    let (optimized, expected) = (try Passes.optimized(clipped), try Passes.optimized(plain.graph))
    func count(_ graph: Graph, _ isCounted: (Operation) -> Bool) -> Int { graph.operations.count(where: isCounted) }
    for isCounted: (Operation) -> Bool in [
      { $0 == .unary(.tanh) }, { $0.shift != nil }, { if case .product = $0 { true } else { false } },
    ] { #expect(count(optimized, isCounted) == count(expected, isCounted)) }
    let bindings = Bindings([
      "x": Tensor([4, 3], (0..<12).map { Double($0 % 5) - 2 }),
      "u": Tensor([3, 3], (0..<9).map { 0.3 * Double($0 % 4) }),
      "v": Tensor([3, 3], (0..<9).map { 0.4 - 0.2 * Double($0 % 3) }),
    ])
    let (before, after) = (try interpret(clipped, bindings), try interpret(optimized, bindings))
    for name in ["0", "1"] {
      #expect(agree(try #require(after[name]).doubles, try #require(before[name]).doubles))
    }
  }
}
