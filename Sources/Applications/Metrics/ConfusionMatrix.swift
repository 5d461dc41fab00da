public import EbbTensors

/// How often each class was taken for each other, collected batch by batch.
public struct ConfusionMatrix: Hashable, Sendable {
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

  /// How many samples of a class were taken for another, or for itself.
  public subscript(target target: Int, prediction prediction: Int) -> Int { counts[target * classes + prediction] }

  /// Takes predicted classes and the true ones; traps where one is no class, or there are not as many of both.
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

  /// Takes scores and the true classes: the first of the highest scores is the prediction.
  ///
  /// - Parameters:
  ///   - scores: Logits or probabilities, of […, classes].
  ///   - targets: Classes, of […].
  ///   - counted: Which predictions count, of […]; nil for all. Targets elsewhere may be anything.
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

  /// The fraction of predictions that are right; no number without a prediction.
  public var accuracy: Double {
    Double((0..<classes).reduce(0) { $0 + self[target: $1, prediction: $1] }) / Double(count)
  }

  /// TP / (TP + FP): how many of those taken for the class are of it; 0 if none was.
  public func precision(of label: Int) -> Double {
    quotient(
      self[target: label, prediction: label], (0..<classes).reduce(0) { $0 + self[target: $1, prediction: label] })
  }

  /// TP / (TP + FN): how many of the class were found; 0 if there was none.
  public func recall(of label: Int) -> Double {
    quotient(
      self[target: label, prediction: label], (0..<classes).reduce(0) { $0 + self[target: label, prediction: $1] })
  }

  /// F₁ = 2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall; 0 for a class that is neither there nor
  /// predicted.
  public func f1(of label: Int) -> Double {
    let hits = self[target: label, prediction: label]
    let both = (0..<classes).reduce(0) {
      $0 + self[target: $1, prediction: label] + self[target: label, prediction: $1]
    }
    return quotient(2 * hits, both)
  }

  /// The mean of all classes' F₁, each class counting as much as another.
  public var macroF1: Double { (0..<classes).reduce(0) { $0 + f1(of: $1) } / Double(classes) }

  private func quotient(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}
