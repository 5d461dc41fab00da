import EbbCells
import EbbExecution
import EbbDiagnostics
import EbbGraph
import EbbLinearAlgebra
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// The Jacobians of steps, against formulas and against differences of the step itself.
@Suite struct JacobianTests {
  @Test func linearCellHasItsMatrix() throws {
    let a = Matrix(rows: 5, columns: 5, scattered(25))
    let (recording, bindings) = try LinearCell.recording(a, length: 4, samples: 3)
    let jacobians = try Diagnostics.stepJacobians(of: Trial(recording, bindings))
    #expect(jacobians.length == 4 && jacobians.samples == 3 && jacobians.space.size == 5)
    for t in 1...4 {
      for sample in 0..<3 { #expect(jacobians.jacobian(at: t, sample: sample) == a) }
    }
    let end = jacobians.endToEnd(from: 1, sample: 2)
    #expect((end.matrix - a * a * a).maximumNorm < 1e-14)
    #expect(jacobians.endToEnd(from: 2, to: 2).matrix == .identity(5))
  }

  /// Once the gates of some units saturate, 1 is an eigenvalue many times, with all its vectors.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func saturatedGatesHaveASpectrum(seed: UInt64) throws {
    let experiment = FlowExperiment(length: 24, batch: 1, seed: seed, element: .float64)
    let spectra = try Diagnostics.jacobianSpectra(of: experiment.trial(of: ScalarLSTM(units: 8)))
    #expect(spectra.steps.allSatisfy { $0.spectrum.eigenvalues.count == 32 })
  }

  /// tanh: J = diag(1 − h_t²) Wᵀ in the convention of h W.
  @Test func simpleNetworkHasTheTextbookJacobian() throws {
    let (length, samples, units) = (6, 2, 4)
    let cell = SimpleRNN(units: units)
    let recording = try Recording(cell, features: 3, element: .float64)
    var bindings = Bindings(recording.initialValues(seed: 3))
    bindings.values["x"] = Tensor([length, samples, 3], scattered(length * samples * 3))
    let jacobians = try Diagnostics.stepJacobians(of: Trial(recording, bindings))
    let weight = try #require(recording.parameters.first { $0.shape.rank == 2 })
    let values = try #require(bindings.values[weight.name]).doubles
    let outputs = try Executable(try Passes.optimized(recording.graph)).run(bindings)
    let y = try #require(outputs["y"]).doubles
    for t in 1...length {
      for sample in 0..<samples {
        let h = (0..<units).map { y[((t - 1) * samples + sample) * units + $0] }
        let expected = Matrix(rows: units, columns: units) { (1 - h[$0] * h[$0]) * values[$1 * units + $0] }
        #expect((jacobians.jacobian(at: t, sample: sample) - expected).maximumNorm < 1e-14)
      }
    }
  }

  /// Every library cell, all states together, by central differences of one step from any states.
  @Test(arguments: [
    LSTM(units: 3) as any RecurrentCell, GRU(units: 3), ResetAfterGRU(units: 3), PeepholeLSTM(units: 3),
    MinimalGatedUnit(units: 3), LayerNormLSTM(units: 3), Stack([LSTM(units: 2), GRU(units: 3)]), DelayedMap(),
  ])
  func stepsAreDifferentiated(cell: any RecurrentCell) throws {
    try check(cell)
  }

  private func check(_ cell: some RecurrentCell) throws {
    let step = try FirstStep(cell)
    let jacobians = try Diagnostics.stepJacobians(of: Trial(step.recording, step.bindings))
    for sample in 0..<FirstStep.samples {
      let expected = try step.differences(sample: sample)
      #expect((jacobians.jacobian(at: 1, sample: sample) - expected).maximumNorm < 1e-9)
    }
  }

  /// The product of the steps is what reverse mode finds through the whole sequence.
  @Test(arguments: [LSTM(units: 3) as any RecurrentCell, GRU(units: 3)])
  func endToEndAgreesWithBackpropagation(cell: any RecurrentCell) throws {
    try compareWithBackpropagation(cell)
  }

  private func compareWithBackpropagation(_ cell: some RecurrentCell) throws {
    let experiment = FlowExperiment(length: 12, features: 2, batch: 2, gain: 1.1, element: .float64)
    let recording = try experiment.record(cell)
    let bindings = experiment.bindings(for: recording)
    let jacobians = try Diagnostics.stepJacobians(of: Trial(recording, bindings))
    let readOut = try #require(bindings.values["readout"]).doubles
    let flow = try Diagnostics.gradientFlow(of: experiment.trial(of: cell))
    let h = try #require(jacobians.space["h"]?.range)
    let total = try #require(flow["h"]).total
    for t in 1...11 {
      for sample in 0..<2 {
        // dL/dh_t is the part of (∂s_T/∂s_t)ᵀ v for h, with a read-out v of h_T alone. (dL/dc_t of an LSTM is more than
        // the part for c: it also goes through h_t, which here is a coordinate of its own.)
        var v = [Double](repeating: 0, count: jacobians.space.size)
        for unit in 0..<3 { v[h.lowerBound + unit] = readOut[sample * 3 + unit] }
        let gradient = jacobians.endToEnd(from: t, sample: sample).matrix.transposed * v
        let norm = gradient[h].reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(abs(norm - total.samples[t - 1][sample]) < 1e-13)
      }
    }
  }

  @Test func endToEndValuesOfManyStepsNeedNoRange() throws {
    // 3ᵗ leaves the range of numbers; its logarithm does not.
    let (recording, bindings) = try LinearCell.recording(Matrix(diagonal: [3, 0.5]), length: 800)
    let jacobians = try Diagnostics.stepJacobians(of: Trial(recording, bindings))
    let values = try jacobians.endToEndLogSingularValues()
    #expect(values.count == 800)
    #expect(abs(values[0][0] - 800 * log(3)) < 1e-10)
    #expect(abs(values[799][1] - log(0.5)) < 1e-14)
    #expect(try jacobians.endToEnd().logSingularValues()[0] == values[0][0])
    #expect(jacobians.endToEnd().matrix[0, 0] == .infinity)
  }

  @Test func spectraAreThoseOfEachStep() throws {
    let (c, s) = (0.9 * cos(0.3), 0.9 * sin(0.3))
    let (recording, bindings) = try LinearCell.recording(Matrix([[c, -s, 0], [s, c, 0], [0, 0, 0]]), length: 3)
    for spectrum in try Diagnostics.stepJacobians(of: Trial(recording, bindings)).spectra() {
      #expect(abs(spectrum.spectralRadius - 0.9) < 1e-15)
      #expect(spectrum.rank == 2)
      #expect(spectrum.conditionNumber == .infinity)
      #expect(zip(spectrum.singularValues, [0.9, 0.9, 0]).allSatisfy { abs($0 - $1) < 1e-15 })
      #expect(abs(abs(spectrum.eigenvalues[0].argument) - 0.3) < 1e-15)
    }
  }

  @Test func blocksArePartsByName() throws {
    let experiment = FlowExperiment(length: 2, features: 2, batch: 1, element: .float64)
    let jacobians = try Diagnostics.stepJacobians(of: experiment.trial(of: LSTM(units: 3)))
    let whole = jacobians.jacobian(at: 2)
    let block = try #require(jacobians.block(of: "c", by: "h", at: 2))
    #expect(block == Matrix(rows: 3, columns: 3) { whole[3 + $0, $1] })
    // ∂c'/∂c is diagonal: the forget gate.
    let forget = try #require(jacobians.block(of: "c", by: "c", at: 2))
    for row in 0..<3 {
      for column in 0..<3 { #expect((forget[row, column] == 0) == (row != column)) }
    }
    #expect(jacobians.block(of: "c", by: "nothing", at: 1) == nil)
  }

  @Test func statesMayHaveDifferentAxes() throws {
    // c' = c / 2 + 1 does not depend on the sample; h' = x h + 3 c² does: J = [1/2 0; 6 c x], with c = 0, 1, 1.5.
    let recording = try Recording(element: .float64) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let x = scope.input("x", [1], over: [time, batch])
      let inner = scope.over(time)
      let c = inner.state("c", 1)
      let h = inner.state("h", 1)
      c.next(0.5 * c + 1)
      scope.output("y", h.next(x * h + 3 * square(c)))
    }
    let bindings = Bindings(["x": Tensor([3, 2, 1], [1.0, 2, 3, 4, 5, 6])])
    let jacobians = try Diagnostics.stepJacobians(of: Trial(recording, bindings))
    #expect(jacobians.samples == 2)
    for (step, c) in [0, 1, 1.5].enumerated() {
      for sample in 0..<2 {
        let expected = Matrix([[0.5, 0], [6 * c, Double(2 * step + sample + 1)]])
        #expect(jacobians.jacobian(at: step + 1, sample: sample) == expected)
      }
    }
  }

  @Test func float32HasTheSameJacobiansToItsRounding() throws {
    var experiment = FlowExperiment(length: 5, features: 2, batch: 1, element: .float32)
    let single = try Diagnostics.stepJacobians(of: experiment.trial(of: LSTM(units: 3)))
    experiment.element = .float64
    let double = try Diagnostics.stepJacobians(of: experiment.trial(of: LSTM(units: 3)))
    for t in 1...5 {
      let difference = (single.jacobian(at: t) - double.jacobian(at: t)).maximumNorm
      #expect(difference < 1e-6 && difference > 0)
    }
  }

  @Test func backwardStatesStepTheOtherWay() throws {
    let recording = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let batch = scope.batch("b")
      let x = scope.input("x", [1], over: [time, batch])
      let h = scope.reversed.state("h", 1)
      scope.output("y", h.next(x * h + 1))
    }
    let bindings = Bindings(["x": Tensor([4, 1, 1], [2.0, 3, 4, 5])])
    let jacobians = try Diagnostics.stepJacobians(of: Trial(recording, bindings))
    #expect((1...4).map { jacobians.jacobian(at: $0)[0, 0] } == [5, 4, 3, 2])
  }

  @Test func stepsThatKnowTheirIndexAreNotCutIntoPieces() throws {
    // J_t = t / T, with so many coordinates that steps would be computed in several pieces.
    let units = 64
    let recording = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let batch = scope.batch("b")
      let x = scope.input("x", [units], over: [time, batch])
      let h = scope.over(time).state("h", units)
      let progress = convert(scope.index(of: time), to: .float64) / convert(scope.length(of: time), to: .float64)
      scope.output("y", h.next(progress * h + x))
    }
    let bindings = Bindings(["x": Tensor([300, 1, units], [Double](repeating: 0, count: 300 * units))])
    let jacobians = try Diagnostics.stepJacobians(of: Trial(recording, bindings))
    for t in [1, 2, 150, 300] {
      let expected = Double(t - 1) / 300
      #expect(jacobians.jacobian(at: t) == Matrix(diagonal: [Double](repeating: expected, count: units)))
    }
  }

  @Test func piecesAreJoined() throws {
    // 300 steps of 64 coordinates are more than one piece; each step has a factor of its own.
    let units = 64
    let recording = try Recording(element: .float64) { scope in
      let batch = scope.batch("b")
      let time = scope.time("t")
      let x = scope.input("x", over: [batch, time])
      let h = scope.over(time).state("h", units)
      scope.output("y", h.next(x * h + 1))
    }
    let factors = scattered(600)
    let jacobians = try Diagnostics.stepJacobians(of: Trial(recording, Bindings(["x": Tensor([2, 300], factors)])))
    for t in 1...300 {
      for sample in 0..<2 { #expect(jacobians.jacobian(at: t, sample: sample)[7, 7] == factors[sample * 300 + t - 1]) }
    }
  }

  @Test func stepsWithoutAJacobianAreNamed() throws {
    func message(_ body: (Scope) -> Void) throws -> String {
      let recording = try Recording(element: .float64, body)
      do {
        _ = try Diagnostics.stepJacobians(of: Trial(recording, Bindings(["x": Tensor([2, 3, 1], scattered(6))])))
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      try message { scope in
        let axes = (scope.time("t"), scope.batch("b"))
        scope.output("y", square(scope.input("x", [1], over: [axes.0, axes.1])))
      }.contains("has no state"))
    #expect(
      try message { scope in
        let (time, batch) = (scope.time("t"), scope.batch("b"))
        let x = scope.input("x", [1], over: [time, batch])
        scope.output("y", scope.over(time).run(Bidirectional(Leaky(factor: 1), Leaky(factor: 1)), x))
      }.contains("do not run along one axis in one direction"))
    #expect(
      try message { scope in
        let (time, batch) = (scope.time("t"), scope.batch("b"))
        let x = scope.input("x", [1], over: [time, batch])
        let h = scope.over(time).state("h", 1)
        scope.output("y", h.next(x + h - mean(h, over: [batch])))
      }.contains("at more than one index of b"))
    #expect(
      try message { scope in
        let (time, batch, place) = (scope.time("t"), scope.batch("b"), scope.batch("p"))
        let x = scope.input("x", over: [time, batch, place])
        let h = scope.over(time).state("h", shape: [])
        scope.output("y", h.next(x + h))
      }.contains("more axes than time and one of samples: b ("))
  }
}
