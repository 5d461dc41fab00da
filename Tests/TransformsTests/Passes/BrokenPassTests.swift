import EbbGraph
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// A graph that a pass has broken goes no further, and the pass is named.
@Suite struct BrokenPassTests {
  enum Damage: CaseIterable {
    /// A node whose type is not what its operands give.
    case wrongType
    /// A node that reads a later one: a cycle without a delay.
    case laterOperand
    /// A delay that never got its next value.
    case openState
    /// An output that is no node.
    case lostOutput
  }

  struct Breaking: Pass {
    let base: any Pass
    let damage: Damage
    var name: String { base.name }
    var purpose: String { base.purpose }

    func run(_ graph: Graph) -> Graph {
      var result = base.run(graph)
      let zero = result.appendLeaf(.constant(0), NodeType(.float64))
      switch damage {
      case .wrongType:
        result.appendUnchecked(.unary(.tanh), [zero], NodeType(.float64, .empty, [3]))
      case .laterOperand:
        result.appendUnchecked(.unary(.tanh), [NodeID(result.count + 1)], NodeType(.float64))
        result.appendUnchecked(.unary(.tanh), [NodeID(result.count - 1)], NodeType(.float64))
      case .openState:
        let axis = result.addAxis(AxisDescription(name: "broken", kind: .time))
        result.appendUnchecked(
          .delay(axis, by: 1, truncation: 0), [.open, zero], NodeType(.float64, [axis]))
      case .lostOutput:
        result.setOutput("lost", NodeID(result.count))
      }
      return result
    }
  }

  @Test(arguments: Passes.registry.indices, Damage.allCases)
  func isRejectedByName(position: Int, damage: Damage) throws {
    let sample = RandomGraph.make(seed: 7)
    var passes = Passes.registry
    #expect(throws: Never.self) { try Passes.run(passes, on: sample.graph) }
    passes[position] = Breaking(base: passes[position], damage: damage)
    let error = #expect(throws: PassError.self) { try Passes.run(passes, on: sample.graph) }
    #expect(error?.pass == passes[position].name)
    #expect(error?.problems.isEmpty == false)
  }
}
