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
    let levels = recurrences.levels { isOuterProduct($0, in: graph) }

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
