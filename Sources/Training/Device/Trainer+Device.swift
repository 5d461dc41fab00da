internal import EbbExecution
internal import EbbGraph
internal import EbbPlanning
internal import EbbRecording
internal import EbbTensors

/// Steps on a device.
extension Trainer {
  /// The device that takes whole steps; nil for steps with the kernels here. Several batches in one step, shards, and
  /// optimizers that are no formula of single numbers are updated here, also with gradients from a device.
  func deviceTraining(for batches: [[String: Tensor]]) -> (DeviceTraining, any ElementwiseOptimizer)? {
    guard let onDevice, batches.count == 1, sharding == nil, !trainedParameters.isEmpty,
      let rule = optimizer as? any ElementwiseOptimizer
    else { return nil }
    return (onDevice, rule)
  }

  /// A step whose update is made on the device.
  ///
  /// - Parameter meanwhile: Called while the device computes.
  func deviceStep(
    _ batch: [String: Tensor], rate: Double, _ onDevice: DeviceTraining, _ rule: some ElementwiseOptimizer,
    meanwhile: () -> [String: Tensor]?
  ) throws(TrainingError) -> TrainingStepResult {
    let begins = carried.map { _ in host.carried == nil || batch[StateCarrying.begins]?.doubles == [1] } ?? false
    // States that go on are on the device: only their dimensions are needed here.
    let zeros = try carried?.zeros(batch)
    var inputs = batch
    if carried != nil { inputs[StateCarrying.begins] = Tensor([], [begins]) }
    let lengths = try checkedLengths(inputs.merging(zeros ?? [:]) { $1 }, isFinite: nonFinitePolicy == .throw)
    try notifyObservers(on: batch)
    let updates = host.step - host.skippedSteps + 1
    var average = averaging == nil ? nil : host.average ?? AveragedWeights()
    let meanWeight = averaging.flatMap { average?.count($0, update: updates) } ?? 0
    let request = DeviceTraining.Request(
      batch: inputs, beginnings: begins ? zeros : nil, lengths: lengths, rate: rate, meanWeight: meanWeight,
      seed: seed)
    // What is called meanwhile may read the trainer's own state.
    var state = host
    let report: ReportLayout.Report
    do {
      defer { host = state }
      report = try onDevice.run(request, rule, clipping, &state, meanwhile: meanwhile) { [self] in
        UpdateGraph(
          gradientGraph, loss: loss, trained: trainedParameters,
          buffers: recording.parameters.filter { $0.update != nil }.map(\.name), penalties: regularizers.count,
          rule: rule, clipping: clipping, groups: groups, averages: averaging != nil,
          carried: carried?.states.map(\.name) ?? [])
      }
    }
    var result = TrainingStepResult(
      step: host.step, loss: report.loss, penalties: report.penalties, gradientNorm: report.clip.normBefore,
      clip: report.clip, learningRate: rate)
    if !report.isSound {
      result.nonFinite = nonFiniteEvent(report.loss, report.penalties, parameters: report.undefined)
    }
    if try counts(result) {
      if host.optimizer.kind != rule.kind { host.optimizer = OptimizerState(kind: rule.kind) }
      host.optimizer.step += 1
      host.average = average
      host.carried = zeros
    }
    host.step += 1
    host.run += 1
    return result
  }
}
