public import EbbGraph
public import EbbRecording
internal import EbbTensors

/// The values of gates, activations and states in a run, and the lengths of their memories.
public struct GateReport: Sendable, Hashable {
  /// How long the gradient to a state lasts.
  public struct Memory: Sendable, Hashable {
    /// The state's name.
    public var state: String
    /// How long it lasts.
    public var length: MemoryLength
  }

  /// A gate that multiplies a state of the previous step.
  public struct Retention: Sendable, Hashable {
    /// The state's name.
    public var state: String
    /// The gate, or `1 − ` and the gate if that is the factor.
    public var gate: String
    /// −1 / mean ln f of each unit, in steps.
    public var timeConstants: [Double]
  }

  /// The values of each gate, activation and state.
  public var records: [ActivationRecord]
  /// How long the gradient to each state lasts.
  public var memories: [Memory]
  /// The gates that multiply a state of the previous step.
  public var retentions: [Retention]
}

extension Diagnostics {
  /// Saturation, statistics and memory lengths of a cell in an experiment.
  ///
  /// - Parameter profile: The measured gradients of the same experiment; nil to measure them.
  public static func gates(
    _ cell: some RecurrentCell, _ experiment: FlowExperiment = FlowExperiment(), beside profile: GradientProfile? = nil
  ) throws(DiagnosticError) -> GateReport {
    let recording = try experiment.record(cell)
    let bindings = experiment.bindings(for: recording)
    return try gates(
      of: recording, bindings, beside: try experiment.profile(profile, of: recording, bindings),
      run: experiment.run)
  }

  /// Saturation, statistics and memory lengths of a recording.
  ///
  /// A gate that keeps a state is found in the graph: c' = σ(…) ⊙ c + …, or (1 − σ(…)) ⊙ c + ….
  ///
  /// - Parameter profile: The measured gradients of the recording's states.
  public static func gates(
    of recording: Recording, _ bindings: Bindings, beside profile: GradientProfile,
    run: RunOptions = RunOptions()
  ) throws(DiagnosticError) -> GateReport {
    let entries = ActivationNodes(recording).entries
    let records = try activations(of: recording, bindings, run: run)
    let retentions = RecurrenceForm.all(in: recording).compactMap { form -> GateReport.Retention? in
      switch form {
      case .layer: return nil
      case .memory(let memory):
        guard let position = entries.firstIndex(where: { $0.node == memory.gate }) else { return nil }
        return GateReport.Retention(
          state: memory.state.name, gate: (memory.isComplement ? "1 − " : "") + entries[position].name,
          timeConstants: records[position].timeConstants(isComplement: memory.isComplement))
      }
    }
    return GateReport(
      records: records,
      memories: profile.states.map { GateReport.Memory(state: $0.name, length: $0.total.memoryLength) },
      retentions: retentions)
  }
}
