import EbbCells
import EbbExecution
import EbbDiagnostics
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// How much the loss of each step depends on each earlier state.
@Suite struct CreditMatrixTests {
  @Test(arguments: [0.98, 1, 1.02])
  func scalarChainsHaveThePowerOfTheLag(factor: Double) throws {
    let experiment = FlowExperiment(length: 7, features: 1, batch: 2, element: .float64)
    let recording = try experiment.recordSteps(Leaky(factor: factor))
    let bindings = experiment.bindings(for: recording)
    for run in runOptions() {
      let credit = try Diagnostics.creditMatrix(of: Trial(recording, loss: "read/step", bindings, run: run))
      let h = try #require(credit["h"])
      #expect(credit.isExact && credit.length == 7)
      for s in 0..<7 {
        #expect(h.norms[s].isClose(to: (0..<7).map { $0 <= s ? pow(factor, Double(s - $0)) : 0 }))
        #expect(h.standardErrors[s].allSatisfy { $0 == 0 })
      }
      #expect(h.meansByLag.isClose(to: (0..<7).map { pow(factor, Double($0)) }))
    }
  }

  @Test func networksMultiplyTheirJacobians() throws {
    let (units, steps) = (3, 6)
    let experiment = FlowExperiment(length: steps, features: 2, batch: 1, element: .float64)
    let recording = try experiment.recordSteps(SimpleRNN(units: units))
    let bindings = experiment.bindings(for: recording)
    let network = PlainTanhNetwork(bindings, units: units, inputs: 2)
    let numbers = try #require(bindings.values["x"]).doubles
    let states = network.states((0..<steps).map { Array(numbers[$0 * 2..<$0 * 2 + 2]) })
    let readOut = try #require(bindings.values["readout"]).doubles
    let h = try #require(try Diagnostics.creditMatrix(of: Trial(recording, loss: "read/step", bindings))["h"])
    for s in 0..<steps {
      var g = readOut
      for t in (0...s).reversed() {
        let norm = g.reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(abs(h.norms[s][t] - norm) < 1e-12)
        g = network.pulledBack(g, through: states[t])
      }
      #expect(h.norms[s][(s + 1)...].allSatisfy { $0 == 0 })
    }
  }

  @Test func theLastRowIsTheGradientOfALossAtTheLastStep() throws {
    let cell = Stack([LSTM(units: 3), GRU(units: 2)])
    let experiment = FlowExperiment(length: 5, features: 2, batch: 3)
    let credit = try Diagnostics.creditMatrix(of: experiment.trial(of: cell, loss: .stepRead))
    let flow = try Diagnostics.gradientFlow(of: experiment.trial(of: cell))
    for (left, right) in zip(credit.states, flow.states) {
      #expect(left.name == right.name)
      #expect(try #require(left.norms.last).isClose(to: right.total.means, 1e-5))
    }
  }

  @Test func rowsDoNotDependOnHowManyAreComputedAtATime() throws {
    let experiment = FlowExperiment(length: 7, features: 2, batch: 2)
    let whole = try Diagnostics.creditMatrix(of: experiment.trial(of: LSTM(units: 3), loss: .stepRead))
    // 2 states of 7 · 2 · 3 floats: a budget for two rows leaves the last run half empty.
    let parts = try Diagnostics.creditMatrix(
      of: experiment.trial(of: LSTM(units: 3), loss: .stepRead), CreditMatrix.Settings(bytes: 2 * 2 * 7 * 2 * 3 * 4 * 6)
    )
    #expect(whole.states.map(\.norms) == parts.states.map(\.norms))
  }

  @Test func probesEstimateTheRootMeanSquareOfABlock() throws {
    let experiment = FlowExperiment(length: 11, features: 2, batch: 2, element: .float64)
    let exact = try #require(
      try Diagnostics.creditMatrix(of: experiment.trial(of: LSTM(units: 3), loss: .stepRead))["c"])
    let settings = CreditMatrix.Settings(block: 4, probes: 200, seed: 3)
    let credit = try Diagnostics.creditMatrix(of: experiment.trial(of: LSTM(units: 3), loss: .stepRead), settings)
    let c = try #require(credit["c"])
    #expect(!credit.isExact && c.norms.count == 3)
    // With one sample the root mean square of exact norms is what is estimated; with two, their mean is close to it.
    var (largest, compared) = (0.0, 0)
    for (row, steps) in [0..<4, 4..<8, 8..<11].enumerated() {
      for t in 0..<11 {
        let expected = (steps.reduce(0) { $0 + exact.norms[$1][t] * exact.norms[$1][t] } / Double(steps.count))
          .squareRoot()
        let error = c.standardErrors[row][t]
        guard expected > 0 else {
          #expect(c.norms[row][t] == 0)
          continue
        }
        // A step on which one s of the block alone depends has no deviation.
        largest = max(largest, abs(c.norms[row][t] - expected) / (error + 0.05 * expected))
        compared += 1
      }
    }
    #expect(compared == 4 + 8 + 11 && largest < 3)
  }

  @Test func standardErrorsShrinkWithTheProbes() throws {
    let experiment = FlowExperiment(length: 8, features: 1, batch: 1, element: .float64)
    func error(_ probes: Int) throws -> Double {
      let settings = CreditMatrix.Settings(block: 8, probes: probes)
      let h = try #require(
        try Diagnostics.creditMatrix(of: experiment.trial(of: Leaky(factor: 1), loss: .stepRead), settings)["h"])
      return h.standardErrors[0][0]
    }
    // Of n = 8 signs, (Σ ε)² / n has the mean 1 and the variance 2 − 2 / n.
    let (few, many) = (try error(50), try error(800))
    #expect(few / many > 3 && few / many < 5.5)
    let expected = (1.75 / 800).squareRoot() / 2
    #expect(abs(many - expected) < 0.15 * expected)
  }

  @Test func whatHasNoRowsIsRejected() throws {
    let experiment = FlowExperiment(length: 3, features: 1, batch: 1)
    let recording = try experiment.recordSteps(LSTM(units: 2))
    #expect {
      try Diagnostics.creditMatrix(of: Trial(recording, experiment.bindings(for: recording)))
    } throws: {
      "\($0)".contains("no value for each step")
    }
    #expect {
      try Diagnostics.creditMatrix(
        of: experiment.trial(of: LSTM(units: 2), loss: .stepRead), CreditMatrix.Settings(block: 0))
    } throws: {
      "\($0)".contains("at least 1")
    }
  }
}
