public import EbbGraph
public import EbbRecording
internal import EbbTensors
internal import EbbTransforms

extension Diagnostics {
  /// The gradients of a cell's parameters in an experiment, split by step, and on request by lag.
  ///
  /// The loss is the experiment's, summed over the samples.
  public static func stepwiseGradients(
    _ cell: some RecurrentCell, _ experiment: FlowExperiment = FlowExperiment(), byLag: Bool = false
  ) throws(DiagnosticError) -> StepwiseGradients {
    let recording = try experiment.recordSteps(cell)
    return try stepwiseGradients(
      of: recording, loss: FlowExperiment.Name.stepLoss, experiment.bindings(for: recording), byLag: byLag,
      run: experiment.run)
  }

  /// The gradients of a recording's parameters, split by step, and on request by lag.
  ///
  /// - Parameters:
  ///   - loss: The name of an output that is a float scalar at each index. A split by lag needs it over time: L_s.
  ///   - byLag: Whether to measure ∂L_s/∂W_t for all s and t as well, which takes as long as T backward sweeps.
  ///   - bytes: The approximate number of bytes of gradients in memory at a time.
  public static func stepwiseGradients(
    of recording: Recording, loss: String, _ bindings: Bindings, byLag: Bool = false, bytes: Int = 128 << 20,
    run: RunOptions = RunOptions()
  ) throws(DiagnosticError) -> StepwiseGradients {
    let axis = try recording.timeAxis()
    let node = try recording.output(named: loss, over: byLag ? axis : nil)
    let stepwise = try StepwiseParameters(recording, over: axis)
    try recording.checkInputs(bindings)
    return try diagnosing {
      let steps = try recording.graph.lengths(for: bindings)[axis.index]
      var split = SplitGradients(recording, stepwise, axis: axis, steps: steps, run)
      try split.measureTotals(node, bindings)
      try split.measureSteps(node, bindings)
      if byLag { try split.measureLags(node, bindings, bytes: bytes) }
      return split.result
    }
  }
}

/// Accumulates the parts of a gradient from runs, in Float64.
private struct SplitGradients {
  let recording: Recording
  let stepwise: StepwiseParameters
  let axis: Axis
  let steps: Int
  let options: RunOptions
  private(set) var result: StepwiseGradients
  /// dL/dW and the rest, of each parameter.
  private var totals: [[Double]] = []
  private var rests: [[Double]] = []

  private static func stepName(_ parameter: String) -> String { "step/\(parameter)" }
  private static func restName(_ parameter: String) -> String { "rest/\(parameter)" }

  init(
    _ recording: Recording, _ stepwise: StepwiseParameters, axis: Axis, steps: Int, _ options: RunOptions
  ) {
    (self.recording, self.stepwise, self.axis, self.steps) = (recording, stepwise, axis, steps)
    self.options = options
    result = StepwiseGradients(
      parameters: recording.parameters.map {
        StepwiseGradients.Parameter(
          name: $0.name, norms: [], restNorm: 0, totalNorm: 0, discrepancy: 0, lagNorms: [], lagDiscrepancy: 0)
      })
  }

  /// dL/dW by the recording as it is.
  mutating func measureTotals(_ loss: NodeID, _ bindings: Bindings) throws {
    var graph = recording.graph
    graph.removeOutputs()
    let gradients = try graph.gradient(of: loss, withRespectTo: recording.parameters.map(\.node))
    for (parameter, gradient) in zip(recording.parameters, gradients) { graph.setOutput(parameter.name, gradient) }
    let outputs = try CompiledDiagnostic(graph, over: axis, bindings, options).run(bindings)
    for (index, parameter) in recording.parameters.enumerated() {
      totals.append(outputs[parameter.name]?.doubles ?? [])
      result.parameters[index].totalNorm = totals[index].norm
    }
  }

  mutating func measureSteps(_ loss: NodeID, _ bindings: Bindings) throws {
    var graph = stepwise.graph
    graph.removeOutputs()
    let gradients = try graph.gradient(
      of: stepwise.place(of: loss), withRespectTo: stepwise.steps + stepwise.rests)
    for (index, parameter) in recording.parameters.enumerated() {
      graph.setOutput(Self.stepName(parameter.name), gradients[index])
      graph.setOutput(Self.restName(parameter.name), gradients[index + recording.parameters.count])
    }
    let outputs = try CompiledDiagnostic(graph, over: axis, bindings, options).run(bindings)
    for (index, parameter) in recording.parameters.enumerated() {
      guard let split = outputs[Self.stepName(parameter.name)], let rest = outputs[Self.restName(parameter.name)] else {
        preconditionFailure("the run has no gradient of \(parameter.name)")
      }
      rests.append(rest.doubles)
      let rows = split.rows(over: 0)
      let sum = rows.reduce(into: rests[index]) { $0.add($1) }
      result.parameters[index].norms = rows.map(\.norm)
      result.parameters[index].restNorm = rests[index].norm
      result.parameters[index].discrepancy = discrepancy(of: sum, index)
    }
  }

  /// The gradient of each loss L_s, separated along an additional axis, some losses at a time.
  mutating func measureLags(_ loss: NodeID, _ bindings: Bindings, bytes: Int) throws {
    var graph = stepwise.graph
    graph.removeOutputs()
    let rows = graph.addBatchAxis(named: "s")
    let placed = stepwise.place(of: loss)
    let isRow = graph.appendRowCondition(rows, axis, block: 1)
    let rowLoss = graph.select(isRow, placed, graph.constant(0, like: placed))
    let gradients = try graph.gradient(of: rowLoss, withRespectTo: stepwise.steps, keeping: [rows])
    for (parameter, gradient) in zip(recording.parameters, gradients) {
      graph.setOutput(Self.stepName(parameter.name), gradient)
    }
    let numbers = recording.parameters.reduce(0) { $0 + $1.shape.count } * steps
    let chunk = min(steps, max(1, bytes / max(1, numbers * 16)))
    var bindings = bindings
    bindings.lengths[graph.description(of: rows).name] = chunk
    bindings.values[CreditGraph.Name.first] = Tensor([], [Int32(0)])
    let program = try CompiledDiagnostic(graph, over: axis, bindings, options)
    var sums = recording.parameters.map {
      [[Double]](repeating: [Double](repeating: 0, count: $0.shape.count), count: steps)
    }
    for first in stride(from: 0, to: steps, by: chunk) {
      bindings.values[CreditGraph.Name.first] = Tensor([], [Int32(first)])
      let outputs = try program.run(bindings)
      for (index, parameter) in recording.parameters.enumerated() {
        guard let split = outputs[Self.stepName(parameter.name)] else { preconditionFailure("a missing output") }
        addLags(split.doubles, parameter.shape.count, first: first, chunk: chunk, to: &sums[index])
      }
    }
    for index in recording.parameters.indices {
      let sum = sums[index].reduce(into: rests[index]) { $0.add($1) }
      result.parameters[index].lagNorms = sums[index].map(\.norm)
      result.parameters[index].lagDiscrepancy = discrepancy(of: sum, index)
    }
  }

  /// ‖sum − dL/dW‖ relative to the norms of the terms.
  private func discrepancy(of sum: [Double], _ index: Int) -> Double {
    let difference = zip(sum, totals[index]).map { $0 - $1 }.norm
    return difference == 0 ? 0 : difference / result.parameters[index].termNorms
  }

  /// Adds ∂L_s/∂W_t to the sum of its lag |s − t|; the numbers are over t, s and the features.
  private func addLags(
    _ numbers: [Double], _ features: Int, first: Int, chunk: Int, to sums: inout [[Double]]
  ) {
    for step in 0..<steps {
      for row in first..<min(first + chunk, steps) {
        let start = (step * chunk + row - first) * features
        let lag = abs(row - step)
        for feature in 0..<features { sums[lag][feature] += numbers[start + feature] }
      }
    }
  }
}

extension [Double] {
  /// ‖x‖₂
  var norm: Double { euclideanNorm(self) }

  mutating func add(_ other: some Collection<Double>) {
    for (index, value) in other.enumerated() { self[index] += value }
  }

  /// ‖x − y‖ / ‖y‖; 0 where both are equal.
  func relativeDistance(to other: [Double]) -> Double {
    let difference = zip(self, other).map { $0 - $1 }.norm
    return difference == 0 ? 0 : difference / other.norm
  }
}
