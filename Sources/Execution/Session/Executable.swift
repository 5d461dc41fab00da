public import EbbGraph
public import EbbPlanning
public import EbbTensors

/// A planned graph with the sessions of its most recent lengths: give bindings, get outputs.
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

  /// The session for these lengths of the axes: a cached one, or a new one, for which the least recently used sessions
  /// are released as `ExecutionOptions.cacheBytes` requires, with the values set in them. Throws if the memory budget
  /// is too small.
  public func session(lengths: [Int]) throws(BindingError) -> Session {
    let lengths = plan.completed(lengths)
    if let known = sessions[lengths] { return known }
    let session = try Session(plan, lengths: lengths, options: options)
    sessions.insert(session, limit: options.cacheBytes)
    return session
  }

  /// The number of cached sessions, and their bytes.
  package var keptSessions: Int { sessions.count }
  package var keptBytes: Int { sessions.bytes }

  /// Runs the graph and returns its outputs by name.
  public func run(_ bindings: Bindings) throws(BindingError) -> [String: Tensor] {
    let session = try session(lengths: plan.graph.lengths(for: bindings))
    try session.set(bindings)
    session.run(seed: bindings.seed, run: bindings.run)
    let outputs = session.outputs()
    if let failure = session.failure { throw failure }
    return outputs
  }
}
