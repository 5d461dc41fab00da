public import EbbGraph
public import EbbRecording

/// A cell that reads a memory along another axis at every step: the decoder of an encoder–decoder network.
///
/// It takes two signals, so it is called directly and not with `scope.run`:
///
/// ```swift
/// let memory = scope.over(source).run(Bidirectional(GRU(units: 32), GRU(units: 32)), words, named: "encoder")
/// let decoder = AttentionDecoder(GRU(units: 64), units: 64, Attention(.additive(units: 32)))
/// let (y, weights) = decoder(x, reading: memory, along: source, scope.over(target).child("decoder"))
/// ```
public struct AttentionDecoder: Sendable {
  /// When the memory is read.
  public enum Order: Hashable, Sendable {
    /// With the cell's previous output, before its step (Bahdanau, Cho & Bengio 2015, section 3.1):
    ///
    ///     context = attend(s)          s' = f(s, [x, context])          y = [s', context]
    ///
    /// The state `query` is a copy of s: if f has an initial value, the query needs the same one.
    case beforeStep
    /// With the cell's current output, after its step, which reads the previous result (Luong, Pham & Manning 2015,
    /// equation 5, with input feeding):
    ///
    ///     s' = f(s, [x, y])          context = attend(s')          y' = tanh(W [context, s'])
    case afterStep
  }

  /// f, run in the scope `cell`.
  public var cell: any RecurrentCell
  /// The number of features of f's output.
  public var units: Int
  /// Recorded in the scope `attention`.
  public var attention: Attention
  /// When the memory is read.
  public var order: Order

  /// A decoder around a cell whose output has `units` features.
  public init(_ cell: any RecurrentCell, units: Int, _ attention: Attention, order: Order = .beforeStep) {
    self.cell = cell
    self.units = units
    self.attention = attention
    self.order = order
  }

  /// Records one step.
  ///
  /// - Parameters:
  ///   - x: The input at each step, such as the embedding of the previous token: see `TokenFeedback`.
  ///   - memory: The values to read, along `axis`.
  ///   - axis: The axis of the memory, such as the time of an encoder.
  ///   - scope: A scope along the decoder's own time axis.
  /// - Returns: y, and the attention's weights.
  public func callAsFunction(
    _ x: Signal, reading memory: Signal, along axis: Axis, _ scope: Scope
  ) -> (output: Signal, weights: Signal) {
    func attend(_ query: Signal) -> (context: Signal, weights: Signal) {
      scope.within("attention") { attention(query, over: memory, along: axis, $0) }
    }
    switch order {
    case .beforeStep:
      let query = scope.state("query", units)
      let (context, weights) = attend(query)
      let output = query.next(scope.run(cell, concatenate([x, context]), named: "cell"))
      return (concatenate([output, context]), weights)
    case .afterStep:
      let last = scope.state("output", units)
      let output = scope.run(cell, concatenate([x, last]), named: "cell")
      let (context, weights) = attend(output)
      return (last.next(tanh(scope.affine("combine", [context, output], units, bias: nil))), weights)
    }
  }
}
