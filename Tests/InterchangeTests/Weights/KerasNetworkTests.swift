import EbbCells
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
      try ONNXNetworkTests.outputs(network.withFinalStates ?? network, x.permuted([1, 0, 2])))
    let steps =
      isFinal
      ? Tensor(Array(found.dimensions[1...]), Array(found.doubles.suffix(expected.count)), as: found.element)
      : found.permuted([1, 0, 2])
    #expect(difference(steps, expected) < 1e-6)
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
