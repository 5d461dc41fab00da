import EbbCells
import EbbExecution
import EbbDiagnostics
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// Logarithms of gradients whose values no float holds.
@Suite struct LogNormTests {
  @Test(arguments: [0.98, 1, 1.02, -0.5])
  func scalarChainsHaveTheirPowers(factor: Double) throws {
    let experiment = FlowExperiment(length: 24, features: 1, batch: 2, element: .float64)
    for run in runOptions() {
      var chosen = experiment
      chosen.run.isUnrolled = run.isUnrolled
      let recording = try chosen.record(Leaky(factor: factor))
      let trial = Trial(recording, chosen.bindings(for: recording), run: run)
      let h = try #require(try Diagnostics.logNorms(of: trial)["h"])
      #expect(h.flow.distance(to: (0..<24).map { Double($0) * log(abs(factor)) }) < 1e-10)
      #expect(abs(try #require(h.rate) - log(abs(factor))) < 1e-10)
      #expect(h.underflowLag == nil && h.overflowLag == nil)
    }
  }

  @Test func vanishedGradientsKeepTheirLogarithm() throws {
    // 2⁻¹²⁶ is the smallest normal Float32: the plain gradient is 0 from lag 127 on.
    let h = try #require(
      try Diagnostics.logNorms(of: FlowExperiment(length: 400, features: 1, batch: 1).trial(of: Leaky(factor: 0.5)))[
        "h"])
    #expect(h.flow.distance(to: (0..<400).map { -Double($0) * log(2) }) < 1e-4)
    #expect(h.underflowLag == 127)
    #expect(h.overflowLag == nil)
  }

  @Test func explodedGradientsKeepTheirLogarithm() throws {
    let h = try #require(
      try Diagnostics.logNorms(
        of: FlowExperiment(length: 62, features: 1, batch: 1, gain: 1).trial(of: Leaky(factor: 4)))["h"])
    #expect(h.flow.distance(to: (0..<62).map { Double($0) * log(4) }) < 1e-4)
    #expect(h.overflowLag == nil)
    // h itself leaves the range of floats, but it is not part of its Jacobian.
    let long = try #require(
      try Diagnostics.logNorms(of: FlowExperiment(length: 300, features: 1, batch: 1).trial(of: Leaky(factor: 4)))["h"])
    #expect(long.overflowLag == 64)
    #expect(long.flow.distance(to: (0..<300).map { Double($0) * log(4) }) < 1e-4)
  }

  @Test func lossesAtAllStepsAreSummedUnderTheScale() throws {
    // dL/dh_t = Σ_{k ≤ T−t} aᵏ / T
    for (factor, steps) in [(0.5, 30), (8.0, 200)] {
      let h = try #require(
        try Diagnostics.logNorms(
          of: FlowExperiment(length: steps, features: 1, batch: 1, loss: .all).trial(of: Leaky(factor: factor)))["h"])
      let expected = (0..<steps).map { lag in
        // log((aⁿ − 1) / (a − 1)) with n = lag + 1, without aⁿ
        let n = Double(lag + 1)
        let logPower = n * log(factor)
        return factor > 1
          ? logPower + log1p(-exp(-logPower)) - log(factor - 1) - log(Double(steps))
          : log(1 - exp(logPower)) - log(1 - factor) - log(Double(steps))
      }
      #expect(h.flow.distance(to: expected) < 1e-4)
    }
  }

  @Test func layersFarApartInSizeKeepTheirOwnScales() throws {
    // dL/da_t = Σ_{i+j=k} pⁱ qʲ = (pᵏ⁺¹ − qᵏ⁺¹) / (p − q), dL/db_t = qᵏ: b's is smaller by far more than a float holds.
    let (p, q) = (0.9, 0.1)
    let norms = try Diagnostics.logNorms(
      of: FlowExperiment(length: 250, features: 1, batch: 1).trial(of: Cascade(first: p, second: q)))
    let b = try #require(norms["b"])
    #expect(b.flow.distance(to: (0..<250).map { Double($0) * log(q) }) < 1e-3)
    let a = try #require(norms["a"])
    let expected = (1...250).map { power -> Double in
      let (leading, trailing) = (pow(p, Double(power)), pow(q, Double(power)))
      return log((leading - trailing) / (p - q))
    }
    #expect(a.flow.distance(to: expected) < 1e-4)
  }

  @Test func longerDelaysAndZerosAreTold() throws {
    // h_T depends on h_{T−2}, h_{T−4}, …: the gradient of every other state is 0.
    let h = try #require(
      try Diagnostics.logNorms(of: FlowExperiment(length: 9, features: 1, batch: 1).trial(of: Skipping(factor: 0.5)))[
        "h"])
    for (lag, value) in h.flow.enumerated() {
      let expected = -Double(lag / 2) * log(2)
      if lag % 2 == 0 { #expect(abs(value - expected) < 1e-6) } else { #expect(value == -.infinity) }
    }
    #expect(h.underflowLag == nil)
  }

  @Test func networksMultiplyTheirJacobians() throws {
    let (units, steps) = (4, 300)
    let experiment = FlowExperiment(length: steps, features: 2, batch: 1, gain: 0.3)
    let recording = try experiment.record(SimpleRNN(units: units))
    let bindings = experiment.bindings(for: recording)
    let h = try #require(try Diagnostics.logNorms(of: Trial(recording, bindings))["h"])
    // The same with plain arrays: g is brought to length 1 after each product.
    let network = PlainTanhNetwork(bindings, units: units, inputs: 2)
    let numbers = try #require(bindings.values["x"]).doubles
    let states = network.states((0..<steps).map { Array(numbers[$0 * 2..<$0 * 2 + 2]) })
    var g = try #require(bindings.values["readout"]).doubles
    var logarithm = 0.0
    var expected: [Double] = []
    for next in states.reversed() {
      let length = g.reduce(0) { $0 + $1 * $1 }.squareRoot()
      logarithm += log(length)
      expected.append(logarithm)
      g = network.pulledBack(g.map { $0 / length }, through: next)
    }
    #expect(expected.last ?? 0 < -200, "the gradient is below any Float32")
    #expect(h.flow.distance(to: expected) < 1e-3)
    #expect(h.underflowLag != nil)
  }

  @Test(arguments: [FlowExperiment.Loss.last, .all])
  func gatedNetworksAgreeWithThePlainGradient(loss: FlowExperiment.Loss) throws {
    let experiment = FlowExperiment(length: 6, features: 2, batch: 3, loss: loss, element: .float64)
    let cell = Stack([LSTM(units: 3), GRU(units: 2)])
    let recording = try experiment.record(cell)
    let bindings = experiment.bindings(for: recording)
    for run in runOptions() {
      let norms = try Diagnostics.logNorms(of: Trial(recording, bindings, run: run))
      #expect(norms.states.map(\.name) == ["layer0.h", "layer0.c", "layer1.h"])
      for state in norms.states {
        #expect(state.logs.joined().distance(to: state.plain.joined().map { log($0) }) < 1e-10)
      }
    }
  }

  @Test func whatRoundingLeavesIsNoUnderflow() throws {
    // The loss of an sLSTM does not depend on its stabiliser m: terms cancel, and one sum may round to 0.
    let experiment = FlowExperiment(length: 6, features: 2, batch: 2, loss: .all, element: .float64)
    let norms = try Diagnostics.logNorms(of: experiment.trial(of: ScalarLSTM(units: 3)))
    for state in norms.states { #expect(state.underflowLag == nil && state.overflowLag == nil) }
    let split = try Diagnostics.stepwiseGradients(of: experiment.trial(of: ScalarLSTM(units: 3), loss: .stepLoss))
    for parameter in split.parameters { #expect(parameter.discrepancy < 1e-14) }
    #expect(try #require(split["input.bias"]).totalNorm < 1e-15)
  }

  @Test func bothDirectionsFlow() throws {
    let recording = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let batch = scope.batch("b")
      let x = scope.input("x", [1], over: [time, batch])
      let h = scope.reversed.run(Leaky(factor: 0.5), x)
      scope.output("loss", sumOverFeatures(first(h, along: time)))
    }
    let bindings = Bindings(["x": Tensor([6, 1, 1], [Double](repeating: 1, count: 6))])
    let h = try #require(try Diagnostics.logNorms(of: Trial(recording, bindings))["h"])
    #expect(h.means.distance(to: (0..<6).map { -Double($0) * log(2) }) < 1e-12)
    #expect(h.flow == h.means)
  }

  @Test func whatHasNoStepBackwardIsRejected() throws {
    #expect {
      try Diagnostics.logNorms(of: FlowExperiment(length: 3, clip: .norm(1)).trial(of: LSTM(units: 2)))
    } throws: {
      "\($0)".contains("clipped")
    }
    #expect { try Diagnostics.logNorms(of: FlowExperiment(length: 3).trial(of: Dense(units: 2))) } throws: {
      "\($0)".contains("no state")
    }
  }
}
