package import EbbRecording
package import EbbTraining

/// The texts of a training, split and encoded, before anything is drawn or compiled, so that a program can estimate the
/// work.
package struct ClassifierData {
  package let configuration: TextClassifier.Configuration
  let training: ClassifierSettings
  let learned: EncodedTexts
  let heldOut: EncodedTexts
  let loader: BatchLoader
  /// The weight of each class in the loss of training; nil for none.
  private let classWeights: [Double]?

  /// - Throws: `TrainingError` if a setting is invalid, there are too few texts, or one is empty.
  package init(
    _ texts: LabelledTexts, classes: [String] = ["negative", "positive"], network: ClassifierNetwork,
    training: ClassifierSettings
  ) throws(TrainingError) {
    if let problem = training.problem { throw .setting(problem) }
    let (learned, held): (LabelledTexts, LabelledTexts)
    do {
      try texts.check(classes: classes.count)
      try texts.checkWords()
      (learned, held) = try texts.split(heldOut: training.heldOutFraction, seed: training.seed)
    } catch {
      throw .file(error)
    }
    let words = WordList(of: learned.texts, minimumCount: training.minimumCount)
    configuration = TextClassifier.Configuration(network: network, words: words, classes: classes)
    self.training = training
    classWeights = try training.classWeights.numbers(for: learned.labels, classes: classes)
    let data = EncodedTexts(learned, words)
    self.learned = data
    heldOut = EncodedTexts(held, words)
    let order = BatchOrder(
      count: data.count, batchSize: training.batchSize, seed: training.seed, isShuffled: training.shuffles,
      lengths: training.shuffles ? data.lengths : nil)
    loader = BatchLoader(order) { samples, _ in data.batch(of: samples) }
  }

  /// All steps that training takes at most.
  package var steps: Int { training.epochs * loader.order.batchesPerEpoch }
  /// The number of words of the longest text.
  package var batchSize: Int { min(training.batchSize, learned.count) }
  /// The words of the longest text, and of a text in the mean.
  package var longest: Int { learned.lengths.max() ?? 1 }
  package var meanLength: Double { Double(learned.lengths.reduce(0, +)) / Double(max(1, learned.count)) }

  /// The training network, over the axes t of words and b of texts, with the output `loss`.
  package func recording() throws(TrainingError) -> Recording {
    try TextClassifier.recording(configuration, classWeights: classWeights)
  }
}
