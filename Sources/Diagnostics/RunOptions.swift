public import EbbExecution

/// How the programs of a diagnostic are executed. It changes measurements only by rounding.
public struct RunOptions: Sendable, Hashable {
  /// Threads and memory.
  public var execution: ExecutionOptions
  /// Whether the graph is unrolled, with a copy of each equation for every step.
  public var isUnrolled: Bool
  /// Whether the passes run. Otherwise the equations are executed as derived.
  package var isOptimized = true

  /// Options with the passes on.
  public init(_ execution: ExecutionOptions = ExecutionOptions(), isUnrolled: Bool = false) {
    self.execution = execution
    self.isUnrolled = isUnrolled
  }
}
