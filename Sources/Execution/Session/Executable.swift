public import EbbGraph
public import EbbPlanning
public import EbbTensors

/// A planned graph with the sessions of the lengths that it last met: give bindings, get outputs.
public final class Executable {
  /// The plan that is run.
  public let plan: Plan
  /// How it is run.
  public let options: ExecutionOptions
  private var sessions = SessionCache()

  /// Plans a verified graph.
  package convenience init(_ graph: Graph, options: ExecutionOptions = ExecutionOptions()) {
    self.init(Plan(graph), options: options)
  }

  package init(_ plan: Plan, options: ExecutionOptions = ExecutionOptions()) {
    self.plan = plan
    self.options = options
  }

  /// The session for these lengths of the axes: one that is kept, or a new one, for which those that were not used for the
  /// longest are let go as `ExecutionOptions.cacheBytes` demands. What was set in one of those is forgotten. Throws if the memory budget is too small for them.
  public func session(lengths: [Int]) throws(BindingError) -> Session {
    if let known = sessions[lengths] { return known }
    let session = try Session(plan, lengths: lengths, options: options)
    sessions.insert(session, limit: options.cacheBytes)
    return session
  }

  /// How many sessions are kept, and their bytes.
  package var keptSessions: Int { sessions.count }
  package var keptBytes: Int { sessions.bytes }

  /// Runs the graph and returns its outputs by name.
  public func run(_ bindings: Bindings) throws(BindingError) -> [String: Tensor] {
    let session = try session(lengths: plan.graph.lengths(for: bindings))
    try session.set(bindings)
    session.run(seed: bindings.seed, run: bindings.run)
    return session.outputs()
  }
}
