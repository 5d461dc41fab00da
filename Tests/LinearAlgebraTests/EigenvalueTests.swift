import EbbLinearAlgebra
import Foundation
import Testing

@Suite struct EigenvalueTests {
  @Test(arguments: Sample.square)
  func traceAndDeterminantAreTheirSumAndProduct(sample: Sample) throws {
    let a = sample.matrix
    let values = try a.eigenvalues()
    #expect(values.count == a.rows)
    let moduli = values.map(\.modulus)
    #expect(zip(moduli, moduli.dropFirst()).allSatisfy { $0 >= $1 })
    #expect(moduli.allSatisfy { $0 <= a.frobeniusNorm * (1 + 1e-14) })
    let sum = values.reduce(ComplexNumber(0)) { ComplexNumber($0.real + $1.real, $0.imaginary + $1.imaginary) }
    let trace = a.diagonal.reduce(0, +)
    #expect(abs(sum.real - trace) <= bound(a) * a.maximumNorm)
    #expect(sum.imaginary == 0)
    // Pairs are side by side, the positive imaginary part first.
    var index = 0
    while index < values.count {
      guard values[index].imaginary != 0 else {
        index += 1
        continue
      }
      #expect(values[index].imaginary > 0)
      #expect(values[index + 1] == ComplexNumber(values[index].real, -values[index].imaginary))
      index += 2
    }
    let determinant = try LUFactorization(a).logAbsoluteDeterminant
    guard sample.name == "random" || sample.name == "orthogonal" || sample.name == "cyclic" else { return }
    #expect(abs(moduli.reduce(0) { $0 + log($1) } - determinant) < 1e-12)
  }

  /// λ = a + bi is an eigenvalue of a matrix as near to A as A − λ is to a singular one: by its smallest singular value,
  /// which [A − a, b; −b, A − a] has twice.
  @Test(arguments: Sample.square)
  func valuesAreThoseOfAMatrixNearby(sample: Sample) throws {
    let size = sample.matrix.rows
    guard size > 0, sample.matrix.maximumNorm > 0 else { return }
    let a = sample.matrix.scaled(byPowerOfTwo: -Int(sample.matrix.maximumNorm.exponent))
    for value in try a.eigenvalues() where value.imaginary >= 0 {
      let shifted = Matrix(rows: 2 * size, columns: 2 * size) { row, column in
        let isDiagonal = row % size == column % size
        switch (row < size, column < size) {
        case (true, true), (false, false): return a[row % size, column % size] - (isDiagonal ? value.real : 0)
        case (true, false): return isDiagonal ? value.imaginary : 0
        case (false, true): return isDiagonal ? -value.imaginary : 0
        }
      }
      let smallest = try #require(try shifted.singularValues().last)
      #expect(smallest <= 1e-15 * Double(size) * a.frobeniusNorm, "\(value)")
    }
  }

  @Test(arguments: [0.0, 0.1, 1, .pi / 2, 3, .pi])
  func rotationsTurnByTheirAngle(angle: Double) throws {
    let (c, s) = (cos(angle), sin(angle))
    let values = try Matrix([[c, -s], [s, c]]).eigenvalues()
    #expect(distance(values, [ComplexNumber(c, s), ComplexNumber(c, -s)]) < 1e-15)
    #expect(values.allSatisfy { abs($0.modulus - 1) < 1e-15 })
  }

  @Test(arguments: [3, 8, 21])
  func circulantsAreFourierSums(size: Int) throws {
    // cⱼ in row i and column i + j: λₖ = Σⱼ cⱼ e^(2πi jk / n), and σ are their moduli, because it is normal.
    var numbers = RandomNumbers(UInt64(size))
    let c = (0..<size).map { _ in numbers.normal() }
    let a = Matrix(rows: size, columns: size) { c[($1 - $0 + size) % size] }
    let expected = (0..<size).map { k in
      c.enumerated().reduce(ComplexNumber(0)) { sum, term in
        let angle = 2 * Double.pi * Double(term.offset * k % size) / Double(size)
        return ComplexNumber(sum.real + term.element * cos(angle), sum.imaginary + term.element * sin(angle))
      }
    }
    let largest = expected.map(\.modulus).max() ?? 0
    #expect(distance(try a.eigenvalues(), expected) < 1e-14 * Double(size) * largest)
    let moduli = expected.map(\.modulus).sorted(by: >)
    #expect(zip(try a.singularValues(), moduli).allSatisfy { abs($0 - $1) < 1e-13 * largest })
  }

  @Test(arguments: [2, 3, 4, 7, 16])
  func companionMatrixOfUnityHasItsRoots(size: Int) throws {
    // xⁿ − 1: with the usual shifts the iteration stands still on it.
    let a = Matrix(rows: size, columns: size) { $0 == ($1 + 1) % size ? 1 : 0 }
    let expected = (0..<size).map { k in
      ComplexNumber(cos(2 * .pi * Double(k) / Double(size)), sin(2 * .pi * Double(k) / Double(size)))
    }
    #expect(distance(try a.eigenvalues(), expected) < 1e-14 * Double(size))
    #expect(abs(try a.spectralRadius() - 1) < 1e-14)
  }

  @Test func companionMatrixHasTheRootsOfItsPolynomial() throws {
    // Π (x − r) over −2, −1, 0.5, 1, 3 and the pair 1 ± 2i
    var polynomial = [1.0]
    func multiply(_ factor: [Double]) {
      var product = [Double](repeating: 0, count: polynomial.count + factor.count - 1)
      for (i, x) in polynomial.enumerated() {
        for (j, y) in factor.enumerated() { product[i + j] += x * y }
      }
      polynomial = product
    }
    let roots = [-2, -1, 0.5, 1, 3]
    for root in roots { multiply([1, -root]) }
    multiply([1, -2, 5])
    let size = polynomial.count - 1
    let a = Matrix(rows: size, columns: size) { $0 == 0 ? -polynomial[$1 + 1] : $0 == $1 + 1 ? 1 : 0 }
    let expected = roots.map { ComplexNumber($0) } + [ComplexNumber(1, 2), ComplexNumber(1, -2)]
    #expect(distance(try a.eigenvalues(), expected) < 1e-12)
  }

  @Test func normalMatricesKeepTheirValues() throws {
    // Q D Qᵀ with blocks [a −b; b a] in D has a ± bi.
    var numbers = RandomNumbers(31)
    let size = 18
    var d = Matrix(rows: size, columns: size)
    var expected: [ComplexNumber] = []
    for block in 0..<size / 2 {
      let (a, b) = (numbers.normal(), numbers.normal())
      (d[2 * block, 2 * block], d[2 * block + 1, 2 * block + 1]) = (a, a)
      (d[2 * block, 2 * block + 1], d[2 * block + 1, 2 * block]) = (-b, b)
      expected += [ComplexNumber(a, b), ComplexNumber(a, -b)]
    }
    let q = numbers.orthogonal(size)
    #expect(distance(try (q * d * q.transposed).eigenvalues(), expected) < 1e-13)
  }

  @Test func defectiveMatricesLoseARootOfTheRounding() throws {
    let size = 6
    var numbers = RandomNumbers(33)
    let q = numbers.orthogonal(size)
    let values = try (q * Sample.jordan(size, 0.5) * q.transposed).eigenvalues()
    let expected = [ComplexNumber](repeating: ComplexNumber(0.5), count: size)
    #expect(distance(values, expected) < pow(1e-15, 1 / Double(size)))
    // Triangular matrices have theirs on the diagonal, to the last bit.
    #expect(try Sample.jordan(size, 0.5).eigenvalues() == expected)
    #expect(try Sample.jordan(size, 0).eigenvalues().allSatisfy { $0.modulus == 0 })
  }

  @Test func tripleValuesWithTwoVectorsConverge() throws {
    // −2, 0, and 1 three times, with which the iteration converges more slowly than its shifts are replaced.
    let a = Matrix([
      [1, -1, 1, 1, -1], [0, 0, 1, 1, -1], [1, 0, 0, 0, 1], [-1, 1, -1, 0, -1], [-1, 0, 1, 0, 0],
    ])
    #expect(distance(try a.eigenvalues(), [-2, 1, 1, 1, 0].map { ComplexNumber($0) }) < 1e-6)
  }

  @Test(arguments: [0.0, 0.5, 1, -3e5])
  func multipleValuesWithAllTheirVectorsConverge(value: Double) throws {
    // G D G⁻¹ with few different numbers in D: in the end the iteration sees nothing but rounding off the diagonal.
    var numbers = RandomNumbers(37)
    for trial in 0..<30 {
      let size = 6 + trial % 20
      let g = numbers.matrix(size, size)
      let d = Matrix(diagonal: (0..<size).map { _ in numbers.uniform() < 0.6 ? value : 1 })
      let a = try g * d * inverse(of: g)
      try expectValues(of: a)
    }
  }

  @Test func badlyScaledMultipleValuesConverge() throws {
    var numbers = RandomNumbers(38)
    for trial in 0..<60 {
      let size = 6 + trial % 14
      let g = numbers.matrix(size, size)
      // Saturated gates leave a coordinate as it is: 1 many times, and columns and rows of any size beside them.
      let d = Matrix(diagonal: (0..<size).map { $0 % 3 == 0 ? numbers.uniform() : 1 })
      let scales = (0..<size).map { _ in pow(10, 16 * numbers.uniform() - 8) }
      let inner = try g * d * inverse(of: g)
      let a = Matrix(rows: size, columns: size) { inner[$0, $1] * scales[$0] / scales[$1] }
      let values = try a.eigenvalues()
      #expect(values.count == size && abs(values.reduce(0) { $0 + $1.real } - a.diagonal.reduce(0, +)) < 1e-8)
      // Graded, and any values at all.
      let rows = Matrix(rows: size, columns: size) { g[$0, $1] * scales[$0] }
      try expectValues(of: rows)
    }
  }

  private func inverse(of matrix: Matrix) throws -> Matrix {
    let factors = try LUFactorization(matrix)
    let columns = try (0..<matrix.rows).map { column in
      try factors.solution(of: (0..<matrix.rows).map { $0 == column ? 1 : 0 })
    }
    return Matrix(rows: matrix.rows, columns: matrix.rows) { columns[$1][$0] }
  }

  /// Each value makes A − λ singular within rounding: its smallest singular value, for the real ones.
  private func expectValues(of a: Matrix) throws {
    let values = try a.eigenvalues()
    #expect(values.count == a.rows)
    let sum = values.reduce(0) { $0 + $1.real }
    #expect(abs(sum - a.diagonal.reduce(0, +)) <= 1e-13 * Double(a.rows) * a.maximumNorm)
    for value in values where value.imaginary == 0 {
      let shifted = Matrix(rows: a.rows, columns: a.rows) { a[$0, $1] - ($0 == $1 ? value.real : 0) }
      let smallest = try #require(try shifted.singularValues().last)
      #expect(smallest <= 1e-14 * Double(a.rows) * a.maximumNorm, "\(value)")
    }
  }

  @Test func balancingKeepsSmallValuesOfBadlyScaledMatrices() throws {
    // D⁻¹ B D with D = diag(10³ᵏ) has the eigenvalues of B.
    var numbers = RandomNumbers(34)
    let b = numbers.matrix(6, 6)
    let a = Matrix(rows: 6, columns: 6) { b[$0, $1] * pow(10, Double(3 * ($1 - $0))) }
    #expect(distance(try a.eigenvalues(), try b.eigenvalues()) < 1e-12)
  }

  @Test func manyRandomMatricesConverge() throws {
    var numbers = RandomNumbers(35)
    for trial in 0..<200 {
      let size = trial % 9 + 1
      let a = numbers.matrix(size, size)
      let values = try a.eigenvalues()
      // tr A² = Σ λ²
      let square = (a * a).diagonal.reduce(0, +)
      let sum = values.reduce(0.0) { $0 + $1.real * $1.real - $1.imaginary * $1.imaginary }
      #expect(abs(square - sum) < 1e-12 * Double(size) * (1 + a.frobeniusNorm * a.frobeniusNorm))
    }
  }
}
