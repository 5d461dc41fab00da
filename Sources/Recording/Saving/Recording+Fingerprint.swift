internal import EbbGraph
internal import EbbTensors

extension Recording {
  /// Sixteen digits for everything that the network computes, in training and in evaluation: axes, equations, shapes,
  /// names and outputs. Recordings that differ in any of it have other digits, but for one chance in 2⁶⁴.
  ///
  /// For files that must be used with the very same network, such as checkpoints. Initialisers do not count.
  public var fingerprint: String {
    let selections = (modes?.selections ?? []).map { "\($0.index)" }.joined(separator: " ")
    var sum = Fingerprint()
    sum.add("\(graph)modes \(selections)\n")
    return sum.text
  }
}
