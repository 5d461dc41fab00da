public import EbbGraph
public import EbbRecording

extension Diagnostics {
  /// The origin of an infinity or a NaN in a loss or in the gradients of parameters; nil if all of these are finite.
  ///
  /// ```swift
  /// if let origin = try Diagnostics.nonFiniteOrigin(of: recording, bindings) { print(origin) }
  /// // log(forget) is -inf at step 17, sample 3, unit 5, on the way to h (forward): forget = 0
  /// ```
  ///
  /// The graph runs once more with a flag for every value, step and sample. The origin is the first flag, in the order
  /// of computation, that a nonfinite result depends on and that itself depends on no flag. Features at one step and
  /// sample share a flag: a value that fails in one feature counts as caused by an operand that fails in another.
  ///
  /// - Parameter loss: The name of an output that is a float scalar at each index.
  public static func nonFiniteOrigin(
    of recording: Recording, loss: String = "loss", _ bindings: Bindings, run: RunOptions = RunOptions()
  ) throws(DiagnosticError) -> NonFiniteOrigin? {
    try NonFiniteSearch(recording, loss: loss, bindings, run).run()
  }

  /// The origin of an infinity or a NaN in an experiment on a cell.
  public static func nonFiniteOrigin(
    _ cell: some RecurrentCell, _ experiment: FlowExperiment = FlowExperiment()
  ) throws(DiagnosticError) -> NonFiniteOrigin? {
    let recording = try experiment.record(cell)
    return try nonFiniteOrigin(
      of: recording, loss: FlowExperiment.Name.loss, experiment.bindings(for: recording), run: experiment.run)
  }
}
