import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTraining
import Foundation
import Testing

@Suite struct SummaryTests {
  private func model(_ layers: [any RecurrentCell], features: Int = 1) throws -> Recording {
    try Recording.sequential(.features(features), layers)
  }

  /// The counts that Keras prints for the same layers.
  @Test func countsAreThoseOfKeras() throws {
    let summary = try model([SimpleRNN(units: 50), LastStep(), Dense(units: 1)]).summary()
    #expect(summary.rows.map(\.parameters) == [2600, 0, 51] && summary.parameters == 2651)
    #expect(summary.rows.map(\.name) == ["layer0", "layer1", "layer2"])
    #expect(summary.rows.map(\.output) == [["t", "b", "50"], ["b", "50"], ["b", "1"]])
    #expect(
      summary.description == """
        layer   type       output      parameters
        ──────  ─────────  ──────────  ──────────
        layer0  SimpleRNN  [t, b, 50]       2,600
        layer1  LastStep   [b, 50]
        layer2  Dense      [b, 1]              51

        2,651 parameters (10.4 KiB): 2,651 trained, 0 frozen

        """)
    #expect(try model([SimpleRNN(units: 128), LastStep(), Dense(units: 1)]).summary().parameters == 16_769)
    // 4 · 64 · (28 + 64 + 1); 3 · 32 · (8 + 32 + 1). The GRU that resets after its product has one bias more, of 32; Keras
    // gives its other two gates a second one as well, which adds nothing: 4032.
    #expect(try model([LSTM(units: 64)], features: 28).summary().parameters == 23_808)
    #expect(try model([GRU(units: 32)], features: 8).summary().parameters == 3936)
    #expect(try model([ResetAfterGRU(units: 32)], features: 8).summary().parameters == 3936 + 32)
  }

  @Test func layersWithinLayersCountTheirOwnParameters() throws {
    let deep = Stack([SimpleRNN(units: 3), Bidirectional(SimpleRNN(units: 2), SimpleRNN(units: 2))])
    let model = try Recording { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let x = scope.input("x", [4], over: [time, batch])
      let y = scope.run(deep, x, named: "encoder")
      let fixed = stopGradient(scope.parameter("fixed", [2], .zeros))
      scope.output("loss", mean(square(scope.affine("readout", [y, fixed], 1))))
    }
    let rows = model.summary().rows
    #expect(
      rows.map(\.name) == [
        "encoder", "encoder.layer0", "encoder.layer1", "encoder.layer1.forward", "encoder.layer1.backward", "fixed",
        "readout",
      ])
    #expect(rows.map(\.depth) == [0, 1, 1, 2, 2, 0, 0])
    #expect(rows.map(\.parameters) == [0, 24, 0, 12, 12, 2, 7])
    #expect(rows[0].output == ["t", "b", "4"] && rows[3].output == ["t", "b", "2"] && rows[5].output == nil)
    let summary = model.summary(groups: [ParameterGroup("encoder.layer1.*", isFrozen: true)])
    #expect(summary.frozen == 26 && summary.trained == 31)
    #expect(summary.description.contains("\n    encoder.layer1.forward"))
  }

  @Test func sizesAreReadable() throws {
    let large = try model([LSTM(units: 1000)], features: 1000).summary()
    #expect(large.description.contains("8,004,000 parameters (30.5 MiB)"))
    #expect(try model([Dense(units: 1)]).summary().description.contains("2 parameters (8 B)"))
  }
}

@Suite struct SequentialTests {
  @Test func aSequenceIsLearnedInEpochs() throws {
    let samples = 61
    func value(_ step: Int, _ sample: Int) -> Double { sin(0.3 * Double(step + sample)) }
    let x = Tensor([5, samples, 1], (0..<5).flatMap { step in (0..<samples).map { value(step, $0) } }, as: .float32)
    let y = Tensor([samples, 1], (0..<samples).map { value(5, $0) }, as: .float32)
    let model = try Recording.sequential(.features(1), [SimpleRNN(units: 8), LastStep(), Dense(units: 1)])
    let trainer = try Trainer(model, optimizer: Adam(learningRate: 0.02), seed: 1)
    let history = try trainer.fit(x, y, epochs: 12, batchSize: 16, validation: (x, y))
    #expect(history.map(\.epoch) == Array(1...12) && trainer.state.step == 12 * 4)
    #expect(history[11].loss < history[0].loss / 10)
    let prediction = try trainer.predict(x)
    #expect(prediction.dimensions == [samples, 1])
    let squares = zip(prediction.doubles, y.doubles).map { ($0 - $1) * ($0 - $1) }
    let loss = squares.reduce(0, +) / Double(samples)
    #expect(abs(loss - (try #require(history[11].validationLoss))) < 1e-6)
    // Another twelve epochs go on from there.
    let more = try trainer.fit(x, y, epochs: 1, batchSize: 16)
    #expect(more[0].epoch == 1 && more[0].loss < history[0].loss / 10)
  }

  /// With a rate of 0 an epoch's loss is the mean over all samples, each of which is there once.
  @Test func anEpochTakesEverySampleOnce() throws {
    let values = (0..<10).map(Double.init)
    let x = Tensor([1, 10, 1], values, as: .float32)
    let y = Tensor([10, 1], values.map { -$0 }, as: .float32)
    let model = try Recording.sequential(.features(1), [LastStep()])
    // (x − y)² = 4 x², whose mean is 4 · 285 / 10. There is nothing to train, so a network with a parameter is needed.
    let scaled = try Recording.sequential(.features(1), [Dense(units: 1), LastStep()])
    let trainer = try Trainer(scaled, optimizer: SGD(learningRate: 0), seed: 3)
    try trainer.setParameters([
      "layer0.dense.weight": Tensor([1, 1], [Float(1)]), "layer0.dense.bias": Tensor([1], [Float(0)]),
    ])
    #expect(model.parameters.isEmpty)
    let history = try trainer.fit(x, y, epochs: 2, batchSize: 3)
    #expect(abs(history[0].loss - 114) < 1e-4 && abs(history[1].loss - 114) < 1e-4)
    // The order is another one in each epoch, and the same for the same seed.
    func losses(_ seed: UInt64) throws -> [Double] {
      let trainer = try Trainer(scaled, optimizer: SGD(learningRate: 1e-3), seed: seed)
      try trainer.setParameters([
        "layer0.dense.weight": Tensor([1, 1], [Float(1)]), "layer0.dense.bias": Tensor([1], [Float(0)]),
      ])
      return try trainer.fit(x, y, epochs: 3, batchSize: 3).map(\.loss)
    }
    #expect(try losses(1) == losses(1) && losses(1) != losses(2))
  }

  @Test func aSigmoidAtTheEndIsThatOfTheLoss() throws {
    let layers: [any RecurrentCell] = [SimpleRNN(units: 3), LastStep()]
    let models = try [Activation.sigmoid, .identity].map {
      try Recording.sequential(.features(1), layers + [Dense(units: 1, activation: $0)], loss: .binaryCrossEntropy)
    }
    #expect(models[0].graph.description == models[1].graph.description)
    let x = Tensor([2, 3, 1], [0.1, -2, 3, 1, 0.5, -1], as: .float32)
    let target = Tensor([3, 1], [1, 0, 1], as: .float32)
    let trainer = try Trainer(models[0], seed: 2)
    let p = try trainer.predict(x).doubles
    #expect(p.allSatisfy { $0 > 0 && $0 < 1 })
    // −t log p − (1 − t) log(1 − p)
    let expected = -(log(p[0]) + log(1 - p[1]) + log(p[2])) / 3
    #expect(abs(try trainer.loss(on: ["x": x, "target": target]) - expected) < 1e-6)
  }

  @Test func tokensAreClassified() throws {
    let model = try Recording.sequential(
      .tokens, [Embedding(tokens: 5, units: 2), GRU(units: 3), LastStep(), Dense(units: 4)], loss: .crossEntropy,
      isRagged: true)
    let x = Tensor([2, 3], [Int32(0), 4, 1, 2, 3, 0])
    let trainer = try Trainer(model, optimizer: Adam(learningRate: 0.05), seed: 1)
    let samples = ["x": x, "lengths": Tensor([3], [Int32(2), 1, 2]), "target": Tensor([3], [Int32(0), 3, 1])]
    let history = try trainer.fit(samples, epochs: 60, batchSize: 2)
    #expect(history[59].loss < 0.1)
    let p = try trainer.predict(["x": x, "lengths": Tensor([3], [Int32(2), 1, 2])])
    #expect(p.dimensions == [3, 4])
    for (row, target) in [0, 3, 1].enumerated() {
      let row = Array(p.doubles[(4 * row)..<(4 * row + 4)])
      #expect(abs(row.reduce(0, +) - 1) < 1e-6 && row.max() == row[target])
    }
  }

  /// Each half of a bidirectional layer ends where it read last.
  @Test func theLastStepOfAReversedLayerIsTheFirst() throws {
    let ends = Bidirectional(LastStep(), LastStep())
    let model = try Recording.sequential(.features(1), [ends, Dense(units: 2)])
    let trainer = try Trainer(model)
    try trainer.setParameters([
      "layer1.dense.weight": Tensor([2, 2], [Float(1), 0, 0, 1]), "layer1.dense.bias": Tensor([2], [Float(0), 0]),
    ])
    #expect(try trainer.predict(Tensor([3, 1, 1], [Float(5), 6, 7])).doubles == [7, 5])
  }

  @Test func absoluteErrorsAndEveryStep() throws {
    let model = try Recording.sequential(.features(1), [Dense(units: 1)], loss: .meanAbsoluteError)
    let trainer = try Trainer(model)
    try trainer.setParameters([
      "layer0.dense.weight": Tensor([1, 1], [Float(2)]), "layer0.dense.bias": Tensor([1], [Float(1)]),
    ])
    let x = Tensor([2, 1, 1], [Float(1), 2])
    #expect(try trainer.predict(x).dimensions == [2, 1, 1] && trainer.predict(x).doubles == [3, 5])
    #expect(try trainer.loss(on: ["x": x, "target": Tensor([2, 1, 1], [Float(1), 9])]) == 3)
  }

  /// ½ e² within an error of 1, |e| − ½ beyond.
  @Test func huberIsSquaredWithinOneAndAbsoluteBeyond() throws {
    let trainer = try Trainer(Recording.sequential(.features(1), [Dense(units: 1)], loss: .huber))
    try trainer.setParameters([
      "layer0.dense.weight": Tensor([1, 1], [Float(1)]), "layer0.dense.bias": Tensor([1], [Float(0)]),
    ])
    func loss(_ x: Float, _ target: Float) throws -> Double {
      try trainer.loss(on: ["x": Tensor([1, 1, 1], [x]), "target": Tensor([1, 1, 1], [target])])
    }
    #expect(try loss(0.5, 0) == 0.125 && loss(0, 1) == 0.5 && loss(-3, 0) == 2.5 && loss(2, 2) == 0)
  }

  @Test func samplesThatDoNotFitAreErrors() throws {
    let trainer = try Trainer(Recording.sequential(.features(1), [SimpleRNN(units: 2), LastStep(), Dense(units: 1)]))
    func message(_ x: [Int], _ y: [Int], epochs: Int = 1) -> String {
      func zeros(_ dimensions: [Int]) -> Tensor {
        Tensor(dimensions, [Float](repeating: 0, count: dimensions.reduce(1, *)))
      }
      do {
        try trainer.fit(zeros(x), zeros(y), epochs: epochs)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message([3, 4, 1], [5, 1]) == "every input has as many samples; found target 5, x 4")
    #expect(message([3, 0, 1], [0, 1]).contains("there is no sample to train on; the inputs are x, target"))
    #expect(message([3, 4, 1], [4, 1], epochs: 0).contains("at least 1 epoch"))
    #expect(message([3, 4, 2], [4, 1]).contains("x is given with dimensions [3, 4, 2]; it takes f32 [t, b, 1]"))
    #expect(message([4], [4, 1]).contains("x is given with dimensions [4]"))
  }
}
