package import EbbGraph
internal import EbbTensors

/// The equations of one declared gradient, copied with another value in the place of the adjoint ȳ that they read.
///
/// They follow ȳ in the graph, and only those that depend on it are copied: the others have their values already.
struct DeclaredGradient {
  private let forward: Graph
  private let adjoint: NodeID
  private let places: [NodeID]?
  private var images: [NodeID: NodeID]

  /// The equations of the node y = withGradient(…), read at a value of the type of y, or one with further axes.
  ///
  /// - Parameter places: The places of the nodes in the graph that is written, if they are not their own.
  init(of node: NodeID, in forward: Graph, at value: NodeID, places: [NodeID]? = nil) {
    self.forward = forward
    self.places = places
    adjoint = forward.operand(node, 1)
    images = [adjoint: value]
  }

  /// Appends the equations of one x̄ and returns its node.
  mutating func append(_ gradient: NodeID, to writer: inout some EquationWriter) -> NodeID {
    for node in forward.dependents(of: adjoint, upTo: gradient) where images[node] == nil {
      let operands = forward.operands(node).map { place(of: $0) }
      images[node] = writer.append(forward.operation(node), operands)
    }
    return place(of: gradient)
  }

  private func place(of node: NodeID) -> NodeID { images[node] ?? places?[node.index] ?? node }
}

extension Graph {
  /// The nodes after `adjoint`, up to `last`, that are computed from it and lead to `last`, in their order.
  fileprivate func dependents(of adjoint: NodeID, upTo last: NodeID) -> [NodeID] {
    guard last > adjoint else { return [] }
    var found: Set<NodeID> = [adjoint]
    for index in adjoint.index + 1...last.index {
      let node = NodeID(index)
      if operands(node).contains(where: found.contains) { found.insert(node) }
    }
    var needed: Set<NodeID> = [last]
    var result: [NodeID] = []
    for index in (adjoint.index + 1...last.index).reversed() {
      let node = NodeID(index)
      guard needed.contains(node), found.contains(node) else { continue }
      needed.formUnion(operands(node))
      result.append(node)
    }
    return result.reversed()
  }

  /// The inputs of a declared gradient that can pass a derivative on, by their positions.
  package func declaredInputs(of node: NodeID) -> [Int] {
    (0..<operands(node).count).filter { passesTangent(node, $0) }
  }

  /// The same equations with each of these declared gradients replaced by the function y₀ + Σ x̄ₖ(xₖ − xₖ₀), whose derivative
  /// at xₖ₀ is the declared one. Each x̄ₖ is a factor of the adjoint (`isDeclaredFactor`).
  ///
  /// - Parameter names: For each node the name of the new input y₀; xₖ₀ has this name, a dot and k, counted from 1.
  package func replacingDeclaredGradients(_ names: [NodeID: String]) -> Graph {
    guard !names.isEmpty else { return self }
    var copy = GraphCopy(of: self)
    for node in nodes {
      guard let name = names[node] else {
        copy.append(node)
        continue
      }
      var value = copy.graph.appendLeaf(.input, type(node), name: name)
      for position in declaredInputs(of: node) {
        let input = operand(node, position)
        let point = copy.graph.appendLeaf(.input, type(input), name: "\(name).\(position / 2)")
        let moved = copy.graph.subtract(copy[input], point)
        let change = copy.graph.repeated(moved, to: type(node).shape)
        var equations = DeclaredGradient(of: node, in: self, at: change, places: copy.images)
        value = copy.graph.add(value, equations.append(operand(node, position + 1), to: &copy.graph))
      }
      copy.put(value, for: node)
    }
    return copy.finish()
  }

  /// The declared gradients on paths on which a derivative passes from some nodes to others.
  package func declaredGradients(from sources: [NodeID], to targets: [NodeID]) -> [NodeID] {
    paths(from: sources, to: targets, where: passesTangent).filter { operation($0) == .declaredGradient }
  }

  /// Whether the gradient x̄ that a node declares for its operand at this position is c ȳ, with a factor c for each
  /// feature that does not depend on ȳ.
  package func isDeclaredFactor(_ node: NodeID, _ position: Int) -> Bool {
    let (adjoint, input, gradient) = (operand(node, 1), operand(node, position), operand(node, position + 1))
    guard type(gradient).shape == type(node).shape, type(input).domain.isSubset(of: type(node).domain) else {
      return false
    }
    guard type(input).shape == type(node).shape || type(input).shape == .scalar else { return false }
    let dependents = dependents(of: adjoint, upTo: gradient)
    let varying = Set(dependents + [adjoint])
    guard varying.contains(gradient) else { return operation(gradient) == .constant(0) }
    return dependents.allSatisfy { isFactor($0, varying) }
  }

  /// Whether a node is linear in those of its operands that vary, for each feature on its own.
  private func isFactor(_ node: NodeID, _ varying: Set<NodeID>) -> Bool {
    let operands = Array(operands(node))
    let isVarying = operands.map(varying.contains)
    func vanishesOrVaries(_ position: Int) -> Bool {
      isVarying[position] || operation(operands[position]) == .constant(0)
    }
    if operation(node) == .unary(.negate) { return true }
    if case .convert(let element) = operation(node) { return element.isFloat }
    if operation(node) == .select { return !isVarying[0] && vanishesOrVaries(1) && vanishesOrVaries(2) }
    guard case .binary(let function) = operation(node) else { return false }
    if function == .add || function == .subtract { return vanishesOrVaries(0) && vanishesOrVaries(1) }
    if function == .multiply { return isVarying[0] != isVarying[1] }
    return function == .divide && isVarying[0] && !isVarying[1]
  }
}
