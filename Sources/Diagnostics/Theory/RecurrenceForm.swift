internal import EbbGraph
internal import EbbLinearAlgebra
internal import EbbRecording
internal import EbbTensors

/// The forms of a state's equation for which the gradient has a closed form; found in the graph of any cell.
enum RecurrenceForm {
  /// h' = φ(W h + …)
  struct Layer {
    var state: StateDescription
    /// φ; nil for none.
    var activation: UnaryFunction?
    /// The parameter that holds W, and the rows of it that multiply h.
    var weight: NodeID
    var rows: Range<Int>
    /// The other factors of the product, with their rows.
    var others: [(node: NodeID, rows: Range<Int>)]
    /// The addends: biases, products with inputs, anything independent of h.
    var addends: [NodeID]
  }

  /// c' = σ(a) ⊙ c + …, or (1 − σ(a)) ⊙ c + …
  struct Memory {
    var state: StateDescription
    var gate: NodeID
    var isComplement: Bool
  }

  case layer(Layer)
  case memory(Memory)

  /// The forms in a recording, in the order of the states. States that run backward in time or read several steps back
  /// have none.
  static func all(in recording: Recording) -> [RecurrenceForm] {
    let finder = RecurrenceFinder(graph: recording.graph)
    return recording.states.filter { $0.direction == .forward && finder.steps($0) == 1 }.flatMap { state in
      (finder.layer(state).map { [.layer($0)] } ?? []) + finder.memories(state).map { .memory($0) }
    }
  }
}

/// Reads the equations of states.
private struct RecurrenceFinder {
  let graph: Graph

  func steps(_ state: StateDescription) -> Int { graph.operation(state.previous).shift?.by ?? 0 }

  /// The value that a node passes on unchanged: the source of a reshaped or broadcast copy, and x for 1 · x and 0 · y +
  /// x, which factors such as 1 − α leave behind.
  private func source(_ node: NodeID) -> NodeID {
    var node = node
    while let inner = unchanged(node) { node = inner }
    return node
  }

  private func unchanged(_ node: NodeID) -> NodeID? {
    if isCopy(node) { return graph.operand(node, 0) }
    if graph.operation(node) == .binary(.multiply) { return partner(in: node) { isConstant($0, 1) } }
    if graph.operation(node) == .binary(.add) { return partner(in: node, isZero) }
    return nil
  }

  private func isCopy(_ node: NodeID) -> Bool { graph.operation(node).kind == .copy }

  /// The operand next to the first neutral one, if there is one.
  private func partner(in node: NodeID, _ isNeutral: (NodeID) -> Bool) -> NodeID? {
    [0, 1].first { isNeutral(graph.operand(node, $0)) }.map { graph.operand(node, 1 - $0) }
  }

  private func isConstant(_ node: NodeID, _ value: Double) -> Bool {
    var node = node
    while isCopy(node) { node = graph.operand(node, 0) }
    return graph.operation(node) == .constant(value)
  }

  private func isZero(_ node: NodeID) -> Bool {
    graph.operation(node) == .binary(.multiply) && graph.operands(node).contains { isConstant($0, 0) }
  }

  /// The terms of a sum.
  private func terms(_ node: NodeID) -> [NodeID] {
    var terms: [NodeID] = []
    var pending = [node]
    while let next = pending.popLast() {
      let node = source(next)
      if graph.operation(node) == .binary(.add) {
        pending += graph.operands(node).reversed()
      } else {
        terms.append(node)
      }
    }
    return terms
  }

  // MARK: h' = φ(W h + …)

  func layer(_ state: StateDescription) -> RecurrenceForm.Layer? {
    var node = source(state.value)
    var activation: UnaryFunction?
    if case .unary(let function) = graph.operation(node) {
      activation = function
      node = source(graph.operand(node, 0))
    }
    guard isBounded(activation) else { return nil }
    var found: RecurrenceForm.Layer?
    var addends: [NodeID] = []
    for term in terms(node) {
      if let layer = product(term, state, activation) {
        // Two products with h are not one matrix.
        guard found == nil else { return nil }
        found = layer
      } else if depends(term, on: state.previous) {
        return nil
      } else {
        addends.append(term)
      }
    }
    found?.addends = addends
    return found
  }

  /// Whether |φ'| has the bound that `PascanuBound` assumes.
  private func isBounded(_ activation: UnaryFunction?) -> Bool {
    activation.map { [.tanh, .sigmoid, .relu].contains($0) } ?? true
  }

  /// [h, x, …] · W with a parameter W, trained or not.
  private func product(
    _ node: NodeID, _ state: StateDescription, _ activation: UnaryFunction?
  ) -> RecurrenceForm.Layer? {
    guard graph.operation(node) == .product(.dimensions(0, 0), over: .empty) else { return nil }
    let joined = source(graph.operand(node, 0))
    var weight = graph.operand(node, 1)
    if graph.operation(weight) == .stopGradient { weight = graph.operand(weight, 0) }
    guard graph.operation(weight) == .parameter, graph.type(weight).shape.rank == 2 else { return nil }
    let isConcatenation = graph.operation(joined) == .concatenate(dimension: 0)
    var rows: Range<Int>?
    var others: [(node: NodeID, rows: Range<Int>)] = []
    var start = 0
    for part in isConcatenation ? Array(graph.operands(joined)) : [joined] {
      let range = start..<start + graph.type(part).shape.count
      start = range.upperBound
      if source(part) == state.previous {
        guard rows == nil else { return nil }
        rows = range
      } else if depends(part, on: state.previous) {
        return nil
      } else {
        others.append((part, range))
      }
    }
    return rows.map {
      RecurrenceForm.Layer(
        state: state, activation: activation, weight: weight, rows: $0, others: others, addends: [])
    }
  }

  /// Whether a value depends on another within the same step.
  private func depends(_ node: NodeID, on other: NodeID) -> Bool {
    graph.ancestors(of: [node]) { reader, _ in graph.operation(reader).shift == nil }.contains(other)
  }

  // MARK: c' = f ⊙ c + …

  func memories(_ state: StateDescription) -> [RecurrenceForm.Memory] {
    let factors = terms(state.value).compactMap { term -> NodeID? in
      guard graph.operation(term) == .binary(.multiply) else { return nil }
      let operands = graph.operands(term).map(source)
      guard let position = operands.firstIndex(of: state.previous) else { return nil }
      return operands[1 - position]
    }
    return factors.compactMap { factor in
      if graph.operation(factor) == .unary(.sigmoid) {
        return RecurrenceForm.Memory(state: state, gate: factor, isComplement: false)
      }
      guard graph.operation(factor) == .binary(.subtract) else { return nil }
      let gate = source(graph.operand(factor, 1))
      guard graph.operation(source(graph.operand(factor, 0))) == .constant(1), graph.operation(gate) == .unary(.sigmoid)
      else { return nil }
      return RecurrenceForm.Memory(state: state, gate: gate, isComplement: true)
    }
  }
}
