internal import EbbCompiler
internal import EbbExecution
internal import EbbGraph
internal import EbbTensors
internal import EbbTransforms

/// The graph of a diagnostic, ready for repeated runs.
struct CompiledDiagnostic {
  private let graph: Graph
  private let executable: Executable
  /// The unrolled axis and its number of steps.
  private var unrolled: (axis: Axis, steps: Int)?

  /// - Parameters:
  ///   - axis: The time axis to unroll if the options request it; nil for a graph without one.
  ///   - bindings: The bindings of the first run, which fix the steps of an unrolled axis.
  init(_ graph: Graph, over axis: Axis?, _ bindings: Bindings, _ options: RunOptions) throws {
    self.graph = graph
    if options.isUnrolled, let axis {
      let steps = try graph.lengths(for: bindings)[axis.index]
      unrolled = (axis, steps)
      executable = try Self.compile(try graph.unrolled(axis, steps: steps), options)
    } else {
      executable = try Self.compile(graph, options)
    }
  }

  func run(_ bindings: Bindings) throws -> DiagnosticRun {
    guard let (axis, steps) = unrolled else {
      return DiagnosticRun(inputs: bindings.values, outputs: try executable.run(bindings))
    }
    let outputs = try executable.run(try graph.unrolledBindings(bindings, over: axis, steps: steps))
    return DiagnosticRun(inputs: bindings.values, outputs: graph.rolledOutputs(outputs, over: axis, steps: steps))
  }

  /// Marks for derivatives cannot be executed: the first pass, which erases them, always runs.
  static func compile(_ graph: Graph, _ options: RunOptions) throws(PassError) -> Executable {
    let last = options.isOptimized ? nil : Passes.registry.first?.name
    return try Executable(compiling: graph, through: last, options: options.execution)
  }
}
