public import EbbTensors
internal import Foundation

/// The random permutation problem (after Hochreiter & Schmidhuber 1997, in the form of Martens & Sutskever 2011 and
/// Pascanu, Mikolov & Bengio 2013): to predict the symbol after the last, which equals the first.
///
/// The first of T symbols is one of two; all others are drawn uniformly and independently from 98 others. Only the
/// symbol after the last is predictable, and only it is judged. The task is solved if fewer than one sequence in a
/// hundred is answered wrong (Martens & Sutskever).
public struct RandomPermutation: SequenceTask, Hashable {
  /// The number of steps T, at least 1.
  public var length: Int
  /// The number of symbols; 100 in the papers.
  public var symbols: Int

  /// The task with this number of steps; traps unless there are at least one step and three symbols.
  public init(length: Int, symbols: Int = 100) {
    precondition(length >= 1 && symbols >= 3, "two symbols are asked for among others, in at least one step")
    self.length = length
    self.symbols = symbols
  }

  public var name: String { "random permutation, T = \(length)" }
  public var features: Int { symbols }
  public var answer: TaskAnswer { .label(classes: symbols) }
  public var criterion: SuccessCriterion { .wrongSequencesBelow(0.01) }

  public var baseline: TaskBaseline {
    TaskBaseline(loss: log(2), accuracy: 0.5, strategy: "either of the two symbols that begin a sequence")
  }

  public func batch(size: Int, seed: UInt64, step: Int, for purpose: TaskPurpose = .training) -> [String: Tensor] {
    let draws = TaskDraws(0x9E87_0000_0000_0000, seed: seed, step: step, purpose)
    let first = (0..<size).map { draws.choice($0, 0, below: 2) }
    let read = SymbolBatch(length: length, size: size) { step, sample in
      step == 0 ? first[sample] : 2 + draws.symbol(sample, step: step, below: symbols - 2)
    }
    return ["x": read.oneHot(symbols), "target": Tensor([size], first.map(Int32.init))]
  }
}
