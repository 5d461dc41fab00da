public import EbbGraph
public import EbbRecording
public import EbbTensors
public import EbbTraining

/// A measurement of a network: its graph with additional equations, and how a result is read from a run.
///
/// Every measurement that takes a single run is a value of this type. It runs by itself, or during training on the
/// current parameters:
///
/// ```swift
/// let norms = try Diagnostic.gradientFlow(of: recording)
/// let atFirst = try norms.run(bindings)
/// let now = try trainer.measure(norms, on: batch)
/// ```
///
/// A custom measurement is a closure that adds outputs and returns how to read them:
///
/// ```swift
/// let largest = try Diagnostic("largest h", of: recording) { graph, loss throws(GraphError) in
///   let h = recording.states[0].value
///   graph.setOutput("largest", graph.append(.reduceAxes(.max, over: graph.type(h).domain), [h]))
///   return { $0["largest"].doubles.max() }
/// }
/// ```
public struct Diagnostic<Result>: Sendable {
  /// Reads a result from a run.
  public typealias Reader = @Sendable (DiagnosticRun) -> Result

  /// Describes the measurement in error messages.
  public let name: String
  /// The recording's equations and the measurement's, with only the measurement's outputs.
  public let graph: Graph
  private let recording: Recording
  fileprivate let read: Reader

  /// - Parameters:
  ///   - name: Describes the measurement in error messages.
  ///   - recording: The network to measure; it is not changed.
  ///   - loss: The name of an output of the recording: a float scalar at each index.
  ///   - attach: Appends equations and outputs to a copy of the recording's graph that has no outputs, and returns how
  ///     to read a run. Its second argument is the node of the loss.
  /// - Throws: `DiagnosticError.setting` if there is no such output, `DiagnosticError.graph` for an error that `attach`
  ///   throws.
  public init(
    _ name: String, of recording: Recording, loss: String = "loss",
    attach: (inout Graph, NodeID) throws(GraphError) -> Reader
  ) throws(DiagnosticError) {
    let node = try recording.output(named: loss)
    var graph = recording.graph
    graph.removeOutputs()
    read = try diagnosing(recording) { try attach(&graph, node) }
    (self.name, self.graph, self.recording) = (name, graph, recording)
  }

  /// A measurement on a graph that starts with the recording's equations and has the measurement's outputs.
  init(_ name: String, of recording: Recording, _ graph: Graph, read: @escaping Reader) {
    (self.name, self.graph, self.recording, self.read) = (name, graph, recording, read)
  }

  /// Runs the measurement on these inputs and parameters.
  ///
  /// - Throws: `DiagnosticError` if the bindings do not fit the network, or hold an invalid value.
  public func run(_ bindings: Bindings, run options: RunOptions = RunOptions()) throws(DiagnosticError) -> Result {
    try recording.checkInputs(bindings)
    return try diagnosing(recording) {
      let program = try CompiledDiagnostic(graph, over: recording.states.first?.axis, bindings, options)
      return read(try program.run(bindings))
    }
  }
}

/// The inputs and outputs of a run, from which a diagnostic reads its result.
public struct DiagnosticRun: Sendable {
  /// Inputs and parameters by name, including the lengths of ragged axes.
  public let inputs: [String: Tensor]
  let outputs: [String: Tensor]

  /// An output that the diagnostic has added.
  public subscript(output: String) -> Tensor {
    guard let tensor = outputs[output] else { preconditionFailure("the diagnostic added no output \(output)") }
    return tensor
  }
}

extension Trainer {
  /// The result of a diagnostic of the trained network on a batch, by default with the current parameters.
  ///
  /// The diagnostic is a separate program, compiled at its first use: measurements never change the training. The
  /// network is measured as in training, with dropout.
  ///
  /// - Parameters:
  ///   - diagnostic: A diagnostic of the trainer's recording.
  ///   - batch: The recording's inputs by name.
  ///   - parameters: Other parameters than the trainer's.
  public func measure<Result>(
    _ diagnostic: Diagnostic<Result>, on batch: [String: Tensor], parameters: [String: Tensor]? = nil
  ) throws(TrainingError) -> Result {
    let outputs = try run(diagnostic.graph, named: diagnostic.name, on: batch, parameters: parameters)
    return diagnostic.read(DiagnosticRun(inputs: batch, outputs: outputs))
  }
}
