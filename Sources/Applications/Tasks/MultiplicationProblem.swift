public import EbbTensors
internal import Foundation

/// The multiplication problem (Hochreiter & Schmidhuber 1997, experiment 5): the adding problem with a product, which
/// no sum of the inputs can give.
///
/// The first mark is in the first tenth of the sequence, the second between there and the middle, with each step
/// equally likely; the target is the product of the two marked numbers. All sequences have T steps, where the paper
/// draws from T to 1.1 · T. An answer is right if it errs by at most 0.04; the criterion, fewer than one wrong sequence
/// in a hundred, is from Martens & Sutskever (2011).
public struct MultiplicationProblem: SequenceTask, Hashable {
  /// The number of steps T, at least 10.
  public var length: Int

  /// The task with this number of steps; traps unless it is at least ten.
  public init(length: Int) {
    precondition(length >= 10, "a mark in the first tenth needs ten steps, not \(length)")
    self.length = length
  }

  public var name: String { "multiplication problem, T = \(length)" }
  public var features: Int { 2 }
  public var answer: TaskAnswer { .number(tolerance: markedNumberTolerance) }
  public var criterion: SuccessCriterion { .wrongSequencesBelow(0.01) }

  /// E[XY] = 1/4, and Var[XY] = 1/3² − 1/4² = 7/144. The product is at most p in F(p) = p (1 − ln p) of the cases.
  public var baseline: TaskBaseline {
    func fraction(atMost p: Double) -> Double { p * (1 - log(p)) }
    return TaskBaseline(
      loss: 7.0 / 144,
      accuracy: fraction(atMost: 0.25 + markedNumberTolerance) - fraction(atMost: 0.25 - markedNumberTolerance),
      strategy: "the constant answer 1/4")
  }

  public func batch(size: Int, seed: UInt64, step: Int, for purpose: TaskPurpose = .training) -> [String: Tensor] {
    let draws = TaskDraws(0x3017_0000_0000_0000, seed: seed, step: step, purpose)
    let (tenth, half) = (length / 10, length / 2)
    return markedNumbers(length: length, size: size, draws, combine: *) { sample in
      (draws.choice(sample, 0, in: 0..<tenth), draws.choice(sample, 1, in: tenth..<half))
    }
  }
}
