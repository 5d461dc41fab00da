internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

/// Writes a cell's equations as the Swift struct that records the same graph, with the same names.
///
///     f_t = σ(W_f [h_{t-1}, x_t] + b_f)        let forget = sigmoid(scope.affine("forget", [h, x], units)).named("forget")
struct SwiftWriter {
  let network: WrittenNetwork
  let equations: [WrittenEquation]
  let graph: Graph
  private let nodes: [Name: NodeID]
  /// How each parameter begins, by its name in the graph.
  let starts: [String: Initializer]
  private let states: [Name: NodeID]

  init(_ network: WrittenNetwork, _ equations: [WrittenEquation]) {
    self.network = network
    self.equations = equations
    graph = network.writer.graph
    nodes = Dictionary(network.writer.names.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    starts = Dictionary(
      network.recording.parameters.map { ($0.name, $0.initializer) }, uniquingKeysWith: { first, _ in first })
    states = Dictionary(
      network.recording.states.compactMap { state in
        network.writer.names[network.writer.graph.alias(state.value)].map { ($0, state.value) }
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The struct, with the equations as its comment.
  func text(named type: String) -> String {
    var lines = equations.map { "/// " + $0.line }
    lines += ["struct \(type): RecurrentCell {", "  var units: Int", ""]
    lines += ["  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {"]
    lines += (declarations() + sharedParameters()).map { "    " + $0 }
    for (index, equation) in equations.enumerated() {
      lines.append("    " + statement(equation, isLast: index == equations.count - 1))
    }
    if let last = equations.last, last.left.name != network.outputName || isRead(last.left.name) {
      lines.append("    return " + current(network.outputName))
    }
    return (["import Ebb", ""] + lines + ["  }", "}", ""]).joined(separator: "\n")
  }

  // MARK: States

  private func declarations() -> [String] {
    network.recording.states.flatMap { state -> [String] in
      guard let shift = graph.operation(state.previous).shift else { return [] }
      let value = graph.type(state.value).shape.array
      let shape = value.count == 1 ? dimension(value[0]) : "shape: [\(value.map(dimension).joined(separator: ", "))]"
      var arguments = "\"\(state.name)\", \(shape)"
      if let initial = state.initial, let name = graph.name(initial) {
        let dimensions = graph.type(initial).shape.array.map(dimension).joined(separator: ", ")
        arguments += ", initial: scope.parameter(\"\(name)\", [\(dimensions)], \((starts[name] ?? .zeros).code))"
      }
      if shift.by > 1 { arguments += ", steps: \(shift.by)" }
      guard let name = network.writer.names[graph.alias(state.value)] else { return [] }
      let variable = previous(name, by: shift.by)
      let declaration = "let \(variable) = scope.state(\(arguments))"
      return graph.operation(graph.alias(state.value)) == .input ? [declaration, "\(variable).next(x)"] : [declaration]
    }
  }

  /// Parameters that the equations read more than once.
  private func sharedParameters() -> [String] {
    network.recording.parameters.compactMap { parameter in
      guard isShared(parameter.node), let name = network.writer.names[parameter.node] else { return nil }
      return "let \(identifier(name)) = " + call(parameter.node, parameter.name)
    }
  }

  private func isShared(_ parameter: NodeID) -> Bool {
    guard let name = network.writer.names[parameter] else { return false }
    var count = 0
    for equation in equations {
      equation.right.forEachReference { reference, _ in count += reference.name == name ? 1 : 0 }
    }
    return count > 1
  }

  private func call(_ parameter: NodeID, _ name: String) -> String {
    let dimensions = graph.type(parameter).shape.array.map(dimension).joined(separator: ", ")
    return "scope.parameter(\"\(name)\", [\(dimensions)], \((starts[name] ?? .zeros).code))"
  }

  /// The variable with the value of some steps before.
  private func previous(_ name: Name, by steps: Int) -> String {
    let base = identifier(name)
    return (base == "x" ? "previousX" : base) + (steps == 1 ? "" : "\(steps)")
  }

  /// The variable with the value of this step: the next one of a state.
  private func current(_ name: Name) -> String {
    let base = identifier(name)
    return states[name] == nil || base == "x" ? base : "next" + base.prefix(1).uppercased() + base.dropFirst()
  }

  private func isRead(_ name: Name) -> Bool {
    equations.contains { equation in
      var found = false
      equation.right.forEachReference { reference, _ in
        if reference.name == name, reference.step != -1, (reference.step ?? 0) == 0 { found = true }
      }
      return found
    }
  }

  private func statement(_ equation: WrittenEquation, isLast: Bool) -> String {
    let name = equation.left.name
    var value = code(equation.right).text
    let delays = network.recording.states.filter { graph.alias($0.value) == nodes[name] }
    if !delays.isEmpty {
      for state in delays {
        let steps = graph.operation(state.previous).shift?.by ?? 1
        value = "\(previous(name, by: steps)).next(\(value))"
      }
    } else if let node = nodes[name], let named = graph.name(node) {
      value = (code(equation.right).strength == .primary ? value : "(\(value))") + ".named(\"\(named)\")"
    }
    if isLast, name == network.outputName, !isRead(name) { return "return " + value }
    return "let \(current(name)) = " + value
  }

  // MARK: Names

  private static let reserved: Set<String> = [
    "as", "break", "case", "class", "continue", "default", "defer", "do", "else", "enum", "false", "for", "func", "if",
    "import", "in", "init", "is", "let", "nil", "return", "self", "scope", "struct", "switch", "true", "try", "units",
    "var", "where", "while",
  ]

  private func identifier(_ name: Name) -> String {
    var known = nodes[name].flatMap { graph.operation($0) == .input ? "x" : graph.name($0) } ?? name.identifier
    // A parameter may share its word with a gate.
    if nodes[name].map({ graph.operation($0) == .parameter }) == true, graph.node(named: known + ".weight") != nil {
      known += ".parameter"
    }
    if known == "x", let node = nodes[name], graph.operation(node) != .input { return "stateX" }
    let words = known.replacing("′", with: "Prime").split { !$0.isLetter && !$0.isNumber }.map(String.init)
    let text = words.dropFirst().reduce(words.first ?? "value") { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
    return Self.reserved.contains(text) || NamedFunction(text) != nil && text.count > 1 ? text + "Value" : text
  }

  // MARK: What the graph says

  func node(_ name: Name) -> NodeID? { nodes[name] }

  /// The columns that a stored matrix of weights has: the entries of its product.
  func columns(_ weight: NodeID) -> String { dimension(graph.type(weight).shape[1]) }

  /// The variable of a value at a step.
  func variable(_ reference: Reference) -> String {
    guard let step = reference.step, step < 0 else { return current(reference.name) }
    return previous(reference.name, by: -step)
  }

  /// A parameter: its variable if it has one, or the call that gives it; nil for another value.
  func parameter(_ node: NodeID) -> String? {
    guard graph.operation(node) == .parameter, let name = graph.name(node) else { return nil }
    if isShared(node), let shared = network.writer.names[node] { return identifier(shared) }
    return call(node, name)
  }

  /// The initialisers of the weights of a product, if they are not those that it has by default.
  func explicitWeights(_ name: String, _ count: Int) -> String {
    guard let start = starts[name], let weight = graph.node(named: name) else { return "" }
    var blocks = [start]
    if case .blocks(let several) = start { blocks = several.map(\.initializer) }
    let components = Components(graph)
    let standard = graph.nodes.first { graph.operands($0).dropFirst().first == weight }.map { product in
      let joined = graph.operand(product, 0)
      let operands = graph.operation(joined) == .concatenate(dimension: 0) ? Array(graph.operands(joined)) : [joined]
      let cycle = components[product]
      return operands.map { operand in
        components.isCyclic[cycle] && components[operand] == cycle ? Initializer.orthogonal() : .glorotUniform
      }
    }
    if blocks == standard || blocks.count != count { return "" }
    return ", weights: [\(blocks.map(\.code).joined(separator: ", "))]"
  }

  /// `units`, the features of x, or a number.
  func dimension(_ count: Int) -> String {
    count == network.units ? "units" : count == network.features ? "x.shape[0]" : "\(count)"
  }
}
