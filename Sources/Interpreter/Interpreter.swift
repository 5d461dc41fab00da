public import EbbGraph
public import EbbTensors

/// The reference semantics: the meaning of a graph, computed in Float64, one index at a time, without optimizations.
///
/// Every faster way to run a graph is tested against it.
public enum Interpreter {
  /// The outputs of a verified graph by name.
  ///
  /// An output's dimensions are the lengths of its node's axes, in the order of their declaration, then its feature
  /// shape. All floats are returned as Float64, Int32 and Bool as they are. Numbers outside a ragged index set are 0.
  ///
  /// Throws if the bindings do not fit the graph.
  public static func run(_ graph: Graph, _ bindings: Bindings) throws(BindingError) -> [String: Tensor] {
    var evaluator = try Evaluator(graph, bindings)
    evaluator.evaluateAll()
    return Dictionary(
      graph.outputs.map { ($0.name, evaluator.tensor(of: $0.node)) }, uniquingKeysWith: { _, last in last })
  }
}
