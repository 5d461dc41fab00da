internal import EbbGraph
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

  /// What training makes smaller, by the names that the package gives it.
  private static let losses: Set<String> = ["loss", "losses"]

  /// The outputs that are no losses: those with axes or features, or whose numbers are no floats.
  private static func results(of graph: Graph) throws(ExportError) -> [String] {
    let results = graph.outputs.filter { output in
      let type = graph.type(output.node)
      let isNumber = type.domain.isEmpty && type.shape.rank == 0 && type.element.isFloat
      return !isNumber && !losses.contains(output.name)
    }
    guard results.isEmpty else { return results.map(\.name) }
    let names = graph.outputs.map(\.name).joined(separator: ", ")
    throw ExportError(
      graph.outputs.isEmpty
        ? "the recording has no outputs; declare one with scope.output(\"y\", y)"
        : "every output is a loss or a single number: \(names); choose outputs by their names, or values named with "
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
