internal import EbbGraph
internal import EbbRecording
public import EbbTensors
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
    let axis = try recording.timeAxisOfSteps()
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

  /// The gradients of a network's parameters, split by step, as tensors.
  ///
  /// - Parameters:
  ///   - trial: Its loss is a float scalar at each index. A split by sample needs it over an axis of samples.
  ///   - samples: Whether to keep the gradient of each sample's own loss apart.
  /// - Throws: `DiagnosticError`, also if an operation mixes the samples whose gradients are to be kept apart.
  ///
  /// All numbers are in memory at once: T times those of the parameters, and of each sample if they are kept apart or if
  /// the sequences have several lengths.
  public static func stepwiseTensors(
    of trial: Trial, ofEachSample samples: Bool = false
  ) throws(DiagnosticError) -> StepwiseTensors {
    let recording = trial.recording
    let axis = try recording.timeAxisOfSteps()
    let node = try recording.output(named: trial.loss)
    let kept = recording.graph.type(node).domain.removing(axis)
    if samples, kept.isEmpty {
      throw .setting("the loss \(trial.loss)\(recording.remark(node)) has no axis of samples")
    }
    let stepwise = try StepwiseParameters(recording, over: axis)
    try recording.checkInputs(trial.bindings)
    return try diagnosing(recording) {
      var split = SplitGradients(trial, stepwise, axis: axis, steps: 0)
      return try split.tensors(node, keeping: samples ? kept : .empty)
    }
  }
}

/// dL/dW_t of each parameter, as `StepwiseGradients` splits dL/dW.
public struct StepwiseTensors: Sendable, Hashable {
  /// By parameter: dL/dW_t for each step t = 1 … T, of the shape of W behind the steps; with samples kept apart [T, B, …].
  public var steps: [String: Tensor]
  /// By parameter: the contribution from outside of time, of the shape of W; with samples kept apart [B, …].
  public var rests: [String: Tensor]
}

/// Accumulates the parts of a gradient from runs, in Float64.
struct SplitGradients {
  let trial: Trial
  let stepwise: StepwiseParameters
  let axis: Axis
  let steps: Int
  private(set) var result: StepwiseGradients
  /// dL/dW and the rest, of each parameter.
  private var totals: [[Double]] = []
  private(set) var rests: [[Double]] = []

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
      // Over steps and, where the sequences have several lengths, samples.
      let rows = outputs[Self.stepName(parameter.name)].rows(over: dimension(gradients[index], in: graph)).map {
        $0.summed(parameter.shape.count)
      }
      let sum = rows.reduce(into: rests[index]) { $0.add($1) }
      result.parameters[index].norms = rows.map(\.norm)
      result.parameters[index].restNorm = rests[index].norm
      result.parameters[index].discrepancy = discrepancy(of: sum, index)
    }
  }

  /// dL/dW_t as tensors, with these axes of the loss kept apart.
  mutating func tensors(_ loss: NodeID, keeping kept: Domain) throws -> StepwiseTensors {
    var graph = stepwise.graph
    graph.removeOutputs()
    let gradients = try graph.gradient(
      of: stepwise.place(of: loss), withRespectTo: stepwise.steps + stepwise.rests, keeping: kept)
    let count = recording.parameters.count
    for (index, parameter) in recording.parameters.enumerated() {
      graph.setOutput(Self.stepName(parameter.name), gradients[index])
      graph.setOutput(Self.restName(parameter.name), gradients[index + count])
    }
    let outputs = try CompiledDiagnostic(graph, over: axis, trial.bindings, trial.run).run(trial.bindings)
    var result = StepwiseTensors(steps: [:], rests: [:])
    for (index, parameter) in recording.parameters.enumerated() {
      let tensor = outputs[Self.stepName(parameter.name)]
      let time = dimension(gradients[index], in: graph)
      let (shape, samples) = (parameter.shape.array, tensor.dimensions.count - 1 - parameter.shape.rank)
      var rows = tensor.rows(over: time)
      var sizes = tensor.dimensions.prefix(samples + 1).enumerated().filter { $0.offset != time }.map(\.element)
      if kept.isEmpty, !sizes.isEmpty {
        rows = rows.map { $0.summed(parameter.shape.count) }
        sizes = []
      }
      result.steps[parameter.name] = Tensor([rows.count] + sizes + shape, rows.flatMap { $0 }, as: tensor.element)
      result.rests[parameter.name] = outputs[Self.restName(parameter.name)]
    }
    return result
  }

  /// The dimension of time in a gradient by W_t.
  private func dimension(_ gradient: NodeID, in graph: Graph) -> Int { graph.dimension(of: axis, in: gradient) }

  /// The gradient of each loss L_s, separated along an additional axis, some losses at a time.
  mutating func measureLags(_ loss: NodeID, bytes: Int) throws {
    let sums = try lagSums(loss, bytes: bytes)
    for index in recording.parameters.indices {
      let sum = sums[index].reduce(into: rests[index]) { $0.add($1) }
      result.parameters[index].lagNorms = sums[index].map(\.norm)
      result.parameters[index].lagDiscrepancy = discrepancy(of: sum, index)
    }
  }

  /// For each parameter and number k of steps before its last, dL/dW_{T−k}; T is each sequence's own.
  func sumsBeforeEnd(_ loss: NodeID) throws -> [[[Double]]] {
    var graph = stepwise.graph
    graph.removeOutputs()
    let gradients = try graph.gradient(of: stepwise.place(of: loss), withRespectTo: stepwise.steps)
    for (parameter, gradient) in zip(recording.parameters, gradients) {
      graph.setOutput(Self.stepName(parameter.name), gradient)
    }
    let outputs = try CompiledDiagnostic(graph, over: axis, trial.bindings, trial.run).run(trial.bindings)
    return recording.parameters.indices.map { index in
      let parameter = recording.parameters[index]
      let (tensor, features) = (outputs[Self.stepName(parameter.name)], parameter.shape.count)
      let lengths = graph.sampleLengths(
        along: axis, in: gradients[index], sizes: tensor.dimensions, trial.bindings.values)
      var sums = [[Double]](repeating: [Double](repeating: 0, count: features), count: steps)
      for (step, row) in tensor.rows(over: dimension(gradients[index], in: graph)).enumerated() {
        for start in stride(from: 0, to: row.count, by: features) {
          let lag = (lengths?[start / features] ?? steps) - 1 - step
          guard lag >= 0 else { continue }
          sums[lag].add(row[start..<start + features])
        }
      }
      return sums
    }
  }

  /// For each parameter and lag k, Σ_s ∂L_s/∂W_{s−k}.
  func lagSums(_ loss: NodeID, bytes: Int) throws -> [[[Double]]] {
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
    let samples = try recording.graph.lengthsCount(of: axis, trial.bindings)
    let numbers = recording.parameters.reduce(0) { $0 + $1.shape.count } * steps * samples
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
        let split = outputs[Self.stepName(parameter.name)].rows(over: dimension(gradients[index], in: graph))
        addLags(split, parameter.shape.count, first: first, chunk: chunk, to: &sums[index])
      }
    }
    return sums
  }

  /// ‖sum − dL/dW‖ relative to the norms of the terms.
  private func discrepancy(of sum: [Double], _ index: Int) -> Double {
    let difference = zip(sum, totals[index]).map { $0 - $1 }.norm
    return difference == 0 ? 0 : difference / result.parameters[index].termNorms
  }

  /// Adds ∂L_s/∂W_t to the sum of its lag |s − t|; the numbers of each step t are over samples, s and the features.
  private func addLags(
    _ split: [[Double]], _ features: Int, first: Int, chunk: Int, to sums: inout [[Double]]
  ) {
    for (step, numbers) in split.enumerated() {
      for start in stride(from: 0, to: numbers.count, by: features) {
        let row = first + start / features % chunk
        guard row < steps else { continue }
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

extension Graph {
  /// How many sequences have a length of their own along an axis: 1 if it is not ragged.
  fileprivate func lengthsCount(of axis: Axis, _ bindings: Bindings) throws -> Int {
    guard let node = description(of: axis).lengths else { return 1 }
    let lengths = try lengths(for: bindings)
    return type(node).domain.reduce(1) { $0 * lengths[$1.index] }
  }
}

extension [Double] {
  /// The sum of its consecutive parts with so many numbers.
  func summed(_ count: Int) -> [Double] {
    guard self.count > count else { return self }
    var sum = [Double](repeating: 0, count: count)
    for index in indices { sum[index % count] += self[index] }
    return sum
  }

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
