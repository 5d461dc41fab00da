import EbbCells
import EbbDiagnostics
import EbbGraph
import EbbRecording
import EbbTensors
import Testing

/// Networks with given parameters on given sequences.
@Suite struct NetworkExperimentTests {
  static let settings = FlowExperiment(length: 7, features: 2, batch: 3, seed: 5, element: .float64)

  private func network(
    _ cell: some RecurrentCell, _ lengths: [Int]? = nil, targets: NetworkExperiment.Targets? = nil,
    loss: FlowExperiment.Loss = .last
  ) throws -> NetworkExperiment {
    var settings = Self.settings
    settings.loss = loss
    let sequences = NetworkExperiment.Sequences.random(settings, features: 2)
    let parameters = try Recording(cell, features: 2, element: .float64).initialValues(seed: settings.seed)
    return try NetworkExperiment(
      cell, parameters: parameters, NetworkExperiment.Sequences(sequences.input, lengths: lengths), targets: targets,
      settings)
  }

  private static let losses = [FlowExperiment.Loss.last, .all, .step(3)]

  /// With the same values it is the experiment on the cell, bit for bit.
  @Test(arguments: losses, FlowExperiment.Objective.allCases)
  func theSameNumbersGiveTheSameGradients(_ loss: FlowExperiment.Loss, _ objective: FlowExperiment.Objective) throws {
    let cell = Stack([LSTM(units: 3), GRU(units: 2)])
    let given = try network(cell, loss: loss)
    var settings = Self.settings
    settings.loss = loss
    let drawn = CellExperiment(cell, settings)
    let found = try Diagnostics.gradientFlow(of: given.trial(loss: objective))
    #expect(try found == Diagnostics.gradientFlow(of: drawn.trial(loss: objective)))
    let one = try Diagnostics.gradientFlow(of: given.ofOneSample.trial(loss: objective))
    #expect(one.states[0].total.samples.allSatisfy { $0.count == 1 })
  }

  /// A sample's gradient does not depend on the others, nor on steps beyond its length.
  @Test func samplesOfOneLengthAreThoseOfTheBatch() throws {
    let cell = Bidirectional(LSTM(units: 3), LSTM(units: 3))
    let values = Tensor([7, 3, 6], (0..<126).map { Double($0 % 5) - 2 })
    let targets = NetworkExperiment.Targets(values, isAtEachStep: true) { meanSquaredError($0, $1, over: []) }
    for loss in Self.losses {
      let all = try network(cell, [4, 7, 4], targets: targets, loss: loss)
      let part = all.ofOneLength
      #expect(part.experiment.length == 4 && part.experiment.batch == 2 && part.lengths == nil)
      let whole = try Diagnostics.gradientFlow(of: all.trial(loss: .loss))
      let some = try Diagnostics.gradientFlow(of: part.trial(loss: .loss))
      for (state, expected) in zip(some.states, whole.states) {
        for (step, norms) in state.total.samples.enumerated() {
          let both = [expected.total.samples[step][0], expected.total.samples[step][2]]
          #expect(zip(norms, both).allSatisfy { abs($0 - $1) < 1e-15 }, "\(state.name) at \(step)")
        }
        #expect(expected.total.samples[4][0].isNaN && !expected.total.samples[6][1].isNaN)
      }
    }
  }

  /// The contributions of the steps add up to the loss, and a loss at the last step has one.
  @Test func stepsAddUpToTheLoss() throws {
    let classes = Tensor([7, 3], (0..<21).map { Int32($0 % 3) })
    let each = NetworkExperiment.Targets(classes, isAtEachStep: true) { crossEntropy($0, $1, over: []) }
    let whole = NetworkExperiment.Targets(Tensor([3], [Int32(2), 0, 1]), isAtEachStep: false) {
      crossEntropy($0, $1, over: [])
    }
    for targets in [each, whole] {
      for loss in Self.losses {
        let experiment = try network(GRU(units: 3), targets: targets, loss: loss)
        let direct = try Diagnostics.gradientFlow(of: experiment.trial(loss: .loss))
        let steps = try Diagnostics.gradientFlow(of: experiment.trial(loss: .stepLoss))
        let scale = 7.0  // The mean over steps and samples of what adds up over the steps.
        #expect(abs(direct.loss - steps.loss * scale) < 1e-12)
        for (one, other) in zip(direct.states, steps.states) {
          #expect(zip(one.total.means, other.total.means).allSatisfy { abs($0 - $1) < 1e-14 })
        }
      }
    }
  }

  @Test func dimensionsThatDoNotFitAreErrors() throws {
    func message(_ input: Tensor, lengths: [Int]? = nil, _ parameters: [String: Tensor] = [:]) -> String {
      do {
        let experiment = try NetworkExperiment(
          GRU(units: 2), parameters: parameters, NetworkExperiment.Sequences(input, lengths: lengths))
        _ = try experiment.trial(loss: .loss)
        return ""
      } catch {
        return "\(error)"
      }
    }
    let x = Tensor([2, 3, 1], [Double](repeating: 0, count: 6))
    #expect(message(Tensor([2, 3], [Double](repeating: 0, count: 6))).contains("numbers [steps, samples, features]"))
    #expect(message(x, lengths: [1, 2]).contains("the lengths are those of 3 samples, each in 1 ... 2"))
    #expect(message(x, lengths: [1, 0, 2]).contains("each in 1 ... 2"))
    #expect(message(x).contains("of the network has no value"))
  }
}
