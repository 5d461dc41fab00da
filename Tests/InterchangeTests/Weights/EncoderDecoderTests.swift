import EbbCells
import EbbExecution
import EbbGraph
import EbbInterchange
import EbbRecording
import EbbTensors
import EbbTransforms
import Testing

/// An encoder and a decoder of tokens, both masked, with Keras's numbers: keras-translator.safetensors, which
/// make_translator.py wrote.
@Suite struct EncoderDecoderTests {
  static let encoder = Stack([Embedding(tokens: 6, units: 2), LSTM(units: 3)])
  static let decoder = Stack([Embedding(tokens: 5, units: 2), LSTM(units: 3), Dense(units: 5)])

  /// Scores, their loss over the steps that have an answer, and the encoder's final h and c.
  private func translator(
    isMasked: Bool = true, states: Set<String> = ["layer1.h", "layer1.c"]
  ) throws -> Recording {
    try Recording(element: .float64) { scope in
      let (source, target, batch) = (scope.time("source"), scope.time("target"), scope.batch("b"))
      let words = scope.input("words", over: [source, batch], as: .int32)
      let answers = scope.input("answers", over: [target, batch], as: .int32)
      let labels = scope.input("labels", over: [target, batch], as: .int32)
      let (isWord, isAnswer) = (words .!= 0, answers .!= 0)

      var encoder = scope.over(source).child("encoder")
      if isMasked { encoder = encoder.masking(isWord) }
      _ = encoder.run(Self.encoder, words)
      let memory = encoder.lastStates()
      for (name, state) in memory { scope.output(String(name.suffix(1)), state) }

      let start = memory.filter { states.contains($0.key) }
      let decoder = scope.over(target).masking(isAnswer).child("decoder").starting(start)
      let y = decoder.run(Self.decoder, answers)
      let weights = convert(isAnswer, to: .float64)
      scope.output("y", y)
      scope.output("loss", sum(weights * crossEntropy(y, labels, over: [])) / sum(weights))
    }
  }

  /// Keras's weights under this library's names, and the way back for their gradients.
  private func maps() throws -> [WeightMap] {
    [
      try WeightMap(.keras, Self.encoder, features: 1, scope: "encoder", modules: ["source", "encoder"]),
      try WeightMap(.keras, Self.decoder, features: 1, scope: "decoder", modules: ["target", "decoder", "scores"]),
    ]
  }

  /// The outputs and the gradients of the loss by the parameters' names.
  private func outputs(of model: Recording, _ vector: PeerVector) throws -> [String: Tensor] {
    var graph = model.evaluationGraph
    let loss = try #require(graph.output(named: "loss"))
    let names = model.parameters.map(\.name)
    let nodes = names.compactMap { graph.node(named: $0) }
    for (name, node) in zip(names, try graph.gradient(of: loss, withRespectTo: nodes)) {
      graph.setOutput("d/" + name, node)
    }
    var values = vector.values.filter { ["words", "answers", "labels"].contains($0.key) }
    for map in try maps() {
      let weights = vector.weights.filter { map.tensorShapes.keys.contains($0.key) }
      try values.merge(map.parameters(from: weights, as: .float64)) { $1 }
    }
    return try Executable(graph).run(Bindings(values))
  }

  @Test func kerasGivesTheSameNumbers() throws {
    let vector = try PeerVector("keras-translator")
    let found = try outputs(of: translator(), vector)
    for name in ["h", "c", "y", "loss"] {
      #expect(difference(found[name], vector.values[name]) < 1e-12, "\(name)")
    }
    var gradients: [String: Tensor] = [:]
    for map in try maps() {
      let own = map.parameterShapes.keys.map { ($0, found["d/" + $0]) }
      let known = Dictionary(uniqueKeysWithValues: own).compactMapValues { $0 }
      try gradients.merge(map.tensors(fromGradients: known)) { $1 }
    }
    #expect(gradients.count == 10 && Set(gradients.keys) == Set(vector.gradients.keys))
    for (name, gradient) in vector.gradients {
      #expect(difference(gradients[name], gradient) < 1e-12, "\(name)")
    }
  }

  /// A mask that is left out, and a state that is, show in the loss.
  @Test func mistakesAreSeen() throws {
    let vector = try PeerVector("keras-translator")
    for model in [
      try translator(isMasked: false), try translator(states: ["layer1.h"]), try translator(states: ["layer1.c"]),
    ] {
      let loss = try outputs(of: model, vector)["loss"]
      #expect(difference(loss, vector.values["loss"]) > 1e-4)
    }
  }
}
