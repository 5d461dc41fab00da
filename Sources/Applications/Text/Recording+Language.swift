internal import EbbCells
internal import EbbGraph
public import EbbRecording
internal import EbbTensors

extension Recording {
  /// A language model: at every step the probabilities of the next token.
  ///
  ///     x = embedding[token]        h = layerₙ(… layer₁(x))        logits = W h + b
  ///
  /// Dropout is between the layers and before the read-out, not inside the recurrence (Zaremba, Sutskever & Vinyals
  /// 2014). Inputs are Int32 `tokens` and `targets` of [T, B]; outputs are `logits` of [T, B, tokens], `losses` of [T,
  /// B], the cross entropy of each target, and `loss`, its mean over the last `counted` steps.
  ///
  /// - Parameters:
  ///   - layers: The cells, lowest first.
  ///   - tokens: The size of the vocabulary; ids are in 0 ..< tokens.
  ///   - embedding: The length of a token's vector.
  ///   - dropout: The rate of dropout, in 0 ..< 1.
  ///   - counted: The number of last steps that the loss counts; nil for all.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public static func languageModel(
    _ layers: [any RecurrentCell], tokens: Int, embedding: Int, dropout: Double = 0, counted: Int? = nil,
    fileID: String = #fileID, line: Int = #line
  ) throws(RecordingError) -> Recording {
    try Recording(fileID: fileID, line: line) { scope in
      let time = scope.time("t", fileID: fileID, line: line)
      let batch = scope.batch("b", fileID: fileID, line: line)
      let ids = scope.input("tokens", over: [time, batch], as: .int32, fileID: fileID, line: line)
      let targets = scope.input("targets", over: [time, batch], as: .int32, fileID: fileID, line: line)
      // Vectors of unit variance, which reach the gates at about that scale with Glorot's weights; with smaller vectors
      // the gates hardly change in the first hundred steps.
      let vectors = Embedding(tokens: tokens, units: embedding, initializer: .normal(deviation: 1))
      var value = scope.run(vectors, ids, named: "embedding", fileID: fileID, line: line)
      for (index, layer) in layers.enumerated() {
        value = scope.run(layer, value, named: "layer\(index)", fileID: fileID, line: line)
        value = scope.dropout(value, dropout, over: [time, batch], fileID: fileID, line: line)
      }
      let logits = scope.run(Dense(units: tokens), value, named: "readout", fileID: fileID, line: line)
      let losses = crossEntropy(logits, targets, over: [], fileID: fileID, line: line)
      scope.output("logits", logits, fileID: fileID, line: line)
      scope.output("losses", losses, fileID: fileID, line: line)
      guard let counted else {
        scope.output("loss", mean(losses, fileID: fileID, line: line), fileID: fileID, line: line)
        return
      }
      // Σ of the losses at t ≥ T − k₁, over their number k₁ B
      let isCounted = scope.index(of: time) .>= scope.length(of: time) - Double(counted)
      let total = sum(select(isCounted, losses, 0), over: [time, batch], fileID: fileID, line: line)
      let number = convert(scope.length(of: batch), to: scope.element) * Double(counted)
      scope.output("loss", total / number, fileID: fileID, line: line)
    }
  }
}
