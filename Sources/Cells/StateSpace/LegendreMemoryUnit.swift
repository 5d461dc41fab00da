public import EbbRecording
internal import EbbTensors
internal import Foundation

/// The Legendre memory unit: a linear memory m holds the last θ steps of one signal u, as the coefficients of Legendre
/// polynomials, and a nonlinear layer reads it (Voelker, Kajić & Eliasmith, NeurIPS 2019):
///
///     u  = e_xᵀ x + e_hᵀ h + e_mᵀ m
///     m' = Ā m + B̄ u
///     h' = tanh(W [x, h, m'])
///
/// Ā and B̄ are the exact step of θ ṁ = A m + B u for a u that is held (zero-order hold), with
///
///     Aᵢⱼ = (2i + 1) (−1 where i < j, else (−1)^(i − j + 1))        Bᵢ = (2i + 1) (−1)ⁱ
///
/// and are not trained. The signal of τ steps ago is Σᵢ mᵢ Pᵢ(2τ/θ − 1), for 0 ≤ τ ≤ θ. e_x and e_h are initially uniform
/// with a variance of 1 / rows, and e_m is 0.
public struct LegendreMemoryUnit: RecurrentCell {
  /// The features of h and the output.
  public var units: Int
  /// The features of m: the number of polynomials.
  public var order: Int
  /// θ, the length of the memory in steps.
  public var window: Double

  /// A cell of `units` features; the memory has as many by default.
  public init(units: Int, order: Int? = nil, window: Double = 100) {
    self.units = units
    self.order = order ?? units
    self.window = window
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let m = scope.state("m", order)
    func encoder(_ rows: Int) -> Initializer { .uniform(limit: (3 / Double(rows)).squareRoot()) }
    let u = scope.affine(
      "encoder", [x, h, m], 1, weights: [encoder(x.shape.count), encoder(units), .zeros], bias: nil)
    let memory = m.next(matmul(concatenate([m, u]), step(scope)))
    return h.next(tanh(scope.affine("kernel", [x, h, memory], units, bias: nil)))
  }

  /// The rows Āᵀ and B̄ᵀ, which multiply [m, u].
  ///
  ///     exp [Aᵀ 0; Bᵀ 0] / θ = [Āᵀ 0; B̄ᵀ 1]
  private func step(_ scope: Scope) -> Signal {
    let to = repeated(scope.iota(order), order + 1)
    let from = repeated(scope.iota(order + 1), order, dimension: 1)
    func sign(_ exponent: Signal) -> Signal { 1 - 2 * remainder(exponent, 2) }
    let signs = select(from .== Double(order), sign(to), select(to .< from, -1, sign(to - from + 1)))
    let rates = convert((2 * to + 1) * signs, to: scope.element) / window
    // The entries of a column of A have the sum order², of its largest norm.
    let size = Double(order * order) / window
    let squarings = max(0, Int(log2(size).rounded(.up)) + 1)
    return slice(exponential(of: pad(rates, after: 1, dimension: 1), squarings, scope), 0..<order, dimension: 1)
  }
}
