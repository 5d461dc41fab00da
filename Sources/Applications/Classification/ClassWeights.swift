internal import EbbTraining

/// How much the texts of each class count in the loss that is trained: Σ w[target] l / n, as Keras's `class_weight`. The
/// loss on held-out texts is without them.
public enum ClassWeights: Hashable, Sendable {
  /// All texts count alike.
  case equal
  /// All classes count alike: n / (C nₖ) for the nₖ of n texts that are of the class k, one of C (King & Zeng 2001).
  case balanced
  /// A weight for each class.
  case given([Double])

  /// The weight of each class for texts with these labels; nil if all are 1.
  ///
  /// - Throws: `TrainingError.setting` if there is another number of weights than of classes, one is not a finite number
  ///   of at least 0, none is above 0, or a class that is to be balanced has no text.
  func numbers(for labels: [Int], classes: [String]) throws(TrainingError) -> [Double]? {
    switch self {
    case .equal: return nil
    case .balanced:
      var counts = [Int](repeating: 0, count: classes.count)
      for label in labels { counts[label] += 1 }
      if let empty = counts.firstIndex(of: 0) {
        throw .setting("no text to train on is \(classes[empty]), so the classes cannot be balanced")
      }
      return counts.map { Double(labels.count) / Double(classes.count * $0) }
    case .given(let weights):
      guard weights.count == classes.count else {
        throw .setting(
          "each class has a weight: \(classes.count) for \(classes.joined(separator: ", ")), and not \(weights.count)")
      }
      guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }), weights.contains(where: { $0 > 0 }) else {
        throw .setting("the weights of classes are finite numbers of at least 0, one of them above 0, not \(weights)")
      }
      return weights
    }
  }
}
