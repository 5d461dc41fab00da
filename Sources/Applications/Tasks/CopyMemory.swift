public import EbbTensors
internal import Foundation

/// The copying memory problem (Hochreiter & Schmidhuber 1997; in the form of Arjovsky, Shah & Bengio 2016).
///
/// M symbols out of K are read, then T − 1 blanks, a signal, and M blanks; the answers are T + M blanks, and then the M
/// symbols in order:
///
///     read     s₁ … s_M  ␣ …………… ␣  !  ␣ … ␣
///     answer   ␣ ……………………… ␣  s₁ … s_M
///
/// A network without memory answers blanks up to the signal, and then any symbol with probability 1/K: a mean
/// cross-entropy of M ln K / (T + 2 M) over the T + 2 M steps.
///
/// The paper shows curves but states no criterion; here the task is solved at a hundredth of the baseline.
public struct CopyMemory: SequenceTask, Hashable {
  /// T, at least 1: a symbol must be answered T + M steps after it is read.
  public var delay: Int
  /// M: the number of symbols to remember; 10 in the paper.
  public var count: Int
  /// K: the number of symbols besides the blank and the signal; 8 in the paper.
  public var symbols: Int

  /// The task with this delay; traps unless there is a delay, at least one symbol to remember, and at least two to
  /// choose from.
  public init(delay: Int, count: Int = 10, symbols: Int = 8) {
    precondition(delay >= 1 && count >= 1 && symbols >= 2, "copying takes a delay, symbols and a choice of them")
    self.delay = delay
    self.count = count
    self.symbols = symbols
  }

  public var name: String { "copying memory, T = \(delay), \(count) of \(symbols) symbols" }
  public var length: Int { delay + 2 * count }
  /// The symbols, the blank and the signal.
  public var features: Int { symbols + 2 }
  /// The symbols and the blank.
  public var answer: TaskAnswer { .labels(classes: symbols + 1) }
  public var criterion: SuccessCriterion { .lossBelow(baseline.loss / 100) }

  public var baseline: TaskBaseline {
    TaskBaseline(
      loss: Double(count) * log(Double(symbols)) / Double(length), accuracy: 1 / Double(symbols),
      strategy: "blanks up to the signal, then any symbol")
  }

  public func batch(size: Int, seed: UInt64, step: Int, for purpose: TaskPurpose = .training) -> [String: Tensor] {
    let draws = TaskDraws(0xC0B1_0000_0000_0000, seed: seed, step: step, purpose)
    let (blank, signal) = (symbols, symbols + 1)
    let recall = delay + count
    func symbol(_ sample: Int, _ position: Int) -> Int { draws.symbol(sample, step: position, below: symbols) }
    let read = SymbolBatch(length: length, size: size) { step, sample in
      if step < count { return symbol(sample, step) }
      return step == recall - 1 ? signal : blank
    }
    let asked = SymbolBatch(length: length, size: size) { step, sample in
      step < recall ? blank : symbol(sample, step - recall)
    }
    return ["x": read.oneHot(features), "target": asked.targets, "judged": asked.mask(recall..<length)]
  }
}
