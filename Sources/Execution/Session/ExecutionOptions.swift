/// How a session runs; none of it changes a bit of the results, except that instruction sets may differ.
public struct ExecutionOptions: Sendable, Hashable {
  /// The number of threads.
  public var threads: Int
  /// The instructions of the kernels.
  public var instructionSet: InstructionSet
  /// Runs stages in segments of this many steps; nil leaves it to the session. Where time runs in blocks or windows,
  /// these are the segments.
  public var segment: Int?
  /// Bytes that a session may hold, parameters, inputs and outputs included; nil: as many as it needs. With less than
  /// that, parts of the sequence are computed again on the way back, from snapshots of the state.
  public var memoryBudget: Int?
  /// Bytes that the sessions of an `Executable` may hold together; the last one is kept whatever it holds. Sequences of
  /// many lengths need one each, and a session that was let go is bound again when its lengths come again.
  public var cacheBytes: Int
  /// Runs the jobs one by one in an order drawn with this seed from those that their dependencies allow.
  package var shuffle: UInt64?

  /// Options; by default two threads, the best instructions of the machine and no limit of memory.
  public init(
    threads: Int = 2, instructionSet: InstructionSet = .best, segment: Int? = nil, memoryBudget: Int? = nil,
    cacheBytes: Int = 512 << 20
  ) {
    self.threads = max(1, threads)
    self.instructionSet = instructionSet
    self.segment = segment
    self.memoryBudget = memoryBudget
    self.cacheBytes = cacheBytes
  }
}
