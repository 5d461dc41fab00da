internal import EbbGraph
internal import EbbLinearAlgebra
public import EbbRecording
internal import EbbTensors
internal import Foundation

extension Diagnostics {
  /// The predictions of closed forms for a cell in an experiment, with the measured gradients.
  ///
  /// ```swift
  /// let theory = try Diagnostics.theory(SimpleRNN(units: 128, recurrent: .orthogonal(gain: 1.2)))
  /// print(theory.predictions[0].factor, theory.predictions[0].measuredFactor!)
  /// ```
  ///
  /// - Parameters:
  ///   - cell: Any recurrent cell, or a `Stack` of them.
  ///   - experiment: The lengths, the inputs and the loss, which reads the last step.
  ///   - flow: The measured gradients of the same experiment; nil to measure them.
  /// - Throws: `DiagnosticError`, also for a loss at all steps and for clipped gradients, which the theories do not
  ///   cover.
  public static func theory(
    _ cell: some RecurrentCell, _ experiment: FlowExperiment = FlowExperiment(), beside flow: GradientFlow? = nil
  ) throws(DiagnosticError) -> FlowTheory {
    if let reason = experiment.reasonAgainstTheory { throw .setting(reason) }
    return try theory(of: experiment.trial(of: cell), beside: flow)
  }

  /// The predictions of closed forms for a network whose loss reads the last step.
  ///
  /// The graph is searched for two forms: a state that is φ of its own product with a parameter, where φ is tanh, σ,
  /// ReLU or the identity; and a state multiplied by a σ or by 1 − σ. The mean field's σ_b² is the mean square of the
  /// contributions of inputs and biases in this run; b and s of a gate are the mean and the deviation of its sum in
  /// this run, for each unit. Cells of other forms have no prediction.
  ///
  /// - Parameters:
  ///   - trial: Its loss reads the last step.
  ///   - flow: The measured gradients of the network's states; nil to measure them.
  public static func theory(
    of trial: Trial, beside flow: GradientFlow? = nil
  ) throws(DiagnosticError) -> FlowTheory {
    let recording = trial.recording
    try recording.checkOneLength(along: recording.timeAxisOfSteps(), trial.bindings)
    if let mark = recording.markInRecurrence {
      throw .setting(
        "\(recording.wording(ofMark: mark)) inside the recurrence; closed forms predict gradients that are not")
    }
    let forms = RecurrenceForm.all(in: recording)
    let flow = try trial.totalGradients(flow)
    let predictor = TheoryPredictor(recording, flow, try values(of: forms, in: trial))
    var predictions: [FlowTheory.Prediction] = []
    for form in forms {
      switch form {
      case .layer(let layer): predictions += try predictor.predictions(layer)
      case .memory(let memory): predictions += predictor.predictions(memory)
      }
    }
    return FlowTheory(predictions: predictions, measured: flow.states)
  }

  /// The values of a run on which predictions are based.
  private static func values(
    of forms: [RecurrenceForm], in trial: Trial
  ) throws(DiagnosticError) -> [NodeID: Tensor] {
    let recording = trial.recording
    let nodes = forms.flatMap { form in
      switch form {
      case .layer(let layer): [layer.weight] + layer.addends + layer.others.map(\.node)
      case .memory(let memory): [recording.graph.operand(memory.gate, 0)]
      }
    }
    var graph = recording.graph
    graph.removeOutputs()
    for node in nodes { graph.setOutput("theory/\(node.index)", node) }
    return try Diagnostic("theory", of: recording, graph) { run in
      Dictionary(nodes.map { ($0, run["theory/\($0.index)"]) }) { first, _ in first }
    }.run(trial.bindings, run: trial.run)
  }
}

extension FlowExperiment {
  /// Why closed forms do not apply to the gradients; nil if they may.
  package var reasonAgainstTheory: String? {
    guard loss == .last, value == nil else {
      return "closed forms predict the gradient of a loss at the last step, not of one "
        + (value.map { "that reads \($0) " } ?? "") + "\(loss)"
    }
    return clip == nil ? nil : "closed forms predict gradients that are not clipped inside the recurrence"
  }

}

extension Trial {
  /// The given gradients, or else the total gradients of the network's states.
  func totalGradients(_ given: GradientFlow?) throws(DiagnosticError) -> GradientFlow {
    if let given { return given }
    return try Diagnostics.gradientFlow(of: self, direct: false)
  }
}

private struct TheoryPredictor {
  let recording: Recording
  let flow: GradientFlow
  let values: [NodeID: Tensor]

  init(_ recording: Recording, _ flow: GradientFlow, _ values: [NodeID: Tensor]) {
    (self.recording, self.flow, self.values) = (recording, flow, values)
  }

  private func numbers(_ node: NodeID) -> [Double] {
    guard let tensor = values[node] else { preconditionFailure("every value of a prediction is an output") }
    return tensor.doubles
  }

  // MARK: h' = φ(W h + …)

  func predictions(_ layer: RecurrenceForm.Layer) throws(DiagnosticError) -> [FlowTheory.Prediction] {
    guard let curve = flow[layer.state.name]?.total else { return [] }
    let columns = recording.graph.type(layer.weight).shape[1]
    let elements = numbers(layer.weight)
    func entries(_ rows: Range<Int>) -> ArraySlice<Double> {
      elements[rows.lowerBound * columns..<rows.upperBound * columns]
    }
    let recurrent = Matrix(rows: layer.rows.count, columns: columns, Array(entries(layer.rows)))
    let bound: PascanuBound
    do {
      bound = try PascanuBound(recurrentWeights: recurrent, derivativeBound: layer.activation == .sigmoid ? 0.25 : 1)
    } catch {
      throw .setting("the recurrent weights of \(layer.state.name) have no singular values: \(error)")
    }
    let last = curve.means.last ?? 0
    let pascanu = prediction(
      .pascanuBound, layer.state, curve, bound.gradientNorms(length: curve.means.count, last: last),
      ["σ₁": bound.largestSingularValue, "γ": bound.derivativeBound], factor: bound.factor)
    guard layer.activation == .tanh else { return [pascanu] }
    // σ_w² = ‖W‖_F² / n: n times the mean square of a weight.
    let weightVariance = meanSquare(entries(layer.rows), over: columns)
    // σ_b²: the mean over units of Σⱼ Wⱼᵢ² E xⱼ², plus that of bᵢ² or any other addend.
    var biasVariance = layer.addends.reduce(0) { $0 + meanSquare(numbers($1), over: numbers($1).count) }
    for (node, rows) in layer.others {
      let x = numbers(node)
      for (feature, row) in rows.enumerated() {
        let values = stride(from: feature, to: x.count, by: rows.count).map { x[$0] }
        let power = meanSquare(values, over: values.count)
        biasVariance += meanSquare(entries(row..<row + 1), over: columns) * power
      }
    }
    let field = MeanFieldTheory(weightVariance: weightVariance, biasVariance: biasVariance)
    let quantities = [
      "σ_w²": weightVariance, "σ_b²": biasVariance, "q*": field.fixedVariance, "χ": field.susceptibility(),
    ]
    let norms = field.gradientNorms(length: curve.means.count, last: last)
    return [prediction(.meanField, layer.state, curve, norms, quantities, factor: field.factor), pascanu]
  }

  /// Σ x² / n
  private func meanSquare(_ values: some Sequence<Double>, over count: Int) -> Double {
    var sum = WideSum(power: 2)
    for value in values { sum.add(value) }
    return sum.mean(over: Double(max(1, count)))
  }

  // MARK: c' = σ(a) ⊙ c + …

  func predictions(_ memory: RecurrenceForm.Memory) -> [FlowTheory.Prediction] {
    guard let curve = flow[memory.state.name]?.total else { return [] }
    let sums = numbers(recording.graph.operand(memory.gate, 0))
    let units = recording.graph.type(memory.gate).shape.count
    let moments = (0..<units).map { unit in
      ActivationStatistics(stride(from: unit, to: sums.count, by: units).map { sums[$0] })
    }
    let theories = moments.map {
      GateTheory(bias: memory.isComplement ? -$0.mean : $0.mean, deviation: $0.deviation)
    }
    // ‖dL/dcₜ‖ ∝ √(mean over units of Πₖ E f²): slow units outlive the others.
    let slopes = theories.map(\.slope)
    let (length, last) = (curve.means.count, curve.means.last ?? 0)
    let norms = (0..<length).map { step in
      let lag = Double(length - 1 - step)
      return last * (slopes.reduce(0) { $0 + exp(2 * lag * $1) } / Double(units)).squareRoot()
    }
    let quantities = [
      "mean b": moments.reduce(0) { $0 + $1.mean } / Double(units),
      "mean s": moments.reduce(0) { $0 + $1.deviation } / Double(units),
      "E σ": theories.reduce(0) { $0 + $1.mean } / Double(units),
      "median time constant": theories.map(\.timeConstant).median,
    ]
    let wording = NodeWording(recording.graph, recording)
    let name = recording.graph.name(memory.gate) ?? wording.affineName(recording.graph.operand(memory.gate, 0))
    var result = prediction(.gate, memory.state, curve, norms, quantities, factor: nil)
    result.gate = (memory.isComplement ? "1 − " : "") + (name ?? wording.expression(memory.gate))
    return [result]
  }

  /// - Parameter factor: Nil for the factor of an exponential fitted to the norms.
  private func prediction(
    _ kind: FlowTheory.Kind, _ state: StateDescription, _ curve: NormCurve, _ norms: [Double],
    _ quantities: [String: Double], factor: Double?
  ) -> FlowTheory.Prediction {
    let fitted = DecayFit(Array(norms.reversed()), resolution: curve.resolution)?.factor ?? .nan
    return FlowTheory.Prediction(
      kind: kind, state: state.name, quantities: quantities, norms: norms, factor: factor ?? fitted,
      measuredFactor: curve.decay?.factor)
  }
}
