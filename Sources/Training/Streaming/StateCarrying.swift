/// Carries states from one window of a long sequence to the next, while gradients end at the boundaries: truncated
/// backpropagation through time (Williams & Peng 1990).
///
/// A batch holds a window of `k₂` steps of each stream. With `stride` k₁ = k₂ the next batch begins where this one
/// ends. With k₁ < k₂ it begins k₁ steps after this one, so that windows overlap and gradients reach further back than
/// the distance between updates; the loss should then count only the last k₁ steps of a window.
///
/// A batch for a trainer that carries states also has the Bool input `begins`: true if the streams begin, so that all
/// states have the network's initial values (zero, trained, …); false if they continue. Evaluations and measurements of
/// the trainer have no `begins`: each starts fresh. To continue without training use `StreamingModel`.
public struct StateCarrying: Hashable, Sendable {
  /// The name of the Bool input for whether the streams begin.
  public static let begins = "begins"

  /// k₁: the number of steps from the start of a batch to the start of the next; nil for all of them.
  public var stride: Int?

  /// Carries states from this step of a batch; by default from its end.
  public init(stride: Int? = nil) { self.stride = stride }
}
