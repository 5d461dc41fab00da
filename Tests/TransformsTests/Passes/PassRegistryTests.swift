import EbbGraph
import EbbTensors
import EbbTransforms
import Testing

struct PassRegistryTests {
  @Test func namesAndPurposesAreDistinct() {
    let names = Passes.registry.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(Passes.registry.allSatisfy { !$0.purpose.isEmpty })
  }

  @Test func aGraphIsShownAfterTheNamedPass() throws {
    let graph = try Graph(
      parsing: """
        %0 x: f32 [2] = input
        %1: f32 [2] = stopGradient(x)
        %2: f32 [2] = add(x, x)
        %3: f32 [2] = add(%1, x)
        %4: f32 [2] = multiply(%2, %3)
        output y = %4
        """)
    #expect(try Passes.optimized(graph, through: "erase-gradient-marks").count == 4)
    #expect(try Passes.optimized(graph, through: "eliminate-common-subexpressions").count == 3)
    #expect(try Passes.optimized(graph).count == 3)
  }

  @Test func anUnknownPassIsRejectedWithTheKnownOnes() {
    let error = #expect(throws: PassError.self) { try Passes.optimized(Graph(), through: "fuse-everything") }
    #expect(error?.description.hasPrefix("pass fuse-everything: there is no such pass; the passes are erase-") == true)
  }

  /// A pass that reads a node before it is computed.
  private struct Reorder: Pass {
    let name = "reorder"
    let purpose = "breaks the order of evaluation"
    func run(_ graph: Graph) -> Graph {
      var result = graph
      result.setOperand(NodeID(1), 0, to: NodeID(2))
      return result
    }
  }

  /// A pass that changes the type of a node's operand.
  private struct Swap: Pass {
    let name = "swap"
    let purpose = "gives a node an operand of another shape"
    func run(_ graph: Graph) -> Graph {
      var result = graph
      result.setOperand(NodeID(2), 0, to: NodeID(0))
      return result
    }
  }

  @Test func aPassThatBreaksTheGraphIsNamed() throws {
    let graph = try Graph(
      parsing: """
        %0 x: f32 [2] = input
        %1: f32 = sumFeatures(x; dimension 0)
        %2: f32 = tanh(%1)
        output y = %2
        """)
    let reordered = #expect(throws: PassError.self) { try Passes.run([FoldConstants(), Reorder()], on: graph) }
    #expect(reordered?.pass == "reorder")
    #expect(reordered?.description.contains("reads %2, which comes later") == true)
    let swapped = #expect(throws: PassError.self) { try Passes.run([Swap(), FoldConstants()], on: graph) }
    #expect(swapped?.pass == "swap")
    #expect(swapped?.problems.isEmpty == false)
  }

  @Test func aGraphThatIsNotWellFormedIsNoPassesFault() {
    var graph = Graph()
    let x = graph.appendLeaf(.input, NodeType(.float32))
    graph.setOutput("y", x)
    let error = #expect(throws: PassError.self) { try Passes.optimized(graph) }
    #expect(error?.pass.hasPrefix("none") == true)
  }

  @Test func namesOutputsAndUnusedInputsStay() throws {
    let graph = try Graph(
      parsing: """
        axis t: time
        axis b: batch
        %0 len: i32 {b} = input
        axis r: time, lengths len
        %1 x: f32 {t, b} [2] = input
        %2 W: f32 [2, 2] = parameter
        %3 unused: f32 [3] = parameter
        %4: f32 = constant(0)
        %5 same: f32 {t, b} [2] = add(x, %4)
        %6 z: f32 {t, b} [2] = product(same, W; contracting 0 with 0)
        output z = z
        output same = same
        """)
    let optimized = try Passes.optimized(graph)
    for name in ["len", "x", "W", "unused", "z"] { #expect(optimized.node(named: name) != nil, "\(name)") }
    #expect(optimized.outputs.map(\.name) == ["z", "same"])
    #expect(optimized.output(named: "same") == optimized.node(named: "x"))
    #expect(optimized.axes.map(\.name) == graph.axes.map(\.name))
    let lengths = try #require(optimized.axes[2].lengths)
    #expect(optimized.name(lengths) == "len")
  }
}
