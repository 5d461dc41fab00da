public import EbbTensors

extension GradientNorms {
  /// The flow in the outputs of a run.
  ///
  /// - Parameters:
  ///   - outputs: The outputs of the run, by name.
  ///   - inputs: The inputs of the run, including the lengths of ragged axes.
  ///   - loss: The loss of the run.
  ///   - scale: A factor on all norms: for a loss that is a mean over B samples, B gives the norms of each sample's own
  ///     gradient.
  public func flow(
    _ outputs: [String: Tensor], inputs: [String: Tensor] = [:], loss: Double, scale: Double = 1
  ) -> GradientFlow {
    func samples(_ output: NormOutput) -> [[Double]] { output.samples(outputs, inputs, scale) }
    let states = self.states.map { entry in
      func curve(_ output: NormOutput) -> NormCurve {
        NormCurve(
          samples: samples(output), flowsBackward: entry.flowsBackward, resolution: entry.element.leastNormal * scale)
      }
      return GradientFlow.State(name: entry.state, total: curve(entry.total), direct: entry.direct.map(curve))
    }
    var events: [GradientFlow.ClipEvent] = []
    for entry in clips {
      let (before, after) = (samples(entry.before), samples(entry.after))
      for step in entry.flowsBackward ? Array(before.indices.reversed()) : Array(before.indices) {
        for sample in before[step].indices where isClipped(before[step][sample], after[step][sample]) {
          events.append(
            GradientFlow.ClipEvent(
              state: entry.state, step: step + 1, sample: sample, before: before[step][sample],
              after: after[step][sample]))
        }
      }
    }
    return GradientFlow(states: states, clips: events, loss: loss)
  }

  /// Whether a clip made a norm smaller by more than rounding.
  private func isClipped(_ before: Double, _ after: Double) -> Bool {
    before.isFinite ? after < before * (1 - 1e-6) : before == .infinity
  }
}

extension GradientNorms.NormOutput {
  /// Rows of samples, one row per step; NaN outside ragged sequences.
  fileprivate func samples(
    _ outputs: [String: Tensor], _ inputs: [String: Tensor], _ scale: Double
  ) -> [[Double]] {
    guard let tensor = outputs[name] else { preconditionFailure("the run has no output \(name)") }
    let rows = tensor.rows(over: timeDimension, within: lengths.flatMap { inputs[$0] }?.doubles)
    return rows.map { $0.map { $0.map { $0 * scale } ?? .nan } }
  }
}

extension ElementType {
  /// The smallest magnitude that a float represents with full precision.
  var leastNormal: Double {
    switch self {
    case .float32: Double(Float.leastNormalMagnitude)
    case .float64: Double.leastNormalMagnitude
    case .int32, .bool: 0
    }
  }
}
