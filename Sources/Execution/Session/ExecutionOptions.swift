public import EbbPJRT

/// How a session runs. Only the instruction set, underflow and the device can change a bit of the results.
public struct ExecutionOptions: Sendable, Hashable {
  /// The number of threads.
  public var threads: Int
  /// The instructions of the kernels.
  public var instructionSet: InstructionSet
  /// What becomes of results below the normal range. A device has its own rule.
  public var underflow: Underflow
  /// Runs stages in strips of this many steps; nil leaves it to the session. If time runs in blocks or segments, these
  /// are the strips.
  public var strip: Int?
  /// The maximum number of bytes that a session holds, including parameters, inputs and outputs; nil for no limit. If
  /// it is too small for everything, the backward pass recomputes parts of the sequence from snapshots of the state.
  /// A device takes none: XLA places its values, and what a recurrence keeps there is whole.
  public var memoryBudget: Int?
  /// The maximum number of bytes that the sessions of an `Executable` hold together; the last one is always kept. Each
  /// set of sequence lengths needs its own session, and a released session is bound again when its lengths recur.
  public var cacheBytes: Int
  /// Runs graphs through XLA on this device instead of with Ebb's kernels; nil for these.
  public var device: PJRTDevice?
  /// Runs the jobs one by one in an order drawn with this seed from those that their dependencies allow.
  package var shuffle: UInt64?

  /// Options; by default two threads, the machine's best instruction set, abrupt underflow, no memory limit and Ebb's
  /// kernels.
  public init(
    threads: Int = 2, instructionSet: InstructionSet = .best, underflow: Underflow = .abrupt, strip: Int? = nil,
    memoryBudget: Int? = nil, cacheBytes: Int = 512 << 20, device: PJRTDevice? = nil
  ) {
    self.threads = max(1, threads)
    self.instructionSet = instructionSet
    self.underflow = underflow
    self.strip = strip
    self.memoryBudget = memoryBudget
    self.cacheBytes = cacheBytes
    self.device = device
  }

  /// What does not go together, and what would be right; nil if everything does.
  package var problem: String? {
    guard let memoryBudget, device != nil else { return nil }
    return "a memory budget, here \(memoryBudget) bytes, is for the kernels on the CPU: on a device, what a recurrence "
      + "keeps is whole. To take less there, give no budget, and fewer steps at once or a smaller batch"
  }
}
