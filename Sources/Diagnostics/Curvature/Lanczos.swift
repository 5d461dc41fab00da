internal import EbbLinearAlgebra
internal import EbbTensors

/// Lanczos iteration with full reorthogonalisation (Lanczos 1950; Golub & Van Loan, chapter 10): an orthonormal basis
/// q₁, q₂, … of the Krylov space in which a symmetric H is tridiagonal,
///
///     H qⱼ = βⱼ₋₁ qⱼ₋₁ + αⱼ qⱼ + βⱼ qⱼ₊₁
///
/// Each new direction is orthogonalised against all earlier ones, twice: otherwise rounding produces copies of
/// eigenvalues already found. If the space closes (βⱼ = 0), the iteration continues in a random direction, so that
/// multiple eigenvalues are found with their multiplicity.
struct Lanczos {
  private(set) var basis: [[Double]] = []
  private(set) var alphas: [Double] = []
  /// βⱼ; the last one couples to the next direction, which is not in the basis yet.
  private(set) var betas: [Double] = []
  /// The largest |qᵢᵀ H qⱼ − qⱼᵀ H qᵢ|: rounding, if H is symmetric.
  private(set) var asymmetry = 0.0
  private var next: [Double]
  private let stream: RandomStream
  private var draws: UInt32 = 0

  init(size: Int, seed: UInt64) {
    stream = RandomStream(seed: seed, stream: 0x4C41_4E43)
    next = []
    next = randomDirection(size)
  }

  /// A random direction of length 1, orthogonal to the basis.
  private mutating func randomDirection(_ size: Int) -> [Double] {
    var vector = (0..<size).map { stream.value(.normal, at: .zero, element: draws + UInt32($0)) }
    draws += UInt32(size)
    orthogonalize(&vector)
    orthogonalize(&vector)
    let length = euclideanNorm(vector)
    return vector.map { $0 / length }
  }

  /// Subtracts the part within the basis, and returns its coefficients.
  @discardableResult
  private func orthogonalize(_ vector: inout [Double]) -> [Double] {
    basis.map { direction in
      let coefficient = dot(direction, vector)
      for index in vector.indices { vector[index] -= coefficient * direction[index] }
      return coefficient
    }
  }

  /// One more direction.
  ///
  /// - Parameter product: H·q.
  mutating func step(_ product: ([Double]) throws(DiagnosticError) -> [Double]) throws(DiagnosticError) {
    let size = next.count
    basis.append(next)
    var vector = try product(next)
    guard vector.allSatisfy(\.isFinite) else {
      throw .setting("a product with the Hessian is not finite: no eigenvalues can be found here")
    }
    let scale = euclideanNorm(vector)
    let coefficients = orthogonalize(&vector)
    orthogonalize(&vector)
    for (index, coefficient) in coefficients.dropLast().enumerated() {
      let expected = index == coefficients.count - 2 ? betas[index] : 0
      asymmetry = max(asymmetry, abs(coefficient - expected))
    }
    alphas.append(coefficients[coefficients.count - 1])
    let beta = euclideanNorm(vector)
    // Below this, the remainder of the product outside the basis is rounding.
    let isClosed = basis.count == size || beta <= 16 * .ulpOfOne * Double(size).squareRoot() * max(scale, largestEntry)
    betas.append(isClosed ? 0 : beta)
    guard basis.count < size else { return }
    next = isClosed ? randomDirection(size) : vector.map { $0 / beta }
  }

  private var largestEntry: Double { max(alphas.map(abs).max() ?? 0, betas.max() ?? 0) }

  /// A pair Hx ≈ λx.
  struct RitzPair {
    var value: Double
    /// ‖Hx − λx‖ = β |s|, with s the last coordinate of the eigenvector of the tridiagonal matrix.
    var residual: Double
    var coordinates: [Double]
  }

  /// The pairs of the current space, largest value first.
  func pairs() throws(LinearAlgebraError) -> [RitzPair] {
    let count = alphas.count
    var tridiagonal = Matrix(diagonal: alphas)
    for index in 0..<max(0, count - 1) {
      tridiagonal[index, index + 1] = betas[index]
      tridiagonal[index + 1, index] = betas[index]
    }
    let eigenvalues = try SymmetricEigenvalues(tridiagonal)
    return eigenvalues.values.indices.map { index in
      let coordinates = eigenvalues.vectors.column(index)
      return RitzPair(
        value: eigenvalues.values[index], residual: abs(betas[count - 1] * coordinates[count - 1]),
        coordinates: coordinates)
    }
  }

  /// x = Σ sⱼ qⱼ
  func vector(of pair: RitzPair) -> [Double] {
    var result = [Double](repeating: 0, count: next.count)
    for (coordinate, direction) in zip(pair.coordinates, basis) {
      for index in result.indices { result[index] += coordinate * direction[index] }
    }
    return result
  }
}

private func dot(_ left: [Double], _ right: [Double]) -> Double {
  var sum = 0.0
  for index in left.indices { sum += left[index] * right[index] }
  return sum
}
