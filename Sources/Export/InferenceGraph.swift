internal import EbbGraph
internal import EbbCompiler
internal import EbbExecution
internal import EbbTensors
internal import EbbTransforms

/// A recording as it is used after training, in the form that every format starts from: dropout and zoneout are off,
/// only what the outputs need is there, and marks that only derivatives see are erased.
struct InferenceGraph {
  /// The equations.
  var graph: Graph
  /// The names of the outputs, in order.
  let outputs: [String]

  /// The part for these outputs; by default for those that are no losses.
  ///
  /// - Parameters:
  ///   - graph: The equations of an evaluation.
  ///   - chosen: The names of outputs, or of values.
  ///   - place: Where the user's source recorded a node.
  init(_ graph: Graph, outputs chosen: [String]?, place: (NodeID) -> String?) throws(ExportError) {
    var graph = graph
    if let chosen { outputs = chosen } else { outputs = try Self.results(of: graph) }
    for name in outputs where graph.output(named: name) == nil {
      guard let node = graph.node(named: name) else {
        let names = graph.outputs.map(\.name).joined(separator: ", ")
        throw ExportError("there is no output and no value named \(name); the outputs are \(names)")
      }
      graph.setOutput(name, node)
    }
    // For the names of operations with their places, before anything is rewritten: nodes keep their numbers until here.
    let needed = graph.ancestors(of: outputs.compactMap { graph.output(named: $0) }) { node, position in
      !Self.isUntaken(position, of: node, in: graph)
    }
    let problems = needed.compactMap { node -> ExportProblem? in
      guard case .random = graph.operation(node) else { return nil }
      return ExportProblem(
        operation: "random", place: place(node),
        "other programs draw other numbers; make the value an input, or let it differ in evaluation with "
          + "scope.whileTraining(…, otherwise: …)")
    }
    guard problems.isEmpty else { throw ExportError(problems) }
    do {
      // Through the first elimination of dead nodes: the equations are those of the recording, without what is not used.
      self.graph = try Passes.optimized(graph.part(for: outputs), through: EliminateDeadNodes().name)
        .part(for: outputs)
    } catch {
      throw ExportError("\(error)")
    }
  }

  /// The outputs that are no losses: those with axes or features, or whose numbers are no floats.
  private static func results(of graph: Graph) throws(ExportError) -> [String] {
    let results = graph.outputs.filter { output in
      let type = graph.type(output.node)
      return !type.domain.isEmpty || type.shape.rank > 0 || !type.element.isFloat
    }
    guard results.isEmpty else { return results.map(\.name) }
    let names = graph.outputs.map(\.name).joined(separator: ", ")
    throw ExportError(
      graph.outputs.isEmpty
        ? "the recording has no outputs; declare one with scope.output(\"y\", y)"
        : "every output is a single number, as losses are: \(names); choose outputs by their names, or values named with "
          + "named(…), or declare one with scope.output(\"y\", y)")
  }

  /// Whether an operand is the side of a selection that a constant never takes.
  private static func isUntaken(_ position: Int, of node: NodeID, in graph: Graph) -> Bool {
    guard position > 0, graph.operation(node) == .select,
      case .constant(let condition) = graph.operation(graph.operand(node, 0))
    else { return false }
    return position == (condition != 0 ? 2 : 1)
  }
}

/// The values of a graph that depend on its parameters alone, and so are fixed once it is trained.
struct FixedValues {
  private let graph: Graph
  private let parameters: [String: Tensor]
  private var isFixed: NodeSet

  /// - Parameter parameters: By name, for every parameter of the graph.
  init(_ graph: Graph, _ parameters: [String: Tensor]) throws(ExportError) {
    self.graph = graph
    self.parameters = parameters
    isFixed = NodeSet(count: graph.count)
    var problems: [ExportProblem] = []
    for node in graph.nodes {
      let operation = graph.operation(node)
      if operation == .parameter {
        if let problem = Self.problem(graph, node, parameters) { problems.append(problem) }
      }
      if Self.isFixed(operation), graph.type(node).domain.isEmpty, graph.operands(node).allSatisfy(isFixed.contains) {
        isFixed.insert(node)
      }
    }
    if !problems.isEmpty { throw ExportError(problems) }
  }

  private static func problem(_ graph: Graph, _ node: NodeID, _ parameters: [String: Tensor]) -> ExportProblem? {
    let (name, type) = (graph.name(node) ?? "", graph.type(node))
    let wanted = "\(type.element.name) \(type.shape)"
    guard let tensor = parameters[name] else {
      return ExportProblem(operation: "parameter", "\(name) has no value; it takes \(wanted)")
    }
    guard tensor.element == type.element, tensor.dimensions == type.shape.array else {
      return ExportProblem(
        operation: "parameter",
        "\(name) is given as \(tensor.element.name) \(tensor.dimensions); it takes \(wanted)")
    }
    return nil
  }

  /// Whether the value is fixed if the operands are.
  private static func isFixed(_ operation: Operation) -> Bool {
    switch operation {
    case .input, .random, .axisIndex, .axisLength, .delay, .advance, .featureToAxis, .place, .spread: false
    case .parameter, .constant, .iota, .unary, .binary, .compare, .select, .convert, .product, .scatterAdd, .transpose,
      .reshape, .broadcast,
      .concatenate, .slice, .pad, .gather, .reduceFeatures, .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick,
      .axisToFeature, .stopGradient, .clipGradient:
      true
    }
  }

  /// Whether the value depends on parameters and constants alone.
  func contains(_ node: NodeID) -> Bool { isFixed.contains(node) }

  /// The values of these nodes, each of which is fixed: the same bits as in a run.
  func values(of nodes: [NodeID]) throws(ExportError) -> [NodeID: Tensor] {
    var result: [NodeID: Tensor] = [:]
    var copy = GraphCopy(of: graph)
    var names: Set<String> = []
    let pending = nodes.filter { node in
      guard graph.operation(node) == .parameter, let name = graph.name(node), let value = parameters[name] else {
        return true
      }
      result[node] = value
      return false
    }
    guard !pending.isEmpty else { return result }
    for node in graph.ancestors(of: pending) {
      copy.append(node)
      if graph.operation(node) == .parameter, let name = graph.name(node) { names.insert(name) }
    }
    var computed = copy.graph
    for node in pending { computed.setOutput("\(node.index)", copy[node]) }
    do {
      let values = try Executable(compiling: computed).run(Bindings(parameters.filter { names.contains($0.key) }))
      for node in pending { result[node] = values["\(node.index)"] }
    } catch {
      throw ExportError("\(error)")
    }
    return result
  }
}
