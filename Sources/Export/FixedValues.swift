internal import EbbCompiler
internal import EbbExecution
internal import EbbGraph
internal import EbbTensors
internal import EbbTransforms

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
    case .input, .random, .axisIndex, .axisLength, .delay, .advance, .history, .historySum, .featureToAxis, .place,
      .spread:
      false
    case .parameter, .constant, .literal, .iota, .unary, .binary, .compare, .select, .convert, .product, .scatterAdd,
      .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .reduceFeatures, .argmaxFeatures,
      .argsortFeatures, .gatherFeatures, .scatterFeatures, .accumulate, .matrix, .reduceAxes, .argmaxAxis, .pick,
      .axisToFeature, .stopGradient, .clipGradient, .declaredGradient, .incomingAdjoint:
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
