internal import EbbGraph
internal import EbbTensors

/// Fuses sums over axes of values that are already concatenated: the bias gradients Σ_t δ_f, Σ_t δ_i, … are ranges of
/// Σ_t [δ_f, δ_i, …].
struct FuseGateSums: Pass {
  var name: String { "fuse-gate-sums" }
  var purpose: String { "makes sums over axes of values that stand side by side one sum" }

  func run(_ graph: Graph) -> Graph {
    var editor = GraphEditor(graph)
    let recurrences = RecurrenceMap(graph)
    let levels = recurrences.levels { isSumOverAxes($0, in: graph) }
    var sums: [NodeID: [NodeID]] = [:]
    for node in graph.nodes where isSumOverAxes(node, in: graph) {
      sums[graph.operand(node, 0), default: []].append(node)
    }
    // The longest first: it fuses the most sums.
    let joints = graph.nodes.filter { graph.operation($0) == .concatenate(dimension: 0) }
    let longestFirst = joints.sorted {
      (graph.operands($1).count, $0) < (graph.operands($0).count, $1)
    }
    for joint in longestFirst {
      let pieces = graph.operands(joint)
      guard let first = pieces.first, pieces.allSatisfy({ graph.type($0).domain == graph.type(joint).domain }) else {
        continue
      }
      for sum in sums[first] ?? [] where editor.isLive(sum) {
        let members = pieces.compactMap { piece in
          sums[piece]?.first {
            graph.operation($0) == graph.operation(sum) && levels[$0.index] == levels[sum.index]
              && recurrences[$0] == recurrences[sum] && editor.isLive($0)
          }
        }
        guard members.count == pieces.count, Set(members).count == members.count else { continue }
        let whole = editor.make(graph.operation(sum), [joint])
        editor.replace(members, withSlicesOf: whole, dimension: 0)
      }
    }
    return editor.finished()
  }

  private func isSumOverAxes(_ node: NodeID, in graph: Graph) -> Bool {
    if case .reduceAxes(.sum, _) = graph.operation(node) { true } else { false }
  }
}
