public import EbbExecution

/// How the programs of a diagnostic are executed. It changes nothing that is measured, except by rounding.
public struct RunOptions: Sendable, Hashable {
  /// Threads and memory.
  public var execution: ExecutionOptions
  /// Whether each step of time has equations of its own.
  public var isUnrolled: Bool
  /// Whether the passes run. Without them the equations are executed as they were derived.
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
