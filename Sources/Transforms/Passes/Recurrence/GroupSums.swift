internal import EbbGraph
internal import EbbTensors

/// Orders the terms of a sum inside a recurrence: the products of the step, then one value of all terms known before
/// the recurrence runs, then the rest.
///
///     (h·R + p ⊙ c) + x·W + b   →   (h·R + (x·W + b)) + p ⊙ c
///
/// So x·W + b is computed for the whole sequence, and gates that differ in the rest start with the same form.
struct GroupSums: Pass {
  var name: String { "group-sums" }
  var purpose: String { "adds up what is outside a recurrence before it enters" }

  func run(_ graph: Graph) -> Graph {
    var editor = GraphEditor(graph)
    var recurrences = RecurrenceMap(graph)
    for root in graph.nodes where editor.isLive(root) && recurrences[root] != RecurrenceMap.outside {
      guard editor.isWholeSum(root), editor.type(root).element.isFloat else { continue }
      let terms = editor.terms(of: root)
      let inside = terms.filter { recurrences[$0] == recurrences[root] }
      let outside = terms.filter { recurrences[$0] != recurrences[root] }
      let products = inside.filter { editor.graph.isProduct($0) }
      let rest = inside.filter { !editor.graph.isProduct($0) }
      guard !outside.isEmpty, outside.count > 1 || !products.isEmpty else { continue }
      let grouped = editor.sum(products + [editor.sumByDomain(outside)] + rest)
      guard editor.type(grouped) == editor.type(root) else { continue }
      recurrences[grouped] = recurrences[root]
      editor.replace(root, with: grouped)
    }
    return editor.finished()
  }
}

extension GraphEditor {
  /// The sum of terms, fewest axes first: x·W + (e·V + b) adds e·V + b once, not at every step.
  fileprivate mutating func sumByDomain(_ terms: [NodeID]) -> NodeID {
    let groups = terms.grouped { type($0).domain }
      .sorted { ($0.key.count, $0.members[0]) < ($1.key.count, $1.members[0]) }
    var result = sum(groups[0].members)
    for group in groups.dropFirst() { result = make(.binary(.add), [sum(group.members), result]) }
    return result
  }
}
