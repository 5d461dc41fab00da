public import EbbTensors
internal import Foundation

/// A task on sequences as its paper defines it: what is read, what is asked, how well one does without a memory, and when
/// the task counts as solved.
///
/// A batch is a function of the seed, the step's number and the purpose alone. It holds
///
/// | name | dimensions | |
/// |---|---|---|
/// | `x` | [T, B, features], Float32 | what is read |
/// | `target` | [B, 1] Float32, [B] or [T, B] Int32 | what should be answered, as `answer` says |
/// | `judged` | [T, B], Bool | for an answer at each step: which of them need the memory |
///
/// A task of one's own is a type with these properties; `TaskTrainer` trains any cell on it.
public protocol SequenceTask: Sendable {
  /// What the task is called, with its sizes.
  var name: String { get }
  /// The number of steps T.
  var length: Int { get }
  /// How many numbers are read at each step.
  var features: Int { get }
  /// What a network has to answer, and how an answer is judged.
  var answer: TaskAnswer { get }
  /// What the best answers reach that use no memory, as expected values.
  var baseline: TaskBaseline { get }
  /// When the task counts as solved.
  var criterion: SuccessCriterion { get }

  /// The batch of a step.
  func batch(size: Int, seed: UInt64, step: Int, for purpose: TaskPurpose) -> [String: Tensor]
}

/// What sequences are for: training and testing never see the same ones.
public enum TaskPurpose: Hashable, Sendable, CaseIterable {
  /// Training, or testing.
  case training, heldOut
}

/// What a task asks for.
public enum TaskAnswer: Hashable, Sendable {
  /// A number after the last step, with the squared error as its loss. It is right if it errs by at most the tolerance.
  case number(tolerance: Double)
  /// One of so many classes after the last step, with the cross-entropy as its loss.
  case label(classes: Int)
  /// One of so many classes at every step, with the mean cross-entropy of all steps as its loss. Whether answers are
  /// right is asked at the judged steps only.
  case labels(classes: Int)

  /// How many numbers the network answers with.
  public var outputs: Int {
    switch self {
    case .number: 1
    case .label(let classes), .labels(let classes): classes
    }
  }
}

/// What is reached without a memory.
public struct TaskBaseline: Hashable, Sendable {
  /// The expected loss: a mean squared error, or a cross-entropy in nats.
  public var loss: Double
  /// The expected fraction of right answers, among those that are judged.
  public var accuracy: Double
  /// The answers that reach it.
  public var strategy: String

  /// What answers without memory reach.
  public init(loss: Double, accuracy: Double, strategy: String) {
    self.loss = loss
    self.accuracy = accuracy
    self.strategy = strategy
  }
}

/// When a task counts as solved, on sequences that were not trained on.
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

/// How well a network does on sequences that were not trained on.
public struct TaskEvaluation: Hashable, Sendable {
  /// How many steps of training were made.
  public var step: Int
  /// The mean loss.
  public var loss: Double
  /// The fraction of right answers, among those that are judged.
  public var accuracy: Double
  /// The fraction of sequences with a wrong answer among those that are judged.
  public var wrongSequences: Double
  /// How many sequences were tried.
  public var sequences: Int

  /// Results after so many steps.
  public init(step: Int, loss: Double, accuracy: Double, wrongSequences: Double, sequences: Int) {
    self.step = step
    self.loss = loss
    self.accuracy = accuracy
    self.wrongSequences = wrongSequences
    self.sequences = sequences
  }
}
