import EbbCells
import EbbDiagnostics
import EbbGraph
import EbbRecording
import EbbTensors
import Foundation
import Testing

/// Sequences of several lengths: every measurement of them is put together from measurements of one alone.
@Suite struct RaggedTrialTests {
  static let lengths = [5, 3, 1, 4]

  /// Two layers with a loss of each step, L_s = v · y_s, and of each sample, their sum.
  static func trial(_ cell: some RecurrentCell, loss: String) throws -> Trial {
    let recording = try Recording(cell, features: 2, element: .float64, ragged: true) { scope, y in
      let time = Axis(0)
      let read = sumOverFeatures(y * scope.input("v", y.shape.array, over: []))
      scope.output("loss/step", read)
      scope.output("loss", sum(read, over: [time]))
    }
    let stream = RandomStream(seed: 3, stream: 5)
    func numbers(_ count: Int, _ place: UInt32) -> [Double] {
      (0..<count).map { stream.value(.normal, at: [place, 0, 0], element: UInt32($0)) }
    }
    let width = recording.graph.node(named: "v").map { recording.graph.type($0).shape.count } ?? 0
    var bindings = Bindings(recording.initialValues(seed: 2))
    bindings.values["x"] = Tensor([5, 4, 2], numbers(40, 1))
    bindings.values["v"] = Tensor([width], numbers(width, 2))
    bindings.values["lengths"] = Tensor([4], lengths.map { Int32($0) })
    return Trial(recording, loss: loss, bindings)
  }

  static func network(loss: String) throws -> Trial {
    try trial(Stack([GRU(units: 2), SimpleRNN(units: 2)]), loss: loss)
  }

  @Test func oneSampleIsATrialOfItsLength() throws {
    let trial = try Self.network(loss: "loss")
    let one = try trial.sample(1)
    #expect(one.bindings.values["x"]?.dimensions == [3, 1, 2])
    #expect(one.bindings.values["lengths"] == Tensor([1], [Int32(3)]))
    let x = try #require(trial.bindings.values["x"]?.doubles)
    // Two features of the second of four samples.
    let own = [x[2], x[3], x[10], x[11], x[18], x[19]]
    #expect(one.bindings.values["x"]?.doubles == own)
    #expect(throws: DiagnosticError.self) { try trial.sample(4) }
  }

  @Test func detailAndLogNormsAreThoseOfEachSample() throws {
    let trial = try Self.network(loss: "loss")
    let detail = try Diagnostics.gradientDetail(of: trial)
    let logs = try Diagnostics.logNorms(of: trial)
    for (sample, length) in Self.lengths.enumerated() {
      let one = try trial.sample(sample)
      let own = try Diagnostics.gradientDetail(of: one)
      let ownLogs = try Diagnostics.logNorms(of: one)
      for (value, single) in zip(detail.values, own.values) {
        for step in 0..<5 {
          #expect(value.total.has(step: step, sample: sample) == (step < length))
          #expect(value.total.norms[step][sample].isNaN == (step >= length))
          guard step < length else { continue }
          #expect(
            Array(value.total.adjoint(step: step, sample: sample)).distance(
              to: single.total.adjoint(step: step, sample: 0)) < 1e-13)
        }
      }
      for (state, single) in zip(logs.states, ownLogs.states) {
        for step in 0..<5 {
          if step < length {
            #expect(abs(state.logs[step][sample] - single.logs[step][0]) < 1e-12)
          } else {
            #expect(state.logs[step][sample].isNaN)
          }
        }
      }
    }
    // The factor of a step is taken from each sample's own end.
    let first = logs.states[0]
    let ends = Self.lengths.enumerated().map { sample, length in first.logs[length - 1][sample] }
    #expect(abs(first.flow[0] - ends.reduce(0, +) / 4) < 1e-12 && first.flow[4] == first.logs[0][0])
    // The last step belongs to the first sample alone, the second to three of them.
    let h = try #require(detail.values.first)
    #expect(h.total.noise.map(\.samples) == [4, 3, 3, 2, 1])
    #expect(logs.states[0].means[4] == logs.states[0].logs[4][0])
    #expect(h.total.quantiles([0.5])[4] == [h.total.norms[4][0]])
  }

  @Test func partsOfGradientsAreSumsOverTheSamples() throws {
    let trial = try Self.network(loss: "loss/step")
    let tensors = try Diagnostics.stepwiseTensors(of: trial)
    let split = try Diagnostics.stepwiseGradients(of: trial, byLag: true)
    for parameter in split.parameters {
      #expect(parameter.totalNorm > 0 && parameter.discrepancy < 1e-12 && parameter.lagDiscrepancy < 1e-12)
      let steps = try #require(tensors.steps[parameter.name])
      let count = steps.count / 5
      let rows = (0..<5).map { Array(steps.doubles[$0 * count..<($0 + 1) * count]) }
      #expect(rows.map { euclideanNorm($0) }.isClose(to: parameter.norms))
      var sum = [Double](repeating: 0, count: steps.count)
      for (sample, length) in Self.lengths.enumerated() {
        let own = try #require(try Diagnostics.stepwiseTensors(of: trial.sample(sample)).steps[parameter.name])
        #expect(own.dimensions[0] == length)
        for (index, value) in own.doubles.enumerated() { sum[index] += value }
      }
      #expect(sum.distance(to: steps.doubles) < 1e-12)
    }
    // The loss of each sample keeps them apart.
    let apart = try Diagnostics.stepwiseTensors(of: Self.network(loss: "loss"), ofEachSample: true)
    for (name, steps) in tensors.steps {
      let each = try #require(apart.steps[name])
      #expect(each.dimensions == [5, 4] + steps.dimensions.dropFirst())
      let count = steps.count / 5
      for step in 0..<5 {
        let sum = (0..<count).map { entry in
          (0..<4).reduce(0) { $0 + each.doubles[(step * 4 + $1) * count + entry] }
        }
        #expect(sum.distance(to: steps.doubles[step * count..<(step + 1) * count]) < 1e-12)
      }
    }
  }

  @Test(arguments: [1, 2]) func creditIsTheMeanOverTheSamplesThatHaveBoth(_ block: Int) throws {
    let trial = try Self.network(loss: "loss/step")
    // Rows of one step, a few at a time.
    let credit = try Diagnostics.creditMatrix(of: trial, .init(block: block, probes: 4, bytes: 4000))
    let vectors = try Diagnostics.creditVectors(of: trial, bytes: 4000)
    let singles = try Self.lengths.indices.map { try Diagnostics.creditVectors(of: trial.sample($0)) }
    for (index, state) in credit.states.enumerated() {
      for s in 0..<5 {
        for t in 0..<5 {
          let present = Self.lengths.indices.filter { Self.lengths[$0] > max(s, t) }
          let norms = present.map { sample -> Double in
            euclideanNorm(Array(singles[sample].states[index].losses[s].adjoint(step: t, sample: 0)))
          }
          for (sample, norm) in zip(present, norms) {
            let own = vectors.states[index].losses[s].adjoint(step: t, sample: sample)
            #expect(abs(euclideanNorm(Array(own)) - norm) < 1e-13)
          }
          let mean = norms.reduce(0, +) / Double(norms.count)
          if block == 1 { #expect(abs(state.norms[s][t] - mean) < 1e-13) }
        }
      }
      #expect(state.norms.count == (5 + block - 1) / block && !state.norms.joined().contains(where: \.isNaN))
    }
    if block == 1 { #expect(credit.states[0].meansByLag.allSatisfy { $0 >= 0 }) }
    #expect(throws: DiagnosticError.self) { try Diagnostics.creditVectors(of: trial, losses: [5]) }
  }

  @Test func noiseAndJacobians() throws {
    let trial = try Self.network(loss: "loss")
    let noise = try Diagnostics.noise(of: trial)
    let norms = try Self.lengths.indices.map {
      try Diagnostics.noise(of: trial.sample($0)).parameters[0].sampleNorms[0]
    }
    #expect(noise.parameters[0].sampleNorms.distance(to: norms) < 1e-12)
    let one = try Self.trial(LSTM(units: 3), loss: "loss")
    #expect { try Diagnostics.jacobianSpectra(of: one) } throws: {
      "\($0)".contains("have several lengths: sample 1 has 3 steps, another 5; measure one of them, trial.sample(1)")
    }
    // Of a recording whose sequences have one length, with the same numbers.
    let plain = try Recording(LSTM(units: 3), features: 2, element: .float64) { scope, y in scope.output("y", y) }
    let sample = try one.sample(1)
    var bindings = sample.bindings
    bindings.values["lengths"] = nil
    bindings.values["v"] = nil
    let expected = try Diagnostics.jacobianSpectra(of: Trial(plain, loss: "y", bindings))
    #expect(try Diagnostics.jacobianSpectra(of: sample).json == expected.json)
  }
}
