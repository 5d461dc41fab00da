internal import Foundation

/// What a classifier says of a text.
public struct Classification: Hashable, Sendable {
  /// One word of the text, and how the result hangs on it.
  public struct Word: Hashable, Sendable {
    /// The word as the classifier reads it: in lower case, without what is contracted with it.
    public var text: String
    /// Whether it is in the classifier's vocabulary; all other words are the same to it.
    public var isKnown: Bool
    /// ‖dL/dxₜ‖₂ at the word's vector xₜ, L = −log p(label): how much a small change of the word changes the result.
    public var gradientNorm: Double
    /// −dL/dxₜ · xₜ: by how much the word's being there raises log p(label), to first order (gradient times input;
    /// Shrikumar, Greenside, Shcherbina & Kundaje 2016); below 0 the word speaks against the label.
    public var support: Double
  }

  /// What the classes are called.
  public var classes: [String]
  /// The scores of the classes, before the softmax.
  public var logits: [Double]
  /// The likeliest class.
  public var label: Int
  /// The words of the text, in order.
  public var words: [Word]

  /// The softmax of the logits.
  public var probabilities: [Double] {
    let largest = logits.max() ?? 0
    let weights = logits.map { exp($0 - largest) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  /// What the likeliest class is called, and its probability.
  public var name: String { classes[label] }
  /// The probability of the likeliest class.
  public var probability: Double { probabilities[label] }
}
