internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

/// Writes a cell's equations as the Swift struct that records the same graph, with the same names.
///
///     f_t = σ(W_f [h_{t-1}, x_t] + b_f)        let forget = sigmoid(scope.affine("forget", [h, x], units)).named("forget")
struct SwiftWriter {
  let network: WrittenNetwork
  /// The cell's own.
  let equations: [WrittenEquation]
  /// Those of its gradient, as they are written and as they are recorded.
  let adjoints: [WrittenEquation]
  let gradient: WrittenGradient
  let graph: Graph
  private let nodes: [Name: NodeID]
  /// How each parameter begins, by its name in the graph.
  let starts: [String: Initializer]
  private let states: [Name: NodeID]

  init(
    _ network: WrittenNetwork, _ equations: [WrittenEquation], adjoints: [WrittenEquation] = [],
    _ gradient: WrittenGradient = WrittenGradient()
  ) {
    self.network = network
    self.equations = equations
    self.adjoints = adjoints
    self.gradient = gradient
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
    if equations.contains(where: { $0.right.readsPast }) { lines.append("    let past = scope.past()") }
    lines += (declarations() + sharedParameters()).map { "    " + $0 }
    for (index, equation) in equations.enumerated() {
      let statement = statement(equation)
      let isResult =
        index == equations.count - 1 && equation.left.name == network.outputName && !isRead(network.outputName)
      lines.append("    " + (isResult ? "return " + statement.drop { $0 != "=" }.dropFirst(2) : statement))
    }
    if let last = equations.last, last.left.name != network.outputName || isRead(last.left.name) {
      lines.append("    return " + current(network.outputName))
    }
    return Self.file(lines + ["  }", "}"])
  }

  /// A file of Swift; code that is too long is continued in further lines.
  static func file(_ lines: [String]) -> String {
    (["import Ebb", ""] + lines.flatMap(CodeLine.broken) + [""]).joined(separator: "\n")
  }

  // MARK: States

  func declarations() -> [String] {
    network.recording.states.flatMap { state -> [String] in
      guard let shift = graph.operation(state.previous).shift else { return [] }
      let value = graph.type(state.value).shape.array
      let shape = value.count == 1 ? dimension(value[0]) : "shape: \(list(value))"
      var arguments = "\"\(state.name)\", \(shape)"
      if let initial = state.initial, let name = graph.name(initial) {
        arguments += ", initial: " + call(initial, name)
      }
      if shift.by > 1 { arguments += ", steps: \(shift.by)" }
      guard let name = network.writer.names[graph.alias(state.value)] else { return [] }
      let variable = previous(name, by: shift.by)
      let declaration = "let \(variable) = scope.state(\(arguments))"
      return graph.operation(graph.alias(state.value)) == .input ? [declaration, "\(variable).next(x)"] : [declaration]
    }
  }

  /// Parameters that the equations read more than once.
  func sharedParameters() -> [String] {
    network.recording.parameters.compactMap { parameter in
      guard isShared(parameter.node), let name = network.writer.names[parameter.node] else { return nil }
      return "let \(identifier(name)) = " + call(parameter.node, parameter.name)
    }
  }

  private func isShared(_ parameter: NodeID) -> Bool {
    guard let name = network.writer.names[parameter] else { return false }
    var count = 0
    for expression in equations.map(\.right) + gradient.definitions.map(\.value) {
      expression.forEachReference { reference, _ in count += reference.name == name ? 1 : 0 }
    }
    return count > 1
  }

  private func call(_ parameter: NodeID, _ name: String) -> String {
    "scope.parameter(\"\(name)\", \(list(graph.type(parameter).shape.array)), \((starts[name] ?? .zeros).code(dimension)))"
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

  /// `let name = value`
  func statement(_ equation: WrittenEquation) -> String {
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
    return "let \(current(name)) = " + value
  }

  // MARK: Names

  private static let reserved: Set<String> = [
    "as", "break", "case", "class", "continue", "default", "defer", "do", "else", "enum", "false", "for", "func", "if",
    "import", "in", "init", "is", "let", "nil", "past", "return", "self", "scope", "struct", "switch", "true", "try",
    "units",
    "var", "where", "while",
  ]

  func identifier(_ name: Name) -> String {
    if let word = adjointWord(name) { return word }
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
    let step = reference.step ?? 0
    if step > 0 { return later(reference.name, by: step) }
    return step < 0 ? previous(reference.name, by: -step) : current(reference.name)
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
    return ", weights: [\(blocks.map { $0.code(dimension) }.joined(separator: ", "))]"
  }

  /// A number of features as a sum of the cell's sizes, or as itself: `2 * units + x.shape[0]`.
  func dimension(_ count: Int) -> String {
    let (units, features) = (network.units, network.features)
    for inputs in [0, 1] where count == features * inputs || count > features * inputs {
      let (layers, rest) = (count - features * inputs).quotientAndRemainder(dividingBy: units)
      guard rest == 0, layers <= 4, layers + inputs > 0 else { continue }
      let terms = [layers == 0 ? nil : layers == 1 ? "units" : "\(layers) * units", inputs == 0 ? nil : "x.shape[0]"]
      return terms.compactMap { $0 }.joined(separator: " + ")
    }
    return "\(count)"
  }

  func list(_ dimensions: [Int]) -> String { "[\(dimensions.map(dimension).joined(separator: ", "))]" }

  func rank(_ name: Name) -> Int { nodes[name].map { graph.type($0).shape.rank } ?? gradient.shapes[name]?.count ?? 1 }

  /// Whether a value is the same at every step.
  func isFixed(_ name: Name) -> Bool { nodes[name].map { graph.type($0).domain.isEmpty } ?? false }
}
