public import EbbTensors

/// Sequences from files, as a network reads them: time first.
public struct SequenceData: Sendable {
  /// Floats of [T, B, features], or Int32 tokens of [T, B]. Steps beyond a sequence's length are 0.
  public var input: Tensor
  /// The number of steps of each sequence; nil if all have T.
  public var lengths: [Int]?
  /// Floats over [T, B] or [B] with the output's features, or Int32 classes over [T, B] or [B]; nil if there are none.
  public var targets: Tensor?
  /// Whether each step has a target, and not each sequence.
  public var targetsAreAtEachStep = false
  /// Where the data are from, with their sizes.
  public var description: String
  /// What was decided where the files leave something open, one line each.
  public var notes: [String] = []

  /// T, the steps of the longest sequence.
  public var steps: Int { input.dimensions[0] }
  /// B, how many sequences there are.
  public var samples: Int { input.dimensions[1] }

  /// `, 4 sequences of 3–7 steps`.
  var sizes: String {
    let range = lengths.map { "\($0.min() ?? 0)–\($0.max() ?? 0)" } ?? "\(steps)"
    return samples == 1 ? ", one sequence of \(range) steps" : ", \(samples) sequences of \(range) steps"
  }
}

/// Which dimension of an array comes first.
public enum SequenceLayout: String, Sendable, Hashable, CaseIterable {
  /// [samples, steps, …], or [steps, samples, …].
  case batch, time
}
