internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

extension Diagnostics {
  /// The gradient noise of a network between samples.
  ///
  /// - Parameter trial: Its loss is a float scalar for each sample, with no other axes.
  /// - Throws: `DiagnosticError.graph` if an operation mixes the samples, so that their gradients cannot be separated.
  ///
  /// The gradients of all samples with respect to all parameters are in memory at once.
  public static func noise(of trial: Trial) throws(DiagnosticError) -> NoiseStatistics {
    let recording = trial.recording
    let axis = try recording.timeAxis()
    let node = try recording.output(named: trial.loss)
    let domain = recording.graph.type(node).domain
    guard domain.count == 1, !domain.contains(axis) else {
      throw .setting(
        "the loss \(trial.loss)\(recording.remark(node)) is not over one axis of samples alone: there is no gradient of each "
          + "sample")
    }
    let detail = try gradientDetail(of: trial, direct: false)
    let states = detail.values.filter(\.isState).map { NoiseStatistics.State(name: $0.name, steps: $0.total.noise) }
    let parameters = try Diagnostic("noise", of: recording, loss: trial.loss) { graph, node throws(GraphError) in
      let parameters = recording.parameters
      let gradients = try graph.gradient(of: node, withRespectTo: parameters.map(\.node), keeping: domain)
      for (parameter, gradient) in zip(parameters, gradients) { graph.setOutput(parameter.name, gradient) }
      return { run in
        parameters.map { parameter in
          let samples = run[parameter.name].rows(over: 0)
          return NoiseStatistics.Parameter(
            name: parameter.name, sampleNorms: samples.map(\.norm), noise: GradientNoise(samples))
        }
      }
    }.run(trial.bindings, run: trial.run)
    return NoiseStatistics(parameters: parameters, states: states)
  }
}
