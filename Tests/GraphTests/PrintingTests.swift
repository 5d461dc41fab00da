import EbbGraph
import EbbTensors
import EbbTestSupport
import Testing

@Suite struct PrintingTests {
  @Test func aSmallNetworkReadsAsItsEquations() {
    let expected = """
      axis t: time
      axis b: batch

      %0 x: f32 {t, b} [8] = input
      %1 W: f32 [8, 16] = parameter
      %2 R: f32 [16, 16] = parameter
      %3 b: f32 [16] = parameter
      %4: f32 [16] = constant(0)
      %5: f32 {t, b} [16] = delay(h, initial %4; along t)
      %6: f32 {t, b} [16] = product(x, W; contracting 0 with 0)
      %7: f32 {t, b} [16] = product(%5, R; contracting 0 with 0)
      %8: f32 {t, b} [16] = add(%6, %7)
      %9: f32 {t, b} [16] = add(%8, b)
      %10 h: f32 {t, b} [16] = tanh(%9)
      %11: f32 {b} [16] = pick(h; along t, last)
      %12: f32 {b} [16] = square(%11)
      %13: f32 {b} = sumFeatures(%12; dimension 0)
      %14: f32 = sumAxes(%13; over {b})

      output loss = %14
      output states = h

      """
    #expect(SampleGraph.simpleRNN().description == expected)
  }

  @Test func everyOperationPrintsOnItsLine() {
    let graph = SampleGraph.everyOperation()
    let text = graph.description
    let expected = [
      "axis t: time, lengths \"\"", "axis \"the batch\": batch", "axis π: batch, length 3",
      "%1 \"\": i32 {\"the batch\"} = input", "%4 parameter: i32 {\"the batch\"} = input",
      "= random(uniform, stream 0)", "= random(normal, stream 4294967295)", "= index(along t)", "= length(along t)",
      "= iota(count 7)", "= constant(-0)", "= constant(-inf)", "= constant(nan)", "= constant(5e-324)",
      "= less(x, layer0.h@3)", "= convert(x; to i32)", "; contracting 0 with 0, over {t})",
      "= product(x, x; outer, over {t, \"the batch\"})", "; dimension 0, with 1)", "; to [2, 5, 1, 2])", "; to [])",
      "; dimension 1, start 2, count 3)", "; dimension 0, before 1, after 0)", "; count 9, over {t})",
      "= maxAxes(x; over {t, \"the batch\"})", "= pick(x, parameter; along t, at)", "; along s, by 3, truncation 20)",
      "= clipGradient(x; norm 0.25)", "= clipGradient(x; norm 2, epsilon 1e-06)", "= clipGradient(x; value inf)",
      "output \"an output\" = x",
    ]
    for part in expected { #expect(text.contains(part)) }
    #expect(graph.line(NodeID(0)) == "%0 x: f64 {t, \"the batch\"} [4] = input")
  }

  @Test(arguments: [
    ("layer0.forget.weight", "layer0.forget.weight"), ("h@12", "h@12"), ("h′", "h′"), ("∂L/∂h", "∂L/∂h"),
    ("x₀", "x₀"), ("3d", "\"3d\""), ("a b", "\"a b\""), ("\t\"\\", "\"\\t\\\"\\\\\""), ("a\u{7}", "\"a\\u{7}\""),
  ])
  func namesAreQuotedWhereTheyMustBe(name: String, text: String) {
    var graph = Graph()
    graph.appendLeaf(.parameter, NodeType(.float32), name: name)
    #expect(graph.description == "%0 \(text): f32 = parameter\n")
  }

  @Test func anOpenStatePrintsAsAQuestion() throws {
    var graph = Graph()
    let t = graph.addAxis(AxisDescription(name: "t", kind: .time))
    let initial = graph.appendLeaf(.parameter, NodeType(.float32), name: "h0")
    let state = try graph.appendOpen(.delay(t, by: 1, truncation: 0), boundary: initial)
    #expect(graph.line(state) == "%1: f32 {t} = delay(?, initial h0; along t)")
  }

  @Test func graphsAreEqualByContent() {
    let graph = SampleGraph.everyOperation()
    #expect(graph == SampleGraph.everyOperation())
    func differs(_ change: (inout Graph) -> Void) -> Bool {
      var copy = graph
      change(&copy)
      return copy != graph
    }
    #expect(differs { $0.setName("other", of: NodeID(9)) })
    #expect(differs { $0.setOutput("other", NodeID(9)) })
    #expect(differs { $0.setLengths(nil, of: Axis(0)) })
    #expect(differs { $0.appendLeaf(.constant(0), NodeType(.float32)) })
    #expect(differs { $0.setOperand(NodeID($0.count - 1), 1, to: NodeID(0)) })
    #expect(EbbGraph.Operation.constant(.nan).isIdentical(to: .constant(.nan)))
    #expect(!EbbGraph.Operation.constant(0.0).isIdentical(to: .constant(-0.0)))
  }
}
