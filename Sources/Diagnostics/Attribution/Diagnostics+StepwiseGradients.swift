internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

extension Diagnostics {
  /// The gradients of a network's parameters, split by step, and on request by lag.
  ///
  /// - Parameters:
  ///   - trial: Its loss is a float scalar at each index. A split by lag needs it over time: L_s.
  ///   - byLag: Whether to measure ∂L_s/∂W_t for all s and t as well, which takes as long as T backward sweeps.
  ///   - bytes: The approximate number of bytes of gradients in memory at a time.
  public static func stepwiseGradients(
    of trial: Trial, byLag: Bool = false, bytes: Int = 128 << 20
  ) throws(DiagnosticError) -> StepwiseGradients {
    let recording = trial.recording
    let axis = try recording.timeAxis()
    let node = try recording.output(named: trial.loss, over: byLag ? axis : nil)
    let stepwise = try StepwiseParameters(recording, over: axis)
    try recording.checkInputs(trial.bindings)
    return try diagnosing {
      let steps = try recording.graph.lengths(for: trial.bindings)[axis.index]
      var split = SplitGradients(trial, stepwise, axis: axis, steps: steps)
      try split.measureTotals(node)
      try split.measureSteps(node)
      if byLag { try split.measureLags(node, bytes: bytes) }
      return split.result
    }
  }
}

/// Accumulates the parts of a gradient from runs, in Float64.
private struct SplitGradients {
  let trial: Trial
  let stepwise: StepwiseParameters
  let axis: Axis
  let steps: Int
  private(set) var result: StepwiseGradients
  /// dL/dW and the rest, of each parameter.
  private var totals: [[Double]] = []
  private var rests: [[Double]] = []

  private static func stepName(_ parameter: String) -> String { "step/\(parameter)" }
  private static func restName(_ parameter: String) -> String { "rest/\(parameter)" }

  private var recording: Recording { trial.recording }

  init(_ trial: Trial, _ stepwise: StepwiseParameters, axis: Axis, steps: Int) {
    (self.trial, self.stepwise, self.axis, self.steps) = (trial, stepwise, axis, steps)
    result = StepwiseGradients(
      parameters: trial.recording.parameters.map {
        StepwiseGradients.Parameter(
          name: $0.name, norms: [], restNorm: 0, totalNorm: 0, discrepancy: 0, lagNorms: [], lagDiscrepancy: 0)
      })
  }

  /// dL/dW by the recording as it is.
  mutating func measureTotals(_ loss: NodeID) throws {
    totals = try trial.parameterGradients(of: loss, in: recording.graph, over: axis)
    for (index, total) in totals.enumerated() { result.parameters[index].totalNorm = total.norm }
  }

  mutating func measureSteps(_ loss: NodeID) throws {
    var graph = stepwise.graph
    graph.removeOutputs()
    let gradients = try graph.gradient(
      of: stepwise.place(of: loss), withRespectTo: stepwise.steps + stepwise.rests)
    for (index, parameter) in recording.parameters.enumerated() {
      graph.setOutput(Self.stepName(parameter.name), gradients[index])
      graph.setOutput(Self.restName(parameter.name), gradients[index + recording.parameters.count])
    }
    let outputs = try CompiledDiagnostic(graph, over: axis, trial.bindings, trial.run).run(trial.bindings)
    for (index, parameter) in recording.parameters.enumerated() {
      rests.append(outputs[Self.restName(parameter.name)].doubles)
      let rows = outputs[Self.stepName(parameter.name)].rows(over: 0)
      let sum = rows.reduce(into: rests[index]) { $0.add($1) }
      result.parameters[index].norms = rows.map(\.norm)
      result.parameters[index].restNorm = rests[index].norm
      result.parameters[index].discrepancy = discrepancy(of: sum, index)
    }
  }

  /// The gradient of each loss L_s, separated along an additional axis, some losses at a time.
  mutating func measureLags(_ loss: NodeID, bytes: Int) throws {
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
    var bindings = trial.bindings
    bindings.lengths[graph.description(of: rows).name] = chunk
    bindings.values[CreditGraph.Name.first] = Tensor([], [Int32(0)])
    let program = try CompiledDiagnostic(graph, over: axis, bindings, trial.run)
    var sums = recording.parameters.map {
      [[Double]](repeating: [Double](repeating: 0, count: $0.shape.count), count: steps)
    }
    for first in stride(from: 0, to: steps, by: chunk) {
      bindings.values[CreditGraph.Name.first] = Tensor([], [Int32(first)])
      let outputs = try program.run(bindings)
      for (index, parameter) in recording.parameters.enumerated() {
        let split = outputs[Self.stepName(parameter.name)].doubles
        addLags(split, parameter.shape.count, first: first, chunk: chunk, to: &sums[index])
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

extension Trial {
  /// dL/dW of each parameter in a run of a graph that has the recording's equations under their numbers.
  func parameterGradients(of loss: NodeID, in source: Graph, over axis: Axis) throws -> [[Double]] {
    var graph = source
    graph.removeOutputs()
    let gradients = try graph.gradient(of: loss, withRespectTo: recording.parameters.map(\.node))
    for (parameter, gradient) in zip(recording.parameters, gradients) { graph.setOutput(parameter.name, gradient) }
    let outputs = try CompiledDiagnostic(graph, over: axis, bindings, run).run(bindings)
    return recording.parameters.map { outputs[$0.name].doubles }
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
