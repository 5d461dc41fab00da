public import EbbExecution
internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// How the graph of a diagnostic is executed. Nothing of it changes what is measured, except by rounding.
public struct LabExecution: Sendable, Hashable {
  /// How the program runs.
  public var options: ExecutionOptions
  /// Executes the graph with a copy of each equation for every step.
  public var isUnrolled: Bool
  /// Whether the passes run; without them the equations are executed as they were derived.
  package var isOptimized = true

  /// An execution; by default of the graph with its recurrences.
  public init(_ options: ExecutionOptions = ExecutionOptions(), isUnrolled: Bool = false) {
    self.options = options
    self.isUnrolled = isUnrolled
  }
}

extension FlowExperiment {
  /// How the experiment says that graphs are executed.
  public var labExecution: LabExecution { LabExecution(execution, isUnrolled: isUnrolled) }
}

extension LabExecution {
  /// The graph as a program, without unrolling it.
  ///
  /// The marks that only a derivative sees are no operations to execute: the first pass, which erases them, always runs.
  func executable(_ graph: Graph) throws(PassError) -> Executable {
    let last = isOptimized ? nil : Passes.registry.first?.name
    return Executable(try Passes.optimized(graph, through: last), options: options)
  }
}

/// A graph of the laboratory, ready to run again and again.
struct LabProgram {
  private let graph: Graph
  private let axis: Axis?
  private let executable: Executable
  private let unrolledSteps: Int?

  /// - Parameter axis: The time axis along which the graph is unrolled, if it is; nil of a graph that has none.
  init(_ graph: Graph, over axis: Axis?, _ bindings: Bindings, _ execution: LabExecution) throws {
    self.graph = graph
    self.axis = axis
    guard let axis, execution.isUnrolled else {
      (executable, unrolledSteps) = (try execution.executable(graph), nil)
      return
    }
    let steps = try graph.lengths(for: bindings)[axis.index]
    executable = try execution.executable(try graph.unrolled(axis, steps: steps))
    unrolledSteps = steps
  }

  func run(_ bindings: Bindings) throws -> [String: Tensor] {
    guard let axis, let unrolledSteps else { return try executable.run(bindings) }
    let outputs = try executable.run(try graph.unrolledBindings(bindings, over: axis, steps: unrolledSteps))
    return graph.rolledOutputs(outputs, over: axis, steps: unrolledSteps)
  }
}

extension Recording {
  /// The one axis along which all states run.
  ///
  /// - Throws: `DiagnosticError.setting` if there is no state, if they run along several axes, or if the axis is ragged.
  func labAxis() throws(DiagnosticError) -> Axis {
    guard let first = states.first else {
      throw .setting("the recording has no state: no gradient flows through time")
    }
    for state in states where state.axis != first.axis {
      throw .setting(
        "the states \(first.name)\(remark(first.previous)) and \(state.name)\(remark(state.previous)) do not run along "
          + "one axis")
    }
    guard graph.description(of: first.axis).lengths == nil else {
      throw .setting(
        "the axis \(graph.description(of: first.axis).name) is ragged\(remark(first.axis)); this needs sequences of one "
          + "length")
    }
    return first.axis
  }

  /// The output of this name, which has to be a float scalar.
  func labLoss(_ name: String, over axis: Axis? = nil) throws(DiagnosticError) -> NodeID {
    guard let node = graph.output(named: name) else {
      let names = graph.outputs.map(\.name).joined(separator: ", ")
      throw .setting("there is no output named \(name); the outputs are \(names)")
    }
    if let axis, !graph.type(node).domain.contains(axis) {
      throw .setting(
        "the loss \(name)\(remark(node)) is not over \(graph.description(of: axis).name): it has no value for each step"
      )
    }
    return node
  }
}

extension Tensor {
  /// The numbers as rows over a dimension: for each of its indices all others, in their order.
  func rows(over dimension: Int) -> [[Double]] {
    let inner = dimensions[(dimension + 1)...].reduce(1, *)
    let count = dimensions[dimension]
    var rows = [[Double]](repeating: [], count: count)
    let numbers = doubles
    for start in stride(from: 0, to: numbers.count, by: inner) {
      rows[start / inner % count] += numbers[start..<start + inner]
    }
    return rows
  }
}

extension Graph {
  /// The dimension of a node's tensor that is this axis.
  func dimension(of axis: Axis, in node: NodeID) -> Int {
    guard let position = Array(type(node).domain).firstIndex(of: axis) else {
      preconditionFailure("the value has no axis \(description(of: axis).name)")
    }
    return position
  }
}
