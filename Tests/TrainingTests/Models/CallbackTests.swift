import EbbCells
import EbbMarkup
import EbbRecording
import EbbTensors
import EbbTraining
import Testing

extension JSONValue {
  fileprivate var numbers: [Double] { array?.compactMap(\.double) ?? [] }
  fileprivate func integer(_ key: String) -> Int { self[key]?.integer ?? -1 }
  fileprivate func double(_ key: String) -> Double { self[key]?.double ?? .nan }
}

private func isClose(_ a: [Double], _ b: [Double], _ tolerance: Double) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) }
}

/// The callbacks of Keras and the scheduler of PyTorch on one curve of losses, and in `fit`; make_migration.py has them.
@Suite struct CallbackTests {
  private let given: JSONValue
  private let curve: [Double]

  init() throws {
    given = try Migration().records
    curve = given["curve"]?.numbers ?? []
  }

  private func records(_ name: String, count: Int) throws -> [JSONValue] {
    let records = try #require(given[name]?.array)
    #expect(records.count == count && curve.count == 26)
    return records
  }

  /// Keras's patience of p is p − 1 here.
  @Test func earlyStoppingIsThatOfKeras() throws {
    for record in try records("stopping", count: 15) {
      let rule = EarlyStopping(
        patience: max(0, record.integer("patience") - 1), minimumChange: record.double("min_delta"))
      var state = EarlyStopping.State()
      var epochs = 0
      for value in curve {
        epochs += 1
        if rule.observe(value, parameters: ["epoch": Tensor([1], [Double(epochs - 1)])], &state) { break }
      }
      #expect(epochs == record.integer("epochs"), "\(rule)")
      #expect(state.bestParameters?["epoch"]?.doubles == [record.double("restored")], "\(rule)")
    }
  }

  private func rates(_ rule: PlateauDecay) -> [Double] {
    var state = PlateauDecay.State()
    var factor = 1.0
    return curve.map { value in
      factor = rule.observe(value, &state, rateFactor: factor)
      return 0.4 * factor
    }
  }

  /// Keras counts the last value of a cooldown, so that its c is c − 1 here, and 0 is 0.
  @Test func plateausAreThoseOfKeras() throws {
    for record in try records("plateau", count: 32) {
      let rule = PlateauDecay(
        factor: 0.5, patience: max(0, record.integer("patience") - 1), tolerance: 0,
        minimumChange: record.double("min_delta"), cooldown: max(0, record.integer("cooldown") - 1),
        smallestFactor: 0.03 / 0.4)
      #expect(isClose(rates(rule), record["rates"]?.numbers ?? [], 1e-7), "\(rule)")
    }
  }

  @Test func plateausAreThoseOfPyTorch() throws {
    for record in try records("torch plateau", count: 18) {
      let isRelative = record["mode"]?.string == "rel"
      let threshold = record.double("threshold")
      let rule = PlateauDecay(
        factor: 0.5, patience: record.integer("patience"), tolerance: isRelative ? threshold : 0,
        minimumChange: isRelative ? 0 : threshold, cooldown: record.integer("cooldown"), smallestFactor: 0.03 / 0.4)
      #expect(isClose(rates(rule), record["rates"]?.numbers ?? [], 1e-14), "\(rule)")
    }
  }

  private func trainer(rate: Double) throws -> Trainer {
    let model = try Recording.sequential(
      .features(1), [Dense(units: 1), LastStep()], loss: .meanSquaredError, element: .float64)
    let trainer = try Trainer(model, optimizer: SGD(learningRate: rate))
    try trainer.setParameters(["layer0.dense.weight": Tensor([1, 1], [0.3]), "layer0.dense.bias": Tensor([1], [-0.2])])
    return trainer
  }

  private let x = [0.5, -1.0, 2.0, 1.5, -0.5]
  private let y = [1.0, -0.5, 3.0, 2.0, 0.0]

  @Test func epochsAndBatchesAreThoseOfKeras() throws {
    var called: [String] = []
    let input = Tensor([1, 5, 1], x)
    try trainer(rate: 0.1).fit(input, Tensor([5, 1], x), epochs: 2, batchSize: 2, shuffle: false) { result in
      called.append("epoch \(result.epoch)")
      return .continue
    } eachStep: { progress in
      called.append("batch \((progress.completed - 1) % 3 + 1)")
      return .continue
    }
    let keras = given["called"]?.array?.compactMap(\.string).filter { !$0.hasSuffix("begins") }
    #expect(called == keras && called.count == 8)
  }

  /// A loss that rises: the rates, the epoch at which training stops, and the parameters that it goes back to.
  @Test(arguments: ["loss", "val_loss"])
  func fitStopsWhereKerasStops(_ monitor: String) throws {
    let expected = try #require(given["fit \(monitor)"])
    let trainer = try trainer(rate: 0.75)
    let heldOut = (Tensor([1, 5, 1], x.reversed().map { $0 / 2 }), Tensor([5, 1], y.map { -$0 }))
    var best = Double.infinity
    let history = try trainer.fit(
      Tensor([1, 5, 1], x), Tensor([5, 1], y), epochs: 30, batchSize: 2, shuffle: false,
      validation: monitor == "loss" ? nil : heldOut,
      plateau: PlateauDecay(factor: 0.5, patience: 1, tolerance: 0, minimumChange: 0.05),
      earlyStopping: EarlyStopping(patience: 3, minimumChange: 0.05))
    #expect(isClose(history.map(\.loss), expected["losses"]?.numbers ?? [], 1e-6))
    #expect(isClose(history.map(\.learningRate), expected["rates"]?.numbers ?? [], 1e-6))
    let watched = history.map { $0.validationLoss ?? $0.loss }
    #expect(isClose(watched, expected["watched"]?.numbers ?? [], 1e-6))
    for (result, value) in zip(history, watched) {
      #expect(result.isBest == (value < best))
      best = min(best, value)
    }
    let line = ["layer0.dense.weight", "layer0.dense.bias"].flatMap { trainer.parameters[$0]?.doubles ?? [] }
    #expect(isClose(line, expected["weights"]?.numbers ?? [], 1e-6))
  }

  /// Without validation samples the rules watch the mean loss of the epoch, each batch by its number of samples.
  @Test func rulesWatchTheLossOfTheWholeEpoch() throws {
    var watched: [Double] = []
    let history = try trainer(rate: 0.1).fit(
      Tensor([1, 5, 1], x), Tensor([5, 1], y), epochs: 3, batchSize: 2, shuffle: false,
      plateau: PlateauDecay(factor: 0.5, patience: 9)
    ) { _ in
      .continue
    } eachStep: { progress in
      if progress.completed % 3 == 0, let value = progress.validation?.value { watched.append(value) }
      return .continue
    }
    #expect(watched.count == 3 && isClose(watched, history.map(\.loss), 1e-12))
  }

  /// `ModelCheckpoint(save_best_only=True)` saves at these epochs of the curve.
  @Test func theBestEpochsAreThoseThatKerasSaves() throws {
    // The prediction for an input of 0 is the bias, which is set so that the validation loss is the curve's.
    let trainer = try trainer(rate: 1e-300)
    var saved: [Int] = []
    func setLoss(_ value: Double) throws(TrainingError) {
      try trainer.setParameters([
        "layer0.dense.weight": Tensor([1, 1], [0.0]), "layer0.dense.bias": Tensor([1], [value.squareRoot()]),
      ])
    }
    try setLoss(curve[0])
    let zero = (Tensor([1, 1, 1], [0.0]), Tensor([1, 1], [0.0]))
    try trainer.fit(zero.0, zero.1, epochs: curve.count, validation: zero) { result throws(TrainingError) in
      if result.isBest { saved.append(result.epoch) }
      if result.epoch < curve.count { try setLoss(curve[result.epoch]) }
      return .continue
    }
    #expect(saved == given["saved"]?.numbers.map { Int($0) } && saved.count == 8)
  }

  /// A call that is resumed knows what was best before it was interrupted.
  @Test func aResumedCallKnowsTheBest() throws {
    let first = try trainer(rate: 0.1)
    let samples = (x: Tensor([1, 5, 1], x), target: Tensor([5, 1], y))
    let opposite = (samples.x, Tensor([5, 1], y.map { -$0 }))
    _ = try first.fit(samples.x, samples.target, epochs: 2, shuffle: false, validation: opposite)
    first.resume()
    let later = try first.fit(samples.x, samples.target, epochs: 2, shuffle: false, validation: opposite)
    #expect(later.map(\.isBest) == [false, false])
  }
}
