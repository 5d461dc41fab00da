internal import EbbExecution
package import EbbGraph
internal import EbbRecording
public import EbbTensors

/// What the network gives without training, and the graphs that measure it.
extension Trainer {
  /// The number of samples that an evaluation runs at once: as many as a training step, so that it fits into memory if
  /// training does, but at least 4. Without the values kept for a backward pass, 4 take about as much memory as one in
  /// training.
  package static func evaluatedAtOnce(besides batchSize: Int) -> Int { max(batchSize, 4) }

  /// The recording's outputs for a batch, with the current parameters, without training and without dropout.
  ///
  /// - Parameters:
  ///   - batch: The recording's inputs by name.
  ///   - choice: The parameters to use.
  public func evaluate(
    _ batch: [String: Tensor], with choice: ParameterChoice = .current
  ) throws(TrainingError) -> [String: Tensor] {
    returned(try evaluate(arranged(batch), parameters: try parameters(choice)))
  }

  /// The recording's outputs for a batch with these parameters instead of the trainer's, in the network's order of
  /// dimensions.
  package func evaluate(
    _ batch: [String: Tensor], parameters: [String: Tensor]
  ) throws(TrainingError) -> [String: Tensor] {
    let executable: Executable
    if let forward {
      executable = forward
    } else {
      executable = try Self.compile(recording.evaluationGraph, options)
      forward = executable
    }
    return try run(executable, "evaluation", batch, parameters: parameters, run: host.run).outputs()
  }

  /// The loss for a batch with the current parameters, without dropout.
  public func loss(
    on batch: [String: Tensor], with choice: ParameterChoice = .current
  ) throws(TrainingError) -> Double {
    try evaluate(batch, with: choice)[loss]?.doubles.reduce(0, +) ?? .nan
  }

  /// The current parameters, or their mean over the updates.
  public func parameters(_ choice: ParameterChoice) throws(TrainingError) -> [String: Tensor] {
    switch choice {
    case .current: return state.parameters
    case .averaged:
      guard averaging != nil else { throw .setting("the trainer averages no parameters; give it averaging:") }
      // Before the first update that counts, the mean is the current parameters.
      guard let average = state.average, average.count > 0 else { return state.parameters }
      return average.values
    }
  }

  /// Runs another graph of the recording on a batch, by default with the current parameters, and returns its outputs by
  /// name.
  ///
  /// The graph is compiled at its first run. Running it never changes the training.
  ///
  /// - Parameter name: The graph's purpose, for the error if it does not fit into memory.
  package func run(
    _ graph: Graph, named name: String, on batch: [String: Tensor], parameters: [String: Tensor]? = nil
  ) throws(TrainingError) -> [String: Tensor] {
    let executable: Executable
    // By the equations, not by the name: two measurements may have one name.
    if let known = measurements.first(where: { $0.graph == graph }) {
      executable = known.executable
    } else {
      executable = try Self.compile(graph, options)
      measurements.append((graph, executable))
    }
    return try run(executable, name, batch, parameters: parameters, run: host.run).outputs()
  }
}

/// The parameters of an evaluation.
public enum ParameterChoice: Hashable, Sendable, CaseIterable {
  /// As the last update left them.
  case current
  /// Their mean over the updates, if the trainer keeps it.
  case averaged
}
