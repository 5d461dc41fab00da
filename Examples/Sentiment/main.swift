// Learns the sentiment of reviews from a few hundred synthetic ones, classifies new ones, and shows the words that the
// answer depends on. For real reviews see `ebb sentiment train FILE.tsv`.
// Run it with: swift run -c release Sentiment
import Ebb
import EbbApplications
import Foundation

let things = ["film", "plot", "cast", "music", "script", "ending"]
let opinions = [["dull", "boring", "stale", "clumsy"], ["great", "moving", "fresh", "clever"]]

/// Reviews of one sentence. In a sentence with "but", the second half counts.
let reviews: [(text: String, label: Int)] = (0..<480).map { number in
  let (label, thing, other) = (number % 2, things[number / 2 % 6], things[number / 7 % 6])
  let (said, opposite) = (opinions[label][number / 3 % 4], opinions[1 - label][number / 5 % 4])
  switch number / 11 % 3 {
  case 0: return ("the \(thing) is \(said)", label)
  case 1: return ("a \(said) \(thing) and a \(other) that i will remember", label)
  default: return ("the \(thing) seems \(opposite) at first , but the \(other) is \(said)", label)
  }
}

do {
  let texts = LabelledTexts(reviews.map(\.text), labels: reviews.map(\.label))
  let trainer = try TextClassifierTrainer(
    texts, network: ClassifierNetwork(embedding: 16, units: 16),
    training: ClassifierSettings(epochs: 12, batchSize: 16, learningRate: 1e-2, averaging: 0.9))
  let result = try trainer.train()
  print(
    "\(result.trainingCount) reviews to learn from; of \(result.heldOutCount) others "
      + "\(readableNumber(100 * result.heldOut.accuracy))% are told right")

  let model = try trainer.model()
  for text in ["The music seems clever at first, but the plot is boring.", "A dull cast, but the film is moving!"] {
    let result = try model.classify(text)
    print("\n\(text)\n\(result.name), \(readableNumber(100 * result.probability))%")
    for word in result.words { print("  \(word.text): ‖dL/dx‖ = \(readableNumber(word.gradientNorm))") }
  }
  exit(result.heldOut.accuracy > 0.9 ? 0 : 1)
} catch {
  print(error)
  exit(1)
}
