internal import EbbGraph
internal import EbbTensors

/// The file format of a recording: its equations as text, and everything that they do not determine. Whatever they do
/// determine, such as the parameters, their shapes and the states, is derived from them, so that the two cannot
/// disagree.
///
/// A program without the cells can read the recording and train it, evaluate it or run it step by step. For any data,
/// decoding throws and never traps.
extension Recording: Codable {
  private enum Key: String, CodingKey {
    case element, graph, initializers, modes, layers, probabilities, buffers, updates
  }

  private struct SavedModes: Codable {
    var training: Int
    var evaluation: Int
    var selections: [Int]
  }

  private struct SavedLayer: Codable {
    var name: String
    var type: String
    var depth: Int
    /// Its first parameter, and the number of its parameters.
    var first: Int
    var count: Int
    var output: Int
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(element.name, forKey: .element)
    try container.encode(graph.description, forKey: .graph)
    let initializers = parameters.map { ($0.name, $0.initializer) }
    try container.encode(Dictionary(uniqueKeysWithValues: initializers), forKey: .initializers)
    if let modes {
      let saved = SavedModes(
        training: modes.training.index, evaluation: modes.evaluation.index, selections: modes.selections.map(\.index))
      try container.encode(saved, forKey: .modes)
    }
    let layers = layers.map { layer in
      SavedLayer(
        name: layer.name, type: layer.type, depth: layer.depth, first: layer.parameters.lowerBound,
        count: layer.parameters.count, output: layer.output.index)
    }
    try container.encode(layers, forKey: .layers)
    // Buffers are untrained although something reads them; those with an update name its node.
    let fixed = graph.fixedParameters
    let buffers = parameters.filter { !$0.isTrained && !fixed.contains($0.node) }
    if !buffers.isEmpty { try container.encode(buffers.map(\.name), forKey: .buffers) }
    let updates = parameters.compactMap { buffer in buffer.update.map { (buffer.name, $0.index) } }
    if !updates.isEmpty { try container.encode(Dictionary(uniqueKeysWithValues: updates), forKey: .updates) }
    if !probabilities.isEmpty { try container.encode(probabilities.map(\.index), forKey: .probabilities) }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    func damage(_ key: Key, _ reason: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: reason)
    }
    guard let element = ElementType(name: try container.decode(String.self, forKey: .element)), element.isFloat else {
      throw damage(.element, "states and parameters are floats")
    }
    let graph: Graph
    do {
      graph = try Graph(parsing: try container.decode(String.self, forKey: .graph))
    } catch let error as ParseError {
      throw damage(.graph, "line \(error.line), column \(error.column): \(error.message)")
    }
    let initializers = try container.decode([String: Initializer].self, forKey: .initializers)
    let fixed = graph.fixedParameters
    let buffers = Set(try container.decodeIfPresent([String].self, forKey: .buffers) ?? [])
    let updates = try container.decodeIfPresent([String: Int].self, forKey: .updates) ?? [:]
    let parameters = try graph.nodes.filter { graph.operation($0) == .parameter }.map { node in
      let (name, type) = (graph.name(node) ?? "", graph.type(node))
      guard type.element == element else { throw damage(.graph, "the parameter \(name) is no \(element.name)") }
      guard let initializer = initializers[name] else { throw damage(.initializers, "there is none of \(name)") }
      if let problem = initializer.problem(for: type.shape) { throw damage(.initializers, "\(name): \(problem)") }
      let update = updates[name].map { NodeID($0) }
      if let update, update.index < 0 || update.index >= graph.count || graph.type(update) != type {
        throw damage(.updates, "that of \(name) is no node of its type")
      }
      return ParameterDescription(
        name: name, shape: type.shape, initializer: initializer, node: node,
        isTrained: !fixed.contains(node) && !buffers.contains(name) && update == nil, update: update)
    }
    let modes = try container.decodeIfPresent(SavedModes.self, forKey: .modes).map { saved in
      guard let modes = graph.modes(saved.training, saved.evaluation, saved.selections) else {
        throw damage(.modes, "the numbers are not those of selections by a constant")
      }
      return modes
    }
    let layers = try container.decode([SavedLayer].self, forKey: .layers).map { layer in
      guard (0..<graph.count).contains(layer.output), (0...parameters.count).contains(layer.first),
        (0...parameters.count - layer.first).contains(layer.count), layer.depth >= 0
      else { throw damage(.layers, "\(layer.name) has numbers out of range") }
      return LayerDescription(
        name: layer.name, type: layer.type, depth: layer.depth, parameters: layer.first..<layer.first + layer.count,
        output: NodeID(layer.output))
    }
    let probabilities = try container.decodeIfPresent([Int].self, forKey: .probabilities) ?? []
    guard probabilities.allSatisfy({ (0..<graph.count).contains($0) }) else {
      throw damage(.probabilities, "a number is none of the \(graph.count) nodes")
    }
    let states = graph.states
    let others = Set(states.map(\.value))
    func named(_ isWanted: (NodeID) -> Bool) -> [NamedNode] {
      graph.nodes.compactMap { node in isWanted(node) ? graph.name(node).map { NamedNode(name: $0, node: node) } : nil }
    }
    self.init(
      graph: graph, element: element, parameters: parameters, states: states,
      inputs: named { graph.operation($0) == .input },
      intermediates: named {
        graph.operation($0) != .input && graph.operation($0) != .parameter && !others.contains($0)
      }, layers: layers, probabilities: probabilities.map { NodeID($0) }, modes: modes,
      places: RecordedPlaces())
  }
}

extension Graph {
  /// The states, derived from delays and advances: the carried value has the state's name. The first one that reads it
  /// is that of the state's own axis.
  fileprivate var states: [StateDescription] {
    var states: [StateDescription] = []
    for node in nodes {
      guard let shift = operation(node).shift, let name = name(operand(node, 0)) else { continue }
      if let known = states.firstIndex(where: { $0.value == operand(node, 0) }) {
        states[known].neighbours.append(node)
        continue
      }
      let boundary = operand(node, 1)
      states.append(
        StateDescription(
          name: name, value: operand(node, 0), previous: node,
          initial: operation(boundary).isIdentical(to: .constant(0)) ? nil : boundary, axis: shift.axis,
          direction: shift.isAdvance ? .backward : .forward))
    }
    return states
  }

  /// The modes with these nodes; nil unless they are constants, true and false, and come before selections by the
  /// first.
  fileprivate func modes(_ training: Int, _ evaluation: Int, _ selections: [Int]) -> Modes? {
    guard ([training, evaluation] + selections).allSatisfy({ (0..<count).contains($0) }) else { return nil }
    let (first, second) = (NodeID(training), NodeID(evaluation))
    guard operation(first) == .constant(1), operation(second) == .constant(0), type(first) == type(second),
      type(first) == NodeType(.bool)
    else { return nil }
    let chosen = selections.map { NodeID($0) }
    guard chosen.allSatisfy({ operation($0) == .select && operand($0, 0) == first && second < $0 }) else { return nil }
    return Modes(training: first, evaluation: second, selections: chosen)
  }
}
