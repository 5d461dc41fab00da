internal import EbbGraph

/// Merges nodes with the same operation and the same operands.
///
/// Random nodes are equal only if they draw from the same stream. Sums and products of two numbers are equal in either
/// order. Delays are merged when their operands are; states that are equal for a deeper reason remain separate.
struct EliminateCommonSubexpressions: Pass {
  /// The name of a second or later round ends in its number.
  var round = 1
  var name: String { "eliminate-common-subexpressions" + (round == 1 ? "" : "-\(round)") }
  var purpose: String { "merges nodes with the same operation and operands" }

  func run(_ graph: Graph) -> Graph {
    var editor = GraphEditor(graph)
    for node in graph.nodes where editor.isLive(node) {
      editor.replace(node, with: editor.representative(of: node))
    }
    // Merging carried values can make earlier delays equal, and then the nodes that read them.
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
