import EbbCells
import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTransforms
import Testing

@testable import EbbEquations

/// Sums and softmaxes over a value's own past, as papers write them.
@Suite struct PastTests {
  /// h_t and what it attends to, in Swift.
  private struct Attending: RecurrentCell {
    var units: Int
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let past = scope.past()
      let h = scope.state("h", units)
      let scores = sumOverFeatures(
        scope.parameter("v", [units], .constant(1)) * tanh(scope.product("U", [h], units).history(along: past) + h))
      let weights = softmax(scores, over: [past]).named("a")
      let context = sum(weights * h.history(along: past), over: [past])
      return h.next(tanh(scope.affine("cell", [context, x], units)))
    }
  }

  private static let text = """
    a_{t,i} = softmax_{i<t}(sum(v ⊙ tanh(U h_i + h_{t-1})))
    h_t = tanh(W [∑_{i<t} a_{t,i} h_i, x_t] + b)
    v ~ ones
    """

  /// The values of the outputs and the gradients by every parameter and input.
  private func run(_ cell: some RecurrentCell, _ numbers: [Double]) throws -> [String: [Double]] {
    let recording = try Recording(element: .float64) { scope in
      let (t, b) = (scope.time("t"), scope.batch("b"))
      let y = scope.over(t).run(cell, scope.input("x", [2], over: [t, b]))
      scope.output("y", y)
      scope.output("loss", sum(square(y)))
    }
    var graph = recording.graph
    let loss = try #require(graph.output(named: "loss"))
    let leaves = recording.parameters.map(\.node) + recording.inputs.map(\.node)
    for (index, node) in try graph.gradient(of: loss, withRespectTo: leaves).enumerated() {
      graph.setOutput("d\(index)", node)
    }
    var values: [String: Tensor] = [:]
    for node in leaves {
      let type = graph.type(node)
      let dimensions = type.domain.map { [6, 2][$0.index] } + type.shape.array
      let count = dimensions.reduce(1, *)
      values[graph.name(node) ?? ""] = Tensor(dimensions, Array(numbers.prefix(count)), as: .float64)
    }
    return try Interpreter.run(graph, Bindings(values)).mapValues(\.doubles)
  }

  private static let numbers: [Double] = (0..<200).map { index in
    RandomStream(seed: 4, stream: 1).value(.normal, at: .zero, element: UInt32(index)) * 0.7
  }

  /// What two cells compute is the same, whatever their parameters are called.
  private func expectEqual(_ text: String, _ other: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let (a, b) = try (run(EquationCell(text, units: 3), Self.numbers), run(EquationCell(other, units: 3), Self.numbers))
    #expect(a.keys.count > 2 && a == b, "\(text)", sourceLocation: sourceLocation)
  }

  /// The recorded graph is that of the same cell in Swift.
  @Test func attentionIsThatOfSwift() throws {
    let cell = try EquationCell(Self.text, units: 3)
    let (found, expected) = (try Recording(cell, features: 2), try Recording(Attending(units: 3), features: 2))
    let plain = { (graph: Graph) in graph.nodes.map { graph.operation($0).keyword } }
    #expect(plain(found.graph).sorted() == plain(expected.graph).sorted())
    // W h_i is the history of one product a step.
    #expect(
      !found.graph.nodes.contains { node in
        let graph = found.graph
        guard case .product = graph.operation(node) else { return false }
        return graph.type(node).domain.count > 2
      })
  }

  /// LaTeX, two indices in every order, bounds in both ways, a softmax that says its index or does not.
  @Test(arguments: [
    #"a_{ti} = \mathrm{softmax}_{i<t}(\mathrm{sum}(v \odot \tanh(U h_i + h_{t-1}))),"#
      + #"\quad h_t = \tanh(W [\sum_{i<t} a_{ti} h_i, x_t] + b), \quad v \sim \text{ones}"#,
    #"s_i^t = \sum_j v_j [\tanh(U h_i + h_{t-1})]_j \\ a_i^t = \operatorname{softmax}(s_i^t) \\"#
      + #"h_t = \tanh(W [\sum_{i=0}^{t-1} a^t_i h_i, x_t] + b) \\ v \sim \text{ones}"#,
    """
    a_i = softmax_i(sum(v ⊙ tanh(U h_i + h_{t-1})))
    c_t = ∑_{i≤t-1} a_i h_i
    h_t = tanh(W [c_t, x_t] + b)
    v ~ ones
    """,
    """
    e_{t,k} = exp(sum(v ⊙ tanh(U h_k + h_{t-1})))
    h_t = tanh(W [(∑_{k<t} e_{t,k} h_k) / ∑_{k<t} e_{t,k}, x_t] + b)
    v ~ ones
    """,
  ]) func spellingsSayTheSame(text: String) throws {
    let (a, b) = try (
      run(EquationCell(Self.text, units: 3), Self.numbers), run(EquationCell(text, units: 3), Self.numbers)
    )
    let (y, z) = (a["y"] ?? [], b["y"] ?? [])
    #expect(y.count == 36 && zip(y, z).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  /// ∑_{i=1}^{t} x_i grows from step to step; ∑_{i<t} begins with the start, ∑_{i=1}^{t-1} with the first step.
  @Test func boundsAreThoseOfTheText() throws {
    try expectEqual("h_t = ∑_{i=1}^{t} U x_i", "h_t = ∑_{i≤t} U x_i")
    let sum = try run(EquationCell("h_t = ∑_{i≤t} tanh(U x_i)", units: 3), Self.numbers)
    let steps = try run(EquationCell("h_t = h_{t-1} + tanh(U x_t)", units: 3), Self.numbers)
    #expect(zip(sum["y"] ?? [], steps["y"] ?? []).allSatisfy { abs($0 - $1) < 1e-12 })
    // Of a number that is 1 at each step: how many there are.
    func count(_ bounds: String) throws -> [Double] {
      try run(EquationCell("h_t = 0 x_t + ∑\(bounds) exp(0 h_i)", units: 2), Self.numbers)["y"]?.enumerated()
        .filter { $0.offset % 4 == 0 }.map(\.element) ?? []
    }
    #expect(try count("_{i<t}") == [1, 2, 3, 4, 5, 6])
    #expect(try count("_{i=0}^{t-1}") == [1, 2, 3, 4, 5, 6])
    #expect(try count("_{i=1}^{t-1}") == [0, 1, 2, 3, 4, 5])
  }

  /// Without a step to attend to the weights are 0, and so is their gradient.
  @Test func anEmptySoftmaxIsZero() throws {
    let cell = try EquationCell(
      "h_t = tanh(U x_t + V ∑_{i=1}^{t-1} softmax_{i=1}^{t-1}(sum(h_i ⊙ x'_t)) h_i)\nx'_t = U x_t", units: 3)
    let found = try run(cell, Self.numbers)
    #expect(found.values.allSatisfy { $0.allSatisfy(\.isFinite) })
  }

  /// W_i is a name where no value has the index i.
  @Test func aLetterOfThePastMayBeInNames() throws {
    let cell = try EquationCell("h_t = tanh(W_i x_t + ∑_{i<t} U_i h_i)", units: 3)
    let names = try Recording(cell, features: 2).parameters.map(\.name)
    #expect(Set(names) == ["W_i", "U_i"])
  }

  @Test(arguments: [
    text, "h_t = tanh(W x_t + U ∑_{i=1}^{t-1} h_i)", "h_t = tanh(W x_t + ∑_{i≤t} U x_i + V h_{t-1})",
    "k_t = W x_t\nh_t = tanh(∑_{i≤t} softmax_{i≤t}(sum(k_i ⊙ k_t)) U x_i + V h_{t-1})",
  ]) func whatIsWrittenIsReadBack(text: String) throws {
    let cell = try EquationCell(text, units: 4)
    for latex in [false, true] {
      let differences = try WritingTests.differences(cell, latex: latex)
      #expect(differences.isEmpty, "\(differences)")
    }
    let written = try CellEquations(of: cell, features: 2)
    #expect(written.mathML.contains("munder"))
  }
}
