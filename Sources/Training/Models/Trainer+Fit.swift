internal import EbbGraph
internal import EbbRecording
public import EbbTensors

/// The result of an epoch: one pass over all samples.
public struct EpochResult: Hashable, Sendable {
  /// From 1, in this call.
  public var epoch: Int
  /// How many epochs the call makes.
  public var epochs: Int
  /// The mean loss per sample, each with the parameters at the time of its batch.
  public var loss: Double
  /// The loss on the validation samples after the epoch; nil if there are none, or none is due.
  public var validationLoss: Double?
  /// Whether the epoch has the lowest loss of the call so far: on the validation samples, or the mean loss if there are
  /// none. Then is the time to save what `ModelCheckpoint(save_best_only=True)` of Keras saves. A call that goes on after
  /// an interruption knows the losses from before it if they were on validation samples, or watched by a rule; without
  /// both, an epoch is compared with those since.
  public var isBest: Bool
  /// The learning rate of the epoch's last step.
  public var learningRate: Double
  /// The duration of the epoch, including its validation.
  public var duration: Duration
}

extension Trainer {
  /// Trains on samples in epochs. Each epoch uses every sample once, in an order that depends on the seed and on the
  /// number of earlier epochs in all calls, or in the given order.
  ///
  /// Each call restarts the schedule, and may use different samples and another batch size; see `Trainer` for the state
  /// that outlives a call.
  ///
  /// ```swift
  /// let history = try trainer.fit(
  ///   ["x": x, "target": y], epochs: 100, validation: ["x": heldOut, "target": answers],
  ///   earlyStopping: EarlyStopping(patience: 5)
  /// ) { result in
  ///   print(result.epoch, result.loss, result.validationLoss ?? .nan)
  ///   return result.loss < 1e-3 ? .stop : .continue
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - samples: The recording's inputs by name, all samples along its one batch axis.
  ///   - epochs: How often every sample is used, at least once.
  ///   - batchSize: The number of samples per step; the last step of an epoch uses the rest.
  ///   - schedule: The learning rate of each step of the call, from step 0; nil uses the optimizer's.
  ///   - shuffle: Whether each epoch has its own order. Without, every batch holds the samples that follow those of the
  ///     batch before.
  ///   - sampleWeights: The input `weights` of a loss with `weighted()`: of [samples], or [T, samples] if each step has
  ///     its own.
  ///   - classWeights: The weight of each class, 1 for all others; it multiplies the weight of each sample whose target
  ///     is that class. Targets are classes of one number: Int32, or 0 and 1. As in Keras, the validation loss is
  ///     without them.
  ///   - validation: Samples on which the loss is measured after an epoch; may hold `weights`.
  ///   - validationInterval: After how many epochs it is measured, each time.
  ///   - plateau: Lowers the learning rate when the validation loss stops falling; without validation samples, when the
  ///     mean loss of the epochs does.
  ///   - earlyStopping: Ends training when that loss stops falling.
  ///   - progress: Called after each epoch; may measure, save a checkpoint, or end the training.
  ///   - eachStep: Called after each step, before `progress` if it is the epoch's last; may end the training. The
  ///     epoch then has no result.
  /// - Returns: One result for each epoch.
  @discardableResult
  public func fit(
    _ samples: [String: Tensor], epochs: Int, batchSize: Int = 32, schedule: LearningRateSchedule? = nil,
    shuffle: Bool = true, sampleWeights: Tensor? = nil, classWeights: [Int: Double] = [:],
    validation: [String: Tensor]? = nil, validationInterval: Int = 1, plateau: PlateauDecay? = nil,
    earlyStopping: EarlyStopping? = nil,
    progress: (EpochResult) throws(TrainingError) -> LoopControl = { _ in .continue },
    eachStep: (TrainingProgress) throws(TrainingError) -> LoopControl = { _ in .continue }
  ) throws(TrainingError) -> [EpochResult] {
    guard epochs >= 1, batchSize >= 1 else {
      throw .setting("training takes at least 1 epoch and 1 sample a batch, not \(epochs) and \(batchSize)")
    }
    guard validationInterval >= 1 else {
      throw .setting("the loss on validation samples is measured every 1 or more epochs, not \(validationInterval)")
    }
    guard carrying == nil else {
      throw .setting(
        "samples come in a random order, so no states go on from one batch to the next; a trainer that carries states "
          + "takes its batches from train(until:batch:)")
    }
    let samples = try weighted(samples, in: layout, by: sampleWeights, classes: classWeights)
    let taken = try SampleRows(samples, of: recording, layout: layout)
    // All samples at once, before training, so that an error names the sample.
    try rules.check(arranged(samples))
    let heldOut = try validation.map { held throws(TrainingError) in try weighted(held, in: layout) }
    if let heldOut { try rules.check(arranged(heldOut)) }
    let steps = (taken.count + batchSize - 1) / batchSize
    // The order of the current epoch.
    var batches: [[Int]] = []
    // What the rules look at: the loss on the validation samples, or that of the epoch.
    var measured: Validation?
    if heldOut != nil || plateau != nil || earlyStopping != nil {
      measured = Validation(every: steps * validationInterval, plateau: plateau, earlyStopping: earlyStopping) {
        trainer throws(TrainingError) in
        if let heldOut { return try trainer.loss(on: heldOut) }
        let losses = zip(trainer.host.history.losses.suffix(steps), batches)
        return losses.reduce(0) { $0 + $1.0 * Double($1.1.count) } / Double(taken.count)
      }
    }
    // An interrupted epoch of a resumed call starts again, and so does the interval.
    measured?.stepsBefore = goesOn ? host.callSteps : 0
    var best = goesOn ? host.history.validations.map(\.value).min() ?? .infinity : .infinity
    // The training steps of this call.
    var made = 0
    var results: [EpochResult] = []
    var sum = 0.0
    let clock = ContinuousClock()
    var start = clock.now
    _ = try train(
      until: StoppingCriteria(steps: epochs * steps), schedule: schedule, validation: measured,
      batch: { _ throws(TrainingError) in
        if made % steps == 0 {
          let rows =
            shuffle ? SampleRows.shuffled(taken.count, seed: seed, epoch: host.epochs) : Array(0..<taken.count)
          batches = rows.chunks(of: batchSize)
          host.epochs += 1
        }
        made += 1
        return taken.batch(batches[(made - 1) % steps])
      },
      progress: { progressed throws(TrainingError) in
        sum += progressed.result.loss * Double(batches[(made - 1) % steps].count)
        if try eachStep(progressed) == .stop { return .stop }
        guard made % steps == 0 else { return .continue }
        let epoch = made / steps
        let loss = sum / Double(taken.count)
        let isMeasured = heldOut != nil && epoch % validationInterval == 0
        let validationLoss = isMeasured ? progressed.validation?.value : nil
        let watched = (heldOut == nil ? loss : validationLoss) ?? .nan
        let isBest = watched < best
        if isBest { best = watched }
        results.append(
          EpochResult(
            epoch: epoch, epochs: epochs, loss: loss, validationLoss: validationLoss, isBest: isBest,
            learningRate: progressed.result.learningRate, duration: start.duration(to: clock.now)))
        (sum, start) = (0, clock.now)
        return try progress(results[results.count - 1])
      })
    return results
  }

  /// Trains a network with the inputs `x` and `target`, such as one from `Recording.sequential`.
  ///
  /// - Parameters:
  ///   - x: All samples, of [T, samples, features]: time comes first, unless the trainer's layout is `batchFirst`.
  ///   - target: Their targets, of [samples, outputs], or [T, samples, outputs] for a network with a result at every
  ///     step.
  ///   - epochs: How often every sample is used, at least once.
  ///   - batchSize: The number of samples per step; the last step of an epoch uses the rest.
  ///   - schedule: The learning rate of each step of the call, from step 0; nil uses the optimizer's.
  ///   - shuffle: Whether each epoch has its own order.
  ///   - sampleWeights: The weight of each sample, for a loss with `weighted()`.
  ///   - classWeights: The weight of each class, for such a loss.
  ///   - validation: Samples of the same form on which the loss is measured after an epoch.
  ///   - validationInterval: After how many epochs it is measured, each time.
  ///   - plateau: Lowers the learning rate when the validation loss stops falling; without validation samples, when the
  ///     mean loss of the epochs does.
  ///   - earlyStopping: Ends training when that loss stops falling.
  ///   - progress: Called after each epoch; may measure, save a checkpoint, or end the training.
  ///   - eachStep: Called after each step; may end the training.
  /// - Returns: One result for each epoch.
  @discardableResult
  public func fit(
    _ x: Tensor, _ target: Tensor, epochs: Int, batchSize: Int = 32, schedule: LearningRateSchedule? = nil,
    shuffle: Bool = true, sampleWeights: Tensor? = nil, classWeights: [Int: Double] = [:],
    validation: (x: Tensor, target: Tensor)? = nil, validationInterval: Int = 1, plateau: PlateauDecay? = nil,
    earlyStopping: EarlyStopping? = nil,
    progress: (EpochResult) throws(TrainingError) -> LoopControl = { _ in .continue },
    eachStep: (TrainingProgress) throws(TrainingError) -> LoopControl = { _ in .continue }
  ) throws(TrainingError) -> [EpochResult] {
    try fit(
      ["x": x, "target": target], epochs: epochs, batchSize: batchSize, schedule: schedule, shuffle: shuffle,
      sampleWeights: sampleWeights, classWeights: classWeights,
      validation: validation.map { ["x": $0.x, "target": $0.target] }, validationInterval: validationInterval,
      plateau: plateau, earlyStopping: earlyStopping, progress: progress, eachStep: eachStep)
  }

  /// The output `prediction` for an input `x`, with the current parameters; no target is needed.
  public func predict(_ x: Tensor) throws(TrainingError) -> Tensor {
    try predict(["x": x])
  }

  /// The output `prediction` for inputs by name; `target` and `weights` may be left out.
  public func predict(_ inputs: [String: Tensor]) throws(TrainingError) -> Tensor {
    var inputs = arranged(inputs)
    if inputs["target"] == nil, let target = recording.inputs.first(where: { $0.name == "target" }) {
      // Predictions do not depend on the target, but every input needs a value: zeros, with the other inputs' lengths.
      let graph = recording.graph
      let lengths = graph.axisLengths(inputs)
      inputs["target"] = Tensor(zeros: graph.type(target.node)) { lengths[$0] ?? 1 }
    }
    // Nor do they depend on the weights of the loss.
    inputs = try weighted(inputs, in: .timeFirst)
    guard let prediction = returned(try evaluate(inputs, parameters: state.parameters))["prediction"] else {
      throw .setting("the recording has no output named prediction")
    }
    return prediction
  }
}
