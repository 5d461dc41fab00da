public import EbbTensors

/// How often each class was predicted for each other, accumulated batch by batch.
public struct ConfusionMatrix: Codable, Hashable, Sendable {
  /// How many classes there are.
  public let classes: Int
  /// Row-major: [target][prediction].
  private var counts: [Int]

  /// A matrix of zeros; traps unless there is a class.
  public init(classes: Int) {
    precondition(classes >= 1, "there is at least one class, not \(classes)")
    self.classes = classes
    counts = [Int](repeating: 0, count: classes * classes)
  }

  /// The number of samples of a class for which another, or itself, was predicted.
  public subscript(target target: Int, prediction prediction: Int) -> Int { counts[target * classes + prediction] }

  /// Adds predicted and true classes; traps on an invalid class or different counts.
  public mutating func add(_ predictions: [Int], targets: [Int]) {
    precondition(
      predictions.count == targets.count, "\(predictions.count) predictions for \(targets.count) targets")
    for (prediction, target) in zip(predictions, targets) {
      precondition(
        (0..<classes).contains(prediction) && (0..<classes).contains(target),
        "the classes are 0 ..< \(classes), not \(prediction) and \(target)")
      counts[target * classes + prediction] += 1
    }
  }

  /// Adds scores and the true classes: the first of the highest scores is the prediction.
  ///
  /// - Parameters:
  ///   - scores: Logits or probabilities, of […, classes].
  ///   - targets: Classes, of […].
  ///   - counted: Which predictions count, of […]; nil for all. Other targets are ignored.
  public mutating func add(scores: Tensor, targets: Tensor, where counted: [Bool]? = nil) {
    precondition(
      scores.dimensions == targets.dimensions + [classes],
      "scores are \(targets.dimensions + [classes]), not \(scores.dimensions)")
    let (values, truths) = (scores.doubles, targets.doubles)
    precondition(counted.map { $0.count == truths.count } ?? true, "one truth value for each of \(truths.count)")
    for (index, truth) in truths.enumerated() where counted?[index] ?? true {
      var best = 0
      for candidate in 1..<max(1, classes)
      where values[index * classes + candidate] > values[index * classes + best] { best = candidate }
      add([best], targets: [Int(truth)])
    }
  }

  /// How many predictions were taken.
  public var count: Int { counts.reduce(0, +) }

  /// The fraction of correct predictions; NaN if there are none.
  public var accuracy: Double {
    Double((0..<classes).reduce(0) { $0 + self[target: $1, prediction: $1] }) / Double(count)
  }

  /// TP / (TP + FP): the share of predictions of the class that are right; 0 if there are none.
  public func precision(of label: Int) -> Double {
    quotient(
      self[target: label, prediction: label], (0..<classes).reduce(0) { $0 + self[target: $1, prediction: label] })
  }

  /// TP / (TP + FN): the share of the class that was found; 0 if it does not occur.
  public func recall(of label: Int) -> Double {
    quotient(
      self[target: label, prediction: label], (0..<classes).reduce(0) { $0 + self[target: label, prediction: $1] })
  }

  /// F₁ = 2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall; 0 for a class that neither occurs nor is
  /// predicted.
  public func f1(of label: Int) -> Double {
    let hits = self[target: label, prediction: label]
    let both = (0..<classes).reduce(0) {
      $0 + self[target: $1, prediction: label] + self[target: label, prediction: $1]
    }
    return quotient(2 * hits, both)
  }

  /// The mean F₁ of all classes, with equal weights.
  public var macroF1: Double { (0..<classes).reduce(0) { $0 + f1(of: $1) } / Double(classes) }

  private func quotient(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}
