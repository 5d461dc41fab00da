import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTraining
import Testing

/// y = w x + b on five samples of one step.
private func trainer(
  _ loss: SupervisedLoss, layout: SampleLayout = .timeFirst, _ optimizer: any Optimizer = SGD(learningRate: 0.1)
) throws -> Trainer {
  let model = try Recording.sequential(.features(1), [Dense(units: 1), LastStep()], loss: loss, element: .float64)
  let trainer = try Trainer(model, optimizer: optimizer, layout: layout, seed: 1)
  try trainer.setParameters(["layer0.dense.weight": Tensor([1, 1], [0.3]), "layer0.dense.bias": Tensor([1], [-0.2])])
  return trainer
}

private func line(_ trainer: Trainer) -> [Double] {
  ["layer0.dense.weight", "layer0.dense.bias"].flatMap { trainer.parameters[$0]?.doubles ?? [] }
}

private let x = Tensor([1, 5, 1], [0.5, -1.0, 2.0, 1.5, -0.5])
private let y = Tensor([5, 1], [1.0, -0.5, 3.0, 2.0, 0.0])

private func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return "\(error)"
  }
}

@Suite struct FitTests {
  /// Keras 3.15: two epochs in batches of 2, in the order of the samples.
  @Test func kerasFitsTheSameWithWeights() throws {
    let weighted = try trainer(.meanSquaredError.weighted())
    let halves = Tensor([1, 5, 1], x.doubles.reversed().map { $0 / 2 })
    let history = try weighted.fit(
      x, y, epochs: 2, batchSize: 2, shuffle: false, sampleWeights: Tensor([5], [1.0, 2.0, 0.5, 0.0, 3.0]),
      validation: (halves, y))
    for (found, expected) in zip(line(weighted), [0.7142510980367661, 0.33734468654339317]) {
      #expect(abs(found - expected) < 1e-6)
    }
    // The mean over the samples of an epoch while the weights change, and over the validation samples behind it.
    let losses = history.map(\.loss) + history.compactMap(\.validationLoss)
    #expect(losses.count == 4)
    for (found, expected) in zip(
      losses, [0.8358559608459473, 0.34928804636001587, 2.341142416000366, 2.1469643115997314])
    {
      #expect(abs(found - expected) < 1e-6)
    }
    let classes = try trainer(.binaryCrossEntropy.weighted())
    let labels = Tensor([5, 1], [1.0, 0, 1, 1, 0])
    try classes.fit(x, labels, epochs: 2, batchSize: 2, shuffle: false, classWeights: [0: 3, 1: 0.5])
    for (found, expected) in zip(line(classes), [0.5950872838497163, -0.4613677818005705]) {
      #expect(abs(found - expected) < 1e-6)
    }
    // A class without a weight has 1.
    let (some, all) = (try trainer(.binaryCrossEntropy.weighted()), try trainer(.binaryCrossEntropy.weighted()))
    try some.fit(x, labels, epochs: 1, classWeights: [0: 3])
    try all.fit(x, labels, epochs: 1, classWeights: [0: 3, 1: 1])
    #expect(line(some) == line(all))
    // Weights of both kinds multiply, and ones change nothing.
    let both = try trainer(.binaryCrossEntropy.weighted())
    try both.fit(
      x, labels, epochs: 2, batchSize: 2, shuffle: false, sampleWeights: Tensor([5], [0.5, 3.0, 0.5, 0.5, 3.0]))
    #expect(line(both) == line(classes))
    let (ones, plain) = (try trainer(.meanSquaredError.weighted()), try trainer(.meanSquaredError))
    for each in [ones, plain] { try each.fit(x, y, epochs: 2, batchSize: 2) }
    #expect(line(ones) == line(plain))
  }

  /// Four logits of three classes; PyTorch 2.15 and, in Float32, Keras 3.15.
  @Test func bothMeansOfWeightedLosses() throws {
    let z = Tensor([1, 4, 3], [0.2, -1.0, 0.7, 1.5, 0.1, -0.4, -0.3, 0.6, 0.9, 0.0, 0.5, -2.0])
    func loss(_ loss: SupervisedLoss, _ target: Tensor, _ weights: Tensor, _ x: Tensor = z) throws -> Double {
      let model = try Recording.sequential(
        .features(x.dimensions[2]), x.dimensions[0] == 1 ? [LastStep()] : [], loss: loss, element: .float64)
      return try Trainer(model).loss(on: ["x": x, "target": target, "weights": weights])
    }
    let target = Tensor([4], [Int32(2), 0, 0, 1])
    let (classes, samples) = (Tensor([4], [3.0, 0.5, 0.5, 2.0]), Tensor([4], [1.0, 0.0, 2.5, 0.25]))
    let (mean, ratio) = (
      SupervisedLoss.crossEntropy.weighted(), SupervisedLoss.crossEntropy.weighted(dividedBy: .weights)
    )
    #expect(abs(try loss(ratio, target, classes) - 0.6528300635539772) < 1e-14)
    #expect(abs(try loss(mean, target, classes) - 0.9792450666427612) < 1e-6)
    #expect(abs(try loss(mean, target, samples) - 1.3743983507156372) < 1e-6)
    #expect(abs(try loss(ratio, target, samples) - 1.4660248756408691) < 1e-6)
    // Weights of steps: six steps of two samples, here time first.
    let steps = Tensor([2, 6, 1], z.doubles).transposed()
    let weights = Tensor([2, 6], [1.0, 1, 0.5, 0, 1, 2, 1, 0, 0, 0, 0, 3]).transposed()
    let zeros = Tensor([6, 2, 1], [Double](repeating: 0, count: 12))
    let each = SupervisedLoss.meanSquaredError.weighted(atEachStep: true)
    #expect(abs(try loss(each, zeros, weights, steps) - 1.1420832872390747) < 1e-6)
    let share = SupervisedLoss.meanSquaredError.weighted(atEachStep: true, dividedBy: .weights)
    #expect(abs(try loss(share, zeros, weights, steps) - 1.4426316022872925) < 1e-6)
    // The weight of a sample counts at each of its steps, of which ragged sequences have their own number.
    let ragged = try Recording.sequential(
      .features(1), [], loss: .meanSquaredError.weighted(dividedBy: .weights), isRagged: true, element: .float64)
    let found = try Trainer(ragged).loss(on: [
      "x": Tensor([2, 2, 1], [1.0, 2, 3, 4]), "target": Tensor([2, 2, 1], [0.0, 0, 0, 0]),
      "weights": Tensor([2], [3.0, 1]), "lengths": Tensor([2], [Int32(2), 1]),
    ])
    #expect(abs(found - (3 * 1 + 3 * 9 + 4) / 7.0) < 1e-14)
  }

  /// The loss of two batches together is that of one large one, also where it is divided by weights.
  @Test(arguments: SupervisedLoss.Divisor.allCases)
  func weightedBatchesAccumulate(_ divisor: SupervisedLoss.Divisor) throws {
    let weights = Tensor([5], [1.0, 2.0, 0.5, 0.25, 3.0])
    let (one, two) = (
      try trainer(.huber(delta: 0.5).weighted(dividedBy: divisor)),
      try trainer(.huber(delta: 0.5).weighted(dividedBy: divisor))
    )
    let whole = try one.step(["x": x, "target": y, "weights": weights])
    func part(_ rows: Range<Int>) -> [String: Tensor] {
      [
        "x": Tensor([1, rows.count, 1], Array(x.doubles[rows])),
        "target": Tensor([rows.count, 1], Array(y.doubles[rows])),
        "weights": Tensor([rows.count], Array(weights.doubles[rows])),
      ]
    }
    let parts = try two.step(accumulating: [part(0..<2), part(2..<5)])
    #expect(abs(whole.loss - parts.loss) < 1e-15)
    for (a, b) in zip(line(one), line(two)) { #expect(abs(a - b) < 1e-15) }
  }

  @Test func weightsThatNothingTakesAreErrors() throws {
    let plain = try trainer(.meanSquaredError)
    #expect(
      message { try plain.fit(x, y, epochs: 1, sampleWeights: Tensor([5], [1.0, 1, 1, 1, 1])) }
        == "the network takes no weights of samples; give it a loss that does, such as loss: .crossEntropy.weighted()")
    let weighted = try trainer(.binaryCrossEntropy.weighted())
    #expect(
      message { try weighted.fit(x, Tensor([5, 1], [1.0, 0, 1, 0.5, 0]), epochs: 1, classWeights: [1: 2]) }
        .contains("targets that are classes 0, 1, …, and one of them is 0.5"))
    #expect(
      message { try weighted.fit(x, y, epochs: 1, sampleWeights: Tensor([4], [1.0, 1, 1, 1])) }
        .contains("every input has as many samples; found target 5, weights 4, x 5"))
    let steps = try Trainer(
      Recording.sequential(.features(1), [Dense(units: 3)], loss: .crossEntropy.weighted(), element: .float64))
    #expect(
      message { try steps.fit(x, Tensor([1, 5], [Int32(0), 1, 2, 0, 1]), epochs: 1, classWeights: [1: 2]) }
        .contains("weights of classes need a weight at each step"))
    #expect(plain.state.step == 0 && weighted.state.step == 0)
  }

  @Test func samplesKeepTheirOrderWithoutAShuffle() throws {
    let ordered = try trainer(.meanSquaredError)
    try ordered.fit(x, y, epochs: 2, batchSize: 2, shuffle: false)
    let byHand = try trainer(.meanSquaredError)
    for _ in 0..<2 {
      for rows in [0..<2, 2..<4, 4..<5] {
        _ = try byHand.step([
          "x": Tensor([1, rows.count, 1], Array(x.doubles[rows])),
          "target": Tensor([rows.count, 1], Array(y.doubles[rows])),
        ])
      }
    }
    #expect(line(ordered) == line(byHand))
    #expect(ordered.state.epochs == 2)
  }

  @Test func validationComesEveryFewEpochsAndMayEndTraining() throws {
    let trainer = try trainer(.meanSquaredError)
    let results = try trainer.fit(x, y, epochs: 5, batchSize: 2, validation: (x, y), validationInterval: 2)
    #expect(results.map { $0.validationLoss != nil } == [false, true, false, true, false])
    #expect(results.map(\.learningRate) == [Double](repeating: 0.1, count: 5))
    // A rate of 0 brings no improvement: the first value, then two stale ones, of which the second lowers the rate.
    let still = try FitTests.still()
    let history = try still.fit(
      x, y, epochs: 50, batchSize: 2, validation: (x, y), earlyStopping: EarlyStopping(patience: 2))
    #expect(history.count == 4 && history.allSatisfy { $0.validationLoss == history[0].validationLoss })
    #expect(!still.state.isInCall)
    let slower = try FitTests.still()
    let rates = try slower.fit(
      x, y, epochs: 4, batchSize: 5, validation: (x, y), plateau: PlateauDecay(factor: 0.5, patience: 0))
    #expect(rates.map(\.learningRate) == [1e-300, 1e-300, 5e-301, 2.5e-301])
    #expect(message { try still.fit(x, y, epochs: 1, validationInterval: 0) }.contains("every 1 or more epochs"))
  }

  private static func still() throws -> Trainer { try trainer(.meanSquaredError, SGD(learningRate: 1e-300)) }

  @Test func theBestParametersAreRestored() throws {
    // The validation samples are the training samples' opposites: every step makes their loss larger.
    let opposite = Tensor([5, 1], y.doubles.map { -$0 })
    let trainer = try trainer(.meanSquaredError)
    var after: [[Double]] = []
    let history = try trainer.fit(
      x, y, epochs: 50, batchSize: 5, validation: (x, opposite), earlyStopping: EarlyStopping(patience: 1)
    ) { _ in
      after.append(line(trainer))
      return .continue
    }
    #expect(history.count == 3 && line(trainer) == after[0] && after[0] != after[1])
  }

  @Test func callbacksSeeEpochsAndStepsAndMayStop() throws {
    let trainer = try trainer(.meanSquaredError)
    var seen: [String] = []
    let results = try trainer.fit(
      x, y, epochs: 3, batchSize: 2,
      progress: { result in
        seen.append("epoch \(result.epoch)")
        return .continue
      },
      eachStep: { progress in
        seen.append("step \(progress.completed)")
        return progress.completed == 5 ? .stop : .continue
      })
    #expect(seen == ["step 1", "step 2", "step 3", "epoch 1", "step 4", "step 5"] && results.count == 1)
    let stopped = try trainer.fit(x, y, epochs: 9) { $0.epoch == 2 ? .stop : .continue }
    #expect(stopped.count == 2)
  }
}

@Suite struct SampleLayoutTests {
  /// The same bits whether samples or steps come first.
  @Test func samplesMayComeFirst() throws {
    let (steps, samples) = (3, 5)
    let model = try Recording.sequential(
      .features(2), [GRU(units: 3), Dense(units: 2)], loss: .meanSquaredError.weighted(atEachStep: true))
    func numbers(_ dimensions: [Int], _ seed: Double) -> Tensor {
      Tensor(dimensions, (0..<dimensions.reduce(1, *)).map { 0.1 * Double(($0 * 7) % 11) - seed }, as: .float32)
    }
    let (x, y) = (numbers([samples, steps, 2], 0.3), numbers([samples, steps, 2], 0.5))
    let weights = numbers([samples, steps], -0.2)
    let own = try Trainer(model, seed: 2)
    let keras = try Trainer(model, layout: .batchFirst, seed: 2)
    let ownHistory = try own.fit(
      x.transposed(), y.transposed(), epochs: 3, batchSize: 2, sampleWeights: weights.transposed(),
      validation: (x.transposed(), y.transposed()))
    let history = try keras.fit(x, y, epochs: 3, batchSize: 2, sampleWeights: weights, validation: (x, y))
    #expect(history.map(\.loss) == ownHistory.map(\.loss))
    #expect(history.map(\.validationLoss) == ownHistory.map(\.validationLoss))
    #expect(keras.parameters == own.parameters)
    #expect(try keras.predict(x) == own.predict(x.transposed()).transposed())
    #expect(try keras.predict(x).dimensions == [samples, steps, 2])
    let batch = ["x": x, "target": y, "weights": weights]
    let turned = batch.mapValues { $0.transposed() }
    #expect(try keras.evaluate(batch)["prediction"] == own.predict(x.transposed()).transposed())
    #expect(try keras.loss(on: batch) == own.loss(on: turned))
    #expect(try keras.gradients(batch).gradients == own.gradients(turned).gradients)
    #expect(try keras.step(batch) == own.step(turned))
    _ = try keras.train(until: StoppingCriteria(steps: 2)) { _ in batch }
    _ = try own.train(until: StoppingCriteria(steps: 2)) { _ in turned }
    #expect(keras.parameters == own.parameters)
    #expect(
      keras.summary().description.hasSuffix(
        "\nsamples come first: x [b, t, 2], target [b, t, 2], weights [b, t]\n"))
    #expect(!own.summary().description.contains("first"))
  }

  @Test func theErrorNamesTheOption() throws {
    let trainer = try Trainer(Recording.sequential(.features(1), [GRU(units: 2), LastStep(), Dense(units: 1)]))
    let (x, y) = (
      Tensor([4, 3, 1], [Float](repeating: 0, count: 12)), Tensor([4, 1], [Float](repeating: 0, count: 4))
    )
    #expect(
      message { try trainer.fit(x, y, epochs: 1) }
        == "every input has as many samples; found target 4, x 3; they are as many if samples come first, as in "
        + "[B, T, features]: give Trainer layout: .batchFirst")
  }
}
