internal import EbbLinearAlgebra

/// The ends of a Hessian's spectrum.
public struct HessianSpectrum: Sendable, Hashable {
  /// An eigenvalue with its direction.
  public struct Eigenpair: Sendable, Hashable {
    /// The curvature of the loss in this direction, per squared unit of the parameters.
    public var value: Double
    /// ‖Hx − λx‖: some eigenvalue of H is at most this far from the value.
    public var residual: Double
    /// x, of length 1, in the coordinates of `Hessian.parts`.
    public var vector: [Double]
  }

  /// λ₁ ≥ λ₂ ≥ …
  public var largest: [Eigenpair]
  /// λₙ ≤ λₙ₋₁ ≤ …; negative eigenvalues belong to directions of negative curvature.
  public var smallest: [Eigenpair]
  /// How many products with H were computed.
  public var products: Int
  /// Whether every residual is within the tolerance.
  public var isConverged: Bool
  /// The largest |qᵢᵀ H qⱼ − qⱼᵀ H qᵢ| over the directions of the iteration, divided by the largest |λ|: a measure of
  /// the products' accuracy.
  public var asymmetry: Double

  /// The largest |λ|: the sharpness of the loss.
  public var largestMagnitude: Double { max(abs(largest.first?.value ?? 0), abs(smallest.first?.value ?? 0)) }
}

extension Hessian {
  /// The largest and the smallest eigenvalues, by Lanczos iteration with full reorthogonalisation.
  ///
  /// - Parameters:
  ///   - count: The number at each end.
  ///   - tolerance: Residuals, relative to the largest |λ|, at which the iteration ends. Float32 products allow about
  ///     10⁻⁵.
  ///   - limit: The maximum number of products with H. Each adds a vector of all parameters to the memory.
  ///   - seed: Draws the first direction.
  /// - Throws: `DiagnosticError.setting` if a setting has no meaning or a product is not finite.
  public func extremeEigenvalues(
    _ count: Int = 1, tolerance: Double = 1e-6, limit: Int = 100, seed: UInt64 = 1
  ) throws(DiagnosticError) -> HessianSpectrum {
    guard count >= 1, count <= size else {
      throw .setting("the number of eigenvalues is in 1 ... \(size), the number of parameters, not \(count)")
    }
    guard limit >= count else { throw .setting("\(count) eigenvalues take at least as many products, not \(limit)") }
    var lanczos = Lanczos(size: size, seed: seed)
    let steps = min(limit, size)
    for step in 1...steps {
      try lanczos.step { vector throws(DiagnosticError) in try times(vector) }
      guard step == steps || step >= 2 * count && step % 5 == 0 else { continue }
      let spectrum = try spectrum(of: lanczos, count, tolerance)
      if step == steps || spectrum.isConverged { return spectrum }
    }
    preconditionFailure("the last step returns")
  }

  private func spectrum(
    of lanczos: Lanczos, _ count: Int, _ tolerance: Double
  ) throws(DiagnosticError) -> HessianSpectrum {
    let pairs: [Lanczos.RitzPair]
    do {
      pairs = try lanczos.pairs()
    } catch {
      throw .setting("the eigenvalues of the Hessian cannot be computed: \(error)")
    }
    let ends = (largest: pairs.prefix(count), smallest: pairs.suffix(count).reversed())
    let scale = max(abs(pairs.first?.value ?? 0), abs(pairs.last?.value ?? 0))
    func eigenpairs(_ pairs: some Sequence<Lanczos.RitzPair>) -> [HessianSpectrum.Eigenpair] {
      pairs.map {
        HessianSpectrum.Eigenpair(value: $0.value, residual: $0.residual, vector: lanczos.vector(of: $0))
      }
    }
    let isConverged = (Array(ends.largest) + Array(ends.smallest)).allSatisfy { $0.residual <= tolerance * scale }
    return HessianSpectrum(
      largest: eigenpairs(ends.largest), smallest: eigenpairs(ends.smallest), products: lanczos.alphas.count,
      isConverged: isConverged && pairs.count >= count, asymmetry: scale > 0 ? lanczos.asymmetry / scale : 0)
  }
}
