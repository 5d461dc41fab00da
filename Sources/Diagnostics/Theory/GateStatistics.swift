internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

/// The values of gates, activations and states in a run, and the lengths of their memories.
public struct GateStatistics: Sendable, Hashable {
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
  /// Saturation, statistics and memory lengths of a network.
  ///
  /// A gate that keeps a state is found in the graph: c' = σ(…) ⊙ c + …, or (1 − σ(…)) ⊙ c + ….
  ///
  /// - Parameters:
  ///   - trial: Its loss is a float scalar at each index; it is summed over them.
  ///   - flow: The measured gradients of the network's states; nil to measure them.
  public static func gates(
    of trial: Trial, beside flow: GradientFlow? = nil
  ) throws(DiagnosticError) -> GateStatistics {
    let recording = trial.recording
    let flow = try trial.totalGradients(flow)
    let entries = ActivationNodes(recording).entries
    let records = try activations(of: trial)
    let retentions = RecurrenceForm.all(in: recording).compactMap { form -> GateStatistics.Retention? in
      switch form {
      case .layer: return nil
      case .memory(let memory):
        guard let position = entries.firstIndex(where: { $0.node == memory.gate }) else { return nil }
        return GateStatistics.Retention(
          state: memory.state.name, gate: (memory.isComplement ? "1 − " : "") + entries[position].name,
          timeConstants: records[position].timeConstants(isComplement: memory.isComplement))
      }
    }
    return GateStatistics(
      records: records,
      memories: flow.states.map { GateStatistics.Memory(state: $0.name, length: $0.total.memoryLength) },
      retentions: retentions)
  }
}
