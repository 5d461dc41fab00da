internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// A cell's graph with the derivative of any loss: the products of its Jacobians with ∂L/∂h_t, which is an input.
///
///     L = Σ_t (∂L/∂h_t)ᵀ h_t        so that the derivative of L by h_t alone is ∂L/∂h_t
struct AdjointGraph {
  private(set) var graph: Graph
  /// The names of adjoints: h̄ for a named value h, δ for what stands inside a function, dL/dW for a parameter.
  private(set) var names: [(NodeID, Name)] = []
  /// The gradients of the parameters.
  private(set) var results: [NodeID] = []
  /// The number of the first node of the derivative.
  private let first: Int

  init(_ recording: Recording, output: NodeID, named: [NodeID: Name]) throws {
    graph = recording.graph
    let type = graph.type(output)
    guard let outputName = named[output] else { preconditionFailure("the output has a name") }
    let seedName = DerivativeMark.partial(by: outputName)
    let seed = graph.appendLeaf(.input, type, name: seedName.identifier)
    let product = graph.multiply(seed, output)
    let entries = graph.summedOverFeatures(product)
    let loss = graph.total(of: entries)
    first = graph.count

    // The derivatives by named values and by the arguments of functions are wanted for their names.
    let parameters = recording.parameters.filter(\.isTrained)
    let reached = graph.paths(from: parameters.map(\.node), to: [loss]) { _, _ in true }
    let values = recording.graph.nodes.filter { node in
      reached.contains(node) && graph.type(node).element.isFloat && !graph.operation(node).isGiven
        && graph.operation(node).shift == nil && !graph.type(node).domain.isEmpty
    }
    let wanted = graph.reaching(loss, from: parameters.map(\.node))
    if wanted.isEmpty { throw EquationWritingError.nothingTrained }
    let adjoints = try graph.gradient(of: loss, withRespectTo: wanted + values)
    replaceDerivativeOfLoss(by: seed)
    subtractNegatives()
    multiplyByNumbers()
    putDiagonalsFirst()
    dropDoubleTransposes()

    names.append((seed, seedName))
    for (node, adjoint) in zip(wanted, adjoints) {
      let adjoint = derivative(adjoint, seed)
      results.append(adjoint)
      guard let name = named[node] else { continue }
      names.append((adjoint, DerivativeMark.total(by: name)))
      graph.setOutput(DerivativeMark.total(by: name).identifier, adjoint)
    }
    let arguments = argumentsOfFunctions(named)
    let used = graph.ancestors(of: results)
    var taken = Set(names.map(\.0))
    for (node, adjoint) in zip(values, adjoints.dropFirst(wanted.count)) {
      let adjoint = derivative(adjoint, seed)
      guard used.contains(adjoint), adjoint.index >= first, !taken.contains(adjoint) else { continue }
      if let name = named[node] {
        names.append((adjoint, name.barred))
      } else if let name = arguments[node] {
        names.append((adjoint, name.delta))
      } else {
        continue
      }
      taken.insert(adjoint)
    }
  }

  /// What stands inside the function that gives a named value: a in h = tanh(a).
  private func argumentsOfFunctions(_ named: [NodeID: Name]) -> [NodeID: Name] {
    var result: [NodeID: Name] = [:]
    for (node, name) in named.sorted(by: { $0.key.index < $1.key.index }) {
      guard case .unary = graph.operation(node) else { continue }
      let argument = graph.alias(graph.operand(node, 0))
      if named[argument] == nil, result[argument] == nil { result[argument] = name }
    }
    return result
  }

  /// The derivative of L by h_t is 1 · ∂L/∂h_t: what multiplies the seed by the broadcast 1 is the seed.
  private mutating func replaceDerivativeOfLoss(by seed: NodeID) {
    for node in graph.nodes where node.index >= first {
      for (position, operand) in graph.operands(node).enumerated() where isSeed(operand, seed) {
        graph.setOperand(node, position, to: seed)
      }
    }
  }

  /// a + (−b) is written a − b, which is the same number. `NormalizeElementwise` has this rule too, but would also
  /// rewrite the cell's own equations and number its values again.
  private mutating func subtractNegatives() {
    var changes: [NodeID: (BinaryFunction, NodeID, NodeID)] = [:]
    for node in graph.nodes where node.index >= first {
      guard case .binary(let function) = graph.operation(node) else { continue }
      let (a, b) = (graph.operand(node, 0), graph.operand(node, 1))
      func negated(_ value: NodeID) -> NodeID? {
        graph.operation(value) == .unary(.negate) ? graph.operand(value, 0) : nil
      }
      if function == .add, let inner = negated(b) {
        changes[node] = (.subtract, a, inner)
      } else if function == .add, let inner = negated(a) {
        changes[node] = (.subtract, b, inner)
      } else if function == .subtract, let inner = negated(b) {
        changes[node] = (.add, a, inner)
      }
    }
    graph = graph.mapOperations { node in changes[node].map { .binary($0.0) } ?? graph.operation(node) }
    for (node, (_, a, b)) in changes {
      graph.setOperand(node, 0, to: a)
      graph.setOperand(node, 1, to: b)
    }
  }

  /// The outer product of a number and a value is their product.
  private mutating func multiplyByNumbers() {
    let (source, first) = (graph, first)
    graph = graph.mapOperations { node in
      let operation = source.operation(node)
      guard node.index >= first, operation == .product(.outer, over: .empty),
        source.operands(node).contains(where: { source.type($0).shape.rank == 0 })
      else { return operation }
      return .binary(.multiply)
    }
  }

  /// diag(a) M has the diagonal first, M diag(a) second.
  private mutating func putDiagonalsFirst() {
    for node in graph.nodes where node.index >= first && graph.operation(node) == .binary(.multiply) {
      let (a, b) = (graph.operand(node, 0), graph.operand(node, 1))
      if graph.diagonal(a)?.scalesRows == false || graph.diagonal(b)?.scalesRows == true {
        graph.setOperand(node, 0, to: b)
        graph.setOperand(node, 1, to: a)
      }
    }
  }

  /// (Aᵀ)ᵀ is A.
  private mutating func dropDoubleTransposes() {
    func isTranspose(_ node: NodeID) -> Bool { if case .transpose = graph.operation(node) { true } else { false } }
    for node in graph.nodes where node.index >= first {
      for (position, operand) in graph.operands(node).enumerated() where isTranspose(operand) {
        let inner = graph.operand(operand, 0)
        if isTranspose(inner) { graph.setOperand(node, position, to: graph.operand(inner, 0)) }
      }
    }
  }

  private func isSeed(_ node: NodeID, _ seed: NodeID) -> Bool {
    guard node.index >= first, graph.operation(node) == .binary(.multiply) else { return false }
    let (a, b) = (graph.operand(node, 0), graph.operand(node, 1))
    return a == seed && isOne(b) || b == seed && isOne(a)
  }

  /// Whether a value is the broadcast derivative of L by itself.
  private func isOne(_ node: NodeID) -> Bool {
    if case .constant(let value) = graph.operation(node) { return value == 1 }
    return graph.operation(node).kind == .copy && isOne(graph.operand(node, 0))
  }

  private func derivative(_ node: NodeID, _ seed: NodeID) -> NodeID { isSeed(node, seed) ? seed : node }
}

extension Name {
  /// h̄
  var barred: Name {
    // After the letter; of a word after the first.
    let first = base.prefix(1)
    return Name(base: first + "\u{304}" + base.dropFirst(), below: below, above: above)
  }
  /// δ_f
  var delta: Name { Name(base: "δ", below: base.filter { $0 != "′" } + below + above) }
}
