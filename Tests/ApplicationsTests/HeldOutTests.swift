import EbbApplications
import EbbCells
import EbbRecording
import EbbTensors
import EbbTraining
import Foundation
import Testing

/// Whoever tests a network on what it was trained on sees nothing here: what is held out says the opposite.
@Suite struct HeldOutTests {
  /// The answer is 1 in training and −1 in a test.
  private struct Opposites: SequenceTask {
    let name = "opposites"
    let length = 2
    let features = 1
    let answer = TaskAnswer.number(tolerance: 0.5)
    let baseline = TaskBaseline(loss: 1, accuracy: 0, strategy: "0")
    let criterion = SuccessCriterion.lossBelow(0)

    func batch(size: Int, seed: UInt64, step: Int, for purpose: TaskPurpose) -> [String: Tensor] {
      let answer: Float = purpose == .training ? 1 : -1
      return [
        "x": Tensor([2, size, 1], [Float](repeating: 1, count: 2 * size)),
        "target": Tensor([size, 1], [Float](repeating: answer, count: size)),
      ]
    }
  }

  @Test func aTaskIsTestedOnHeldOutSequences() throws {
    let settings = TaskSettings(
      batchSize: 4, steps: 300, optimizer: Adam(learningRate: 0.03), evaluationInterval: 50, evaluationSequences: 8)
    let result = try TaskTrainer(GRU(units: 3), Opposites(), settings).train()
    #expect(result.run.recentLoss < 0.05 && !result.isSolved, "\(result.run.recentLoss), \(result.final)")
    #expect(result.final.loss > 3 && result.final.accuracy == 0 && result.final.wrongSequences == 1)
    #expect(result.evaluations.dropFirst().allSatisfy { $0.loss > 1 })
  }

  @Test func samplesForValidationAreNotThoseOfTheEpoch() throws {
    let trainer = try Trainer(
      Recording.sequential(.features(1), [GRU(units: 3), LastStep(), Dense(units: 1)]),
      optimizer: Adam(learningRate: 0.05))
    let x = Tensor([2, 4, 1], [Float](repeating: 1, count: 8))
    func targets(_ value: Float) -> Tensor { Tensor([4, 1], [Float](repeating: value, count: 4)) }
    let history = try trainer.fit(x, targets(1), epochs: 150, batchSize: 4, validation: (x, targets(-1)))
    #expect(history[149].loss < 0.01 && (history[149].validationLoss ?? 0) > 3.5)
  }

  @Test func aTextIsTestedOnItsHeldOutPart() throws {
    let text = String(repeating: "ab", count: 450) + String(repeating: "aabb", count: 25)
    var settings = TextSettings()
    (settings.layers, settings.units, settings.embedding, settings.dropout) = (1, 8, 4, 0)
    (settings.steps, settings.batchSize, settings.window, settings.evaluationInterval) = (120, 4, 10, 40)
    settings.learningRate = 0.02
    let trainer = try TextTrainer(TextFile(text), settings: settings) { GRU(units: $0) }
    let result = try trainer.train()
    // "ab" is certain by now, and what is held out has every other step against it.
    #expect(result.run.recentLoss < 0.1 && result.heldOutLoss > 1)
    #expect(result.run.validations.map(\.step) == [40, 80, 120] && result.run.validations[2].value > 1)
    #expect(result.run.validations[2].value == result.heldOutLoss)
  }

  @Test func aClassifierIsTestedOnHeldOutTexts() throws {
    let training = ClassifierSettings(
      epochs: 8, batchSize: 8, learningRate: 0.02, averaging: 0.5, heldOutFraction: 0.25, patience: 20, minimumCount: 1)
    let plain = LabelledTexts(
      (0..<40).map { $0 % 2 == 0 ? "a good film" : "a bad film" }, labels: (0..<40).map { $0 % 2 })
    // Which texts are held out hangs on their number and the seed alone; those have the other label.
    let numbered = LabelledTexts((0..<40).map { "\($0)" }, labels: plain.labels)
    let held = Set(try numbered.split(heldOut: 0.25, seed: training.seed).heldOut.texts.compactMap { Int($0) })
    let labels = plain.labels.enumerated().map { held.contains($0.offset) ? 1 - $0.element : $0.element }
    let trainer = try TextClassifierTrainer(
      LabelledTexts(plain.texts, labels: labels),
      network: ClassifierNetwork(
        embedding: 4, units: 3, wordDropout: 0, embeddingDropout: 0, recurrentDropout: 0, dropout: 0),
      training: training)
    let result = try trainer.train()
    #expect(result.trainingCount == 30 && result.heldOutCount == 10 && result.heldOut.confusion.count == 10)
    let last = try #require(result.evaluations.last)
    #expect(last.trainingLoss < 0.2 && last.heldOut.accuracy == 0 && last.heldOut.loss > 1)
    #expect(result.evaluations.allSatisfy { $0.heldOut.confusion.count == 10 })
  }

  /// A wave, then noise: the wave is learned, and what is measured elsewhere shows it not to go on.
  @Test func aForecasterIsTestedOnHeldOutRows() throws {
    let random = RandomStream(seed: 1, stream: 2)
    func noise(_ index: Int) -> Double { 2 * random.value(.normal, at: [UInt32(index), 0, 0], element: 0) }
    func result(_ isNoise: (Int) -> Bool) throws -> ForecastTrainingResult {
      let values = (0..<160).map { isNoise($0) ? noise($0) : 2 * sin(Double($0) * .pi / 6) }
      let settings = ForecastSettings(
        window: 6, batchSize: 16, steps: 80, optimizer: Adam(learningRate: 0.03), heldOutFraction: 0.2,
        validationFraction: 0.25, evaluationInterval: 20)
      return try Forecaster(GRU(units: 4), ForecastTable(["v"], [values]), settings: settings).train()
    }
    // Rows 0 ..< 96 are trained on, 96 ..< 128 are for validation, 128 ..< 160 are held out.
    let validated = try result { (96..<128).contains($0) }
    let last = try #require(validated.evaluations.last)
    #expect(try #require(last.validationLoss) > 10 * #require(last.trainingLoss) && last.heldOutError < 1)
    #expect(
      zip(validated.run.validations, validated.evaluations.dropFirst()).allSatisfy { $0.value == $1.validationLoss })
    let held = try result { $0 >= 128 }
    let end = try #require(held.evaluations.last)
    #expect(try #require(end.validationLoss) < 4 * #require(end.trainingLoss))
    #expect(end.heldOutError > 1 && held.heldOutError > 1)
  }
}
