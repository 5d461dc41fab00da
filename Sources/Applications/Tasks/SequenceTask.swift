public import EbbTensors
internal import Foundation

/// A task on sequences as defined in its paper: inputs, answers, the result without memory, and the success criterion.
///
/// A batch is a function of only the seed, the step's number and the purpose. It holds
///
/// | name | dimensions | |
/// |---|---|---|
/// | `x` | [T, B, features], Float32 | the input |
/// | `target` | [B, 1] Float32, [B] or [T, B] Int32 | the right answer, in the form of `answer` |
/// | `judged` | [T, B], Bool | for an answer at each step: which of them need the memory |
///
/// A custom task is a type with these properties; `TaskTrainer` trains any cell on it.
public protocol SequenceTask: Sendable {
  /// The name of the task, with its sizes.
  var name: String { get }
  /// The number of steps T.
  var length: Int { get }
  /// The number of inputs at each step.
  var features: Int { get }
  /// The answer of a network, and how it is judged.
  var answer: TaskAnswer { get }
  /// The expected result of the best answers without memory.
  var baseline: TaskBaseline { get }
  /// When the task counts as solved.
  var criterion: SuccessCriterion { get }

  /// The batch of a step.
  func batch(size: Int, seed: UInt64, step: Int, for purpose: TaskPurpose) -> [String: Tensor]
}

/// The purpose of sequences: training and testing never use the same ones.
public enum TaskPurpose: Hashable, Sendable, CaseIterable {
  /// Training, or testing.
  case training, heldOut
}

/// The kind of answer of a task.
public enum TaskAnswer: Hashable, Sendable {
  /// A number after the last step, with the squared error as its loss. It is right if its error is at most the
  /// tolerance.
  case number(tolerance: Double)
  /// One of this many classes after the last step, with the cross-entropy as its loss.
  case label(classes: Int)
  /// One of this many classes at every step, with the mean cross-entropy of all steps as its loss. Only answers at the
  /// judged steps count as right or wrong.
  case labels(classes: Int)

  /// How many numbers the network answers with.
  public var outputs: Int {
    switch self {
    case .number: 1
    case .label(let classes), .labels(let classes): classes
    }
  }
}

/// The result without memory.
public struct TaskBaseline: Hashable, Sendable {
  /// The expected loss: a mean squared error, or a cross-entropy in nats.
  public var loss: Double
  /// The expected fraction of right answers among the judged ones.
  public var accuracy: Double
  /// The answers that reach it.
  public var strategy: String

  /// The result of answers without memory.
  public init(loss: Double, accuracy: Double, strategy: String) {
    self.loss = loss
    self.accuracy = accuracy
    self.strategy = strategy
  }
}

/// When a task counts as solved, on new sequences.
public enum SuccessCriterion: Hashable, Sendable, CustomStringConvertible {
  /// The mean loss is below this.
  case lossBelow(Double)
  /// Less than this fraction of the sequences have a wrong answer.
  case wrongSequencesBelow(Double)

  /// Whether these results solve the task.
  public func isMet(by evaluation: TaskEvaluation) -> Bool {
    switch self {
    case .lossBelow(let limit): evaluation.loss < limit
    case .wrongSequencesBelow(let limit): evaluation.wrongSequences < limit
    }
  }

  public var description: String {
    switch self {
    case .lossBelow(let limit): "a loss below " + String(format: "%.3g", limit)
    case .wrongSequencesBelow(let limit): "wrong answers to fewer than one in \(Int((1 / limit).rounded())) sequences"
    }
  }
}

/// The performance of a network on new sequences.
public struct TaskEvaluation: Codable, Hashable, Sendable {
  /// How many steps of training were made.
  public var step: Int
  /// The mean loss.
  public var loss: Double
  /// The fraction of right answers among the judged ones.
  public var accuracy: Double
  /// The fraction of sequences with a wrong judged answer.
  public var wrongSequences: Double
  /// How many sequences were tried.
  public var sequences: Int
}
