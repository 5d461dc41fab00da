public import EbbTensors
internal import Foundation

/// The temporal order problem (Hochreiter & Schmidhuber 1997, experiments 6a and 6b; in the form of Pascanu, Mikolov &
/// Bengio 2013): which of two symbols came first, second, and possibly third.
///
/// Each step reads one of six symbols, one-hot. At two or three steps it is A or B, each with 1/2; at all others one of
/// four distractors. Each relevant step is drawn uniformly from a tenth of the sequence:
///
///     two      [0.1 T, 0.2 T)   [0.5 T, 0.6 T)
///     three    [0.1 T, 0.2 T)   [0.3 T, 0.4 T)   [0.6 T, 0.7 T)
///
/// The class encodes the symbols, with the first as the lowest digit: 4 or 8 classes. The task is solved if fewer than
/// one in a hundred new sequences is misclassified (Martens & Sutskever 2011). Hochreiter & Schmidhuber use the same
/// places in sequences of 100 to 110 steps, with a symbol for the beginning and one for the end.
public struct TemporalOrder: SequenceTask, Hashable {
  /// The number of steps T, at least 10.
  public var length: Int
  /// The number of symbols to remember: 2 or 3.
  public var count: Int

  /// The task with this number of steps; traps unless there are at least ten steps, and two or three symbols.
  public init(length: Int, count: Int = 2) {
    precondition(length >= 10, "a symbol within a tenth of the sequence needs ten steps, not \(length)")
    precondition(count == 2 || count == 3, "the order is of two or three symbols, not \(count)")
    self.length = length
    self.count = count
  }

  public var name: String { "temporal order of \(count) symbols, T = \(length)" }
  public var features: Int { 6 }
  public var answer: TaskAnswer { .label(classes: 1 << count) }
  public var criterion: SuccessCriterion { .wrongSequencesBelow(0.01) }

  public var baseline: TaskBaseline {
    TaskBaseline(
      loss: Double(count) * log(2), accuracy: 1 / Double(1 << count), strategy: "any class, each equally likely")
  }

  /// The ranges of steps with one relevant symbol each.
  public var places: [Range<Int>] {
    let tenth = length / 10
    return (count == 2 ? [1, 5] : [1, 3, 6]).map { $0 * length / 10..<$0 * length / 10 + tenth }
  }

  public func batch(size: Int, seed: UInt64, step: Int, for purpose: TaskPurpose = .training) -> [String: Tensor] {
    let draws = TaskDraws(0x08DE_0000_0000_0000, seed: seed, step: step, purpose)
    let samples = (0..<size).map { sample in
      places.enumerated().map { index, range in
        (step: draws.choice(sample, 2 * index, in: range), symbol: draws.choice(sample, 2 * index + 1, below: 2))
      }
    }
    let read = SymbolBatch(length: length, size: size) { step, sample in
      samples[sample].first { $0.step == step }?.symbol ?? 2 + draws.symbol(sample, step: step, below: 4)
    }
    let classes = samples.map { relevant in
      Int32(relevant.enumerated().reduce(0) { $0 | $1.element.symbol << $1.offset })
    }
    return ["x": read.oneHot(features), "target": Tensor([size], classes)]
  }
}
