import EbbCells
import EbbExecution
import EbbGraph
import EbbInterchange
import EbbRecording
import EbbTensors
import Testing

/// Networks of models of Keras compute what the models compute: their description tells what stands where.
@Suite struct KerasNetworkTests {
  @Test(arguments: [
    (
      "merged",
      "LSTM, both directions, 3 → 4 units → layer normalisation → GRU, reset before the product, 4 → 3 units → linear 2",
      true
    ),
    ("backward", "LSTM, backward in time, 3 → 4 units → tanh 2", true),
    (
      "between",
      "elu(scale: 1.0) 4 → GRU, reset after the product, 4 → 4 units → layer normalisation → relu 5 → layer normalisation "
        + "→ RNN, 5 → 3 units → sigmoid 3", false
    ),
    (
      "residual",
      "elu(scale: 1.0) 4 → LSTM, 4 → 4 units → sum of dense, lstm → layer normalisation → GRU, reset before the product, "
        + "both directions, 4 → 4 units → sum of bidirectional, layer_normalization → tanh 3 → sigmoid 2", false
    ),
    (
      "branches",
      "GRU, reset after the product, 3 → 4 units → sigmoid 4 → LSTM, 3 → 4 units → product of time_distributed/dense, "
        + "lstm → difference of multiply, gru → minimum of lstm, gru → average of lstm, gru, subtract → maximum of "
        + "subtract, minimum, average → leakyReLU(slope: 0.2) → concatenation of activation, the input → RNN, both "
        + "directions, 7 → 2 units → LSTM, backward in time, 7 → 3 units → GRU, reset after the product, 7 → 2 units → "
        + "concatenation of bidirectional, lstm_1, gru_1 → linear 2", true
    ),
    ("chain", "elu(scale: 1.0) 4 → GRU, reset after the product, 4 → 3 units → layer normalisation → linear 2", false),
    (
      "nested",
      "embedding 7 × 4 → LSTM, 4 → 3 units → concatenation of embedding, block/lstm → LSTM, 7 → 7 units → sum of "
        + "block/concatenate, lstm_1 → tanh 5", false
    ),
    (
      "functions",
      "elu(scale: 1.0) 4 → LSTM, 4 → 3 units → softsign → GRU, reset after the product, 3 → 3 units → relu 4 → tanh 2 → "
        + "sigmoid", false
    ),
    ("cells", "LSTM, 3 → 4 units → GRU, reset before the product, 4 → 3 units → linear 2", false),
  ])
  func networksComputeTheSame(name: String, words: String, isFinal: Bool) throws {
    let folder = PeerVector.path("keras-networks/" + name)
    let example = try TensorFile.read(folder + ".npz")
    let (x, expected) = (try #require(example["x"]), try #require(example["y"]))
    let network = try TrainedNetwork(TensorFile.contents(of: folder + ".keras"))
    #expect(network.description == "Keras: " + words)
    #expect(network.notes.allSatisfy { !$0.contains("as the file does not say") }, "\(network.notes)")
    let found = try #require(
      try ONNXNetworkTests.outputs(
        network.withFinalStates ?? network, x.permuted(x.dimensions.count == 3 ? [1, 0, 2] : [1, 0])))
    let steps =
      isFinal
      ? Tensor(Array(found.dimensions[1...]), Array(found.doubles.suffix(expected.count)), as: found.element)
      : found.permuted([1, 0, 2])
    #expect(difference(steps, expected) < 1e-6)
  }

  /// A recording of a whole model gives what its predict gives: each direction where it ends.
  @Test(arguments: ["merged", "backward", "branches"])
  func recordingsGiveTheFinalOutputs(_ name: String) throws {
    let folder = PeerVector.path("keras-networks/" + name)
    let example = try TensorFile.read(folder + ".npz")
    let (x, expected) = (try #require(example["x"]), try #require(example["y"]))
    let network = try TrainedNetwork(TensorFile.contents(of: folder + ".keras"))
    let recording = try Recording(network, atEnds: true)
    let inputs = Bindings(network.parameters.merging(["x": x.permuted([1, 0, 2])]) { $1 })
    #expect(difference(try Executable(recording.graph).run(inputs)["y"], expected) < 1e-6)
  }

  /// What a model that merges layers has and no cell computes is refused by its name.
  @Test(arguments: [
    ("\"class_name\": \"Subtract\"", "\"class_name\": \"Dot\"", "subtract (Dot) is given 2 tensors"),
    ("\"activation\": \"leaky_relu\"", "\"activation\": \"mish\"", "activation (Activation): mish is not computed"),
    ("\"axis\": -1", "\"axis\": 0", "concatenate (Concatenate) concatenates along axis 0"),
    ("\"return_state\": false", "\"return_state\": true", "gru gives its states"),
    ("[\"gru\", 0, 0]", "[\"gru\", 0, 1]", "reads a state of gru"),
    ("[\"gru\", 0, 0]", "[\"other\", 0, 0]", "reads other, which is not before it"),
    ("[\"input_layer\", 0, 0]", "[\"lstm\", 0, 0]", "which is not before it"),
    ("\"mask\": null", "\"mask\": {\"config\": {\"keras_history\": [\"lstm\", 0, 0]}}", "is given mask of lstm"),
    ("\"inbound_nodes\": [{", "\"inbound_nodes\": [{}, {", "is used 2 times in the model"),
    ("\"return_sequences\": false", "\"return_sequences\": true", "concatenates along axis 1"),
    ("\"return_sequences\": true", "\"return_sequences\": false", "merges the steps of a sequence with values of"),
  ])
  func whatIsNotMergedIsRefused(_ old: String, _ new: String, _ reason: String) throws {
    var file = try TensorFile.contents(of: PeerVector.path("keras-networks/branches.keras"))
    let text = try #require(file.metadata["keras_config"])
    file.metadata["keras_config"] = text.replacing(old, with: new)
    let error = #expect(throws: NetworkError.self) { try TrainedNetwork(file) }
    #expect(error?.description.contains(reason) == true, "\(error.map(\.description) ?? "")")
    var choices = TrainedNetwork.Choices()
    choices.module = "lstm"
    #expect(try TrainedNetwork(file, choices).description.contains("LSTM, 3 → 4 units"))
  }

  /// A layer that is concatenated with itself thirty times has 2³² features, and no number overflows.
  @Test func hugeMergesAreRefused() throws {
    var file = try TensorFile.contents(of: PeerVector.path("keras-networks/chain.keras"))
    func tensor(_ name: String) -> String { "{\"config\": {\"keras_history\": [\"\(name)\", 0, 0]}}" }
    func layer(_ kind: String, _ name: String, _ shape: String, _ inputs: [String]) -> String {
      let nodes =
        inputs.isEmpty ? "[]" : "[{\"args\": [[\(inputs.map(tensor).joined(separator: ", "))]], \"kwargs\": {}}]"
      return
        "{\"class_name\": \"\(kind)\", \"config\": {\"name\": \"\(name)\"\(shape)}, \"inbound_nodes\": \(nodes)}"
    }
    for count in [14, 15, 70] {
      var layers = [layer("InputLayer", "m0", ", \"batch_shape\": [null, null, 4]", [])]
      for index in 0..<count { layers.append(layer("Concatenate", "m\(index + 1)", "", ["m\(index)", "m\(index)"])) }
      file.metadata["keras_config"] =
        "{\"class_name\": \"Functional\", \"config\": {\"layers\": [\(layers.joined(separator: ", "))], "
        + "\"input_layers\": [\"m0\", 0, 0], \"output_layers\": [\"m\(count)\", 0, 0]}}"
      let message = #expect(throws: NetworkError.self) { try TrainedNetwork(file) }?.description ?? ""
      #expect(
        message.contains(count == 14 ? "no recurrent layer" : "m15 (Concatenate) gives more than 65536"), "\(message)")
    }
  }

  /// What has no cell is told, and a layer whose steps would come in the reversed order is refused.
  @Test func whatIsNotComputedIsTold() throws {
    var file = try TensorFile.contents(of: PeerVector.path("keras-networks/cells.keras"))
    let text = try #require(file.metadata["keras_config"])
    file.metadata["keras_config"] = text.replacing("\"class_name\": \"Dense\"", with: "\"class_name\": \"Attention\"")
    #expect(
      try TrainedNetwork(file).notes.contains { $0.hasSuffix("(Attention) is in the model, and not computed here") })
    var backward = try TensorFile.contents(of: PeerVector.path("keras-networks/backward.keras"))
    let config = try #require(backward.metadata["keras_config"])
    backward.metadata["keras_config"] = config.replacing(
      "\"return_sequences\": false", with: "\"return_sequences\": true")
    #expect(throws: NetworkError.self) { try TrainedNetwork(backward) }
  }
}
