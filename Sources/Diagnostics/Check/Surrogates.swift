internal import EbbGraph
internal import EbbTensors
internal import EbbTransforms

/// What a cell declares to have another gradient than its derivative, and the graphs in which the two are the same.
///
/// - `stopGradient(x)`, and the straight-through estimators that are made with it: x is a constant to the gradient. In the
///   differences it is one too: it keeps the value that it has where the gradient is taken.
/// - `clipGradient`, clipped states and truncated delays: their adjoints are of no function. They are left out of both.
struct Surrogates {
  /// In words, each with how often it stands in the equations.
  let declared: [String]
  /// What is differentiated.
  let differentiated: Graph
  /// What the differences are taken of.
  let shifted: Graph
  /// The values that are held, by their names in `shifted`; an output of the same name in `measured` has each.
  let held: [String]
  /// The graph as it is recorded, with the held values as outputs.
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
    for node in graph.nodes {
      if graph.operation(node) == .stopGradient, graph.type(node).element.isFloat {
        note("stopGradient (held at its value)")
        let name = graph.name(node) ?? "stopped.\(held.count)"
        measured.setOutput(name, node)
        held[node] = name
      }
      if case .clipGradient(let clip) = graph.operation(node) {
        isLeftOut = true
        switch clip {
        case .norm(let limit): note("clipGradient to a norm of \(limit) (left out)")
        case .value(let limit): note("clipGradient to values of \(limit) (left out)")
        }
      }
      if case .delay(_, _, let truncation) = graph.operation(node), truncation > 0 {
        isLeftOut = true
        note("truncation after \(truncation) steps (left out)")
      }
    }
    declared = counts.map { $0.count > 1 ? "\($0.words), \($0.count) times" : $0.words }
    var shifted = graph.replacingWithInputs(held)
    // Without anything that is left out, what is differentiated is what trains.
    if isLeftOut { shifted = EraseGradientMarks().run(shifted) }
    differentiated = isLeftOut ? shifted : graph
    self.shifted = shifted
    self.measured = measured
    self.held = held.values.sorted()
  }
}
