internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

extension Diagnostics {
  /// The credit matrix of a network.
  ///
  /// ```swift
  /// let trial = try FlowExperiment(length: 100).trial(of: LSTM(units: 64), loss: .stepRead)
  /// let credit = try Diagnostics.creditMatrix(of: trial)
  /// print(credit["c"]!.meansByLag[50])
  /// ```
  ///
  /// - Parameters:
  ///   - trial: Its loss is a float scalar at each step of time: L_s.
  ///   - settings: The number of rows, and the memory; by default a row for each step.
  ///
  /// The settings bound the memory; time grows with the number of rows times the length.
  public static func creditMatrix(
    of trial: Trial, _ settings: CreditMatrix.Settings = CreditMatrix.Settings()
  ) throws(DiagnosticError) -> CreditMatrix {
    let recording = trial.recording
    guard settings.block >= 1, settings.probes >= 1 else {
      throw .setting("blocks have at least 1 step and rows at least 1 probe, not \(settings.block), \(settings.probes)")
    }
    let axis = try recording.timeAxisOfSteps()
    let node = try recording.output(named: trial.loss, over: axis)
    let clips = recording.graph.marks(from: recording.states.map(\.value), to: [node]).filter {
      recording.graph.isClip($0)
    }
    if settings.block > 1, let clip = clips.first {
      throw .setting(
        "\(recording.wording(ofMark: clip)): the credit of \(settings.block) steps is estimated from a gradient of all "
          + "their losses, which a clip does not pass on loss by loss; measure with rows of one step, or without clipping"
      )
    }
    try recording.checkInputs(trial.bindings)
    return try diagnosing(recording) {
      let lengths = try recording.graph.lengths(for: trial.bindings)
      return try CreditMeasurement(recording, node, axis, lengths, settings).run(trial)
    }
  }

  /// ∂L_s/∂h_t of every state, step t, sample and unit, for the losses of some steps s.
  ///
  /// ```swift
  /// let credit = try Diagnostics.creditVectors(of: trial, losses: [99])
  /// print(credit["c"]!.losses[0].adjoint(step: 50, sample: 3))
  /// ```
  ///
  /// - Parameters:
  ///   - trial: Its loss is a float scalar at each step of time: L_s.
  ///   - losses: The steps s, from 0; nil for all, whose vectors are in memory at once: T² for each state.
  ///   - bytes: The approximate number of bytes of adjoints that a run has in memory.
  public static func creditVectors(
    of trial: Trial, losses: [Int]? = nil, bytes: Int = 64 << 20
  ) throws(DiagnosticError) -> CreditVectors {
    let recording = trial.recording
    let axis = try recording.timeAxisOfSteps()
    let node = try recording.output(named: trial.loss, over: axis)
    try recording.checkInputs(trial.bindings)
    return try diagnosing(recording) {
      let lengths = try recording.graph.lengths(for: trial.bindings)
      let steps = lengths[axis.index]
      if let wrong = losses?.first(where: { !(0..<steps).contains($0) }) {
        throw DiagnosticError.setting("there is no loss of step \(wrong): the steps are 0 to \(steps - 1)")
      }
      let measurement = try CreditMeasurement(
        recording, node, axis, lengths, CreditMatrix.Settings(bytes: bytes), vectors: true)
      return try measurement.vectors(trial, of: losses ?? Array(0..<steps))
    }
  }
}

extension Graph {
  /// Whether the node makes the adjoint a nonlinear function of the loss. A clip at 0 does not: it blocks the adjoint.
  fileprivate func isClip(_ node: NodeID) -> Bool {
    guard case .clipGradient(let clip) = operation(node) else { return false }
    return clip != .value(0)
  }
}

/// Measures a credit matrix, some rows at a time.
private struct CreditMeasurement {
  let recording: Recording
  let measured: CreditGraph
  let settings: CreditMatrix.Settings
  let loss: NodeID
  let lengths: [Int]
  let steps: Int
  let probes: Int
  /// The number of rows per run.
  let chunk: Int

  init(
    _ recording: Recording, _ loss: NodeID, _ axis: Axis, _ lengths: [Int], _ settings: CreditMatrix.Settings,
    vectors: Bool = false
  ) throws(GraphError) {
    (self.recording, self.loss, self.lengths, self.settings) = (recording, loss, lengths, settings)
    steps = lengths[axis.index]
    // ‖ε ∂L_s/∂h‖ is the same for either sign.
    probes = settings.block == 1 ? 1 : settings.probes
    measured = try CreditGraph(recording, loss: loss, over: axis, block: min(settings.block, steps), vectors: vectors)
    let numbers = recording.states.reduce(0) { sum, state in
      let type = recording.graph.type(state.value)
      return sum + type.shape.count * type.domain.reduce(1) { $0 * lengths[$1.index] }
    }
    // A cell's step has several adjoints for each feature of a state.
    let bytes = numbers * probes * (recording.element == .float32 ? 4 : 8) * 6
    let all = (steps + settings.block - 1) / settings.block
    chunk = min(all, max(1, settings.bytes / max(1, bytes)))
  }

  /// The bindings of a run from this row on.
  private func bindings(_ trial: Trial, from row: Int) -> Bindings {
    var bindings = trial.bindings
    bindings.lengths[measured.graph.description(of: measured.rows).name] = chunk
    bindings.lengths[measured.graph.description(of: measured.probes).name] = probes
    bindings.values[CreditGraph.Name.signs] = signs()
    bindings.values[CreditGraph.Name.first] = Tensor([], [Int32(row)])
    return bindings
  }

  /// The number of steps of each sample of a state; nil if all have T.
  private func sampleLengths(_ state: StateDescription, _ trial: Trial) -> [Int]? {
    let samples = recording.graph.type(state.value).domain.subtracting(recording.graph.coordinateAxes)
    let sizes = samples.map { lengths[$0.index] }
    return recording.graph.sampleLengths(along: measured.time, in: state.value, sizes: sizes, trial.bindings.values)
  }

  /// The adjoints of the losses of these steps.
  func vectors(_ trial: Trial, of losses: [Int]) throws -> CreditVectors {
    let program = try CompiledDiagnostic(measured.graph, over: measured.time, bindings(trial, from: 0), trial.run)
    var result = CreditVectors(
      steps: losses, states: recording.states.map { CreditVectors.State(name: $0.name, losses: []) })
    var (first, outputs): (Int, DiagnosticRun?) = (0, nil)
    for loss in losses {
      if outputs == nil || !(first..<first + chunk).contains(loss) {
        (first, outputs) = (loss, try program.run(bindings(trial, from: loss)))
      }
      guard let outputs else { preconditionFailure("the losses have been run") }
      for (index, state) in recording.states.enumerated() {
        let units = recording.coordinateCount(of: state)
        let tensor = outputs[CreditGraph.Name.result(state.name)]
        let rows = tensor.rows(over: measured.graph.dimension(of: measured.time, in: measured.results[index]))
        // Over samples, rows of the run, a probe and the units.
        let steps = rows.map { row in
          stride(from: (loss - first) * units, to: row.count, by: chunk * units).flatMap { row[$0..<$0 + units] }
        }
        result.states[index].losses.append(
          AdjointSamples(units: units, steps: steps, lengths: sampleLengths(state, trial)))
      }
    }
    return result
  }

  func run(_ trial: Trial) throws -> CreditMatrix {
    let program = try CompiledDiagnostic(measured.graph, over: measured.time, bindings(trial, from: 0), trial.run)
    let block = min(settings.block, steps)
    let count = (steps + block - 1) / block
    var states = recording.states.map {
      CreditMatrix.State(
        name: $0.name, norms: [], standardErrors: [], flowsBackward: $0.direction == .forward)
    }
    for first in stride(from: 0, to: count, by: chunk) {
      let outputs = try program.run(bindings(trial, from: first))
      for (index, state) in recording.states.enumerated() {
        let tensor = outputs[CreditGraph.Name.result(state.name)]
        // Computed once for all rows of the run; each row reads a part of every step.
        let stepNorms = tensor.rows(over: measured.graph.dimension(of: measured.time, in: measured.results[index]))
        let ends = sampleLengths(state, trial)
        for row in first..<min(first + chunk, count) {
          let estimate = rowEstimate(stepNorms, row: row - first, losses: row * block..<(row + 1) * block, ends)
          states[index].norms.append(estimate.map(\.norm))
          states[index].standardErrors.append(estimate.map(\.error))
        }
      }
    }
    return CreditMatrix(states: states, length: steps, block: block)
  }

  /// ±1 for each step, sample and probe; 1 if rows are exact.
  private func signs() -> Tensor {
    let dimensions = recording.graph.type(loss).domain.map { lengths[$0.index] } + [probes]
    let stream = RandomStream(seed: settings.seed, stream: 0x4352_4544)
    let count = dimensions.reduce(1, *)
    let values = (0..<count).map { position -> Double in
      guard settings.block > 1 else { return 1 }
      return stream.value(.uniform, at: .zero, element: UInt32(position)) < 0.5 ? -1 : 1
    }
    return Tensor(dimensions, values, as: recording.graph.type(loss).element)
  }

  /// For each step t, the mean over the samples of (q / size)^½, where q is the mean over the probes of ‖·‖² and size
  /// the number of the sample's losses; and its standard error, from the deviations of the probes: se(√q) = se(q) / (2
  /// √q). Samples that have no such step or loss are left out; NaN without any.
  ///
  /// - Parameters:
  ///   - norms: For each step the norms over samples, rows and probes, in this order, as the last two axes were added
  ///     later.
  ///   - losses: The steps s of the row.
  ///   - ends: The number of steps of each sample; nil if all have T.
  private func rowEstimate(
    _ norms: [[Double]], row: Int, losses: Range<Int>, _ ends: [Int]?
  ) -> [(norm: Double, error: Double)] {
    norms.enumerated().map { index, step in
      var sum = 0.0
      var errors: [Double] = []
      for sample in 0..<step.count / (chunk * probes) {
        let end = ends?[sample] ?? steps
        guard index < end, losses.lowerBound < end else { continue }
        let start = (sample * chunk + row) * probes
        let estimate = estimated(Array(step[start..<start + probes]))
        let scale = Double(losses.clamped(to: 0..<end).count).squareRoot()
        sum += estimate.norm / scale
        errors.append(estimate.error / scale)
      }
      let samples = Double(errors.count)
      // The squares of independent samples' errors add up.
      return (sum / samples, errors.norm / samples)
    }
  }

  /// √q from the norms of the probes, and its standard error.
  private func estimated(_ norms: [Double]) -> (norm: Double, error: Double) {
    // Relative to the largest, because squares leave the range of floats early.
    guard norms.count > 1, let largest = norms.max(), largest > 0, largest.isFinite else { return (norms[0], 0) }
    let squares = norms.map { ($0 / largest) * ($0 / largest) }
    let moments = Moments(squares)
    let root = moments.mean.squareRoot()
    return (root * largest, moments.standardError / (2 * root) * largest)
  }
}
