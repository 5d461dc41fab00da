internal import EbbGraph
internal import EbbTensors

/// Makes outer products of one value with several later ones a single product: the gradients of weights side by side,
/// Σ_t h ⊗ δ_f, Σ_t h ⊗ δ_i, … = columns of Σ_t h ⊗ [δ_f, δ_i, …].
///
/// The shared value is the earlier one (an activation), those that differ are later (the adjoints of gates), so that
/// activations are not copied to stand side by side. The adjoints are those of one recurrence, or outside of all, and
/// stand in the order in which they already do.
struct FuseOuterProducts: Pass {
  var name: String { "fuse-outer-products" }
  var purpose: String { "makes outer products of one value with several later ones a single product" }

  func run(_ graph: Graph) -> Graph {
    var editor = GraphEditor(graph)
    let recurrences = RecurrenceMap(graph)
    let joints = Joints(graph)
    let levels = recurrences.levels { isOuterProduct($0, in: graph) }

    /// What outer products must share in order to be one.
    struct Kind: Hashable {
      let shared: NodeID
      let sharedPosition: Int
      let varyingDomain: Domain
      let varyingRecurrence: Int
      let recurrence: Int
      let level: RecurrenceMap.Level
      let operation: Operation
    }
    var kinds: [Kind] = []
    var groups: [Kind: [NodeID]] = [:]
    for node in graph.nodes where isOuterProduct(node, in: graph) {
      let operands = Array(graph.operands(node))
      guard operands.allSatisfy({ graph.type($0).shape.rank == 1 }), operands[0] != operands[1] else { continue }
      let shared = operands[0] < operands[1] ? 0 : 1
      let varying = operands[1 - shared]
      let kind = Kind(
        shared: operands[shared], sharedPosition: shared, varyingDomain: graph.type(varying).domain,
        varyingRecurrence: recurrences[varying], recurrence: recurrences[node], level: levels[node.index],
        operation: graph.operation(node))
      if groups[kind] == nil { kinds.append(kind) }
      groups[kind, default: []].append(node)
    }

    for kind in kinds {
      guard let members = groups[kind], members.count > 1 else { continue }
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

  private func isOuterProduct(_ node: NodeID, in graph: Graph) -> Bool {
    if case .product(.outer, _) = graph.operation(node) { true } else { false }
  }
}

/// Where vectors already stand side by side: for each, the first concatenation of which it is a piece. Others follow.
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
