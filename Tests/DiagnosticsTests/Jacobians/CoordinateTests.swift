import EbbDiagnostics
import EbbGraph
import EbbLinearAlgebra
import EbbRecording
import EbbTensors
import Testing

/// C' = f C + i v kᵀ, y = C' q with scalar gates (Beck et al. 2024, without its normaliser), its rows written as a matrix
/// or on an axis.
private struct MatrixMemory: RecurrentCell {
  var hasRowsOnAxis: Bool

  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", 3)
    let (q, k, v) = (
      scope.affine("q", [h, x], 2), tanh(scope.affine("k", [h, x], 2)), tanh(scope.affine("v", [h, x], 3))
    )
    let (f, i) = (sigmoid(scope.affine("f", [x], 1)), sigmoid(scope.affine("i", [x], 1)))
    guard hasRowsOnAxis else {
      let c = scope.state("c", shape: [3, 2])
      return h.next(tanh(matmul(c.next(reshape(f, []) * c + outer(reshape(i, []) * v, k)), q)))
    }
    let rows = scope.batch("rows", length: 3)
    let c = scope.state("c", 2)
    let next = c.next(reshape(f, []) * c + reshape(i, []) * featureToAxis(v, rows) * k)
    return h.next(tanh(axisToFeature(sumOverFeatures(next * q), rows)))
  }
}

/// Heads, rows and slots are coordinates of a state, however the cell is written.
@Suite struct CoordinateTests {
  private let experiment = FlowExperiment(length: 5, features: 2, batch: 2, element: .float64)

  private func trials(_ loss: FlowExperiment.Objective = .loss) throws -> (matrix: Trial, axis: Trial) {
    (
      try experiment.trial(of: MatrixMemory(hasRowsOnAxis: false), loss: loss),
      try experiment.trial(of: MatrixMemory(hasRowsOnAxis: true), loss: loss)
    )
  }

  private func agree(_ left: [[Double]], _ right: [[Double]]) -> Bool {
    left.map(\.count) == right.map(\.count)
      && zip(left.joined(), right.joined()).allSatisfy { abs($0 - $1) <= 1e-12 * max(abs($0), 1e-3) }
  }

  @Test func normsAreThoseOfTheWholeState() throws {
    let (matrix, axis) = try trials()
    let profiles = try [matrix, axis].map { try Diagnostics.gradientFlow(of: $0) }
    let logs = try [matrix, axis].map { try Diagnostics.logNorms(of: $0) }
    let details = try [matrix, axis].map { try Diagnostics.gradientDetail(of: $0) }
    for state in 0..<2 {
      #expect(profiles[1].states[state].total.samples.allSatisfy { $0.count == 2 })
      #expect(agree(profiles[0].states[state].total.samples, profiles[1].states[state].total.samples))
      #expect(agree(logs[0].states[state].logs, logs[1].states[state].logs))
      #expect(agree(details[0].values[state].total.steps, details[1].values[state].total.steps))
    }
  }

  @Test func creditIsThatOfTheWholeState() throws {
    let (matrix, axis) = try trials(.stepRead)
    let credit = try [matrix, axis].map { try Diagnostics.creditMatrix(of: $0) }
    let vectors = try [matrix, axis].map { try Diagnostics.creditVectors(of: $0) }
    for state in 0..<2 {
      #expect(agree(credit[0].states[state].norms, credit[1].states[state].norms))
      for (left, right) in zip(vectors[0].states[state].losses, vectors[1].states[state].losses) {
        #expect(agree(left.steps, right.steps))
      }
    }
  }

  @Test func jacobiansAndExponentsHaveAllCoordinates() throws {
    let (matrix, axis) = try trials()
    let jacobians = try [matrix, axis].map { try Diagnostics.stepJacobians(of: $0) }
    #expect(jacobians.map(\.space.size) == [9, 9])
    for step in 1...5 {
      for sample in 0..<2 {
        let both = jacobians.map { $0.jacobian(at: step, sample: sample) }
        #expect(agree([both[0].elements], [both[1].elements]))
      }
    }
    let exponents = try [matrix, axis].map { try Diagnostics.lyapunovSpectrum(of: $0).exponents }
    // A step wipes two directions out: what is left of them is rounding.
    #expect(agree([Array(exponents[0].prefix(7))], [Array(exponents[1].prefix(7))]))
    #expect(exponents.allSatisfy { $0.dropFirst(7).allSatisfy { $0 < -5 } })
  }

  /// A sample alone is taken from the samples, not from the rows.
  @Test func aSampleIsNoRow() throws {
    let (_, axis) = try trials()
    let alone = try Diagnostics.gradientFlow(of: axis.sample(1)).states
    let all = try Diagnostics.gradientFlow(of: axis).states
    for (one, both) in zip(alone, all) { #expect(agree(one.total.samples, both.total.samples.map { [$0[1]] })) }
  }
}
