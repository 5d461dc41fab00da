public import EbbRecording
internal import EbbCells
internal import EbbGraph

/// A block of a transformer before a recurrence (Vaswani et al. 2017, sections 3.2 and 3.3, with the norms before the
/// layers as in Xiong et al. 2020, figure 1b):
///
///     z = x + W_o Attention(LN(x), LN(source))          y = z + W₂ relu(W₁ LN(z) + b₁) + b₂          h = GRU(y)
///
/// with four heads. Every step attends to every step of `source`, another axis, which for self-attention holds x.
public struct TransformerBlock: RecurrentCell {
  /// The features of x, of all heads together and of the recurrence.
  public var units: Int
  /// The heads.
  public var heads: Int

  /// A block of `units` features.
  public init(units: Int, heads: Int = 4) {
    self.units = units
    self.heads = heads
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let source = SourceSequence(like: x, scope)
    let head = scope.batch("head", length: heads)
    func projected(_ name: String, _ rows: Signal) -> Signal {
      featureToAxis(reshape(scope.affine(name, [rows], units, bias: nil), [heads, units / heads]), head)
    }
    let rows = layerNorm(source.values)
    let query = projected("query", layerNorm(x)) / Double(units / heads).squareRoot()
    let weights = softmax(sumOverFeatures(query * projected("key", rows)), over: [source.axis])
    let read = sum(weights * projected("value", rows), over: [source.axis])
    let z = x + scope.affine("output", [reshape(axisToFeature(read, head), [units])], units, bias: nil)
    let hidden = relu(scope.affine("hidden", [layerNorm(z)], 4 * units))
    return scope.run(GRU(units: units), z + scope.affine("result", [hidden], units), named: "recurrence")
  }
}
