public import EbbTensors

/// The adding problem (Hochreiter & Schmidhuber 1997, experiment 4; in the form of Le, Jaitly & Hinton 2015, section
/// 4.1): a long-term dependency with a well-known scale.
///
/// Each step has two features: a number, uniform on [0, 1), and a mark, 1 at two steps of the sequence and 0 elsewhere.
/// The target is the sum of the two marked numbers. A network without memory answers 1, with a mean squared error of 2
/// · 1/12 = 1/6.
///
/// An answer is right if it errs by at most 0.04 (Hochreiter & Schmidhuber). Le et al. show errors but state no
/// criterion; fewer than one wrong sequence in a hundred is the criterion of Martens & Sutskever (2011).
public struct AddingProblem: SequenceTask, Hashable {
  /// The number of steps T, at least 2.
  public var length: Int

  /// The mean squared error of the constant answer 1.
  public static let constantAnswerError = 1.0 / 6

  /// The task with this number of steps; traps unless it is at least two.
  public init(length: Int) {
    precondition(length >= 2, "two marks need two steps, not \(length)")
    self.length = length
  }

  public var name: String { "adding problem, T = \(length)" }
  public var features: Int { 2 }
  public var answer: TaskAnswer { .number(tolerance: markedNumberTolerance) }
  public var criterion: SuccessCriterion { .wrongSequencesBelow(0.01) }

  /// The sum has the density 1 − |s − 1|, so |s − 1| ≤ ε in 1 − (1 − ε)² of the cases.
  public var baseline: TaskBaseline {
    let missed = 1 - markedNumberTolerance
    return TaskBaseline(
      loss: Self.constantAnswerError, accuracy: 1 - missed * missed, strategy: "the constant answer 1")
  }

  /// The batch of a step: `x` of [T, B, 2] and `target` of [B, 1], Float32, a function of only seed, step and purpose.
  public func batch(size: Int, seed: UInt64, step: Int, for purpose: TaskPurpose = .training) -> [String: Tensor] {
    let draws = TaskDraws(0xADD0_0000_0000_0000, seed: seed, step: step, purpose)
    return markedNumbers(length: length, size: size, draws, combine: +) { sample in
      // Two different steps, every pair equally likely.
      let first = draws.choice(sample, 0, below: length)
      let other = draws.choice(sample, 1, below: length - 1)
      return (first, other < first ? other : other + 1)
    }
  }
}

/// The tolerance of answers about marked numbers (Hochreiter & Schmidhuber 1997, experiments 4 and 5).
let markedNumberTolerance = 0.04

/// Sequences of uniform numbers with two marked ones; the target combines these two.
func markedNumbers(
  length: Int, size: Int, _ draws: TaskDraws, combine: (Float, Float) -> Float, marks: (_ sample: Int) -> (Int, Int)
) -> [String: Tensor] {
  var x = [Float](repeating: 0, count: length * size * 2)
  var targets: [Float] = []
  for sample in 0..<size {
    let marks = marks(sample)
    func index(_ step: Int) -> Int { (step * size + sample) * 2 }
    for step in 0..<length { x[index(step)] = draws.number(sample, step: step) }
    x[index(marks.0) + 1] = 1
    x[index(marks.1) + 1] = 1
    targets.append(combine(x[index(marks.0)], x[index(marks.1)]))
  }
  return ["x": Tensor([length, size, 2], x), "target": Tensor([size, 1], targets)]
}
