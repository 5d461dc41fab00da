internal import EbbGraph

/// Merges nodes with the same operation and the same operands.
///
/// Random nodes are the same only if they draw from the same stream. Sums and products of two numbers are the same in
/// either order. Delays are merged when their operands are; states that are equal for a deeper reason stay apart.
struct EliminateCommonSubexpressions: Pass {
  private let round: Int
  /// The pass, as the first or a later of its kind in a list; from the second on its name has the number.
  init(round: Int = 1) { self.round = round }
  var name: String { "eliminate-common-subexpressions" + (round == 1 ? "" : "-\(round)") }
  var purpose: String { "merges nodes with the same operation and operands" }

  func run(_ graph: Graph) -> Graph {
    var editor = GraphEditor(graph)
    for node in graph.nodes where editor.isLive(node) {
      editor.replace(node, with: editor.representative(of: node))
    }
    // Merging carried values can make delays equal that were read before, and then what reads those.
    var pending = graph.shifts
    while let node = pending.popLast() {
      guard editor.isLive(node) else { continue }
      let representative = editor.representative(of: node)
      if representative != node {
        pending.append(contentsOf: editor.users(of: node))
        editor.replace(node, with: representative)
      }
    }
    return editor.finished()
  }
}
