/// How states go on from one piece of a long sequence to the next, while gradients end at the pieces' borders: truncated
/// backpropagation through time (Williams & Peng 1990).
///
/// A batch holds a window of `k₂` steps of each stream. With `stride` k₁ = k₂ the next batch begins where this one ends.
/// With k₁ < k₂ it begins k₁ steps later, so that the windows overlap and a gradient can go back further than the
/// distance of two updates; the loss should then count the last k₁ steps of a window only.
///
/// A batch for a trainer that carries states also has the Bool input `begins`: true where the streams begin, and all states
/// are what the network says (zero, a trained value, …); false where they go on. Evaluations and measurements of the trainer
/// take no `begins`: each begins anew. To go on without training there is `StreamingModel`.
public struct StateCarrying: Hashable, Sendable {
  /// The name of the Bool input that tells whether the streams begin.
  public static let begins = "begins"

  /// k₁: after how many steps of a batch the next one begins; nil for all of them.
  public var stride: Int?

  /// States that go on this many steps after a batch began; by default where it ended.
  public init(stride: Int? = nil) { self.stride = stride }
}
