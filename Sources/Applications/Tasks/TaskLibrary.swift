/// The generated tasks, by name, each made for a length.
public enum TaskLibrary: String, CaseIterable, Sendable {
  /// In the words of the command line: `AddingProblem`, `MultiplicationProblem`, `CopyMemory`, `TemporalOrder` of two
  /// and of three symbols, `NoiselessDelay`, `NoisyDelay`, `RandomPermutation`.
  case adding, multiplication, copy, order2, order3, noiseless, noisy, permutation

  /// The shortest length of the task.
  public var shortest: Int {
    switch self {
    case .copy, .permutation: 1
    case .adding, .noiseless: 2
    case .noisy: 4
    case .multiplication, .order2, .order3: 10
    }
  }

  /// The task over this many steps; for copying memory, this many between reading and answering.
  ///
  /// - Precondition: The length is at least the shortest.
  public func task(length: Int) -> any SequenceTask {
    switch self {
    case .adding: AddingProblem(length: length)
    case .multiplication: MultiplicationProblem(length: length)
    case .copy: CopyMemory(delay: length)
    case .order2: TemporalOrder(length: length)
    case .order3: TemporalOrder(length: length, count: 3)
    case .noiseless: NoiselessDelay(length: length)
    case .noisy: NoisyDelay(length: length)
    case .permutation: RandomPermutation(length: length)
    }
  }
}
