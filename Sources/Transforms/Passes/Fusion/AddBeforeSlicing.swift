internal import EbbGraph
internal import EbbTensors

/// Adds whole values instead of their ranges, if every range is added to the same range of another value or to weights:
///
///     P[0 ..< H] + Q[0 ..< H],  P[H ..< 2H] + Q[H ..< 2H],  …   →   ranges of P + Q
///     P[0 ..< H] + b_f,         P[H ..< 2H] + b_i,          …   →   ranges of P + [b_f, b_i, …]
///
/// So a product of gates accumulates onto a value that is known before the step.
struct AddBeforeSlicing: Pass {
  /// The name of a second or later round ends in its number.
  var round = 1
  var name: String { "add-before-slicing" + (round == 1 ? "" : "-\(round)") }
  var purpose: String { "adds whole values instead of their ranges" }

  func run(_ graph: Graph) -> Graph {
    var editor = GraphEditor(graph)
    var isFromProduct = graph.fromProducts
    /// A value without axes, so outside all recurrences, that is known before any product: a bias. Only such values are
    /// copied into a concatenation, and only to be added to products, so that they cannot depend on the ranges to which
    /// they are added.
    func isWeight(_ node: NodeID) -> Bool {
      node.index < graph.count && graph.type(node).domain.isEmpty && !isFromProduct.contains(node)
    }
    var isPending = Set(graph.nodes.filter { editor.isSlice($0) }.map { graph.operand($0, 0) })
    var pending = isPending.sorted(by: >)
    while let source = pending.popLast() {
      isPending.remove(source)
      let isAfterProduct = isFromProduct.contains(source)
      guard editor.isLive(source), let whole = editor.addWhole(to: source, { isAfterProduct && isWeight($0) }) else {
        continue
      }
      if isAfterProduct { isFromProduct.insert(whole) }
      // The ranges of the new sum may in turn be added to another value's ranges.
      var next = [whole]
      for slice in editor.users(of: whole) {
        for sum in editor.users(of: slice) where editor.isSum(sum) {
          for term in editor.operands(sum) where editor.isSlice(term) { next.append(editor.operand(term, 0)) }
        }
      }
      for node in next where isPending.insert(node).inserted { pending.append(node) }
    }
    return editor.finished()
  }
}

extension GraphEditor {
  fileprivate func isSlice(_ node: NodeID) -> Bool {
    if case .slice = operation(node) { true } else { false }
  }

  /// Replaces the sums of all ranges of `source` by ranges of one sum, which is returned.
  fileprivate mutating func addWhole(to source: NodeID, _ isWeight: (NodeID) -> Bool) -> NodeID? {
    guard let (ranges, dimension) = coveringRanges(of: source) else { return nil }
    var sums: [NodeID] = []
    var addends: [NodeID] = []
    var isFirst = true
    for range in ranges {
      guard let sum = onlyUser(of: range), isSum(sum) else { return nil }
      isFirst = operand(sum, 0) == range
      let addend = operand(sum, isFirst ? 1 : 0)
      guard type(addend).shape == type(range).shape else { return nil }
      sums.append(sum)
      addends.append(addend)
    }
    guard let other = whole(of: addends, dimension, isWeight) else { return nil }
    let result = make(.binary(.add), isFirst ? [source, other] : [other, source])
    replace(sums, withSlicesOf: result, dimension: dimension)
    return result
  }

  /// The slices of a node in order, if it has no other use and they cover one dimension without gaps.
  private func coveringRanges(of source: NodeID) -> (ranges: [NodeID], dimension: Int)? {
    guard let (slices, dimension) = onlySlices(of: source), slices.count > 1 else { return nil }
    let ranges = slices.sorted { $0.start < $1.start }
    var end = 0
    for range in ranges {
      guard range.start == end else { return nil }
      end += range.count
    }
    return end == type(source).shape[dimension] ? (ranges.map(\.node), dimension) : nil
  }

  /// The value whose ranges the addends are: consecutive ranges of one value, or weights that are concatenated.
  private mutating func whole(of addends: [NodeID], _ dimension: Int, _ isWeight: (NodeID) -> Bool) -> NodeID? {
    if case .slice(dimension, let first, _) = operation(addends[0]) {
      let source = operand(addends[0], 0)
      var end = first
      var isConsecutive = true
      for addend in addends {
        guard case .slice(dimension, end, let count) = operation(addend), operand(addend, 0) == source else {
          isConsecutive = false
          break
        }
        end += count
      }
      if isConsecutive { return slice(source, dimension, first, end - first) }
    }
    return addends.allSatisfy(isWeight) ? concatenate(addends, dimension) : nil
  }
}
