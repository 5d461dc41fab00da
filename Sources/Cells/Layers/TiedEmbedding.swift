public import EbbRecording
internal import EbbTensors

/// From tokens to logits over tokens, with one table for both (Press & Wolf 2017; Inan, Khosravi & Socher 2017):
///
///     e = E_id          h = f(e)          z = E h + b
///
/// Row `id` of E [tokens, units] is both a token's embedding and the vector that h is compared with. If the output of f
/// does not have `units` features, P h replaces h. The input is an Int32 scalar; the outputs are logits.
public struct TiedEmbedding: RecurrentCell {
  /// The number of tokens: ids are in 0 ..< tokens.
  public var tokens: Int
  /// The features of a token in the table.
  public var units: Int
  /// f, run in the scope `body`.
  public var cell: any RecurrentCell
  /// How the table begins.
  public var initializer: Initializer

  /// - Parameters:
  ///   - tokens: The number of tokens: ids are in 0 ..< tokens.
  ///   - units: The features of a token in the table.
  ///   - cell: f, run in the scope `body`.
  ///   - initializer: How the table begins.
  public init(
    tokens: Int, units: Int, _ cell: any RecurrentCell, initializer: Initializer = .normal(deviation: 0.1)
  ) {
    self.tokens = tokens
    self.units = units
    self.cell = cell
    self.initializer = initializer
  }

  public func callAsFunction(_ id: Signal, _ scope: Scope) -> Signal {
    let table = scope.parameter("table", [tokens, units], initializer)
    let h = scope.run(cell, gather(table, id), named: "body")
    let query = h.shape == [units] ? h : scope.affine("projection", [h], units, bias: nil)
    return matmul(table, query) + scope.parameter("bias", [tokens], .zeros)
  }
}
