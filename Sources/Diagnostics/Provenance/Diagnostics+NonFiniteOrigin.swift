internal import EbbGraph
internal import EbbRecording

extension Diagnostics {
  /// The origin of an infinity or a NaN in a loss or in the gradients of parameters; nil if all of these are finite.
  ///
  /// ```swift
  /// if let origin = try Diagnostics.nonFiniteOrigin(of: trial) { print(origin) }
  /// // log(forget) is -inf at step 17, sample 3, unit 5, on the way to h (forward): forget = 0
  /// ```
  ///
  /// The graph runs once more with a flag for every value, step and sample. The origin is the first flag, in the order
  /// of computation, that a nonfinite result depends on and that itself depends on no flag. Features at one step and
  /// sample share a flag: a value that fails in one feature counts as caused by an operand that fails in another.
  ///
  /// - Parameter trial: Its loss is a float scalar at each index.
  public static func nonFiniteOrigin(of trial: Trial) throws(DiagnosticError) -> NonFiniteOrigin? {
    try NonFiniteSearch(trial).run()
  }
}
