public import EbbGraph
public import EbbRecording
internal import EbbTensors

/// Reads a memory at each step as a weighted mean, with weights from a query:
///
///     a_s = exp e(q, m_s) / Σ_s' exp e(q, m_s')          context = Σ_s a_s m_s
///
/// The memory has an axis that the query lacks, such as the steps of the sequence that an encoder has read. U m_s,
/// which does not depend on the query, is computed once for the whole memory. In a ragged memory only steps inside the
/// sequences count.
public struct Attention: Hashable, Sendable {
  /// e(q, m): how well a memory element matches the query.
  public enum Score: Hashable, Sendable {
    /// v · tanh(W q + U m + b), with this many units (Bahdanau, Cho & Bengio 2015, appendix A.1.2).
    case additive(units: Int)
    /// q · m for vectors of the same size (Luong, Pham & Manning 2015, "dot").
    case dot
    /// q · m / √n for n features (Vaswani et al. 2017, equation 1).
    case scaledDot
    /// q · W m (Luong, Pham & Manning 2015, "general").
    case bilinear
  }

  /// e(q, m).
  public var score: Score
  /// Attention with this score.
  public init(_ score: Score) { self.score = score }

  /// The context, and the weights a, which also have the memory's axis.
  public func callAsFunction(
    _ query: Signal, over memory: Signal, along axis: Axis, _ scope: Scope
  ) -> (context: Signal, weights: Signal) {
    let weights = softmax(scores(query, memory, scope), over: [axis])
    return (sum(weights * memory, over: [axis]), weights)
  }

  private func scores(_ query: Signal, _ memory: Signal, _ scope: Scope) -> Signal {
    switch score {
    case .additive(let units):
      let matches = tanh(scope.affine("query", [query], units, bias: nil) + scope.affine("memory", [memory], units))
      return product(matches, scope.parameter("score", [units], .uniform(limit: 1 / Double(units).squareRoot())))
    case .dot: return product(query, memory)
    case .scaledDot: return product(query, memory) / Double(query.shape.count).squareRoot()
    case .bilinear: return product(query, scope.affine("memory", [memory], query.shape.count, bias: nil))
    }
  }

  /// The scalar product, as a sum that fuses with the operations before it.
  private func product(_ left: Signal, _ right: Signal) -> Signal { sumOverFeatures(left * right) }
}
