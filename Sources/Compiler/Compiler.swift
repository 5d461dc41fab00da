public import EbbExecution
public import EbbGraph
public import EbbPlanning
public import EbbTransforms

// The compiler on one page: graph → passes → plan → executable → session.
//
// `Passes.optimized` rewrites the graph, `Plan` chooses kernels, stages, loops and memory, `Executable` creates a
// session for the lengths of its bindings, and the session runs. Every program of the package is made here.

extension Plan {
  /// Optimises a graph and plans it.
  ///
  /// - Parameters:
  ///   - graph: The graph, with its outputs.
  ///   - pass: The last pass to run; nil runs the whole registry.
  /// - Throws: `PassError` if the graph is not well formed, a pass breaks it, or there is no such pass.
  public init(compiling graph: Graph, through pass: String? = nil) throws(PassError) {
    self.init(try Passes.optimized(graph, through: pass))
  }
}

extension Executable {
  /// Optimises a graph, plans it, and makes it ready to run.
  ///
  /// ```swift
  /// let gradient = try Executable(compiling: graph)
  /// let outputs = try gradient.run(Bindings(["x": x, "W": weights]))
  /// ```
  ///
  /// - Parameters:
  ///   - graph: The graph, with its outputs.
  ///   - pass: The last pass to run; nil runs the whole registry.
  ///   - options: Threads, instruction set and memory limits.
  /// - Throws: `PassError` if the graph is not well formed, a pass breaks it, or there is no such pass.
  public convenience init(
    compiling graph: Graph, through pass: String? = nil, options: ExecutionOptions = ExecutionOptions()
  ) throws(PassError) {
    self.init(try Plan(compiling: graph, through: pass), options: options)
  }
}
