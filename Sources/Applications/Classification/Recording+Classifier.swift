internal import EbbCells
internal import EbbGraph
package import EbbRecording
internal import EbbTensors

extension Recording {
  /// The network of a text classifier.
  ///
  /// Inputs: `words` of [T, B] (Int32, 0 for the unknown word), `lengths` of [B] and `target` of [B] (Int32). Outputs:
  /// `logits` of [B, classes] and `loss`, the mean over the texts of −log p(target). The words' vectors have the name
  /// `vectors`.
  ///
  /// - Parameter classWeights: In training the loss is the mean of −w[target] log p(target); nil for 1.
  package static func classifier(
    _ network: ClassifierNetwork, words count: Int, classes: Int, classWeights: [Double]? = nil
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
        let forward = inner.run(network.direction, value, named: "forward")
        let backward = inner.reversed.run(network.direction, value, named: "backward")
        value = concatenate([forward, backward])
        ends = [last(forward, along: time), first(backward, along: time)]
      }
      let pool = scope.child("pool")
      var pooled =
        switch network.pooling {
        case .last: ends
        case .max: [pool.largest(of: value, over: time)]
        case .mean: [pool.average(of: value, over: time)]
        case .maxMean: [pool.largest(of: value, over: time), pool.average(of: value, over: time)]
        }
      if network.poolsWords {
        let words = scope.child("words")
        pooled += [words.largest(of: masked, over: time), words.average(of: masked, over: time)]
      }
      let summary = scope.dropout(concatenate(pooled), network.dropout, over: [batch])
      let logits = scope.run(Dense(units: classes), summary, named: "readout")
      scope.output("logits", logits)
      var loss = crossEntropy(logits, target)
      if let classWeights {
        let weighted = mean(crossEntropy(logits, target, over: []) * gather(scope.literal(classWeights), target))
        loss = scope.whileTraining(weighted, otherwise: loss)
      }
      scope.output("loss", loss)
    }
  }
}

// Pooled values are carried from word to word, so that they are part of the program that runs step by step, and are
// read at each text's own end.
extension Scope {
  /// m ← max(m, x): the largest value of each feature.
  fileprivate func largest(of x: Signal, over time: Axis) -> Signal {
    // Below every number in training; −∞ would make 0 · m NaN.
    let lowest = convert(iota(x.shape[0]), to: element) * 0 - 1e30
    let m = over(time).state("largest", x.shape[0], initial: lowest)
    return last(m.next(maximum(m, x)), along: time)
  }

  /// s ← s + x, divided by the number of words.
  fileprivate func average(of x: Signal, over time: Axis) -> Signal {
    let s = over(time).state("sum", x.shape[0])
    return last(s.next(s + x), along: time) / convert(length(of: time), to: element)
  }
}

extension ClassifierNetwork {
  /// The words, some of which training replaces by the unknown word.
  fileprivate func hidingWords(_ words: Signal, _ scope: Scope, over domain: Domain) -> Signal {
    guard wordDropout > 0 else { return words }
    let isHidden = scope.random(.uniform, over: domain) .< wordDropout
    return scope.whileTraining(select(isHidden, scope.constant(0, as: .int32), words), otherwise: words)
  }

  /// One direction of a layer.
  fileprivate var direction: any RecurrentCell {
    switch cell {
    case .lstm: VariationalLSTM(units: units, recurrentDropout: recurrentDropout)
    case .gru: VariationalGRU(units: units, recurrentDropout: recurrentDropout)
    }
  }
}
