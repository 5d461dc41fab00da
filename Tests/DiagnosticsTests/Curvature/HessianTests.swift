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

@Suite struct HessianTests {
  /// L = ½ Σᵢ dᵢ wᵢ² + a w₀ w₁: H is known.
  private func quadratic(_ diagonal: [Double], coupling: Double = 0) throws -> Hessian {
    let recording = try Recording(element: .float64) { scope in
      let d = scope.input("d", [diagonal.count], over: [])
      let w = scope.parameter("w", [diagonal.count], .zeros)
      scope.output(
        "loss", sumOverFeatures(0.5 * d * w * w) + sumOverFeatures(coupling * w[0..<1] * w[1..<2]))
    }
    return try Diagnostics.hessian(
      of: Trial(
        recording,
        Bindings(["d": Tensor([diagonal.count], diagonal), "w": Tensor([diagonal.count], scattered(diagonal.count))])))
  }

  @Test func eigenvaluesOfAQuadraticAreItsOwn() throws {
    let diagonal = (0..<40).map { Double($0) - 3.5 }
    let spectrum = try quadratic(diagonal).extremeEigenvalues(3, tolerance: 1e-10)
    #expect(spectrum.isConverged)
    #expect(spectrum.largest.map(\.value).isClose(to: [35.5, 34.5, 33.5], 1e-9))
    #expect(spectrum.smallest.map(\.value).isClose(to: [-3.5, -2.5, -1.5], 1e-9))
    #expect(spectrum.asymmetry < 1e-13)
    // The eigenvector of 35.5 is the last unit vector.
    #expect(abs(abs(spectrum.largest[0].vector[39]) - 1) < 1e-9)
  }

  @Test func multipleEigenvaluesAreFoundAsOftenAsTheyOccur() throws {
    let spectrum = try quadratic([2, 2, 2, -1, -1, 0]).extremeEigenvalues(6)
    #expect(zip(spectrum.largest.map(\.value), [2, 2, 2, 0, -1, -1]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(spectrum.products == 6)
    #expect(try quadratic([0, 0, 0]).extremeEigenvalues(3).largest.map(\.value) == [0, 0, 0])
  }

  @Test func productIncludesWhatCouplesParameters() throws {
    let product = try quadratic([1, 4, 9], coupling: 0.5).times([1, 2, 3])
    #expect(product.isClose(to: [1 + 1, 8 + 0.5, 27]))
  }

  @Test(arguments: [0, 1, 2]) func productsAgreeWithDifferencesOfTheGradient(_ number: Int) throws {
    let cells: [any RecurrentCell] = [SimpleRNN(units: 3), LSTM(units: 3), GRU(units: 3)]
    try compareWithDifferences(cells[number])
  }

  private func compareWithDifferences(_ cell: some RecurrentCell) throws {
    let recording = try Recording(cell, features: 2, element: .float64) { scope, y in
      scope.output("loss", mean(square(y)))
    }
    var bindings = Bindings(recording.initialValues(seed: 3))
    bindings.values["x"] = Tensor([6, 2, 2], scattered(24, 1))
    let hessian = try Diagnostics.hessian(of: Trial(recording, bindings))
    let vector = scattered(hessian.size, 5)

    var graph = recording.graph
    let loss = try #require(graph.output(named: "loss"))
    let gradients = try graph.gradient(of: loss, withRespectTo: recording.parameters.map(\.node))
    for (parameter, gradient) in zip(recording.parameters, gradients) { graph.setOutput(parameter.name, gradient) }
    let executable = Executable(graph)
    func gradient(_ offset: Double) throws -> [Double] {
      var moved = bindings
      for part in hessian.parts {
        let values = try #require(bindings.values[part.name]).doubles
        moved.values[part.name] = Tensor(part.shape, zip(values, vector[part.range]).map { $0 + offset * $1 })
      }
      let outputs = try executable.run(moved)
      return hessian.parts.flatMap { outputs[$0.name]?.doubles ?? [] }
    }
    let (up, down) = (try gradient(1e-5), try gradient(-1e-5))
    let differences = zip(up, down).map { ($0 - $1) / 2e-5 }
    let product = try hessian.times(vector)
    let scale = product.map(abs).max() ?? 0
    #expect(scale > 1e-3)
    #expect(zip(product, differences).allSatisfy { abs($0 - $1) < 1e-8 * max(1, scale) })
  }

  @Test func eigenvaluesOfACellAreThoseOfItsMatrix() throws {
    let experiment = FlowExperiment(length: 5, features: 2, batch: 2, element: .float64)
    let hessian = try Diagnostics.hessian(of: experiment.trial(of: SimpleRNN(units: 3)))
    let columns = try (0..<hessian.size).map { column in
      try hessian.times((0..<hessian.size).map { $0 == column ? 1 : 0 })
    }
    let expected = try SymmetricEigenvalues(Matrix(columns)).values
    let spectrum = try hessian.extremeEigenvalues(2, tolerance: 1e-10)
    #expect(spectrum.largest.map(\.value).isClose(to: expected.prefix(2), 1e-9))
    #expect(spectrum.smallest.map(\.value).isClose(to: expected.suffix(2).reversed(), 1e-9))
    #expect(spectrum.asymmetry < 1e-12)
  }

  @Test func singlePrecisionShowsAsAsymmetry() throws {
    func asymmetry(_ element: ElementType) throws -> Double {
      try Diagnostics.hessian(
        of: FlowExperiment(length: 5, features: 2, batch: 2, element: element).trial(of: LSTM(units: 2))
      )
      .extremeEigenvalues(1).asymmetry
    }
    #expect(try asymmetry(.float64) < 1e-13)
    #expect(try 1e-9..<1e-5 ~= asymmetry(.float32))
  }

  @Test func clippedAndTruncatedGradientsAreRefused() throws {
    #expect {
      try Diagnostics.hessian(of: FlowExperiment(length: 3, clip: .norm(1)).trial(of: LSTM(units: 2)))
    } throws: {
      "\($0)".contains("clipped")
    }
    let truncated = try Recording(LSTM(units: 2), features: 2, truncation: 2) { scope, y in
      scope.output("loss", mean(square(y)))
    }
    #expect { try Diagnostics.hessian(of: Trial(truncated, Bindings())) } throws: { "\($0)".contains("truncated") }
  }
}
