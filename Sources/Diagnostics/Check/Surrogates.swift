internal import EbbGraph
internal import EbbTensors
internal import EbbTransforms

/// The places where a cell declares a gradient that is not the derivative, and graphs in which the two agree.
///
/// - `stopGradient(x)`, and straight-through estimators made with it: x is a constant for the gradient. It is one for
///   the differences too: it is held at its value at the point of the gradient.
/// - `withGradient`, whose declared gradient is a factor of the adjoint: the value is replaced by y₀ + Σ x̄(x − x₀), a function
///   whose derivative is the declared one. With another declared gradient the declaration is left out of both, as a clip.
/// - `clipGradient`, clipped states and truncated delays: their adjoints are not derivatives of any function. They are
///   removed from both.
struct Surrogates {
  /// Descriptions, each with its number of occurrences in the equations.
  let declared: [String]
  /// The graph that is differentiated.
  let differentiated: Graph
  /// The graph for the differences.
  let shifted: Graph
  /// The values that are held, by their names in `shifted`; `measured` has an output of the same name for each.
  let held: [String]
  /// The graph as recorded, with the held values as outputs.
  let measured: Graph

  init(_ graph: Graph) {
    var counts: [(words: String, count: Int)] = []
    func note(_ words: String) {
      if let index = counts.firstIndex(where: { $0.words == words }) {
        counts[index].count += 1
      } else {
        counts.append((words, 1))
      }
    }
    var isLeftOut = false
    var measured = graph
    var held: [NodeID: String] = [:]
    var replaced: [NodeID: String] = [:]
    var points: [String] = []
    // Of (y, ȳ, x₁, x̄₁, …) the adjoints, and what is computed for them alone, have no value outside of a derivative.
    let values = graph.ancestors(of: graph.outputs.map(\.node)) { node, position in
      graph.operation(node) != .declaredGradient || position.isMultiple(of: 2)
    }
    for node in graph.nodes where values.contains(node) {
      if graph.operation(node) == .stopGradient, graph.type(node).element.isFloat {
        note("stopGradient (held at its value)")
        let name = graph.name(node) ?? "stopped.\(held.count)"
        measured.setOutput(name, node)
        held[node] = name
      }
      if graph.operation(node) == .declaredGradient {
        let inputs = graph.declaredInputs(of: node)
        guard inputs.allSatisfy({ graph.isDeclaredFactor(node, $0) }) else {
          isLeftOut = true
          note("withGradient (left out: its gradient is no factor of the adjoint)")
          continue
        }
        note("withGradient (its declared derivative)")
        let name = "declared.\(replaced.count)"
        measured.setOutput(name, node)
        for position in inputs {
          measured.setOutput("\(name).\(position / 2)", graph.operand(node, position))
          points.append("\(name).\(position / 2)")
        }
        replaced[node] = name
      }
      if case .clipGradient(let clip) = graph.operation(node) {
        isLeftOut = true
        switch clip {
        case .norm(let limit, _): note("clipGradient to a norm of \(limit) (left out)")
        case .value(let limit): note("clipGradient to values of \(limit) (left out)")
        }
      }
      if case .delay(_, _, let truncation) = graph.operation(node), truncation > 0 {
        isLeftOut = true
        note("truncation after \(truncation) steps (left out)")
      }
    }
    declared = counts.map { $0.count > 1 ? "\($0.words), \($0.count) times" : $0.words }
    // The first replacement leaves the nodes' numbers as they are.
    var shifted = graph.replacingWithInputs(held).replacingDeclaredGradients(replaced)
    // If nothing is removed, the differentiated graph is the one that is trained.
    if isLeftOut { shifted = EraseGradientMarks().run(shifted) }
    differentiated = isLeftOut ? shifted : graph
    self.shifted = shifted
    self.measured = measured
    self.held = (Array(held.values) + Array(replaced.values) + points).sorted()
  }
}
