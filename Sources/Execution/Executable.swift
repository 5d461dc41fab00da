public import EbbGraph
public import EbbPlanning
public import EbbTensors

/// A planned graph with the sessions of the lengths that it has met: give bindings, get outputs.
public final class Executable {
  public let plan: Plan
  public let options: ExecutionOptions
  private var sessions: [[Int]: Session] = [:]

  /// Plans a verified graph.
  public convenience init(_ graph: Graph, options: ExecutionOptions = ExecutionOptions()) {
    self.init(Plan(graph), options: options)
  }

  package init(_ plan: Plan, options: ExecutionOptions = ExecutionOptions()) {
    self.plan = plan
    self.options = options
  }

  /// The session for these lengths of the axes; throws if the memory budget is too small for them.
  public func session(lengths: [Int]) throws(BindingError) -> Session {
    if let known = sessions[lengths] { return known }
    let session = try Session(plan, lengths: lengths, options: options)
    sessions[lengths] = session
    return session
  }

  /// Runs the graph and returns its outputs by name.
  public func run(_ bindings: Bindings) throws(BindingError) -> [String: Tensor] {
    let session = try session(lengths: plan.graph.lengths(for: bindings))
    try session.set(bindings)
    session.run(seed: bindings.seed, run: bindings.run)
    return session.outputs()
  }
}
