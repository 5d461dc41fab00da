import EbbApplications
import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTestSupport
import Testing

@testable import EbbTraining

/// Ids and targets outside their range, and numbers that are none, are refused where data enter.
@Suite struct InputRulesTests {
  private let tokens = try? Recording.sequential(
    .tokens, [Embedding(tokens: 5, units: 2), GRU(units: 3), LastStep(), Dense(units: 3)], loss: .crossEntropy,
    isRagged: true)

  private func batch(_ x: [Int32] = [0, 4, 1, 2, 3, 0], lengths: [Int32] = [2, 1, 2], target: [Int32] = [0, 2, 1])
    -> [String: Tensor]
  {
    ["x": Tensor([2, 3], x), "lengths": Tensor([3], lengths), "target": Tensor([3], target)]
  }

  private func trainer(_ policy: NonFinitePolicy = .throw) throws -> Trainer {
    try Trainer(try #require(tokens), nonFinitePolicy: policy, seed: 1)
  }

  @Test(arguments: [3, -1, -100, 1_000_000, Int32.min, .max]) func classesOutsideAreRefused(_ target: Int32) throws {
    let (trainer, samples) = (try trainer(), batch(target: [0, target, 1]))
    let expected = "target at sample 1 is \(target); it is one of 3 classes, which are 0 ... 2"
    #expect(message { _ = try trainer.step(samples) } == expected)
    #expect(message { _ = try trainer.step(accumulating: [batch(), samples]) } == expected)
    #expect(message { _ = try trainer.evaluate(samples) } == expected)
    #expect(message { _ = try trainer.loss(on: samples) } == expected)
    #expect(message { _ = try trainer.jointGradientNorms(on: samples) } == expected)
    #expect(message { _ = try trainer.gradients(samples) } == expected)
    #expect(message { try trainer.fit(samples, epochs: 1, batchSize: 1) } == expected)
    #expect(message { try trainer.fit(batch(), epochs: 1, validation: samples) } == expected)
    #expect(trainer.state.step == 0 && trainer.state.run == 0)
    let skipping = try self.trainer(.skip)
    #expect(message { _ = try skipping.step(samples) } == expected)
    #expect(
      throws: TrainingError.input(
        InputError(
          input: "target", place: "sample 1", value: Double(target),
          expected: "it is one of 3 classes, which are 0 ... 2"))
    ) { try trainer.step(samples) }
  }

  @Test func tokensOutsideTheTableAreRefused() throws {
    let trainer = try trainer()
    let wrong = batch([0, 4, 1, 2, 3, 5])
    let expected = "x at sample 2, step 1 is 5; it is a row of layer0.table, which are 0 ... 4"
    #expect(message { _ = try trainer.step(wrong) } == expected)
    #expect(message { _ = try trainer.predict(["x": wrong["x"]!, "lengths": wrong["lengths"]!]) } == expected)
    // Beyond a sequence's end anything may stand.
    _ = try trainer.step(batch([0, 4, 1, 2, -7, 0]))
    #expect(message { _ = try trainer.step(batch([0, 4, 1, -7, 3, 0])) }.hasPrefix("x at sample 0, step 1 is -7; "))
  }

  @Test func lengthsThatAreNoneAreRefused() throws {
    let trainer = try trainer()
    for length: Int32 in [0, -1, 3, 1_000_000] {
      let found = message { _ = try trainer.step(batch(lengths: [2, length, 2])) }
      let reason = length == 0 ? "every row needs at least 1 step" : "0 ... 2"
      #expect(found.contains("lengths[1] is \(length)") && found.contains(reason), "\(found)")
    }
  }

  // MARK: Streams

  @Test func modelsThatReadStepByStepCheckTheirTokens() throws {
    let recording = try Recording.languageModel([GRU(units: 3)], tokens: 4, embedding: 2, dropout: 0.5)
    let model = try StreamingModel(recording, parameters: recording.initialValues(seed: 1), outputs: ["logits"])
    _ = try model.step(["tokens": Tensor([1], [3] as [Int32])])
    let before = model.state
    #expect(
      message { _ = try model.step(["tokens": Tensor([1], [4] as [Int32])]) }
        == "tokens at sample 0, step 0 is 4; it is a row of embedding.table, which are 0 ... 3")
    #expect(model.state == before)
    let trainer = try Trainer(recording, carrying: StateCarrying())
    let window: [String: Tensor] = [
      "tokens": Tensor([2, 1], [0, 1] as [Int32]), "targets": Tensor([2, 1], [1, -1] as [Int32]),
    ]
    #expect(
      message { _ = try trainer.step(window) }
        == "targets at sample 0, step 1 is -1; it is one of 4 classes, which are 0 ... 3")
    #expect(trainer.state.carried == nil)
  }

  // MARK: Binary targets and one unit

  @Test func binaryTargetsOutsideAreRefused() throws {
    let model = try Recording.sequential(
      .features(1), [SimpleRNN(units: 2), LastStep(), Dense(units: 2)], loss: .binaryCrossEntropy)
    let trainer = try Trainer(model)
    func batch(_ target: [Float]) -> [String: Tensor] {
      ["x": Tensor([1, 2, 1], [0.5, 1] as [Float]), "target": Tensor([2, 2], target)]
    }
    for wrong: Float in [2, -1, 1.0001, 6_000_000, .nan, .infinity] {
      let found = message { _ = try trainer.step(batch([0, 1, wrong, 0])) }
      #expect(found.hasPrefix("target at sample 1, feature 0 is ") && found.hasSuffix("is in 0 ... 1"), "\(found)")
    }
    #expect(try trainer.step(batch([0, 1, 0.25, 1])).loss > 0)
  }

  @Test func crossEntropyTakesMoreThanOneScore() {
    let found = message {
      _ = try Recording.sequential(.features(1), [LastStep(), Dense(units: 1)], loss: .crossEntropy)
    }
    #expect(found.contains("the softmax of one score is always 1") && found.contains("binaryCrossEntropy"))
  }

  // MARK: One's own networks

  /// Ids as features of a vector, under a mask of chance, as floats, and as places in time.
  @Test func idsAreFollowedThroughWhatKeepsThem() throws {
    let recording = try Recording { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let pair = scope.input("pair", [2], over: [time, batch], as: .int32)
      let given = scope.input("word", over: [time, batch], as: .int32)
      let code = scope.input("code", over: [batch])
      let position = scope.input("position", over: [batch], as: .int32)
      let tables = [7, 3, 4, 6].enumerated().map { scope.parameter("table\($0.offset)", [$0.element, 2], .zeros) }
      let isHidden = scope.random(.uniform, over: [time, batch]) .< 0.5
      let word = scope.whileTraining(select(isHidden, scope.constant(0, as: .int32), given), otherwise: given)
      let parts = [
        gather(tables[0], reshape(pair[0..<1], [])), gather(tables[1], reshape(pair[1..<2], [])),
        gather(tables[2], word),
        gather(tables[3], convert(code, to: .int32)),
      ]
      let all = concatenate(parts)
      scope.output("loss", mean(square(pick(all, at: position, along: time))))
    }
    let trainer = try Trainer(recording)
    func found(_ change: (inout [String: Tensor]) -> Void) -> String {
      var batch: [String: Tensor] = [
        "pair": Tensor([2, 1, 2], [6, 2, 0, 0] as [Int32]), "word": Tensor([2, 1], [3, 3] as [Int32]),
        "code": Tensor([1], [5] as [Float]), "position": Tensor([1], [1] as [Int32]),
      ]
      change(&batch)
      return message { _ = try trainer.step(batch) }
    }
    #expect(found { _ in } == "no error")
    #expect(
      found { $0["pair"] = Tensor([2, 1, 2], [6, 2, 0, 3] as [Int32]) }
        == "pair at sample 0, step 1, feature 1 is 3; it is a row of table1, which are 0 ... 2")
    #expect(found { $0["pair"] = Tensor([2, 1, 2], [7, 2, 0, 0] as [Int32]) }.contains("step 0, feature 0 is 7"))
    #expect(found { $0["word"] = Tensor([2, 1], [4, 0] as [Int32]) }.contains("word at sample 0, step 0 is 4"))
    #expect(
      found { $0["code"] = Tensor([1], [1.5] as [Float]) }
        == "code at sample 0 is 1.5; it is a row of table3, which are 0 ... 5")
    #expect(
      found { $0["position"] = Tensor([1], [2] as [Int32]) }
        == "position at sample 0 is 2; it is an index of the axis t, 0 ... 1")
  }

  /// A network that chooses what is valid by the ids themselves is its own judge.
  @Test func whatANetworkChoosesItselfIsFree() throws {
    let recording = try Recording { scope in
      let batch = scope.batch("b")
      let logits = scope.input("x", [3], over: [batch]) * scope.parameter("w", [3], .constant(1))
      let target = scope.input("target", over: [batch], as: .int32)
      let isGiven = target .>= 0
      let losses = crossEntropy(logits, select(isGiven, target, scope.constant(0, as: .int32)), over: [])
      let count = sum(convert(isGiven, to: .float32), over: [batch])
      scope.output("loss", sum(select(isGiven, losses, 0), over: [batch]) / count)
    }
    let trainer = try Trainer(recording)
    let x = Tensor([2, 3], [1, 2, 3, 4, 5, 6] as [Float])
    #expect(try trainer.loss(on: ["x": x, "target": Tensor([2], [-100, 2] as [Int32])]).isFinite)
  }

  @Test func aConstantRowOutsideIsNoEquation() {
    let found = message {
      _ = try Recording { scope in
        let table = scope.parameter("table", [3, 2], .zeros)
        scope.output("loss", sum(gather(table, scope.constant(3, as: .int32))))
      }
    }
    #expect(found.contains("gather: row 3.0") && found.contains("0 ... 2"))
  }

  // MARK: Numbers that are none

  @Test(arguments: [Float.nan, .infinity, -.infinity]) func numbersAreFinite(_ wrong: Float) throws {
    let recording = try Recording(SimpleRNN(units: 2), features: 2, ragged: true) { scope, y in
      scope.output("loss", mean(square(y)))
      scope.output("prediction", y)
    }
    func batch(_ place: Int) -> [String: Tensor] {
      var x = [Float](repeating: 1, count: 12)
      x[place] = wrong
      return ["x": Tensor([3, 2, 2], x), "lengths": Tensor([2], [3, 2] as [Int32])]
    }
    let trainer = try Trainer(recording)
    let expected = "x at sample 1, step 1, feature 0 is \(wrong); a finite number is expected"
    #expect(message { _ = try trainer.step(batch(6)) } == expected)
    #expect(message { _ = try trainer.predict(batch(6)) } == expected)
    #expect(message { try trainer.fit(batch(6), epochs: 1) } == expected)
    #expect(message { _ = try trainer.step(batch(10)) } == "no error")
    // The policy to skip counts such steps.
    let skipping = try Trainer(recording, nonFinitePolicy: .skip)
    #expect(try skipping.step(batch(6)).isSkipped == wrong.isNaN || skipping.state.step == 1)
    #expect(message { _ = try skipping.evaluate(batch(6)) } == expected)
  }

  @Test func aNetworkThatAsksMayBeGivenWhatIsNoNumber() throws {
    let recording = try Recording { scope in
      let x = scope.input("x", [2], over: [scope.batch("b")])
      let filled = select(isFinite(x), x, 0)
      scope.output("loss", mean(square(filled * scope.parameter("w", [2], .constant(1)))))
    }
    let trainer = try Trainer(recording)
    #expect(try trainer.step(["x": Tensor([1, 2], [2, .nan] as [Float])]).loss == 2)
  }
}
