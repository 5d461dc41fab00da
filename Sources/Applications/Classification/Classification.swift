internal import Foundation

/// A classifier's result for a text.
public struct Classification: Hashable, Sendable {
  /// One word of the text, and its influence on the result.
  public struct Word: Hashable, Sendable {
    /// The word as the classifier reads it: in lower case, without contractions.
    public var text: String
    /// Whether it is in the classifier's vocabulary; all other words count as the unknown word.
    public var isKnown: Bool
    /// ‖dL/dxₜ‖₂ at the word's vector xₜ, L = −log p(label): how much a small change of the word changes the result.
    public var gradientNorm: Double
    /// −dL/dxₜ · xₜ: the contribution of the word to log p(label), to first order (gradient times input; Shrikumar,
    /// Greenside, Shcherbina & Kundaje 2016); negative if the word is evidence against the label.
    public var support: Double
  }

  /// The names of the classes.
  public var classes: [String]
  /// The scores of the classes, before the softmax.
  public var logits: [Double]
  /// The most likely class.
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

  /// The name of the most likely class.
  public var name: String { classes[label] }
  /// The probability of the most likely class.
  public var probability: Double { probabilities[label] }
}
