public import EbbGraph
public import EbbTensors

/// The reference semantics: what a graph means, computed in Float64, one index at a time, without a trick.
///
/// Every faster way of running a graph is tested against this one.
public enum Interpreter {
  /// The outputs of a verified graph by name.
  ///
  /// An output's tensor has the lengths of its node's axes, in the order in which the graph declares them, then its
  /// feature shape. Floats come as Float64 whatever their element type; Int32 and Bool as they are. What lies outside
  /// a ragged index set is 0.
  ///
  /// Throws if the bindings do not fit the graph.
  public static func run(_ graph: Graph, _ bindings: Bindings) throws(BindingError) -> [String: Tensor] {
    var evaluator = try Evaluator(graph, bindings)
    evaluator.evaluateAll()
    return Dictionary(
      graph.outputs.map { ($0.name, evaluator.tensor(of: $0.node)) }, uniquingKeysWith: { _, last in last })
  }
}
