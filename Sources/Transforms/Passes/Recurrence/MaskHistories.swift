internal import EbbGraph
internal import EbbTensors

/// Writes a history that no recurrence reads, and its adjoint, as the whole sequence with a mask:
///
///     history(x)ₜₛ    → xₛ where s ≤ t, else 0
///     historySum(y)ₜ  → (Σ over t of yₜₛ where s ≤ t) at s = t          y a product of a number and a vector
///
/// What reads it then is a product of matrices over all pairs of steps: causal attention over a sequence that is known.
/// In a recurrence the history has to grow from step to step, and stays one.
struct MaskHistories: Pass {
  var name: String { "mask-histories" }
  var purpose: String { "writes a history that no recurrence reads as the whole sequence with a mask" }

  func run(_ graph: Graph) -> Graph {
    guard graph.firstHistory != nil else { return graph }
    let components = Components(graph)
    let readers = Readers(graph)
    func isCyclic(_ node: NodeID) -> Bool { components.isCyclic[components[node]] }
    var writer = MaskWriter(copy: GraphCopy(of: graph))
    var masked: [NodeID: NodeID] = [:]
    for node in graph.nodes {
      let operands = graph.operands(node).map { operand in
        isCyclic(node) ? writer.copy[operand] : masked[operand] ?? writer.copy[operand]
      }
      let domain = graph.type(node).domain
      if case .history(let time, let along, let isBackward) = graph.operation(node) {
        writer.copy.append(node, on: operands)
        guard !readers[node].allSatisfy(isCyclic) else { continue }
        let mask = writer.isPresent(along, time, isBackward)
        let sequence = writer.renamed(operands[0], time, along)
        masked[node] = writer.spread(writer.keep(sequence, where: mask), to: domain)
      } else if case .historySum(let time, let along, let isBackward) = graph.operation(node), !isCyclic(node),
        graph.isScaledVector(graph.operand(node, 0), without: along)
      {
        let mask = writer.isPresent(along, time, isBackward)
        let sum = writer.summed(writer.keep(operands[0], where: mask), over: [time])
        let image = writer.spread(writer.renamed(sum, along, time), to: domain)
        if let name = graph.name(node) { writer.copy.graph.setName(name, of: image) }
        writer.copy.put(image, for: node)
      } else {
        writer.copy.append(node, on: operands)
      }
    }
    return writer.copy.finish()
  }
}

/// Appends to a copy. The lengths of ragged axes, which types depend on, are those of the source: the copy has none before
/// it is finished.
private struct MaskWriter: EquationWriter {
  var copy: GraphCopy

  func type(_ node: NodeID) -> NodeType { copy.graph.type(node) }
  func description(of axis: Axis) -> AxisDescription { copy.source.description(of: axis) }
  func lengthsDomain(of domain: Domain) -> Domain { copy.source.lengthsDomain(of: domain) }

  mutating func append(_ operation: EbbGraph.Operation, _ operands: [NodeID]) -> NodeID {
    do {
      let type = try copy.source.inferType(operation, operands.map { copy.graph.type($0) })
      return copy.graph.appendUnchecked(operation, operands, type)
    } catch {
      preconditionFailure("a history is masked with an ill-typed node: \(error.message)")
    }
  }

  mutating func constant(_ value: Double, _ element: ElementType, _ shape: Shape) -> NodeID {
    copy.graph.constant(value, element, shape)
  }

  /// Whether a step of the history is there at each step of time.
  mutating func isPresent(_ along: Axis, _ time: Axis, _ isBackward: Bool) -> NodeID {
    let (step, now) = (append(.axisIndex(along), []), append(.axisIndex(time), []))
    return compare(isBackward ? .greaterOrEqual : .lessOrEqual, step, now)
  }

  /// The value over one axis, over another of the same length instead.
  mutating func renamed(_ x: NodeID, _ from: Axis, _ to: Axis) -> NodeID {
    append(.pick(from, .at), [x, append(.axisIndex(to), [])])
  }
}

extension Graph {
  /// Whether a value is a sum of numbers times vectors, none of which has this axis: sums of it are products.
  fileprivate func isScaledVector(_ node: NodeID, without axis: Axis) -> Bool {
    let type = type(node)
    if type.shape.rank > 0 && !type.domain.contains(axis) { return true }
    let operands = Array(operands(node))
    let operation = operation(node)
    if case .spread = operation { return isScaledVector(operands[0], without: axis) }
    if operation == .select { return isNumber(operands[0]) && isScaledVector(operands[1], without: axis) }
    if operation == .binary(.multiply) || operation == .product(.outer, over: .empty) {
      let vectors = operands.filter { !isNumber($0) }
      return vectors.count == 1 && isScaledVector(vectors[0], without: axis)
    }
    let isSum = operation == .binary(.add) || operation == .binary(.subtract) || operation == .unary(.negate)
    return isSum && operands.allSatisfy { isScaledVector($0, without: axis) }
  }

  /// Whether a value is one number at each index, or one repeated over features.
  private func isNumber(_ node: NodeID) -> Bool {
    if case .broadcast = operation(node) { return isNumber(operand(node, 0)) }
    return type(node).shape.rank == 0
  }
}
