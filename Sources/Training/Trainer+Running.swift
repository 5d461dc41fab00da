internal import EbbExecution
internal import EbbGraph
internal import EbbPlanning
internal import EbbTensors

/// How a program is run on a batch.
extension Trainer {
  /// Runs a program on a batch, by default with the current parameters; random numbers are those of this run.
  ///
  /// - Parameters:
  ///   - name: The program's purpose, for the error if it does not fit into memory.
  ///   - isFinite: Whether nonfinite values in the batch are an error or are left to the policy.
  func run(
    _ executable: Executable, _ name: String, _ batch: [String: Tensor], parameters: [String: Tensor]? = nil, run: Int,
    firstSample: Int = 0, isFinite: Bool = true
  ) throws(TrainingError) -> Session {
    let bindings = Bindings((parameters ?? state.parameters).merging(batch) { $1 })
    let lengths = try checkedLengths(bindings, batch, of: executable, isFinite: isFinite)
    let session: Session
    do {
      session = try Self.session(executable, lengths, name)
      for (name, value) in bindings.values { try session.set(name, value) }
    } catch {
      throw .batch(error)
    }
    session.run(seed: seed, run: UInt64(run), firstSample: firstSample)
    if let failure = session.failure { throw .batch(failure) }
    return session
  }

  /// The lengths of the axes for a training batch, which is checked.
  func checkedLengths(_ batch: [String: Tensor], isFinite: Bool) throws(TrainingError) -> [Int] {
    try checkedLengths(batch, of: training, isFinite: isFinite)
  }

  /// The lengths of the axes of a program for a batch, which is checked; of the parameters only the dimensions count.
  func checkedLengths(
    _ batch: [String: Tensor], of executable: Executable, isFinite: Bool
  ) throws(TrainingError) -> [Int] {
    try checkedLengths(Bindings(host.parameters.merging(batch) { $1 }), batch, of: executable, isFinite: isFinite)
  }

  private func checkedLengths(
    _ bindings: Bindings, _ batch: [String: Tensor], of executable: Executable, isFinite: Bool
  ) throws(TrainingError) -> [Int] {
    if let name = batch.keys.filter({ host.parameters[$0] != nil }).sorted().first {
      throw .batch(BindingError("a batch holds inputs, and \(name) is a parameter; see setParameters"))
    }
    let lengths: [Int]
    do {
      lengths = try executable.plan.graph.lengths(for: bindings)
    } catch {
      throw .batch(error)
    }
    try rules.check(batch, isFinite: isFinite)
    return lengths
  }

  /// A program's session; the error names the program if it does not fit into memory.
  private static func session(
    _ executable: Executable, _ lengths: [Int], _ name: String
  ) throws(BindingError) -> Session {
    do {
      return try executable.session(lengths: lengths)
    } catch {
      throw BindingError("\(name): \(error)")
    }
  }
}
