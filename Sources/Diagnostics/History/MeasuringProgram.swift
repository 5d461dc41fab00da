internal import EbbCompiler
internal import EbbExecution
internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTraining
internal import EbbTransforms

/// The program that measures a network in training: norms of the gradients by its states, and counts of saturated gates.
struct MeasuringProgram {
  let executable: Executable
  private let norms: GradientNorms
  private let saturation: SaturationCounts
  /// The output with the loss.
  private let loss = "loss"
  /// The inputs with the lengths of the states' sequences, where they have any.
  private let lengths: [String?]
  /// Whether the loss is a mean over the samples.
  private let averagesSamples: Bool

  var isRagged: Bool { lengths.contains { $0 != nil } }

  /// Nil if no state is a float.
  init?(_ trainer: Trainer, direct: Bool) throws(DiagnosticError) {
    let recording = trainer.recording
    var graph = trainer.stepGraph
    let states = recording.states.filter { recording.graph.type($0.value).element.isFloat }.map { state in
      var placed = state
      placed.value = trainer.place(of: state.value)
      placed.previous = trainer.place(of: state.previous)
      placed.initial = state.initial.map(trainer.place)
      return placed
    }
    guard !states.isEmpty else { return nil }
    averagesSamples = trainer.averagesSamples
    lengths = states.map { graph.description(of: $0.axis).lengths.flatMap { graph.name($0) } }
    do {
      norms = try GradientNorms(in: &graph, of: trainer.stepLoss, states: states, direct: direct)
    } catch {
      throw .graph(recording.locating(error, origin: trainer.origin))
    }
    saturation = SaturationCounts(
      in: &graph, ActivationNodes(recording).entries.map { ($0.name, $0.kind, trainer.place(of: $0.node)) })
    let total = graph.total(of: trainer.stepLoss)
    graph.setOutput(loss, total)
    var options = trainer.options
    // The values of the training itself stay in memory; a larger measurement computes parts of itself again.
    if options.device == nil { options.memoryBudget = options.memoryBudget ?? MachineMemory.bytes / 4 }
    executable = try diagnosing { [graph] in try Trainer.compile(graph, options) }
  }

  /// Begins a measurement with the current parameters.
  ///
  /// - Parameter inputs: Those of a step, with carried states.
  func begin(of trainer: Trainer, on inputs: [String: Tensor]) throws(TrainingError) -> BegunProgram {
    try trainer.begin(executable, named: "the measurement of gradients", on: inputs)
  }

  /// What was measured; waits for it.
  ///
  /// - Parameters:
  ///   - inputs: Those that it was begun with.
  ///   - step: The number of steps done.
  func measurement(
    _ begun: BegunProgram, on inputs: [String: Tensor], step: Int
  ) throws(TrainingError) -> GradientHistory.Measurement {
    let outputs = try begun.outputs()
    let flow = norms.flow(outputs, inputs: inputs, loss: outputs[loss]?.doubles[0] ?? .nan)
    let states = zip(flow.states, lengths).map { state, name in
      let lengths = name.flatMap { inputs[$0] }?.doubles.map { Int($0) }
      let scale = scale(of: state)
      func curve(_ curve: NormCurve) -> NormCurve { curve.scaled(by: scale).aligned(lengths: lengths).withoutSamples }
      return GradientFlow.State(name: state.name, total: curve(state.total), direct: state.direct.map(curve))
    }
    return GradientHistory.Measurement(
      step: step, loss: flow.loss, states: states, clips: clips(flow), gates: saturation.gates(outputs, inputs))
  }

  /// Of a mean over the samples, a sample's own gradient is larger by their number.
  private func scale(of state: GradientFlow.State) -> Double {
    averagesSamples ? Double(state.total.samples.first?.count ?? 1) : 1
  }

  private func clips(_ flow: GradientFlow) -> [GradientHistory.Clip] {
    norms.clips.map { clip in
      guard let state = flow[clip.state] else { preconditionFailure("\(clip.state) is a state") }
      let events = flow.clips.filter { $0.state == clip.state }
      return GradientHistory.Clip(
        state: clip.state, clipped: events.count,
        places: state.total.samples.reduce(0) { $0 + $1.count { !$0.isNaN } },
        largest: events.map(\.before).max().map { $0 * scale(of: state) })
    }
  }
}

extension NormCurve {
  /// With a factor on all norms.
  func scaled(by factor: Double) -> NormCurve {
    guard factor != 1 else { return self }
    return NormCurve(
      samples: samples.map { $0.map { $0 * factor } }, flowsBackward: flowsBackward, resolution: resolution * factor)
  }

  /// The curve of sequences of these lengths, as many steps as the longest has, in which each ends at the last step. Of a
  /// state that runs backward each begins at the first step as it is.
  ///
  /// - Parameter lengths: Of the samples, in their order; nil if they have one length.
  func aligned(lengths: [Int]?) -> NormCurve {
    guard let lengths, let count = samples.first?.count, lengths.count == count else { return self }
    let longest = min(samples.count, lengths.max() ?? 0)
    let rows = (0..<longest).map { step in
      lengths.indices.map { sample -> Double in
        let place = flowsBackward ? step - longest + lengths[sample] : step
        return samples.indices.contains(place) ? samples[place][sample] : .nan
      }
    }
    return NormCurve(samples: rows, flowsBackward: flowsBackward, resolution: resolution)
  }

  /// The curve without the norms of each sample.
  var withoutSamples: NormCurve {
    var curve = self
    curve.samples = []
    return curve
  }
}
