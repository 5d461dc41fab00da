internal import EbbGraph
internal import EbbTensors

/// Splits products of concatenated operands, so that each part is computed in its own place.
///
///     [h, x]·W         →  h·W_h + x·W_x              the x part leaves the recurrence
///     Σ_t [h, x] ⊗ δ   →  [Σ_t h ⊗ δ; Σ_t x ⊗ δ]     and [h, x] is never built
///     (δ·Wᵀ)[0 ..< H]  →  δ·W_hᵀ                     the adjoint of x is left out, or leaves the recurrence
///
/// Parts that belong to the same recurrence stay together.
struct SplitConcatenations: Pass {
  var name: String { "split-concatenations" }
  var purpose: String { "splits products of concatenated operands, so that parts leave the recurrence" }

  func run(_ graph: Graph) -> Graph {
    splitResults(splitOperands(graph))
  }

  private func splitOperands(_ graph: Graph) -> Graph {
    var editor = GraphEditor(graph)
    var recurrences = RecurrenceMap(graph)
    // Outer products come next: splitting depends on whether the concatenation still has other uses.
    for node in graph.nodes where editor.isLive(node) {
      guard case .product(.dimensions(let i, let j), let over) = graph.operation(node) else { continue }
      guard let split = editor.splitContraction(node, i, j, over, recurrences) else { continue }
      recurrences[split] = recurrences[node]
      editor.replace(node, with: split)
    }
    for node in graph.nodes where editor.isLive(node) {
      guard case .product(.outer, let over) = graph.operation(node) else { continue }
      guard let split = editor.splitOuter(node, over, recurrences) else { continue }
      recurrences[split] = recurrences[node]
      editor.replace(node, with: split)
    }
    return editor.finished()
  }

  /// Pushes slices through sums into the products that they are parts of: users first.
  private func splitResults(_ graph: Graph) -> Graph {
    var editor = GraphEditor(graph)
    var recurrences = RecurrenceMap(graph)
    for node in graph.nodes.reversed() where editor.isLive(node) {
      guard editor.isSum(node) || graph.isProduct(node) else { continue }
      editor.pushSlices(into: node, &recurrences)
    }
    return editor.finished()
  }
}

extension GraphEditor {
  /// [h, x]·W → h·W_h + x·W_x, where h belongs to the recurrence of the product and x does not, or has fewer axes.
  fileprivate mutating func splitContraction(
    _ node: NodeID, _ i: Int, _ j: Int, _ over: Domain, _ recurrences: RecurrenceMap
  ) -> NodeID? {
    for (position, dimension, otherDimension) in [(0, i, j), (1, j, i)] {
      let other = operand(node, 1 - position)
      // Rows of a matrix that varies are multiplied where they are.
      guard !graph.isVaryingMatrix(operand(node, position)),
        let parts = parts(
          of: operand(node, position), dimension, recurrence: { recurrences[$0] == recurrences[node] ? 1 : 0 }),
        haveSameTerms(parts.map(\.value), as: node, other, over)
      else { continue }
      var products: [NodeID] = []
      for part in parts {
        let slices = part.ranges.map { slice(other, otherDimension, $0.lowerBound, $0.count) }
        var operands = [part.value, concatenate(slices, otherDimension)]
        if position == 1 { operands.swapAt(0, 1) }
        products.append(make(operation(node), operands))
      }
      let result = sum(products)
      return type(result) == type(node) ? result : nil
    }
    return nil
  }

  /// [h, x] ⊗ δ → [h ⊗ δ; x ⊗ δ], if only outer products still use [h, x].
  fileprivate mutating func splitOuter(_ node: NodeID, _ over: Domain, _ recurrences: RecurrenceMap) -> NodeID? {
    for position in [0, 1] {
      let joined = operand(node, position)
      let other = operand(node, 1 - position)
      let recurrence = recurrences[node]
      guard users(of: joined).allSatisfy({ graph.isOuterProduct($0) && recurrences[$0] == recurrence }),
        let parts = parts(of: joined, 0, recurrence: { recurrences[$0] }),
        haveSameTerms(parts.map(\.value), as: node, other, over)
      else { continue }
      // The rows of each part, cut so that the order of the pieces can be restored.
      var rows: [(start: Int, value: NodeID)] = []
      let dimension = position == 0 ? 0 : type(node).shape.rank - 1
      for part in parts {
        let product = make(operation(node), position == 0 ? [part.value, other] : [other, part.value])
        var start = 0
        for range in part.ranges {
          rows.append((range.lowerBound, slice(product, dimension, start, range.count)))
          start += range.count
        }
      }
      rows.sort { $0.start < $1.start }
      return conform(concatenate(rows.map(\.value), dimension), to: type(node))
    }
    return nil
  }

  /// Whether products of parts with `other` sum over the same indices as the product of the whole: a part with fewer
  /// axes must not depend on a summed axis, or on an axis whose rows are summed.
  private func haveSameTerms(_ parts: [NodeID], as node: NodeID, _ other: NodeID, _ over: Domain) -> Bool {
    let all = operands(node).reduce(Domain.empty) { $0.union(type($1).domain) }
    return over.isEmpty || parts.allSatisfy { type($0).domain.union(type(other).domain) == all }
  }

  /// The pieces of a concatenation, grouped by place and axes; nil if there is only one group.
  private mutating func parts(
    of node: NodeID, _ dimension: Int, recurrence: (NodeID) -> Int
  ) -> [(value: NodeID, ranges: [Range<Int>])]? {
    guard operation(node) == .concatenate(dimension: dimension) else { return nil }
    struct Kind: Hashable {
      let recurrence: Int
      let domain: Domain
    }
    var end = 0
    let pieces = operands(node).map { piece in
      let start = end
      end += type(piece).shape[dimension]
      return (node: piece, range: start..<end)
    }
    let groups = pieces.grouped { Kind(recurrence: recurrence($0.node), domain: type($0.node).domain) }
    guard groups.count > 1 else { return nil }
    return groups.map { (concatenate($0.members.map(\.node), dimension), $0.members.map(\.range)) }
  }

  /// Computes only the slices of a product or a sum of products, if nothing else of it is used and they either leave
  /// something out or belong to different recurrences.
  fileprivate mutating func pushSlices(into node: NodeID, _ recurrences: inout RecurrenceMap) {
    guard let (slices, dimension) = onlySlices(of: node) else { return }
    let used = slices.reduce(0) { $0 + $1.count }
    let extent = type(node).shape[dimension]
    guard used <= extent, used < extent || Set(slices.map { recurrences[$0.node] }).count > 1 else { return }

    let terms = isSum(node) ? terms(of: node) : []
    if isSum(node), !terms.contains(where: { graph.isProduct($0) && useCount($0) == 1 }) { return }
    for (user, start, count) in slices {
      let part: NodeID
      if isSum(node) {
        var parts: [NodeID] = []
        for term in terms {
          // A scalar is added to every feature, so also to these.
          let isNumber = type(term).shape.rank == 0
          let slice = isNumber ? term : slice(term, dimension, start, count)
          recurrences[slice] = recurrences[user]
          parts.append(slice)
        }
        part = sum(parts)
      } else {
        part = slicedProduct(node, dimension, start, count)
      }
      if type(part) == type(user) { replace(user, with: part) }
    }
  }

  /// (x·W)[a ..< b] = x·W[:, a ..< b], and likewise for rows of the left operand.
  private mutating func slicedProduct(_ node: NodeID, _ dimension: Int, _ start: Int, _ count: Int) -> NodeID {
    var operands = self.operands(node)
    guard case .product(let contraction, _) = operation(node) else { preconditionFailure("not a product") }
    switch contraction {
    case .outer:
      let position = type(operands[0]).shape.rank == 0 ? 1 : dimension
      operands[position] = slice(operands[position], 0, start, count)
    case .dimensions(let i, let j):
      if dimension < type(operands[0]).shape.rank - 1 {
        operands[0] = slice(operands[0], 1 - i, start, count)
      } else {
        operands[1] = slice(operands[1], 1 - j, start, count)
      }
    }
    return make(operation(node), operands)
  }
}
