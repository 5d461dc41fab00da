internal import EbbCompiler
public import EbbPlanning
public import EbbRecording

extension Recording {
  /// The equations of a training step, forward and backward, that no kernel computes, with what to write instead. None
  /// for the library's cells.
  ///
  /// - Parameter loss: The name of the output to differentiate.
  /// - Throws: `DiagnosticError` if the recording has no such loss, or it cannot be differentiated.
  public func fallbacks(of loss: String = "loss") throws(DiagnosticError) -> [Fallback] {
    try diagnosing(self) { try Plan(compiling: graphWithGradients(of: loss, norms: false)).fallbacks }
  }
}
