// Trains a small language model on a synthetic text, one character at a time, and lets it complete sentences. The last
// tenth of the text is held out. The result is a function of the seed, for any number of threads.
// Run it with: swift run -c release TextCompletion
import Ebb
import EbbApplications
import Foundation

func number(_ value: Double) -> String { readableNumber(value) }

/// Sentences in which the animal determines where it goes: "The old bear goes to the river. "
func story(sentences: Int) -> String {
  let places = ["fox": "forest", "bear": "river", "owl": "tower", "horse": "meadow"]
  let draws = RandomStream(seed: 1, stream: 1)
  func pick(_ words: [String], _ sentence: Int, _ word: UInt32) -> String {
    words[Int(draws.value(.uniform, at: [UInt32(sentence), 0, 0], element: word) * Double(words.count))]
  }
  return (0..<sentences).map { sentence in
    let animal = pick(places.keys.sorted(), sentence, 0)
    return "The \(pick(["old", "young", "quick"], sentence, 1)) \(animal) goes to the \(places[animal]!). "
  }.joined()
}

do {
  var settings = TextSettings(tokenKind: .characters)
  (settings.layers, settings.units, settings.dropout, settings.learningRate) = (1, 48, 0, 0.01)
  (settings.steps, settings.batchSize, settings.window) = (400, 16, 50)
  let trainer = try TextTrainer(TextFile(story(sentences: 1000)), settings: settings) { LSTM(units: $0) }
  let result = try trainer.train { progress in
    if progress.completed % 100 == 0 { print("step \(progress.completed): loss \(number(progress.recentLoss))") }
    return .continue
  }
  print("held out: \(number(LanguageMeasures.bits(result.heldOutLoss))) bits a character")

  let model = try trainer.model()
  for prompt in ["The old owl goes to the", "The young horse goes to the"] {
    let candidates = try model.candidates(after: prompt, count: 3)
    print(prompt + " …" + candidates.map { "\($0.text) \(number($0.probability))" }.joined(separator: ","))
  }
  print("The" + (try model.continuation(of: "The", length: 100, Sampling(temperature: 0.8, seed: 1))))
} catch {
  print(error)
  exit(1)
}
