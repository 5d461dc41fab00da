package import EbbGraph

/// Erases marks that only affect derivatives: `stopGradient`, `clipGradient`, declared gradients and the truncation of
/// delays. Also merges the copies that a derivative made to read values without these marks.
package struct EraseGradientMarks: Pass {
  /// The pass.
  package init() {}
  package var name: String { "erase-gradient-marks" }
  package var purpose: String {
    "erases stopGradient, clipGradient, declared gradients and truncation, which change no value"
  }

  package func run(_ graph: Graph) -> Graph {
    var editor = GraphEditor(graph)
    // Whether a derivative may read copies because of a mark.
    var mayHaveCopies = false
    for node in graph.nodes where editor.isLive(node) {
      if graph.isMarked(node) { mayHaveCopies = true }
      if graph.operation(node).kind == .identity {
        editor.replace(node, with: editor.operand(node, 0))
      } else if case .delay(let axis, let by, let truncation) = graph.operation(node), truncation > 0 {
        editor.replace(node, with: editor.makeShift(.delay(axis, by: by, truncation: 0), like: node))
      }
    }
    let erased = editor.finished()
    return mayHaveCopies ? GraphEditor(erased, merging: erased.equalNodes()).finished() : erased
  }
}
