import EbbCells
import EbbEquations
import EbbGraph
import EbbRecording
import EbbTensors

/// Networks around and beside the library's cells, for what their recordings become.
enum Networks {
  /// Each under its name.
  static func all(ragged: Bool) throws -> [(name: String, recording: Recording)] {
    func sequence(_ cell: some RecurrentCell, _ features: Int = 3) throws -> Recording {
      try Recording(cell, features: features, ragged: ragged)
    }
    func custom(_ body: @escaping (Scope, Signal, Axis, Axis) -> Void) throws -> Recording {
      try Recording { scope in
        let (time, batch) = (scope.time("t"), scope.batch("b"))
        if ragged { scope.lengths("lengths", of: time, over: [batch]) }
        body(scope, scope.input("x", [3], over: [time, batch]), time, batch)
      }
    }
    return [
      ("dense", try sequence(Dense(units: 2, activation: .softplus))),
      ("normalization", try sequence(LayerNormalization())),
      ("residual", try sequence(Residual(LSTM(units: 4)))),
      ("dropout", try sequence(Stack([LSTM(units: 4), Dropout(0.5), Zoneout(GRU(units: 3), 0.2)]))),
      ("sum", try sequence(Bidirectional(GRU(units: 4), LSTM(units: 4), merge: .sum))),
      ("projected", try sequence(ProjectedLSTM(units: 5, outputs: 2))),
      ("started", try sequence(Stack([LearnedStart(LSTM(units: 4)), LearnedStart(MinGRU(units: 3))]))),
      (
        "classifier",
        try sequence(
          Stack([
            Bidirectional(Stack([LSTM(units: 4), LastStep()]), Stack([LSTM(units: 4), LastStep()])), Dense(units: 2),
          ]))
      ),
      (
        "started both ways",
        try sequence(
          Stack([
            Bidirectional(LearnedStart(LSTM(units: 4)), LSTM(units: 4)),
            Bidirectional(LearnedStart(PeepholeLSTM(units: 3)), LearnedStart(PeepholeLSTM(units: 3)), merge: .sum),
            Bidirectional(SimpleRNN(units: 2, activation: .sigmoid), SimpleRNN(units: 2, activation: .sigmoid)),
          ]))
      ),
      (
        "samples before times",
        try Recording { scope in
          let (batch, time) = (scope.batch("b"), scope.time("t"))
          if ragged { scope.lengths("lengths", of: time, over: [batch]) }
          let x = scope.input("x", [3], over: [time, batch])
          scope.output("y", scope.over(time).run(Bidirectional(GRU(units: 4), GRU(units: 4)), x))
        }
      ),
      (
        "no samples",
        try Recording { scope in
          let time = scope.time("t")
          let x = scope.input("x", [3], over: [time])
          let both = Bidirectional(
            Stack([LSTM(units: 4), LastStep()]), Stack([LSTM(units: 4), LastStep()]))
          scope.output("last", scope.over(time).run(both, x, named: "last"))
          scope.output("y", scope.over(time).run(Bidirectional(GRU(units: 2), GRU(units: 2)), x, named: "all"))
        }
      ),
      (
        "others' last steps",
        try sequence(Bidirectional(Stack([MinGRU(units: 4), LastStep()]), Stack([MinGRU(units: 4), LastStep()])))
      ),
      ("equations", try sequence(EquationCell("h_t = tanh(W h_{t-1} + U x_t + b)", units: 4))),
      (
        "composed functions",
        try custom { scope, x, _, _ in
          let wide = scope.affine("scores", [x], 5)
          scope.output("masked", softmax(select(wide .> 0, wide, -Double.infinity)))
          scope.output("softmax", softmax(40 * wide))
          scope.output("rows", softmax(outer(x, wide)))
          scope.output("columns", softmax(outer(x, wide), dimension: 0))
          let scale = scope.parameter("scale", [5], .normal(deviation: 1))
          scope.output("scaled", layerNorm(wide, epsilon: 0.3) * scale)
          scope.output("moved", scope.parameter("bias", [5], .normal(deviation: 1)) + layerNorm(100 * wide))
          scope.output("plain", layerNorm(wide + 10))
        }
      ),
      (
        "lines and matrices",
        try custom { scope, x, _, _ in
          let skew = scope.parameter("skew", [3, 3], .normal(deviation: 0.5))
          let turned = matmul(x, matrixExponential(skew - transpose(skew)))
          let mixed = cumulativeSum(turned) + cumulativeProduct(x, reversed: true) + sort(turned, descending: true)
          let places = scope.literal([2, 0, 2], as: .int32)
          scope.output("y", scatterFeatures(mixed, places, count: 4) * scope.literal([1, 0, -1, 2]))
          scope.output("order", topK(x, 2).indices)
        }
      ),
      (
        "cell state",
        try custom { scope, x, time, _ in
          let (h, c) = (scope.state("h", 4), scope.state("c", 4))
          func gate(_ name: String) -> Signal { scope.affine(name, [x, h], 4) }
          let kept = c * sigmoid(gate("forget")) + tanh(gate("candidate")) * sigmoid(gate("input"))
          let next = c.next(kept)
          let y = h.next(tanh(next) * sigmoid(gate("output")))
          scope.output("h", last(y, along: time))
          scope.output("c", last(next, along: time))
        }
      ),
      (
        "embedding",
        try Recording { scope in
          let (time, batch) = (scope.time("t"), scope.batch("b"))
          if ragged { scope.lengths("lengths", of: time, over: [batch]) }
          let ids = scope.input("ids", over: [time, batch], as: .int32)
          scope.output("logits", scope.run(TiedEmbedding(tokens: 7, units: 4, GRU(units: 5)), ids))
        }
      ),
      (
        "far",
        try custom { scope, x, time, _ in
          // A state that is read two steps back, and values of other steps.
          let h = scope.state("h", 4, steps: 2)
          let y = h.next(tanh(scope.affine("recurrent", [h, x], 4)))
          scope.output("y", y)
          scope.output("probabilities", softmax(y))
          scope.output("weights", softmax(sumOverFeatures(y), over: [time]))
          scope.output("largest", argmax(y))
          scope.output("when", argmax(y, along: time))
          scope.output("mean", mean(y, over: [time]))
        }
      ),
      (
        "attention",
        try Recording { scope in
          let (source, target, batch) = (scope.time("s"), scope.time("t"), scope.batch("b"))
          if ragged { scope.lengths("lengths", of: source, over: [batch]) }
          let words = scope.input("words", [3], over: [source, batch])
          let x = scope.input("x", [2], over: [target, batch])
          let memory = scope.over(source).run(Bidirectional(GRU(units: 3), GRU(units: 3)), words, named: "encoder")
          for (name, order) in [("before", AttentionDecoder.Order.beforeStep), ("after", .afterStep)] {
            let decoder = AttentionDecoder(GRU(units: 4), units: 4, Attention(.additive(units: 3)), order: order)
            let (y, weights) = decoder(x, reading: memory, along: source, scope.over(target).child(name))
            scope.output("\(name).y", y)
            scope.output("\(name).weights", weights)
          }
        }
      ),
    ]
  }
}
