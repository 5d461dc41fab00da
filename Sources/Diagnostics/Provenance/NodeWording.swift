internal import EbbGraph
internal import EbbRecording

/// The wording for nodes in messages: the user's names, or else equations.
struct NodeWording {
  private let graph: Graph
  /// The wording for states that equations read: h[t−1] and the like.
  private var states: [NodeID: String] = [:]
  /// For the node of each adjoint, the node that it belongs to.
  private var adjoints: [NodeID: NodeID] = [:]

  /// The depth of operations in an equation; deeper ones become an ellipsis.
  private static let depth = 3

  init(_ graph: Graph, _ recording: Recording, adjoints: [(of: NodeID, node: NodeID)] = []) {
    self.graph = graph
    for state in recording.states {
      guard let carrier = graph.operation(state.previous).shift else { continue }
      states[state.previous] = "\(state.name)[t\(carrier.isAdvance ? "+" : "−")\(carrier.by)]"
    }
    // Of several values with one adjoint, prefer one with a name.
    for adjoint in adjoints where adjoint.node.index >= recording.graph.count {
      let known = self.adjoints[adjoint.node]
      if known == nil || known.map({ name($0) }) == .some(nil) { self.adjoints[adjoint.node] = adjoint.of }
    }
  }

  /// The user's name of a value, or dL/d and the name of the value whose adjoint it is.
  func name(_ node: NodeID) -> String? {
    if let name = graph.name(node) ?? states[node] { return name }
    if let affine = affineName(node) { return "affine " + affine }
    return adjoints[node].flatMap { name($0) }.map { "dL/d\($0.contains(" ") ? "(\($0))" : $0)" }
  }

  /// The name under which `Scope.affine` recorded Σ x·W + b with the parameters `<name>.weight` and `<name>.bias`.
  func affineName(_ node: NodeID) -> String? {
    var found: String?
    let end: String
    if case .product = graph.operation(node) {
      end = ".weight"
    } else if graph.operation(node) == .binary(.add) {
      end = ".bias"
    } else {
      return nil
    }
    for operand in graph.operands(node) {
      guard graph.operation(operand) == .parameter, let name = graph.name(operand), name.hasSuffix(end) else {
        continue
      }
      found = String(name.dropLast(end.count))
    }
    return found
  }

  /// The value as an equation of named values; a named value as its own equation.
  func expression(_ node: NodeID) -> String { equation(node, 0) }

  /// The value by its name, or as an equation.
  func reference(_ node: NodeID) -> String { term(node, 1) }

  private func term(_ node: NodeID, _ level: Int) -> String {
    if let name = name(node) { return name }
    if let value = adjoints[node] { return level > Self.depth ? "dL/d(…)" : "dL/d(\(term(value, level + 1)))" }
    return level > Self.depth ? "…" : equation(node, level)
  }

  private func equation(_ node: NodeID, _ level: Int) -> String {
    let operands = graph.operands(node).map { operand in operand == .open ? "…" : term(operand, level + 1) }
    func atom(_ text: String) -> String {
      text.contains(" ") && !text.hasSuffix(")") || text.contains(" ") && text.hasPrefix("(") ? "(\(text))" : text
    }
    func infix(_ sign: String) -> String { operands.map(atom).joined(separator: " \(sign) ") }
    let operation = graph.operation(node)
    if case .constant(let value) = operation { return "\(value)" }
    if operands.isEmpty { return graph.name(node) ?? operation.keyword }
    if operation == .binary(.add) { return infix("+") }
    if operation == .binary(.subtract) { return infix("−") }
    if operation == .binary(.multiply) || operation.kind == .product { return infix("·") }
    if operation == .binary(.divide) { return infix("/") }
    if operation == .unary(.negate) { return "−" + atom(operands[0]) }
    // Copies of a value have its wording.
    if isCopy(operation) { return term(graph.operand(node, 0), level) }
    return "\(operation.keyword)(\(operands.joined(separator: ", ")))"
  }

  private func isCopy(_ operation: EbbGraph.Operation) -> Bool {
    if case .convert = operation { return true }
    return operation.kind == .copy || operation.kind == .identity
  }
}
