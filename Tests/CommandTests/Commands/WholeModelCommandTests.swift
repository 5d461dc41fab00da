import EbbInterchange
import EbbMarkup
import EbbTensors
import Foundation
import Testing

/// Conversions of whole models, whose other tensors are kept.
@Suite struct WholeModelCommandTests {
  /// Modules with names of their own keep them, and go there and back as a whole.
  @Test func aWholeModelKeepsItsNames() throws {
    try withTemporaryFolder { folder in
      let (theirs, ours, back) = (folder + "/a.safetensors", folder + "/b.weights.h5", folder + "/c.pt")
      func tensor(_ dimensions: [Int]) -> Tensor {
        let count = dimensions.reduce(1, *)
        return Tensor(dimensions, (0..<count).map { Float($0 % 7) / 8 - Float(count % 5) })
      }
      let model = [
        "gru.weight_ih_l0": tensor([6, 3]), "gru.weight_hh_l0": tensor([6, 2]),
        "gru.bias_ih_l0": tensor([6]), "gru.bias_hh_l0": tensor([6]), "fc.weight": tensor([4, 2]),
        "fc.bias": tensor([4]),
      ]
      try TensorFile.write(model, to: theirs)
      let there = ebb(["weights", theirs, "--from", "pytorch", "--to", "keras", "-o", ours])
      #expect(there.status == 0, "\(there.messages)")
      let again = ebb(["weights", ours, "--from", "keras", "--to", "pytorch", "-o", back])
      #expect(again.status == 0, "\(again.messages)")
      let found = try TensorFile.read(back)
      #expect(Set(found.keys) == Set(model.keys))
      for (name, tensor) in model where !name.contains("bias_ih") && !name.contains("bias_hh") {
        #expect(found[name] == tensor, "\(name)")
      }
    }
  }

  /// Numbers that differ from place to place, the same each time.
  private func tensor(_ dimensions: Int...) -> Tensor {
    let count = dimensions.reduce(1, *)
    return Tensor(dimensions, (0..<count).map { Float($0 % 7) / 8 - Float(($0 + count) % 5) })
  }

  /// Two recurrent modules that do not follow one another, a read-out beside the network's, and what is no layer.
  private var translator: [String: Tensor] {
    [
      "encoder.rnn.weight_ih_l0": tensor(8, 3), "encoder.rnn.weight_hh_l0": tensor(8, 2),
      "encoder.rnn.bias_ih_l0": tensor(8), "encoder.rnn.bias_hh_l0": Tensor([8], [Float](repeating: 0, count: 8)),
      "decoder.rnn.weight_ih_l0": tensor(16, 5), "decoder.rnn.weight_hh_l0": tensor(16, 4),
      "decoder.rnn.bias_ih_l0": tensor(16), "decoder.rnn.bias_hh_l0": Tensor([16], [Float](repeating: 0, count: 16)),
      "encoder.emb.weight": tensor(9, 3), "bridge.weight": tensor(4, 2), "bridge.bias": tensor(4),
      "decoder.norm.weight": tensor(4), "decoder.norm.bias": tensor(4), "decoder.out.weight": tensor(6, 4),
      "decoder.out.bias": tensor(6),
      "transitions": tensor(6, 6), "conv.weight": tensor(2, 3, 2), "conv.bias": tensor(2),
      "steps": Tensor([], [7] as [Int32]),
    ]
  }

  /// What is no recurrent layer is converted if it is known, and else kept as it is.
  @Test(arguments: ["keras", "flax", "onnx", "ebb"])
  func wholeModelsKeepTheirOtherTensors(framework: String) throws {
    try withTemporaryFolder { folder in
      let (first, theirs, back) = (folder + "/a.pt", folder + "/b.safetensors", folder + "/c.safetensors")
      try TensorFile.write(translator, to: first)
      let there = ebb(["weights", first, "--from", "pytorch", "--to", framework, "-o", theirs])
      #expect(
        there.status == 0
          && there.messages.contains(
            "note: in no layer that is known, and kept as they are: conv.bias, conv.weight, steps, transitions"),
        "\(there.messages)")
      let found = try TensorFile.read(theirs)
      let names = [
        "keras": ("bridge/kernel", "decoder/norm/gamma", "encoder/emb/embeddings"),
        "flax": ("bridge.kernel", "decoder.norm.scale", "encoder.emb.embedding"),
        "onnx": ("bridge.B", "decoder.norm.Scale", "encoder.emb.data"),
        "ebb": ("bridge.dense.weight", "decoder.norm.scale", "encoder.emb.table"),
      ]
      let (kernel, scale, table) = try #require(names[framework])
      #expect(
        found[kernel]?.dimensions == [2, 4] && found[kernel]?.doubles[1] == translator["bridge.weight"]?.doubles[2])
      #expect(found[scale] == translator["decoder.norm.weight"] && found[table] == translator["encoder.emb.weight"])
      #expect(found["conv.weight"] == translator["conv.weight"] && found["steps"] == translator["steps"])
      let again = ebb(["weights", theirs, "--from", framework, "--to", "pytorch", "-o", back])
      #expect(again.status == 0, "\(again.messages)")
      #expect(try TensorFile.read(back) == translator)
    }
  }

  /// Both cells of a bidirectional layer of linen are one layer of PyTorch.
  @Test func directionsOfLinenAreConverted() throws {
    try withTemporaryFolder { folder in
      let (theirs, back) = (folder + "/a.npz", folder + "/b.safetensors")
      var model = ["Dense_0/kernel": tensor(4, 3), "Dense_0/bias": tensor(3)]
      for (cell, sign) in [("LSTMCell_0", Float(1)), ("LSTMCell_1", -1)] {
        for gate in ["i", "f", "g", "o"] {
          model["\(cell)/i\(gate)/kernel"] = Tensor([3, 2], [Float](repeating: sign * 3, count: 6))
          model["\(cell)/h\(gate)/kernel"] = Tensor([2, 2], [Float](repeating: sign * 2, count: 4))
          model["\(cell)/h\(gate)/bias"] = Tensor([2], [sign, sign])
        }
      }
      try TensorFile.write(model, to: theirs)
      let result = ebb("weights", theirs, "--from", "flax", "--to", "pytorch", "-o", back)
      #expect(result.status == 0, "\(result.messages)")
      let found = try TensorFile.read(back)
      #expect(found.count == 10 && found["Dense_0.weight"]?.dimensions == [3, 4])
      #expect(found["LSTMCell_0.weight_ih_l0"] == Tensor([8, 3], [Float](repeating: 3, count: 24)))
      #expect(found["LSTMCell_0.weight_hh_l0_reverse"] == Tensor([8, 2], [Float](repeating: -2, count: 16)))
      // The whole tree, of two layers, and without `--from`.
      var tree: [String: Tensor] = [:]
      for (name, tensor) in model where !name.hasPrefix("LSTMCell_1") { tree["params/" + name] = tensor }
      tree["params/SimpleCell_0/i/kernel"] = tensor(2, 4)
      tree["params/SimpleCell_0/i/bias"] = tensor(4)
      tree["params/SimpleCell_0/h/kernel"] = tensor(4, 4)
      try TensorFile.write(tree, to: theirs)
      let whole = ebb("weights", theirs, "--to", "pytorch", "-o", back)
      #expect(whole.status == 0, "\(whole.messages)")
      #expect(try TensorFile.read(back)["params.SimpleCell_0.weight_ih_l0"]?.dimensions == [4, 2])
      let network = try TrainedNetwork(TensorFile.contents(of: back))
      #expect(network.description == "PyTorch: LSTM, 3 → 2 units → RNN, 2 → 4 units → linear 3")
    }
  }

  /// Where no file says which of two layers comes first, a conversion does not say so either.
  @Test func anUnknownOrderStaysUnknown() throws {
    try withTemporaryFolder { folder in
      let (theirs, ours, back) = (folder + "/a.weights.h5", folder + "/b.safetensors", folder + "/c.keras")
      let model = [
        "layers/lstm/cell/vars/0": tensor(4, 20), "layers/lstm/cell/vars/1": tensor(5, 20),
        "layers/lstm/cell/vars/2": tensor(20), "layers/gru/cell/vars/0": tensor(5, 12),
        "layers/gru/cell/vars/1": tensor(4, 12), "layers/gru/cell/vars/2": tensor(2, 12),
      ]
      try TensorFile.write(model, to: theirs)
      #expect(ebb("weights", theirs, "--to", "pytorch", "-o", ours).status == 0)
      let flow = ebb("flow", "--weights", ours)
      #expect(flow.status != 0 && flow.messages.contains("which one follows which is not seen"), "\(flow.messages)")
      let whole = ebb("weights", ours, "--to", "keras", "-o", back)
      #expect(whole.status == 0, "\(whole.messages)")
    }
  }

  /// Layers of Keras that are not known here are found by Keras again, under the names that it wrote.
  @Test func otherLayersOfKerasKeepTheirPlaces() throws {
    try withTemporaryFolder { folder in
      let (theirs, ours, back) = (folder + "/a.weights.h5", folder + "/b.safetensors", folder + "/c.weights.h5")
      let model = [
        "layers/batch_normalization/vars/0": tensor(3), "layers/batch_normalization/vars/1": tensor(3),
        "layers/batch_normalization/vars/2": tensor(3), "layers/batch_normalization/vars/3": tensor(3),
        "layers/conv1d/vars/0": tensor(2, 3, 3), "layers/lstm/cell/vars/0": tensor(3, 8),
        "layers/lstm/cell/vars/1": tensor(2, 8), "layers/lstm/cell/vars/2": tensor(8),
        "layers/dense/vars/0": tensor(2, 4), "layers/dense/vars/1": tensor(4),
      ]
      try TensorFile.write(model, metadata: ["layers/lstm/vars/name": "mine"], to: theirs)
      let there = ebb(["weights", theirs, "--from", "keras", "--to", "pytorch", "-o", ours])
      #expect(there.status == 0, "\(there.messages)")
      #expect(try TensorFile.read(ours)["mine.weight_hh_l0"]?.dimensions == [8, 2])
      let again = ebb(["weights", ours, "--from", "pytorch", "--to", "keras", "-o", back])
      #expect(again.status == 0, "\(again.messages)")
      #expect(try TensorFile.read(back) == model)
      // A whole model would need the layers that are not known here.
      let whole = ebb(["weights", ours, "--from", "pytorch", "--to", "keras", "-o", folder + "/d.keras"])
      #expect(whole.status == 1 && whole.messages.contains("a name that ends in .weights.h5 takes all tensors"))
    }
  }

  /// The network of a file is a model of ONNX that computes the same, with the other tensors beside it.
  @Test func filesBecomeModelsOfONNX() throws {
    try withTemporaryFolder { folder in
      let (first, model, back) = (folder + "/a.safetensors", folder + "/b.onnx", folder + "/c.safetensors")
      var tensors = translator.filter { $0.key.hasPrefix("decoder") || $0.key == "transitions" }
      tensors["optimizer.state"] = tensor(2)
      try TensorFile.write(tensors, to: first)
      #expect(ebb("weights", first, "--from", "pytorch", "-o", model).messages.contains("give --to onnx too"))
      let result = ebb("weights", first, "--from", "pytorch", "--to", "onnx", "-o", model)
      #expect(
        result.status == 0
          && result.messages.contains("beside the network, which does not read them: transitions"), "\(result.messages)"
      )
      let read = try TensorFile.contents(of: model)
      #expect(read.tensors["transitions"] == tensors["transitions"] && read.tensors["optimizer.state"] == nil)
      let network = try TrainedNetwork(read)
      #expect(network.description == "ONNX: LSTM, 5 → 4 units → layer normalisation → linear 6")
      #expect(network.leftOut["transitions"] != nil && network.leftOut["decoder.out.bias"] == nil)
      #expect(ebb("weights", model, "--from", "onnx", "--to", "pytorch", "-o", back).status == 0)
      let values = try TensorFile.read(back).values
      for name in ["decoder.rnn.weight_hh_l0", "decoder.out.weight", "decoder.norm.weight"] {
        #expect(values.contains { $0 == tensors[name] }, "\(name)")
      }
      // The same from ebb export, with the options of a network.
      let exported = ebb("export", first, "--readout", "none", "-o", model)
      #expect(exported.status == 0, "\(exported.messages)")
      #expect(try ONNXModel(contentsOf: model).graph.operatorCounts["MatMul"] == nil)
      #expect(ebb("export", first, "--hidden", "4").messages.contains("--hidden is for a cell"))
      #expect(ebb("export", "--readout", "none").messages.contains("--readout is for a file of weights"))
    }
  }

  /// Operators that were exported from one module are one module again, with the read-out behind it, and each an operator
  /// on the way back.
  @Test func modelsOfONNXAreConverted() throws {
    try withTemporaryFolder { folder in
      let (theirs, back) = (folder + "/a.safetensors", folder + "/b.npz")
      let model = TrainedFlowTests.folder + "/onnx/torch-trained-tagger-float64.onnx"
      let listed = ebb("weights", model)
      #expect(listed.output.contains("rnn.LSTM_1.W") && listed.output.contains("both directions"), "\(listed.output)")
      let there = ebb(["weights", model, "--from", "onnx", "--to", "pytorch", "-o", theirs])
      #expect(there.status == 0, "\(there.messages)")
      let expected = try TensorFile.read(TrainedFlowTests.path("tagger-float64.safetensors"))
      let found = try TensorFile.read(theirs)
      for layer in ["l0", "l1"] {
        for end in ["", "_reverse"] {
          for part in ["weight_ih", "weight_hh"] {
            let name = "encoder.rnn.\(part)_\(layer)\(end)"
            #expect(found["rnn.\(part)_\(layer)\(end)"] == expected[name], "\(name)")
          }
        }
      }
      for part in ["weight", "bias"] { #expect(found["readout.\(part)"] == expected["fc.\(part)"], "\(part)") }
      let again = ebb(["weights", theirs, "--from", "pytorch", "--to", "onnx", "-o", back])
      #expect(again.status == 0, "\(again.messages)")
      let read = try TensorFile.read(model)
      let written = try TensorFile.read(back)
      for (own, theirs) in [("layer0", "rnn.LSTM"), ("layer1", "rnn.LSTM_1")] {
        for part in ["W", "R"] { #expect(written["rnn.\(own).\(part)"] == read["\(theirs).\(part)"], "\(own) \(part)") }
      }
      for part in ["B", "C"] { #expect(written["readout.\(part)"] == read["readout.MatMul.\(part)"], "\(part)") }
      // What is in no layer is kept, there and back.
      #expect(written.count == 10 && written["example.x"] == read["example.x"] && written["example.x"] != nil)
    }
  }
}
