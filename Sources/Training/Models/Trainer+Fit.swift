internal import EbbGraph
internal import EbbRecording
public import EbbTensors

/// The report of an epoch: one pass over all samples.
public struct EpochReport: Hashable, Sendable {
  /// From 1, in this call.
  public var epoch: Int
  /// How many epochs the call makes.
  public var epochs: Int
  /// The mean loss per sample, each with the parameters at the time of its batch.
  public var loss: Double
  /// The loss on the validation samples after the epoch; nil if there are none.
  public var validationLoss: Double?
  /// The duration of the epoch, including its validation.
  public var duration: Duration
}

extension Trainer {
  /// Trains on samples in epochs. Each epoch uses every sample once, in an order that depends on the seed and on the
  /// number of earlier epochs in all calls.
  ///
  /// Each call restarts the schedule, and may use different samples and another batch size; see `Trainer` for the state
  /// that outlives a call.
  ///
  /// - Parameters:
  ///   - samples: The recording's inputs by name, all samples along its one batch axis.
  ///   - epochs: How often every sample is used, at least once.
  ///   - batchSize: The number of samples per step; the last step of an epoch uses the rest.
  ///   - schedule: The learning rate of each step of the call, from step 0; nil uses the optimizer's.
  ///   - validation: Samples on which the loss is measured after each epoch.
  ///   - progress: Called after each epoch; may end the training.
  /// - Returns: One report for each epoch.
  @discardableResult
  public func fit(
    _ samples: [String: Tensor], epochs: Int, batchSize: Int = 32, schedule: LearningRateSchedule? = nil,
    validation: [String: Tensor]? = nil, progress: (EpochReport) -> LoopControl = { _ in .continue }
  ) throws(TrainingError) -> [EpochReport] {
    guard epochs >= 1, batchSize >= 1 else {
      throw .setting("training takes at least 1 epoch and 1 sample a batch, not \(epochs) and \(batchSize)")
    }
    guard carrying == nil else {
      throw .setting(
        "samples come in a random order, so no states go on from one batch to the next; a trainer that carries states "
          + "takes its batches from train(until:batch:)")
    }
    let taken = try SampleRows(samples, of: recording)
    // All samples at once, before training, so that an error names the sample.
    try rules.check(samples)
    if let validation { try rules.check(validation) }
    let steps = (taken.count + batchSize - 1) / batchSize
    // The training steps of this call, and the order of the current epoch.
    var made = 0
    var batches: [[Int]] = []
    var reports: [EpochReport] = []
    var sum = 0.0
    let clock = ContinuousClock()
    var start = clock.now
    _ = try train(
      until: StoppingCriteria(steps: epochs * steps), schedule: schedule,
      batch: { _ throws(TrainingError) in
        if made % steps == 0 {
          batches = SampleRows.shuffled(taken.count, seed: seed, epoch: state.epochs).chunks(of: batchSize)
          state.epochs += 1
        }
        made += 1
        return taken.batch(batches[(made - 1) % steps])
      },
      progress: { progressed throws(TrainingError) in
        sum += progressed.report.loss * Double(batches[(made - 1) % steps].count)
        guard made % steps == 0 else { return .continue }
        reports.append(
          EpochReport(
            epoch: made / steps, epochs: epochs, loss: sum / Double(taken.count),
            validationLoss: try validation.map { batch throws(TrainingError) in try loss(on: batch) },
            duration: start.duration(to: clock.now)))
        (sum, start) = (0, clock.now)
        return progress(reports[reports.count - 1])
      })
    return reports
  }

  /// Trains a network with the inputs `x` and `target`, such as one from `Recording.sequential`.
  ///
  /// - Parameters:
  ///   - x: All samples, of [T, samples, features]: time comes first, as everywhere.
  ///   - target: Their targets, of [samples, outputs], or [T, samples, outputs] for a network with a result at every
  ///     step.
  ///   - epochs: How often every sample is used, at least once.
  ///   - batchSize: The number of samples per step; the last step of an epoch uses the rest.
  ///   - schedule: The learning rate of each step of the call, from step 0; nil uses the optimizer's.
  ///   - validation: Samples of the same form on which the loss is measured after each epoch.
  ///   - progress: Called after each epoch; may end the training.
  @discardableResult
  public func fit(
    _ x: Tensor, _ target: Tensor, epochs: Int, batchSize: Int = 32, schedule: LearningRateSchedule? = nil,
    validation: (x: Tensor, target: Tensor)? = nil, progress: (EpochReport) -> LoopControl = { _ in .continue }
  ) throws(TrainingError) -> [EpochReport] {
    try fit(
      ["x": x, "target": target], epochs: epochs, batchSize: batchSize, schedule: schedule,
      validation: validation.map { ["x": $0.x, "target": $0.target] }, progress: progress)
  }

  /// The output `prediction` for an input `x`, with the current parameters; no target is needed.
  public func predict(_ x: Tensor) throws(TrainingError) -> Tensor {
    try predict(["x": x])
  }

  /// The output `prediction` for inputs by name; `target` may be left out.
  public func predict(_ inputs: [String: Tensor]) throws(TrainingError) -> Tensor {
    var inputs = inputs
    if inputs["target"] == nil, let target = recording.inputs.first(where: { $0.name == "target" }) {
      // Predictions do not depend on the target, but every input needs a value: zeros, with the other inputs' lengths.
      let graph = recording.graph
      let lengths = graph.axisLengths(inputs)
      inputs["target"] = Tensor(zeros: graph.type(target.node)) { lengths[$0] ?? 1 }
    }
    guard let prediction = try evaluate(inputs)["prediction"] else {
      throw .setting("the recording has no output named prediction")
    }
    return prediction
  }
}
