public import EbbGraph
internal import EbbRecording
public import EbbTensors

extension GradientNorms {
  /// What the outputs of a run say.
  ///
  /// - Parameters:
  ///   - graph: The graph that the norms were appended to.
  ///   - outputs: The outputs of the run, by name.
  ///   - lengths: The values of the inputs that hold lengths of ragged axes, by name.
  ///   - loss: The loss of the run.
  public func profile(
    in graph: Graph, outputs: [String: Tensor], lengths: [String: Tensor] = [:], loss: Double
  ) -> GradientProfile {
    let states = self.states.map { entry -> GradientProfile.State in
      func curve(_ output: String) -> NormCurve {
        let element = graph.type(entry.state.value).element
        return NormCurve(
          samples: graph.samples(of: output, entry.state.axis, outputs, lengths),
          flowsBackward: entry.state.direction == .forward, resolution: element.leastNormal)
      }
      return GradientProfile.State(
        name: entry.state.name, total: curve(entry.total), direct: entry.direct.map(curve))
    }
    let events = clips.flatMap { entry -> [GradientProfile.ClipEvent] in
      guard let state = self.states.first(where: { $0.state.name == entry.name })?.state else { return [] }
      let before = graph.samples(of: entry.before, state.axis, outputs, lengths)
      let after = graph.samples(of: entry.after, state.axis, outputs, lengths)
      let steps = state.direction == .forward ? Array(before.indices.reversed()) : Array(before.indices)
      return steps.flatMap { step in
        // Rounding moves the norm of a gradient that was not clipped by less than this.
        zip(before[step], after[step]).enumerated().filter { $1.0.isFinite ? $1.1 < $1.0 * (1 - 1e-6) : !$1.0.isNaN }
          .map { sample, norms in
            GradientProfile.ClipEvent(
              state: entry.name, step: step + 1, sample: sample, before: norms.0, after: norms.1)
          }
      }
    }
    return GradientProfile(states: states, clips: events, loss: loss)
  }
}

extension Graph {
  /// An output over a time axis and others as rows of samples, one row a step; NaN outside ragged sequences.
  fileprivate func samples(
    of output: String, _ time: Axis, _ outputs: [String: Tensor], _ lengths: [String: Tensor]
  ) -> [[Double]] {
    guard let node = self.output(named: output), let tensor = outputs[output] else {
      preconditionFailure("the run has no output \(output)")
    }
    let axes = Array(type(node).domain)
    let values = tensor.doubles
    guard let place = axes.firstIndex(of: time) else { return [values] }
    let inner = tensor.dimensions[(place + 1)...].reduce(1, *)
    let steps = tensor.dimensions[place]
    var rows = [[Double]](repeating: [], count: steps)
    let rowLengths = description(of: time).lengths.flatMap { name($0) }.flatMap { lengths[$0] }?.doubles
    for (position, value) in values.enumerated() {
      let step = position / inner % steps
      let sample = rows[step].count
      let isInside = rowLengths.map { $0.count != values.count / steps || step < Int($0[sample]) } ?? true
      rows[step].append(isInside ? value : .nan)
    }
    return rows
  }
}

extension ElementType {
  /// The smallest magnitude that a float holds with all its digits.
  fileprivate var leastNormal: Double {
    switch self {
    case .float32: Double(Float.leastNormalMagnitude)
    case .float64: Double.leastNormalMagnitude
    case .int32, .bool: 0
    }
  }
}
