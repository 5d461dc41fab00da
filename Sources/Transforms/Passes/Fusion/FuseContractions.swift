internal import EbbGraph
internal import EbbTensors

/// Makes products of sums of elementwise products, so that no term is stored.
///
///     Σⱼ aⱼ bⱼ over features           → a · b       one of them is the same along an axis of the other
///     Σₛ wₛ vₛ over axes               → w ⊗ v       w is one number
///
/// These are products of matrices and vectors that differ from sample to sample: what a query reads of a memory, the
/// scores of attention and its mean. A mask of whole vectors is one of numbers outside the sum, or of w:
///
///     Σⱼ aⱼ (m ? bⱼ : 0)               → m ? a · b : 0
///     Σₛ m ? wₛ vₛ : 0                 → (m ? w : 0) ⊗ v
struct FuseContractions: Pass {
  var name: String { "fuse-contractions" }
  var purpose: String { "makes products of sums of elementwise products, so that no term is stored" }

  func run(_ graph: Graph) -> Graph {
    graph.rewritten { editor, node in
      if graph.operation(node) == .reduceFeatures(.sum, dimension: 0) { return editor.sumOverFeatures(node) }
      if case .reduceAxes(.sum, let over) = graph.operation(node) { return editor.sumOverAxes(node, over) }
      if case .product(let contraction, let over) = graph.operation(node) {
        return editor.productOfMasked(node, contraction, over)
      }
      return nil
    }
  }
}

extension GraphEditor {
  fileprivate mutating func sumOverFeatures(_ node: NodeID) -> NodeID? {
    let found = factors(of: operand(node, 0))
    guard found.vectors.count == 2, !found.vectors.contains(where: isConstant) else { return nil }
    let (a, b) = (found.vectors[0], found.vectors[1])
    guard type(a).shape.rank == 1, type(b).shape == type(a).shape,
      !type(a).domain.isEmpty, !type(b).domain.isEmpty, type(a).domain != type(b).domain
    else { return nil }
    var result = make(.product(.dimensions(0, 0), over: .empty), [a, b])
    for number in found.numbers { result = make(.binary(.multiply), [number, result]) }
    return conform(masked(result, found.masks), to: type(node))
  }

  fileprivate mutating func sumOverAxes(_ node: NodeID, _ over: Domain) -> NodeID? {
    let terms = operand(node, 0)
    guard !type(node).domain.isEmpty, type(terms).shape.rank <= 1 else { return nil }
    let found = factors(of: terms)
    let isOfTwo = found.vectors.count + found.numbers.count == 2
    if found.masks.isEmpty, isOfTwo {
      // A number that is repeated over the features of a vector is the number.
      let pair = operands(terms).map { found.vectors.isEmpty ? $0 : number($0) ?? $0 }
      guard pair.reduce(0, { $0 + type($1).shape.rank }) == type(terms).shape.rank, !pair.contains(where: isConstant)
      else { return nil }
      return conform(make(.product(.outer, over: over), pair), to: type(node))
    }
    guard found.vectors.count == 1, let vector = found.vectors.first, type(vector).domain != type(terms).domain else {
      return nil
    }
    var weight = found.numbers.first ?? constant(1, type(node).element)
    for number in found.numbers.dropFirst() { weight = make(.binary(.multiply), [weight, number]) }
    return conform(make(.product(.outer, over: over), [masked(weight, found.masks), vector]), to: type(node))
  }

  /// A product with the mask of an operand outside, or in the numbers that it weights vectors with.
  fileprivate mutating func productOfMasked(_ node: NodeID, _ contraction: Contraction, _ over: Domain) -> NodeID? {
    var operands = operands(node)
    var masks: [NodeID] = []
    for position in operands.indices {
      guard let (mask, value) = mask(of: operands[position]), isWidened(operands[position], value) else { continue }
      masks.append(mask)
      operands[position] = value
    }
    guard !masks.isEmpty else { return nil }
    if contraction == .outer {
      guard !over.isEmpty, let weight = operands.firstIndex(where: { type($0).shape.rank == 0 }) else { return nil }
      operands[weight] = masked(operands[weight], masks)
      return conform(make(.product(.outer, over: over), operands), to: type(node))
    }
    guard over.isEmpty else { return nil }
    return conform(masked(make(.product(contraction, over: over), operands), masks), to: type(node))
  }
}

/// What is multiplied with one another entry by entry.
private struct Factors {
  var vectors: [NodeID] = []
  /// One number at each index.
  var numbers: [NodeID] = []
  /// Where the product is 0 if they do not hold.
  var masks: [NodeID] = []
}

extension GraphEditor {
  /// The factors of a product of floats that nothing else reads, or of what a mask leaves of one.
  fileprivate func factors(of value: NodeID) -> Factors {
    guard type(value).element.isFloat, useCount(value) == 1 else { return Factors() }
    // With a mask, also what is read once is taken apart, so that the mask leaves the vectors.
    let all = factors(of: value, takingApart: true)
    return all.masks.isEmpty ? factors(of: value, takingApart: false) : all
  }

  private func factors(of value: NodeID, takingApart: Bool) -> Factors {
    var result = Factors()
    if let (mask, inner) = mask(of: value) {
      result.masks.append(mask)
      collect(inner, into: &result, takingApart)
    } else if operation(value) == .binary(.multiply) {
      for operand in operands(value) { collect(operand, into: &result, takingApart) }
    }
    return result
  }

  /// A vector that only repeats another along an axis, weighted or masked, is taken apart: it need not be made.
  private func collect(_ node: NodeID, into result: inout Factors, _ takingApart: Bool) {
    let isReadHere = takingApart && useCount(node) == 1
    if let number = number(node) {
      result.numbers.append(number)
    } else if let (mask, value) = mask(of: node), isReadHere || isWidened(node, value) {
      result.masks.append(mask)
      collect(value, into: &result, takingApart)
    } else if operation(node) == .binary(.multiply) || operation(node) == .product(.outer, over: .empty),
      let factor = operands(node).firstIndex(where: { number($0) != nil }),
      isReadHere || isWidened(node, operand(node, 1 - factor))
    {
      for operand in operands(node) { collect(operand, into: &result, takingApart) }
    } else {
      result.vectors.append(node)
    }
  }

  /// m and x, if the node is m ? x : 0 for whole vectors or matrices x.
  private func mask(of node: NodeID) -> (mask: NodeID, value: NodeID)? {
    guard operation(node) == .select, uniformValue(of: operand(node, 2)) == 0, type(node).shape.rank > 0,
      let mask = number(operand(node, 0))
    else { return nil }
    return (mask, operand(node, 1))
  }

  private mutating func masked(_ value: NodeID, _ masks: [NodeID]) -> NodeID {
    let zero = constant(0, type(value).element)
    return masks.reduce(value) { make(.select, [$1, $0, zero]) }
  }

  /// The number that a node is at each index, for all features.
  private func number(_ node: NodeID) -> NodeID? {
    if type(node).shape.rank == 0 { return node }
    guard case .broadcast = operation(node) else { return nil }
    return number(operand(node, 0))
  }

  private func isWidened(_ node: NodeID, _ value: NodeID) -> Bool { type(value).domain != type(node).domain }

  private func isConstant(_ node: NodeID) -> Bool { if case .constant = operation(node) { true } else { false } }
}
