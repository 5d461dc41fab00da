internal import EbbGraph
internal import EbbTensors
internal import EbbTransforms

/// Compares the equations of each recurrence with those of the LSTM, the GRU and the simple network.
struct RecurrentLayerFinder {
  let graph: Graph
  let fixed: FixedValues
  private let components: Components
  private let readers: Readers

  init(_ graph: Graph, _ fixed: FixedValues) {
    (self.graph, self.fixed) = (graph, fixed)
    components = Components(graph)
    readers = Readers(graph)
  }

  /// A recurrence whose equations fit: its gates in the operation's order.
  struct Match {
    var kind: RecurrentLayer.Kind
    /// Each delay, and the value that it carries: h first.
    var states: [NodeID]
    var gates: [GateTerms]
    /// Of a GRU that resets after the product: the terms of the state's product.
    var recurrent: GateTerms?
    /// Whether the weights of the first gate have the other sign: 1 − σ(a) = σ(−a).
    var isFirstNegated = false
    var peepholes: [NodeID] = []
  }

  func layers() throws(ExportError) -> [RecurrentLayer] {
    var found: [RecurrentLayer] = []
    for component in components.members.indices where components.isCyclic[component] {
      if let match = match(component), let layer = try layer(match, component) { found.append(layer) }
    }
    return found
  }

  // MARK: Equations

  private func match(_ component: Int) -> Match? {
    let shifts = graph.shifts(on: component, of: components)
    guard shifts.allSatisfy({ graph.operation($0).shift?.by == 1 && graph.type($0).element == .float32 }) else {
      return nil
    }
    switch shifts.count {
    case 1: return simple(shifts[0]) ?? gru(shifts[0])
    case 2: return lstm(shifts[0], shifts[1]) ?? lstm(shifts[1], shifts[0])
    case _: return nil
    }
  }

  private func terms(_ node: NodeID) -> GateTerms { GateTerms(node, in: graph, isFixed: fixed.contains) }

  /// f, where the node is f(x).
  private func applied(_ node: NodeID) -> (function: UnaryFunction, x: NodeID)? {
    guard case .unary(let function) = graph.operation(node) else { return nil }
    return (function, graph.operand(node, 0))
  }

  /// h' = f(W [h, x] + b)
  private func simple(_ h: NodeID) -> Match? {
    guard let (function, sum) = applied(graph.operand(h, 0)), [.tanh, .relu, .sigmoid].contains(function) else {
      return nil
    }
    let gate = terms(sum)
    guard gate.others.isEmpty else { return nil }
    return Match(kind: .simple(function), states: [h], gates: [gate])
  }

  /// c' = f ⊙ c + i ⊙ g, h' = o ⊙ tanh(c'), with gates σ(W [h, x] + b), perhaps with peepholes.
  private func lstm(_ h: NodeID, _ c: NodeID) -> Match? {
    let (newH, newC) = (graph.operand(h, 0), graph.operand(c, 0))
    for (gate, shown) in graph.pairs(newH, .multiply) where graph.argument(shown, of: .tanh) == newC {
      guard let output = graph.argument(gate, of: .sigmoid) else { continue }
      for (kept, added) in graph.pairs(newC, .add) {
        for (forget, old) in graph.pairs(kept, .multiply) where old == c {
          for (input, candidate) in graph.pairs(added, .multiply) {
            guard let f = graph.argument(forget, of: .sigmoid), let i = graph.argument(input, of: .sigmoid),
              let g = graph.argument(candidate, of: .tanh)
            else { continue }
            if let match = lstm(h, c, newC, [i, output, f, g]) { return match }
          }
        }
      }
    }
    return nil
  }

  private func lstm(_ h: NodeID, _ c: NodeID, _ newC: NodeID, _ sums: [NodeID]) -> Match? {
    let gates = sums.map(terms)
    // The output gate sees the new cell state, the others the old one; the candidate sees none.
    var peepholes: [NodeID] = []
    for (gate, seen) in zip(gates, [c, newC, c]) {
      guard gate.others.count <= 1 else { return nil }
      guard let other = gate.others.first else { continue }
      guard let pair = graph.pairs(other, .multiply).first(where: { fixed.contains($0.0) && $0.1 == seen }) else {
        return nil
      }
      peepholes.append(pair.0)
    }
    guard gates[3].others.isEmpty, peepholes.isEmpty || peepholes.count == 3 else { return nil }
    return Match(
      kind: .lstm(hasPeepholes: !peepholes.isEmpty), states: [h, c], gates: gates, peepholes: peepholes)
  }

  /// h' = z ⊙ h + (1 − z) ⊙ tanh(…), or with u = 1 − z.
  private func gru(_ h: NodeID) -> Match? {
    for (kept, added) in graph.pairs(graph.operand(h, 0), .add) {
      for (gate, old) in graph.pairs(kept, .multiply) where old == h {
        for (rest, candidate) in graph.pairs(added, .multiply) {
          guard let proposal = graph.argument(candidate, of: .tanh) else { continue }
          // z is the gate of the state, or 1 − u.
          let isNegated: Bool
          let update: NodeID
          if complement(rest) == gate {
            (isNegated, update) = (false, gate)
          } else if complement(gate) == rest {
            (isNegated, update) = (true, rest)
          } else {
            continue
          }
          guard let sum = graph.argument(update, of: .sigmoid), var match = gru(h, terms(sum), terms(proposal)) else {
            continue
          }
          match.isFirstNegated = isNegated
          return match
        }
      }
    }
    return nil
  }

  /// The reset gate multiplies the state, or its product.
  private func gru(_ h: NodeID, _ update: GateTerms, _ proposal: GateTerms) -> Match? {
    guard update.others.isEmpty, proposal.others.count <= 1 else { return nil }
    if let other = proposal.others.first {
      for (gate, product) in graph.pairs(other, .multiply) {
        guard let reset = graph.argument(gate, of: .sigmoid) else { continue }
        let (inner, sum) = (terms(product), terms(reset))
        guard inner.others.isEmpty, sum.others.isEmpty, inner.products.allSatisfy({ $0.vector == h }),
          !proposal.products.contains(where: { $0.vector == h })
        else { continue }
        return Match(
          kind: .gru(resetsAfterProduct: true), states: [h], gates: [update, sum, proposal], recurrent: inner)
      }
      return nil
    }
    var (resets, gates): (Set<NodeID>, [GateTerms]) = ([], [update, proposal])
    for (index, product) in proposal.products.enumerated() {
      for (gate, old) in graph.pairs(product.vector, .multiply) where old == h {
        guard let reset = graph.argument(gate, of: .sigmoid) else { continue }
        resets.insert(reset)
        gates[1].products[index].vector = h
      }
    }
    guard let reset = resets.first, resets.count == 1, !proposal.products.contains(where: { $0.vector == h }) else {
      return nil
    }
    let sum = terms(reset)
    guard sum.others.isEmpty else { return nil }
    return Match(kind: .gru(resetsAfterProduct: false), states: [h], gates: [update, sum, gates[1]])
  }

  /// a, where the node is 1 − a.
  private func complement(_ node: NodeID) -> NodeID? {
    guard graph.operation(node) == .binary(.subtract), case .constant(1) = graph.operation(graph.operand(node, 0))
    else { return nil }
    return graph.operand(node, 1)
  }

  // MARK: Layers

  /// The layer, if what it reads and what reads it are as other programs have them.
  private func layer(_ match: Match, _ component: Int) throws(ExportError) -> RecurrentLayer? {
    guard let shift = graph.operation(match.states[0]).shift else { return nil }
    let domain = graph.type(match.states[0]).domain
    let rest = domain.removing(shift.axis)
    guard rest.count <= 1, rest.allSatisfy({ graph.description(of: $0).kind == .batch }),
      match.states.allSatisfy({ graph.type($0).domain == domain })
    else { return nil }
    let units = graph.type(match.states[0]).shape.count
    guard match.states.allSatisfy({ graph.type($0).shape == [units] }) else { return nil }
    // What is not the state comes from outside, and has no further axes.
    var inputs: [NodeID] = []
    for product in match.gates.flatMap(\.products) where product.vector != match.states[0] {
      guard components[product.vector] != component, graph.type(product.vector).domain.isSubset(of: domain) else {
        return nil
      }
      if !inputs.contains(product.vector) { inputs.append(product.vector) }
    }
    guard !inputs.isEmpty, let ends = ends(match, component, shift.axis, shift.isAdvance) else { return nil }
    var layer = RecurrentLayer(
      kind: match.kind, scope: scope(match.states[0]), units: units, axis: shift.axis, isBackward: shift.isAdvance,
      batch: rest.first { _ in true }, inputs: inputs, initial: match.states.map { graph.operand($0, 1) },
      sequence: graph.operand(match.states[0], 0), sequenceName: graph.name(graph.operand(match.states[0], 0)),
      ends: ends, inputWeights: Tensor([0], [Float]()),
      recurrentWeights: Tensor([0], [Float]()), biases: Tensor([0], [Float]()))
    guard try fill(&layer, match) else { return nil }
    return layer
  }

  /// The scope of a state: its name without the last word.
  private func scope(_ state: NodeID) -> String {
    let name = graph.name(graph.operand(state, 0)) ?? graph.name(state) ?? ""
    return name.split(separator: ".").dropLast().joined(separator: ".")
  }

  /// What reads the last step of a state; nil if something outside reads another value than h.
  private func ends(
    _ match: Match, _ component: Int, _ axis: Axis, _ isBackward: Bool
  ) -> [(state: Int, node: NodeID)]? {
    let values = match.states.map { graph.operand($0, 0) }
    let end = Operation.pick(axis, isBackward ? .first : .last)
    var ends: [(state: Int, node: NodeID)] = []
    for node in components.members[component] {
      let state = values.firstIndex(of: node)
      for reader in readers[node] where components[reader] != component {
        if let state, graph.operation(reader) == end {
          ends.append((state, reader))
        } else if state != 0 {
          return nil
        }
      }
      if state != 0, graph.outputs.contains(where: { $0.node == node }) { return nil }
    }
    return ends
  }
}
