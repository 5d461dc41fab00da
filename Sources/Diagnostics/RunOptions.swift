public import EbbExecution

/// How the programs of a diagnostic are executed. It changes measurements only by rounding.
public struct RunOptions: Sendable, Hashable {
  /// Threads and memory.
  public var execution: ExecutionOptions
  /// Whether the graph is unrolled, with separate equations for each step.
  public var isUnrolled: Bool
  /// Whether the passes run. Otherwise the equations are executed as derived.
  package var isOptimized = true

  /// Options with the passes on.
  public init(_ execution: ExecutionOptions = ExecutionOptions(), isUnrolled: Bool = false) {
    self.execution = execution
    self.isUnrolled = isUnrolled
  }
}

extension FlowExperiment {
  /// How the experiment's graphs are executed.
  public var run: RunOptions { RunOptions(execution, isUnrolled: isUnrolled) }
}
