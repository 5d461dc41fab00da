/// The rules for declared gradients, `withGradient(y, ȳ, x₁, x̄₁, …)`.
extension Graph {
  /// Each x̄ is computed from its own ȳ at one index of the axes, and nothing else reads ȳ.
  func verifyDeclaredGradients(_ problems: inout [GraphProblem]) {
    guard operations.contains(where: { $0 == .declaredGradient || $0 == .incomingAdjoint }) else { return }
    // For each node the incoming adjoint from which it is computed.
    var source = [NodeID?](repeating: nil, count: count)
    for node in nodes {
      if operation(node) == .incomingAdjoint { source[node.index] = node }
      for (position, operand) in operands(node).enumerated() where operand < node {
        guard let adjoint = source[operand.index] else { continue }
        func report(_ message: String) { problems.append(GraphProblem(node: node, "%\(node.index) " + message)) }
        if operation(node) == .declaredGradient {
          if position % 2 == 1, self.operand(node, 1) == adjoint { continue }
          report("withGradient reads the adjoint %\(adjoint.index) of another value")
        } else if operation(node) == .incomingAdjoint || source[node.index].map({ $0 != adjoint }) == true {
          report("\(operation(node).keyword) reads two adjoints; each belongs to one declared gradient")
        } else if !operation(node).isWithinIndex {
          report(
            "\(operation(node).keyword) reads the adjoint of a declared gradient at other indices of an axis; its equations "
              + "are those of one step and sample")
        }
        source[node.index] = operation(node) == .declaredGradient ? nil : adjoint
      }
      if operation(node) == .declaredGradient {
        let adjoint = operand(node, 1)
        if operation(adjoint) != .incomingAdjoint {
          problems.append(
            GraphProblem(node: node, "%\(node.index) withGradient needs an adjoint as its second operand"))
        }
      }
    }
    for shift in shifts {
      guard let adjoint = source[operand(shift, 0).index] else { continue }
      problems.append(
        GraphProblem(
          node: shift,
          "%\(shift.index) \(operation(shift).keyword) carries the adjoint %\(adjoint.index) of a declared "
            + "gradient to another step; its equations are those of one step and sample"))
    }
    for output in outputs where source[output.node.index] != nil {
      problems.append(
        GraphProblem(
          node: output.node,
          "the output \(output.name) is computed from the adjoint of a declared gradient, which exists only in derivatives"
        ))
    }
  }
}

extension Operation {
  /// Whether a value at one index of the axes depends on its operands at this index alone, also with more axes.
  fileprivate var isWithinIndex: Bool {
    switch traits.axes {
    case .pointwise: true
    case .reduces(let over): over.isEmpty
    case .measures, .selects, .places, .repeats, .toFeature, .fromFeature, .shifts, .remembers, .addsMemories:
      false
    }
  }
}
