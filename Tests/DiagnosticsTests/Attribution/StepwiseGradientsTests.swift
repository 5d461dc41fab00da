import EbbCells
import EbbExecution
import EbbDiagnostics
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// Gradients of parameters, split by step and by lag.
@Suite struct StepwiseGradientsTests {
  /// dL/db_t = v aᵀ⁻ᵗ and dL/dw_t = v h_{t−1} aᵀ⁻ᵗ of h' = a h + x + b with a loss v h_T.
  @Test func linearCellsHaveTheirFormula() throws {
    let (a, steps) = (0.8, 6)
    let experiment = FlowExperiment(length: steps, features: 1, batch: 1, element: .float64)
    let recording = try experiment.recordSteps(Diagonal(factor: a))
    let bindings = experiment.bindings(for: recording)
    let x = try #require(bindings.values["x"]).doubles
    var h = [0.0]
    for step in 0..<steps { h.append(a * h[step] + x[step]) }
    for run in runOptions() {
      let split = try Diagnostics.stepwiseGradients(
        of: Trial(recording, loss: "loss/step", bindings, run: run), byLag: true)
      let powers = (1...steps).map { pow(a, Double(steps - $0)) }
      let b = try #require(split["b"])
      #expect(b.norms.isClose(to: powers))
      #expect(abs(b.totalNorm - powers.reduce(0, +)) < 1e-12)
      // One loss, at the last step: the lag tells the step.
      #expect(b.lagNorms.isClose(to: powers.reversed()))
      let w = try #require(split["w"])
      #expect(w.norms.isClose(to: zip(powers, h).map { abs($0 * $1) }))
      #expect(w.restNorm == 0 && w.discrepancy < 1e-12 && w.lagDiscrepancy < 1e-12)
    }
  }

  @Test(arguments: [FlowExperiment.Loss.last, .all])
  func partsOfGatedNetworksAddUp(loss: FlowExperiment.Loss) throws {
    let experiment = FlowExperiment(length: 5, features: 2, batch: 3, loss: loss, element: .float64)
    let recording = try experiment.recordSteps(Stack([LSTM(units: 3), GRU(units: 2)]))
    let bindings = experiment.bindings(for: recording)
    for run in runOptions() {
      let split = try Diagnostics.stepwiseGradients(
        of: Trial(recording, loss: "loss/step", bindings, run: run), byLag: true)
      #expect(split.parameters.map(\.name) == recording.parameters.map(\.name))
      for parameter in split.parameters {
        #expect(parameter.totalNorm > 0 && parameter.discrepancy < 1e-12 && parameter.lagDiscrepancy < 1e-12)
        #expect(parameter.norms.count == 5 && parameter.lagNorms.count == 5)
        #expect(parameter.norms.reduce(0, +) >= parameter.totalNorm * (1 - 1e-12))
        #expect(try #require(parameter.cancellation) >= 1 - 1e-12)
      }
    }
  }

  /// The contribution of step t is the derivative to a weight that is different at step t alone.
  @Test func contributionsAreDerivativesToTheWeightsOfOneStep() throws {
    let (units, steps) = (3, 5)
    let experiment = FlowExperiment(length: steps, features: 2, batch: 1, element: .float64)
    let recording = try experiment.recordSteps(SimpleRNN(units: units))
    let bindings = experiment.bindings(for: recording)
    let network = PlainTanhNetwork(bindings, units: units, inputs: 2)
    let numbers = try #require(bindings.values["x"]).doubles
    let readOut = try #require(bindings.values["readout"]).doubles
    let x = (0..<steps).map { Array(numbers[$0 * 2..<$0 * 2 + 2]) }
    /// The loss with one weight changed at one step.
    func loss(_ step: Int, _ weight: Int, by change: Double) -> Double {
      var h = [Double](repeating: 0, count: units)
      for (index, input) in x.enumerated() {
        var changed = network.weight
        if index == step { changed[weight] += change }
        let joined = h + input
        h = (0..<units).map { column in
          tanh(network.bias[column] + joined.indices.reduce(0) { $0 + joined[$1] * changed[$1 * units + column] })
        }
      }
      return zip(h, readOut).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let split = try Diagnostics.stepwiseGradients(of: Trial(recording, loss: "loss/step", bindings))
    let weight = try #require(split.parameters.first { $0.name.hasSuffix("weight") })
    for step in 0..<steps {
      let derivatives = network.weight.indices.map { index in
        (loss(step, index, by: 1e-6) - loss(step, index, by: -1e-6)) / 2e-6
      }
      let norm = derivatives.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(weight.norms[step] - norm) < 1e-8)
    }
  }

  @Test func parametersOutsideOfTimeAreTheRest() throws {
    // An initial state and a read-out of the last step are used once; W − Wᵀ is computed once and used at all steps.
    let recording = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let batch = scope.batch("b")
      let x = scope.input("x", [2], over: [time, batch])
      let y = scope.starting(.parameter).run(AntisymmetricRNN(units: 3), x)
      scope.output("loss", sumOverFeatures(scope.affine("read", [last(y, along: time)], 1)))
    }
    var bindings = Bindings(recording.initialValues(seed: 4))
    bindings.values["x"] = Tensor([4, 2, 2], (0..<16).map { sin(Double($0)) })
    let split = try Diagnostics.stepwiseGradients(of: Trial(recording, bindings))
    for parameter in split.parameters {
      #expect(parameter.totalNorm > 0 && parameter.discrepancy < 1e-12)
      let isOutside = parameter.name.hasPrefix("read") || parameter.name.hasSuffix("initial")
      #expect((parameter.restNorm > 0) == isOutside)
      #expect(parameter.norms.contains { $0 > 0 } == !isOutside)
    }
    #expect(split.parameters.count == 6)
  }

  @Test func lossesFarFromAUseAreSeenByLag() throws {
    // Σ_s ∂L_s/∂b_{s−k} = Σ_s v aᵏ / T
    let (a, steps) = (0.5, 8)
    let experiment = FlowExperiment(length: steps, features: 1, batch: 1, loss: .all, element: .float64)
    let b = try #require(
      try Diagnostics.stepwiseGradients(of: experiment.trial(of: Diagonal(factor: a), loss: .stepLoss), byLag: true)[
        "b"])
    #expect(b.lagNorms.isClose(to: (0..<steps).map { pow(a, Double($0)) * Double(steps - $0) / Double(steps) }))
    // A budget for three losses at a time.
    let recording = try experiment.recordSteps(Diagonal(factor: a))
    let parts = try Diagnostics.stepwiseGradients(
      of: Trial(recording, loss: "loss/step", experiment.bindings(for: recording)), byLag: true, bytes: 3 * 2 * 8 * 16)
    #expect(parts["b"]?.lagNorms == b.lagNorms)
  }
}
