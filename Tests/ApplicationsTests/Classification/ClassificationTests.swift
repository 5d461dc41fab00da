import EbbApplications
import EbbTensors
import EbbTestSupport
import EbbTraining
import Foundation
import Testing

/// Sentences whose sense is that of one of their words.
private let texts: LabelledTexts = {
  let things = ["film", "plot", "cast", "music", "end", "script"]
  let opinions = [["great", "fine", "moving", "fresh"], ["dull", "poor", "boring", "stale"]]
  var made: (texts: [String], labels: [Int]) = ([], [])
  for (index, thing) in things.enumerated() {
    for other in things where other != thing {
      let label = (index + other.count) % 2
      for opinion in opinions[1 - label] {
        made.texts.append(
          made.texts.count % 3 == 0 ? "the \(thing) is \(opinion)" : "\(opinion) \(thing) , and the \(other)")
        made.labels.append(label)
      }
    }
  }
  return LabelledTexts(made.texts, labels: made.labels)
}()

private let small = ClassifierNetwork(
  embedding: 6, units: 5, wordDropout: 0.1, embeddingDropout: 0.2, recurrentDropout: 0.2, dropout: 0.2)
private let quick = ClassifierSettings(
  epochs: 6, batchSize: 8, learningRate: 0.02, averaging: 0.5, heldOutFraction: 0.2, patience: 5, minimumCount: 1)

private func trainer(
  _ network: ClassifierNetwork = small, _ training: ClassifierSettings = quick
) throws -> TextClassifierTrainer {
  try TextClassifierTrainer(texts, network: network, training: training)
}

@Suite struct ClassificationTests {
  @Test(arguments: [
    ClassifierNetwork.Cell.lstm, .gru,
  ]) func aClassifierLearnsAndTheFileHoldsAllOfIt(cell: ClassifierNetwork.Cell) throws {
    var network = small
    network.cell = cell
    let trainer = try trainer(network)
    let result = try trainer.train()
    #expect(result.heldOut.accuracy > 0.95, "\(result.heldOut)")
    #expect(result.trainingCount == 96 && result.heldOutCount == 24 && !result.isInterrupted)
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID()).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try trainer.model().file().write(to: path)
    let model = try TextClassifier(ModelFile(contentsOf: path))
    for (text, name) in [("a great plot", "positive"), ("The plot is dull.", "negative")] {
      let result = try model.classify(text)
      #expect(result.name == name && result.probability > 0.5)
      let again = try trainer.model().classify(text)
      #expect(again == result)
    }
    #expect(try trainer.score(texts).accuracy > 0.95)
  }

  @Test(arguments: ClassifierNetwork.Pooling.allCases)
  func paddingAndOrderChangeNoBitOfAStep(pooling: ClassifierNetwork.Pooling) throws {
    // Dropout is on: its masks are functions of a word's place, so padding leaves them as well.
    var network = small
    (network.pooling, network.poolsWords, network.layers) = (pooling, true, 2)
    let trainer = try trainer(network).trainer
    let start = trainer.state
    func parameters(steps: Int, filler: Int32) throws -> [String: Tensor] {
      try trainer.restore(start)
      for step in 0..<2 {
        let lengths = [3, 5, 1].map { $0 + step }
        let words = (0..<steps * 3).map { place -> Int32 in
          let isInside = place / 3 < lengths[place % 3]
          return isInside ? Int32(1 + place * 7 % 11) : filler
        }
        let result = try trainer.step([
          "words": Tensor([steps, 3], words), "lengths": Tensor([3], lengths.map { Int32($0) }),
          "target": Tensor([3], [0, 1, 1] as [Int32]),
        ])
        #expect(result.gradientNorm > 0)
      }
      return trainer.parameters
    }
    let tight = try parameters(steps: 6, filler: 0)
    for (steps, filler) in [(6, 4), (8, 0), (24, 9), (24, 1_000_000), (31, -1)] as [(Int, Int32)] {
      #expect(try parameters(steps: steps, filler: filler) == tight, "\(steps) steps filled with \(filler)")
    }
  }

  @Test func whatIsFilledUpChangesNoBitOfAnAnswer() throws {
    // The classifier fills up to 8 steps; the trainer takes the batch as it is.
    let trainer = try trainer()
    let words = trainer.configuration.words.encode("the film is dull").map(\.number)
    let tight = [
      "words": Tensor([4, 1], words), "lengths": Tensor([1], [4] as [Int32]), "target": Tensor([1], [0] as [Int32]),
    ]
    let expected = try trainer.trainer.evaluate(tight)["logits"]?.doubles
    let found = try trainer.model().classify("The film is dull").logits
    #expect(found == expected)
  }

  @Test func poolingIsOfTheWordsThereAre() throws {
    // Of the parameters only the read-out's bias is not 0, so nothing but that can come out, however long the text.
    let trainer = try trainer()
    var parameters = trainer.trainer.parameters.mapValues {
      Tensor($0.dimensions, $0.doubles.map { _ in 0 }, as: .float32)
    }
    parameters["readout.dense.bias"] = Tensor([2], [1, -1] as [Float])
    let model = try TextClassifier(trainer.configuration, parameters: parameters)
    for text in ["film", "the film is a film and the plot is a plot and the end"] {
      #expect(try model.classify(text).logits == [1, -1])
    }
    parameters["readout.dense.bias"] = Tensor([2], [1, .nan] as [Float])
    let damaged = try TextClassifier(trainer.configuration, parameters: parameters)
    #expect(throws: TrainingError.self) { try damaged.classify("film") }
    // A text of marks alone is read as one unknown word; of an empty one there is nothing to read.
    for empty in ["", " \n\t"] {
      #expect { try damaged.classify(empty) } throws: { "\($0)".contains("the text is empty") }
    }
    #expect {
      _ = try TextClassifierTrainer(LabelledTexts(["film", " ", "plot"], labels: [0, 1, 0], source: "s"))
    } throws: {
      "\($0)".contains("s: text 2 is empty; at least one word is expected")
    }
  }

  @Test func theGradientOfAWordIsTheSlopeAlongItsVector() throws {
    let trainer = try trainer()
    _ = try trainer.train()
    let model = try trainer.model()
    let result = try model.classify("the music is moving")
    let table = model.parameters["embedding.table"]!
    let number = trainer.configuration.words.encode("moving")[0].number
    /// −log p of the same label, with the vector of "moving" changed.
    func loss(_ change: (Int, Double) -> Double) throws -> Double {
      var values = table.doubles
      for feature in 0..<6 { values[Int(number) * 6 + feature] += change(feature, values[Int(number) * 6 + feature]) }
      var parameters = model.parameters
      parameters["embedding.table"] = Tensor(table.dimensions, values, as: .float32)
      let changed = try TextClassifier(trainer.configuration, parameters: parameters).classify("the music is moving")
      return -log(changed.probabilities[result.label])
    }
    let width = 0.01
    let slopes = try (0..<6).map { feature -> Double in
      let up = try loss { at, _ in at == feature ? width : 0 }
      let down = try loss { at, _ in at == feature ? -width : 0 }
      return (up - down) / (2 * width)
    }
    let norm = slopes.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let word = result.words[3]
    #expect(word.text == "moving" && word.isKnown)
    #expect(abs(word.gradientNorm - norm) < 0.02 * norm, "\(word.gradientNorm) and by differences \(norm)")
    let (larger, smaller) = (try loss { _, x in width * x }, try loss { _, x in -width * x })
    let shrinking = (larger - smaller) / (2 * width)
    #expect(abs(word.support + shrinking) < 0.02 * abs(shrinking), "\(word.support) and by differences \(-shrinking)")
  }

  @Test func trainingGoesOnFromACheckpointToTheBit() throws {
    let whole = try trainer()
    let expected = try whole.train()
    let first = try trainer()
    let cut = try first.train { progress, _ in progress.completed == 29 ? .stop : .continue }
    #expect(cut.isInterrupted && first.trainer.state.step == 29)
    let second = try trainer()
    try second.trainer.restore(Checkpoint(bytes: Checkpoint(first.trainer).bytes, source: "memory"))
    let rest = try second.train()
    #expect(rest.heldOut == expected.heldOut && second.trainer.state == whole.trainer.state)
    let (resumed, kept, half) = (try second.model(), try whole.model(), try first.model())
    #expect(resumed.parameters == kept.parameters && half.parameters != kept.parameters)
  }

  @Test func trainingEndsWhenTheHeldOutLossRisesAndKeepsTheBest() throws {
    var training = quick
    (training.epochs, training.patience, training.learningRate) = (40, 1, 0.3)
    let trainer = try trainer(small, training)
    let result = try trainer.train()
    #expect(result.evaluations.count < 40 && trainer.isAtEnd && !result.isInterrupted)
    let best = result.evaluations.map(\.heldOut.loss).min()!
    #expect(result.heldOut.loss == best)
    let losses = result.evaluations.map(\.heldOut.loss)
    #expect(losses.suffix(2).allSatisfy { $0 >= best }, "\(losses)")
  }

  @Test func settingsThatMakeNoSenseAreErrors() {
    func problem(_ network: ClassifierNetwork = small, _ training: ClassifierSettings = quick) -> String {
      do throws(TrainingError) {
        _ = try TextClassifierTrainer(texts, network: network, training: training)
        return ""
      } catch {
        return error.description
      }
    }
    #expect(problem(ClassifierNetwork(dropout: 1)) == "dropout is at least 0 and below 1, not 1.0")
    #expect(problem(ClassifierNetwork(embedding: 0)) == "the embedding is 1 to 4096, not 0")
    #expect(problem(small, ClassifierSettings(epochs: 0)) == "the number of epochs is at least 1, not 0")
    #expect(problem(small, ClassifierSettings(learningRate: .nan)) == "the learning rate is a number above 0, not nan")
    #expect(
      problem(small, ClassifierSettings(heldOutFraction: 1))
        == "texts: the fraction to hold out is between 0 and 1, not 1.0")
  }

  @Test func damagedModelsAreErrors() throws {
    let model = try trainer().model()
    func isRefused(_ change: (inout TextClassifier.Configuration, inout [String: Tensor]) -> Void) throws -> Bool {
      var (configuration, parameters) = (model.configuration, model.parameters)
      change(&configuration, &parameters)
      let file = try ModelFile(kind: TextClassifier.kind, configuration: configuration, parameters: parameters)
      do {
        _ = try TextClassifier(file)
        return false
      } catch {
        return true
      }
    }
    #expect(try !isRefused { _, _ in })
    #expect(try isRefused { configuration, _ in configuration.network.units = 6 })
    #expect(try isRefused { configuration, _ in configuration.network.units = Int.max })
    #expect(try isRefused { configuration, _ in configuration.network.layers = -1 })
    #expect(try isRefused { configuration, _ in configuration.classes = [] })
    #expect(try isRefused { configuration, _ in configuration.classes = ["one", "two", "three"] })
    #expect(try isRefused { configuration, _ in configuration.words = WordList(of: ["few words"]) })
    #expect(try isRefused { _, parameters in parameters["readout.dense.bias"] = nil })
    #expect(try isRefused { _, parameters in parameters["more"] = Tensor([1], [0] as [Float]) })
  }

  @Test func labelsThatAreNoClassesAreRefused() throws {
    let texts = LabelledTexts(["good", "bad", "worse"], labels: [1, 0, 2], source: "reviews")
    #expect(
      message { _ = try TextClassifierTrainer(texts) }
        == "reviews, column label: text 2 has the label 2; the classes are 0 ... 1")
    let fine = LabelledTexts(["good film", "bad film", "a film", "one more"], labels: [1, 0, 1, 0])
    let trainer = try TextClassifierTrainer(fine, training: ClassifierSettings(heldOutFraction: 0.25, minimumCount: 1))
    #expect(message { _ = try trainer.score(texts) }.contains("text 2 has the label 2"))
    #expect(message { _ = try trainer.score(LabelledTexts([], labels: [])) }.contains("there is no text"))
  }
}
