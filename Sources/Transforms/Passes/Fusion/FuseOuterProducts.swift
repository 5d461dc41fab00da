internal import EbbGraph
internal import EbbTensors

/// Fuses outer products of one value with several later ones: the weight gradients Σ_t h ⊗ δ_f, Σ_t h ⊗ δ_i, … are
/// columns of Σ_t h ⊗ [δ_f, δ_i, …].
///
/// The shared value is the earlier one (an activation) and the others are later (the adjoints of gates), so that
/// activations are never copied into a concatenation. The adjoints belong to one recurrence, or to none, and keep the
/// order of an existing concatenation.
struct FuseOuterProducts: Pass {
  var name: String { "fuse-outer-products" }
  var purpose: String { "makes outer products of one value with several later ones a single product" }

  func run(_ graph: Graph) -> Graph {
    var editor = GraphEditor(graph)
    let recurrences = RecurrenceMap(graph)
    let joints = Joints(graph)
    let levels = recurrences.levels { graph.isOuterProduct($0) }

    /// The properties that outer products must share to be fused.
    struct Kind: Hashable {
      let shared: NodeID
      let sharedPosition: Int
      let varyingDomain: Domain
      let varyingRecurrence: Int
      let recurrence: Int
      let level: RecurrenceMap.Level
      let operation: Operation
    }
    let groups = graph.nodes.grouped { node -> Kind? in
      let operands = Array(graph.operands(node))
      // Matrices that vary are read each in its own place.
      guard graph.isOuterProduct(node), !graph.isVaryingMatrix(node),
        operands.allSatisfy({ graph.type($0).shape.rank == 1 }), operands[0] != operands[1]
      else { return nil }
      let shared = operands[0] < operands[1] ? 0 : 1
      let varying = operands[1 - shared]
      return Kind(
        shared: operands[shared], sharedPosition: shared, varyingDomain: graph.type(varying).domain,
        varyingRecurrence: recurrences[varying], recurrence: recurrences[node], level: levels[node.index],
        operation: graph.operation(node))
    }

    for (kind, members) in groups where members.count > 1 {
      let varying = 1 - kind.sharedPosition
      let sorted = members.sorted {
        joints.key(graph.operand($0, varying)) < joints.key(graph.operand($1, varying))
      }
      let joined = editor.concatenate(sorted.map { graph.operand($0, varying) }, 0)
      let operands = kind.sharedPosition == 0 ? [kind.shared, joined] : [joined, kind.shared]
      let whole = editor.make(kind.operation, operands)
      editor.replace(sorted, withSlicesOf: whole, dimension: varying)
    }
    return editor.finished()
  }
}

/// Existing concatenations: for each vector the first one that contains it. Vectors without one come last.
private struct Joints {
  private var places: [NodeID: (joint: Int, position: Int)] = [:]

  init(_ graph: Graph) {
    for node in graph.nodes where graph.operation(node) == .concatenate(dimension: 0) {
      for (position, piece) in graph.operands(node).enumerated() where places[piece] == nil {
        places[piece] = (node.index, position)
      }
    }
  }

  func key(_ node: NodeID) -> (Int, Int) { places[node] ?? (.max, node.index) }
}
