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
    let axis = try recording.timeAxis()
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
    _ recording: Recording, _ loss: NodeID, _ axis: Axis, _ lengths: [Int], _ settings: CreditMatrix.Settings
  ) throws(GraphError) {
    (self.recording, self.loss, self.lengths, self.settings) = (recording, loss, lengths, settings)
    steps = lengths[axis.index]
    // ‖ε ∂L_s/∂h‖ is the same for either sign.
    probes = settings.block == 1 ? 1 : settings.probes
    measured = try CreditGraph(recording, loss: loss, over: axis, block: min(settings.block, steps))
    let numbers = recording.states.reduce(0) { sum, state in
      let type = recording.graph.type(state.value)
      return sum + type.shape.count * type.domain.reduce(1) { $0 * lengths[$1.index] }
    }
    // A cell's step has several adjoints for each feature of a state.
    let bytes = numbers * probes * (recording.element == .float32 ? 4 : 8) * 6
    let all = (steps + settings.block - 1) / settings.block
    chunk = min(all, max(1, settings.bytes / max(1, bytes)))
  }

  func run(_ trial: Trial) throws -> CreditMatrix {
    var bindings = trial.bindings
    bindings.lengths[measured.graph.description(of: measured.rows).name] = chunk
    bindings.lengths[measured.graph.description(of: measured.probes).name] = probes
    bindings.values[CreditGraph.Name.signs] = signs()
    bindings.values[CreditGraph.Name.first] = Tensor([], [Int32(0)])
    let program = try CompiledDiagnostic(measured.graph, over: measured.time, bindings, trial.run)
    let block = min(settings.block, steps)
    let count = (steps + block - 1) / block
    var states = recording.states.map {
      CreditMatrix.State(
        name: $0.name, norms: [], standardErrors: [], flowsBackward: $0.direction == .forward)
    }
    for first in stride(from: 0, to: count, by: chunk) {
      bindings.values[CreditGraph.Name.first] = Tensor([], [Int32(first)])
      let outputs = try program.run(bindings)
      for (index, state) in recording.states.enumerated() {
        let tensor = outputs[CreditGraph.Name.norm(state.name)]
        // Computed once for all rows of the run; each row reads a part of every step.
        let stepNorms = tensor.rows(over: measured.graph.dimension(of: measured.time, in: measured.norms[index]))
        for row in first..<min(first + chunk, count) {
          let size = min(block, steps - row * block)
          let estimate = rowEstimate(stepNorms, row: row - first, size: size)
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

  /// For each step t, the mean over the samples of (q / size)^½, where q is the mean over the probes of ‖·‖²; and its
  /// standard error, from the deviations of the probes: se(√q) = se(q) / (2 √q).
  ///
  /// - Parameter norms: For each step the norms over samples, rows and probes, in this order, as the last two axes were
  ///   added later.
  private func rowEstimate(_ norms: [[Double]], row: Int, size: Int) -> [(norm: Double, error: Double)] {
    norms.map { step in
      let inner = probes
      let samples = step.count / (chunk * inner)
      var sum = 0.0
      var errors: [Double] = []
      for sample in 0..<samples {
        let start = (sample * chunk + row) * inner
        let estimate = estimated(Array(step[start..<start + inner]))
        sum += estimate.norm
        errors.append(estimate.error)
      }
      let scale = 1 / Double(size).squareRoot() / Double(samples)
      // The squares of independent samples' errors add up.
      return (sum * scale, errors.norm * scale)
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
