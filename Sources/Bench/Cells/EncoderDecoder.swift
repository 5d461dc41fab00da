public import EbbRecording
internal import EbbCells
internal import EbbGraph
internal import EbbTensors

/// An encoder–decoder network: the decoder attends to what the encoder has read (Bahdanau, Cho & Bengio 2015, sections
/// 3.1 and A.1.2), without output layers.
///
///     m_s = GRU(m_s-1, source_s)          c_t = attend(h_t-1, m)          h_t = GRU(h_t-1, [x_t, c_t])
///
/// The source is an input of its own, with as many features as x and an axis of its own. The output is [h, c].
public struct EncoderDecoder: RecurrentCell {
  /// The units of the encoder, of the decoder and of the score.
  public var units: Int

  /// A network of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let source = SourceSequence(like: x, scope)
    let memory = scope.over(source.axis).run(GRU(units: units), source.values, named: "encoder")
    let decoder = AttentionDecoder(GRU(units: units), units: units, Attention(.additive(units: units)))
    return decoder(x, reading: memory, along: source.axis, scope.child("decoder")).output
  }
}

/// A second sequence, of a length of its own: `source`, which a run is given besides x.
struct SourceSequence {
  let axis: Axis
  let values: Signal

  init(like x: Signal, _ scope: Scope) {
    axis = scope.time("s")
    values = scope.input("source", x.shape.array, over: x.sequenceDomain.union([axis]))
  }
}
