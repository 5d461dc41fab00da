public import EbbGraph
public import EbbRecording
internal import EbbTensors

/// What a measurement is made of: a network with a loss, values for its inputs and parameters, and how it runs.
///
/// ```swift
/// let trial = try FlowExperiment(length: 200).trial(of: LSTM(units: 64))
/// let own = Trial(recording, loss: "loss", bindings)
/// ```
public struct Trial: Sendable {
  /// The network.
  public var recording: Recording
  /// The name of the output that is differentiated; not used by measurements without a loss.
  public var loss: String
  /// The inputs and parameters, and the seed of the network's own random numbers.
  public var bindings: Bindings
  /// How the programs are executed.
  public var run: RunOptions

  /// A network with its values, by default with the output `loss`.
  public init(_ recording: Recording, loss: String = "loss", _ bindings: Bindings, run: RunOptions = RunOptions()) {
    self.recording = recording
    self.loss = loss
    self.bindings = bindings
    self.run = run
  }
}

extension Trial {
  /// The trial with one of its samples alone, cut to its own length where the sequences have several.
  ///
  /// - Parameter index: The sample, from 0, along the axis of samples that the states have.
  /// - Throws: `DiagnosticError.setting` if there is no such sample, or no axis of samples.
  public func sample(_ index: Int) throws(DiagnosticError) -> Trial {
    let graph = recording.graph
    let time = try recording.timeAxis()
    let lengthsNode = graph.description(of: time).lengths
    let domain = recording.states.reduce(Domain.empty) { $0.union(graph.type($1.value).domain) }.removing(time)
      .subtracting(graph.coordinateAxes)
    guard
      let batch = lengthsNode.flatMap({ graph.type($0).domain.first { _ in true } })
        ?? domain.first(where: { _ in true })
    else { throw .setting("the states have no axis of samples") }
    let sizes = try diagnosing(recording) { try graph.lengths(for: bindings) }
    guard (0..<sizes[batch.index]).contains(index) else {
      throw .setting(
        "there is no sample \(index) along \(graph.description(of: batch).name): there are \(sizes[batch.index])")
    }
    let length = lengthsNode.flatMap { graph.name($0) }.flatMap { bindings.values[$0] }.map { Int($0.doubles[index]) }
    var own = self
    for node in graph.nodes where graph.operation(node).isGiven {
      guard let name = graph.name(node), var value = bindings.values[name] else { continue }
      for (dimension, axis) in Array(graph.type(node).domain).enumerated() {
        if axis == batch { value = value.slice(index..<index + 1, of: dimension) }
        if axis == time, let length { value = value.slice(0..<length, of: dimension) }
      }
      own.bindings.values[name] = value
    }
    if bindings.lengths[graph.description(of: batch).name] != nil {
      own.bindings.lengths[graph.description(of: batch).name] = 1
    }
    if let length, bindings.lengths[graph.description(of: time).name] != nil {
      own.bindings.lengths[graph.description(of: time).name] = length
    }
    return own
  }
}

extension FlowExperiment {
  /// The outputs of an experiment that can be differentiated.
  public enum Objective: String, Sendable, Hashable, CaseIterable {
    /// The loss of each sample.
    case loss
    /// The contribution of each step to the loss of a sample.
    case stepLoss = "loss/step"
    /// The read-out v · y_t of each step, whether or not the loss counts it.
    case stepRead = "read/step"
  }

  /// The experiment on a cell, with the initial values of its parameters.
  ///
  /// - Parameters:
  ///   - cell: Any recurrent cell, or a `Stack` of them.
  ///   - loss: The output that is differentiated: `creditMatrix` and `stepwiseGradients` need one for each step.
  public func trial(of cell: some RecurrentCell, loss: Objective = .loss) throws(DiagnosticError) -> Trial {
    let recording = try loss == .loss ? record(cell) : recordSteps(cell)
    return Trial(recording, loss: loss.rawValue, bindings(for: recording), run: run)
  }
}
