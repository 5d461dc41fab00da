internal import EbbGraph
internal import EbbTensors

extension Recording {
  /// Sixteen digits that identify everything the network computes in training and in evaluation: axes, equations,
  /// shapes, names and outputs. Two recordings that differ in any of it share them with probability 2⁻⁶⁴.
  ///
  /// For files that belong to exactly one network, such as checkpoints. Initialisers do not count.
  public var fingerprint: String {
    let selections = (modes?.selections ?? []).map { "\($0.index)" }.joined(separator: " ")
    var sum = Fingerprint()
    sum.add("\(graph)modes \(selections)\n")
    return sum.text
  }
}
