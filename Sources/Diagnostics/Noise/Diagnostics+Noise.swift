public import EbbGraph
public import EbbRecording
internal import EbbTensors
internal import EbbTransforms

extension Diagnostics {
  /// The gradient noise of a cell between the samples of an experiment.
  public static func noise(
    _ cell: some RecurrentCell, _ experiment: FlowExperiment = FlowExperiment()
  ) throws(DiagnosticError) -> NoiseProfile {
    let recording = try experiment.record(cell)
    return try noise(
      of: recording, loss: FlowExperiment.Name.loss, experiment.bindings(for: recording),
      run: experiment.run)
  }

  /// The gradient noise of a recording between samples.
  ///
  /// - Parameter loss: The name of an output that is a float scalar for each sample, with no other axes.
  /// - Throws: `DiagnosticError.graph` if an operation mixes the samples, so that their gradients cannot be separated.
  ///
  /// The gradients of all samples with respect to all parameters are in memory at once.
  public static func noise(
    of recording: Recording, loss: String, _ bindings: Bindings, run: RunOptions = RunOptions()
  ) throws(DiagnosticError) -> NoiseProfile {
    let axis = try recording.timeAxis()
    let node = try recording.output(named: loss)
    let domain = recording.graph.type(node).domain
    guard domain.count == 1, !domain.contains(axis) else {
      throw .setting(
        "the loss \(loss)\(recording.remark(node)) is not over one axis of samples alone: there is no gradient of each "
          + "sample")
    }
    let detail = try gradientDetail(of: recording, loss: loss, bindings, direct: false, run: run)
    let states = detail.values.filter(\.isState).map { NoiseProfile.State(name: $0.name, steps: $0.total.noise) }
    let parameters = try Diagnostic("noise", of: recording, loss: loss) { graph, node throws(GraphError) in
      let parameters = recording.parameters
      let gradients = try graph.gradient(of: node, withRespectTo: parameters.map(\.node), keeping: domain)
      for (parameter, gradient) in zip(parameters, gradients) { graph.setOutput(parameter.name, gradient) }
      return { run in
        parameters.map { parameter in
          let samples = run[parameter.name].rows(over: 0)
          return NoiseProfile.Parameter(
            name: parameter.name, sampleNorms: samples.map(\.norm), noise: GradientNoise(samples))
        }
      }
    }.run(bindings, run: run)
    return NoiseProfile(parameters: parameters, states: states)
  }
}
