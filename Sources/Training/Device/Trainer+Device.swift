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
  /// - Parameter next: Called while the device computes: the next batch and its rate, if they are known.
  func deviceStep(
    _ batch: [String: Tensor], rate: Double, _ onDevice: DeviceTraining, _ rule: some ElementwiseOptimizer,
    next: () -> NextStep?
  ) throws(TrainingError) -> TrainingStepResult {
    let planned = try plan(batch, rate: rate, rule.kind, after: host)
    try notifyObservers(on: batch)
    // What is called while the device computes may read the trainer's own state.
    var state = host
    let report: ReportLayout.Report
    do {
      defer { host = state }
      report = try onDevice.run(planned.request, rule, clipping, &state) {
        guard let next = next() else { return nil }
        var expected = host
        planned.count(in: &expected)
        return try? plan(next.batch, rate: next.rate, rule.kind, after: expected).request
      } graph: {
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
      planned.count(in: &host)
    } else {
      host.step += 1
      host.run += 1
    }
    return result
  }

  /// A step after a state, and what the state becomes if the step counts.
  private func plan(
    _ batch: [String: Tensor], rate: Double, _ kind: String, after state: TrainingState
  ) throws(TrainingError) -> PlannedStep {
    let begins = carried.map { _ in state.carried == nil || batch[StateCarrying.begins]?.doubles == [1] } ?? false
    // States that go on are on the device: only their dimensions are needed here.
    let zeros = try carried?.zeros(batch)
    var inputs = batch
    if carried != nil { inputs[StateCarrying.begins] = Tensor([], [begins]) }
    let lengths = try checkedLengths(inputs.merging(zeros ?? [:]) { $1 }, isFinite: nonFinitePolicy == .throw)
    var optimizer = state.optimizer
    if optimizer.kind != kind { optimizer = OptimizerState(kind: kind) }
    optimizer.step += 1
    var average = averaging == nil ? nil : state.average ?? AveragedWeights()
    let updates = state.step - state.skippedSteps + 1
    let meanWeight = averaging.flatMap { average?.count($0, update: updates) } ?? 0
    let request = DeviceTraining.Request(
      batch: inputs, beginnings: begins ? zeros : nil, lengths: lengths, update: optimizer.step, rate: rate,
      meanWeight: meanWeight, seed: seed, run: state.run)
    return PlannedStep(request: request, optimizer: optimizer, average: average, carried: zeros)
  }
}

/// The batch of the next step in the network's order of dimensions, and its rate.
typealias NextStep = (batch: [String: Tensor], rate: Double)

/// A step that is sent to a device, and the counts after it.
private struct PlannedStep {
  let request: DeviceTraining.Request
  let optimizer: OptimizerState
  let average: AveragedWeights?
  let carried: [String: Tensor]?

  /// Notes that the step was made. The values are on the device.
  func count(in state: inout TrainingState) {
    (state.optimizer, state.average, state.carried) = (optimizer, average, carried)
    state.step += 1
    state.run += 1
  }
}
