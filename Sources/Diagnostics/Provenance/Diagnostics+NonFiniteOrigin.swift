public import EbbGraph
public import EbbRecording

extension Diagnostics {
  /// Where an infinite number or a NaN arose on the way to a loss or to the gradients of parameters; nil if all of these
  /// are finite.
  ///
  /// ```swift
  /// if let origin = try Diagnostics.nonFiniteOrigin(of: recording, bindings) { print(origin) }
  /// // log(forget) is -inf at step 17, sample 3, unit 5, on the way to h (forward): forget = 0
  /// ```
  ///
  /// The graph runs once more with a flag for every value, step and sample. What is found is the first flag, in the order
  /// of computation, among those from which a result that is not finite is computed and which itself is computed from
  /// nothing flagged. At one step and sample features are taken together: a value that fails in one feature where an
  /// operand fails in another counts as following from it.
  ///
  /// - Parameter loss: The name of an output that is a float scalar at each index.
  public static func nonFiniteOrigin(
    of recording: Recording, loss: String = "loss", _ bindings: Bindings, run: RunOptions = RunOptions()
  ) throws(DiagnosticError) -> NonFiniteOrigin? {
    try NonFiniteSearch(recording, loss: loss, bindings, run).run()
  }

  /// Where an infinite number or a NaN arose in an experiment on a cell.
  public static func nonFiniteOrigin(
    _ cell: some RecurrentCell, _ experiment: FlowExperiment = FlowExperiment()
  ) throws(DiagnosticError) -> NonFiniteOrigin? {
    let recording = try experiment.record(cell)
    return try nonFiniteOrigin(
      of: recording, loss: FlowExperiment.Name.loss, experiment.bindings(for: recording), run: experiment.run)
  }
}
