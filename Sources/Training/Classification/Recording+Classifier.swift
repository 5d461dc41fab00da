internal import EbbCells
internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

extension Recording {
  /// The network of a text classifier.
  ///
  /// Inputs: `words` of [T, B] (Int32, 0 for an unknown word), `lengths` of [B] and `target` of [B] (Int32). Outputs:
  /// `logits` of [B, classes] and `loss`, the mean over the texts of −log p(target). The words' vectors have the name
  /// `vectors`.
  static func classifier(
    _ network: ClassifierNetwork, words count: Int, classes: Int
  ) throws(RecordingError) -> Recording {
    try Recording { scope in
      let time = scope.time("t")
      let batch = scope.batch("b")
      scope.lengths("lengths", of: time, over: [batch])
      let words = scope.input("words", over: [time, batch], as: .int32)
      let target = scope.input("target", over: [batch], as: .int32)
      let read = network.hidingWords(words, scope, over: [time, batch])
      let vectors = scope.run(Embedding(tokens: count, units: network.embedding), read, named: "embedding")
        .named("vectors")
      let masked = scope.dropout(vectors, network.embeddingDropout, over: [batch])
      var value = masked
      var ends: [Signal] = []
      for layer in 0..<network.layers {
        if layer > 0 { value = scope.dropout(value, network.dropout, over: [time, batch]) }
        let inner = scope.child("layer\(layer)").over(time)
        let forward = inner.run(network.direction(over: [batch]), value, named: "forward")
        let backward = inner.reversed.run(network.direction(over: [batch]), value, named: "backward")
        value = concatenate([forward, backward])
        ends = [last(forward, along: time), first(backward, along: time)]
      }
      var pooled: [Signal] = []
      switch network.pooling {
      case .last: pooled += ends
      case .max: pooled.append(max(value, over: [time]))
      case .mean: pooled.append(mean(value, over: [time]))
      case .maxMean: pooled += [max(value, over: [time]), mean(value, over: [time])]
      }
      if network.poolsWords { pooled += [max(masked, over: [time]), mean(masked, over: [time])] }
      let summary = scope.dropout(concatenate(pooled), network.dropout, over: [batch])
      let logits = scope.run(Dense(units: classes), summary, named: "readout")
      scope.output("logits", logits)
      scope.output("loss", crossEntropy(logits, target))
    }
  }
}

extension ClassifierNetwork {
  /// The words, of which training takes some for unknown.
  fileprivate func hidingWords(_ words: Signal, _ scope: Scope, over domain: Domain) -> Signal {
    guard wordDropout > 0 else { return words }
    let isHidden = scope.random(.uniform, over: domain) .< wordDropout
    return scope.whileTraining(select(isHidden, scope.constant(0, as: .int32), words), otherwise: words)
  }
}
