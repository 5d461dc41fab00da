import EbbGraph
import EbbTensors
import EbbTestSupport
import Testing

/// What the table says about operations.
struct OperationTraitsTests {
  private static let t = Axis(0)
  private static let b = Axis(1)

  /// Operations along t, with the axes that they reduce, mix, cross and link: each set has the one before it.
  static let uses: [(EbbGraph.Operation, reduced: Bool, mixed: Bool, crossed: Bool, linked: Bool)] = [
    (.unary(.tanh), false, false, false, false), (.spread([t]), false, false, false, false),
    (.axisIndex(t), false, false, false, false), (.axisLength(t), false, false, false, false),
    (.reduceAxes(.max, over: [t]), true, true, true, true), (.product(.outer, over: [t]), true, true, true, true),
    (.scatterAdd(count: 2, over: [t]), true, true, true, true), (.argmaxAxis(t), true, true, true, true),
    (.pick(t, .at), false, true, true, true), (.axisToFeature(t), false, true, true, true),
    (.place(t, .first), false, false, true, true), (.featureToAxis(t), false, false, true, true),
    (.delay(t, by: 2, truncation: 0), false, false, false, true), (.advance(t, by: 1), false, false, false, true),
  ]

  @Test(arguments: uses)
  func axes(_ operation: EbbGraph.Operation, reduced: Bool, mixed: Bool, crossed: Bool, linked: Bool) {
    #expect(operation.reducedAxes == (reduced ? [Self.t] : []))
    #expect(operation.mixedAxes == (mixed ? [Self.t] : []))
    #expect(operation.crossedAxes == (crossed ? [Self.t] : []))
    #expect(operation.linkedAxes == (linked ? [Self.t] : []))
    let measures = operation == .axisIndex(Self.t) || operation == .axisLength(Self.t)
    #expect(operation.looksBeyondStep(of: Self.t) == (crossed || measures))
    #expect(!operation.looksBeyondStep(of: Self.b))
  }

  @Test func shifts() throws {
    let delay = try #require(EbbGraph.Operation.delay(Self.t, by: 3, truncation: 5).shift)
    #expect(delay.axis == Self.t && delay.by == 3 && !delay.isAdvance)
    let advance = try #require(EbbGraph.Operation.advance(Self.b, by: 2).shift)
    #expect(advance.axis == Self.b && advance.by == 2 && advance.isAdvance)
    #expect(EbbGraph.Operation.pick(Self.t, .last).shift == nil)
  }

  /// A graph of every operation has the operands that the table says.
  @Test func operandsOfEveryOperation() {
    let graph = SampleGraph.everyOperation()
    for node in graph.nodes {
      let arity = graph.operation(node).traits.arity
      #expect(arity == nil || arity == graph.operands(node).count, "\(graph.operation(node).keyword)")
    }
  }
}
