import EbbRecording
import EbbTensors
import Foundation
import Testing

/// Initialisers that are made of others, and matrices with a property.
@Suite struct StructuredInitializerTests {
  private func value(_ initializer: Initializer, _ shape: Shape, seed: UInt64 = 1, name: String = "w") -> [Double] {
    initializer.value(shape: shape, as: .float64, seed: seed, name: name).doubles
  }

  /// Whether the mean is that of a uniform distribution, within four standard errors.
  private func isMean(of values: [Double], uniformFrom lower: Double, to upper: Double) -> Bool {
    let mean = values.reduce(0, +) / Double(values.count)
    let error = (upper - lower) / (12 * Double(values.count)).squareRoot()
    return abs(mean - (lower + upper) / 2) < 4 * error
  }

  @Test func uniformNumbersLieBetweenTheirBounds() {
    let values = value(.between(2, 5), [3000])
    #expect(values.allSatisfy { 2 <= $0 && $0 < 5 })
    #expect(isMean(of: values, uniformFrom: 2, to: 5))
  }

  @Test func logarithmsOfUniformNumbers() {
    let values = value(.logOfUniform(from: 0, to: 4), [3000]).map { exp($0) }
    #expect(values.allSatisfy { 0 < $0 && $0 <= 4 + 1e-12 })
    #expect(isMean(of: values, uniformFrom: 0, to: 4))
    #expect(Initializer.chrono(longest: 30) == .logOfUniform(from: 1, to: 29))
  }

  @Test func ringDecaysAreUniformByArea() {
    let squares = value(.ringDecay(inner: 0.4, outer: 0.8), [3000]).map { exp(-2 * exp($0)) }
    #expect(squares.allSatisfy { 0.16 - 1e-12 <= $0 && $0 <= 0.64 + 1e-12 })
    #expect(isMean(of: squares, uniformFrom: 0.16, to: 0.64))
  }

  @Test func sharedDrawsAreThoseOfTheOtherName() {
    let plain = value(.normal(deviation: 1), [4], name: "a")
    #expect(value(.drawn(as: "a", .normal(deviation: 1)), [4], name: "b") == plain)
    #expect(value(.negative(.drawn(as: "a", .normal(deviation: 2))), [4], name: "c") == plain.map { -2 * $0 })
    #expect(value(.drawn(as: "a", .normal(deviation: 1)), [4], seed: 2, name: "b") != plain)
    #expect(value(.normal(deviation: 1), [4], name: "b") != plain)
  }

  @Test func sparseColumnsHaveTheirConnections() {
    let (rows, columns) = (12, 300)
    let values = value(.sparse(connections: 3, deviation: 0.5), [rows, columns])
    for column in 0..<columns { #expect((0..<rows).count { values[$0 * columns + column] != 0 } == 3) }
    // Each row is chosen in a quarter of the columns.
    for row in 0..<rows { #expect((45...105).contains((0..<columns).count { values[row * columns + $0] != 0 })) }
    // The variance of 900 normal numbers has a relative error of √(2 / 900).
    let variance = values.reduce(0) { $0 + $1 * $1 } / 900
    #expect(abs(variance / 0.25 - 1) < 4 * 0.0472)
  }

  // MARK: Spectral radius

  /// A matrix with known eigenvalues: blocks r (cos φ, −sin φ; sin φ, cos φ) and numbers, turned by an orthogonal matrix.
  private func matrix(blocks: [(radius: Double, angle: Double)], reals: [Double]) -> [[Double]] {
    let size = 2 * blocks.count + reals.count
    var inner = [[Double]](repeating: [Double](repeating: 0, count: size), count: size)
    for (index, block) in blocks.enumerated() {
      let (c, s) = (block.radius * cos(block.angle), block.radius * sin(block.angle))
      (inner[2 * index][2 * index], inner[2 * index][2 * index + 1]) = (c, -s)
      (inner[2 * index + 1][2 * index], inner[2 * index + 1][2 * index + 1]) = (s, c)
    }
    for (index, real) in reals.enumerated() { inner[2 * blocks.count + index][2 * blocks.count + index] = real }
    let flat = value(.orthogonal(), [size, size], name: "turn")
    let q = (0..<size).map { Array(flat[$0 * size..<($0 + 1) * size]) }
    let transposed = (0..<size).map { column in q.map { $0[column] } }
    return multiply(multiply(transposed, inner), q)
  }

  private func multiply(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
    a.map { row in b[0].indices.map { column in row.indices.reduce(0) { $0 + row[$1] * b[$1][column] } } }
  }

  @Test func complexPairsAndNeighboursDoNotDisturbTheRadius() {
    let close = matrix(blocks: [(0.9, 0.7), (0.899999, 2.1)], reals: [-0.8999, 0.3])
    #expect(abs(spectralRadius(close.flatMap { $0 }, 6) - 0.9) < 1e-7)
    let negative = matrix(blocks: [(0.5, 1)], reals: [-3, 2.999])
    #expect(abs(spectralRadius(negative.flatMap { $0 }, 4) - 3) < 3e-7)
  }

  @Test func defectiveTinyHugeAndNilpotentMatrices() {
    // A Jordan block: ‖Aᵐ‖ grows like m λᵐ.
    #expect(abs(spectralRadius([0.5, 1, 0, 0, 0.5, 1, 0, 0, 0.5], 3) - 0.5) < 1e-6)
    #expect(abs(spectralRadius([1e-150, 0, 0, 5e-151], 2) / 1e-150 - 1) < 1e-6)
    #expect(abs(spectralRadius([0, 1e150, -1e150, 0], 2) / 1e150 - 1) < 1e-6)
    #expect(spectralRadius([0, 1, 2, 0, 0, 3, 0, 0, 0], 3) == 0)
    #expect(abs(spectralRadius([-7], 1) - 7) < 1e-6)
  }

  @Test(arguments: [1, 2, 9, 16])
  func matricesAreScaledToTheirRadius(size: Int) {
    let values = value(.spectralRadius(0.8), [size, size])
    let plain = value(.normal(deviation: 1), [size, size])
    let factor = values[0] / plain[0]
    #expect(zip(values, plain).allSatisfy { abs($0 - factor * $1) < 1e-14 })
    // Far powers of the matrix grow by its radius a step: of a random vector, ‖Aᵐ⁺²⁰⁰ v‖ / ‖Aᵐ v‖ = 0.8²⁰⁰ up to what
    // the angle within a complex pair's plane does, which is a bounded factor.
    var vector = value(.normal(deviation: 1), [size], name: "v")
    var logarithm = 0.0
    for step in 0..<1200 {
      vector = (0..<size).map { row in (0..<size).reduce(0) { $0 + values[row * size + $1] * vector[$1] } }
      let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if step >= 200 { logarithm += log(norm) }
      vector = vector.map { $0 / norm }
    }
    #expect(abs(exp(logarithm / 1000) - 0.8) < 0.003)
  }

  @Test func sparseReservoirsCanBeScaled() {
    let values = value(.spectralRadius(1.25, of: .sparse(connections: 4)), [10, 10])
    #expect(values.count { $0 != 0 } == 40)
    #expect(abs(spectralRadius(values, 10) - 1.25) < 1e-6)
  }

  // MARK: Problems

  @Test(arguments: [
    (Initializer.spectralRadius(0.9), [3, 4], "only a square matrix has eigenvalues"),
    (.spectralRadius(-1), [3, 3], "a spectral radius is a number ≥ 0"),
    (.spectralRadius(0.9, of: .sparse(connections: 5)), [3, 3], "has no 5 entries"),
    (.sparse(connections: 2), [3], "this initialiser fills matrices"),
    (.between(2, 1), [3], "there is no number between"),
    (.logOfUniform(from: -1, to: 1), [3], "the logarithm needs"),
    (.chrono(longest: 2), [3], "the logarithm needs"),
    (.negative(.chrono(longest: .nan)), [3], "the logarithm needs"),
    (.drawn(as: "a", .ringDecay(inner: 0.5, outer: 1)), [3], "the ring needs"),
  ])
  func whatCannotBeFilledIsSaidWhenRecorded(initializer: Initializer, shape: [Int], message: String) {
    let error = #expect(throws: RecordingError.self) {
      try Recording { scope in scope.output("w", scope.parameter("w", shape, initializer)) }
    }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test func parametersBehindStopGradientAreNotTrained() throws {
    let model = try Recording { scope in
      let fixed = scope.parameter("fixed", [2], .zeros)
      let both = scope.parameter("both", [2], .zeros)
      _ = scope.parameter("unused", [2], .zeros)
      scope.output("y", stopGradient(fixed) + stopGradient(both) + both)
    }
    #expect(model.parameters.filter { !$0.isTrained }.map(\.name) == ["fixed"])
  }
}
