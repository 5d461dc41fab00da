import EbbInterchange
import EbbMarkup
import EbbTensors
import Foundation
import Testing

@Suite struct WeightsCommandTests {
  /// An RNN with one unit: W_ih = 2, W_hh = 3, biases 5 and 7.
  private let tensors = [
    "rnn.weight_ih_l0": Tensor([1, 1], [2] as [Float]), "rnn.weight_hh_l0": Tensor([1, 1], [3] as [Float]),
    "rnn.bias_ih_l0": Tensor([1], [5] as [Float]), "rnn.bias_hh_l0": Tensor([1], [7] as [Float]),
  ]
  private let rnn = ["--cell", "rnn", "--hidden", "1", "--input", "1", "--module", "rnn"]

  @Test func convertsThereAndBack() throws {
    try withTemporaryFolder { folder in
      let (theirs, ours, back) = (folder + "/a.safetensors", folder + "/b.npz", folder + "/c.safetensors")
      try TensorFile.write(tensors, to: theirs)
      let first = ebb(["weights", theirs, "--from", "pytorch", "--output", ours] + rnn)
      #expect(first.status == 0, "\(first.messages)")
      let parameters = [
        "recurrent.weight": Tensor([2, 1], [3, 2] as [Float]), "recurrent.bias": Tensor([1], [12] as [Float]),
      ]
      #expect(try TensorFile.read(ours) == parameters)
      #expect(ebb(["weights", ours, "--to", "pytorch", "--output", back] + rnn).status == 0)
      var expected = tensors
      expected["rnn.bias_ih_l0"] = Tensor([1], [12] as [Float])
      expected["rnn.bias_hh_l0"] = Tensor([1], [0] as [Float])
      #expect(try TensorFile.read(back) == expected)
    }
  }

  /// By way of the library's names nothing is lost that is no tensor.
  @Test func anActivationGoesThereAndBack() throws {
    try withTemporaryFolder { folder in
      let (theirs, ours, back) = (folder + "/a.safetensors", folder + "/b.safetensors", folder + "/c.safetensors")
      try TensorFile.write(tensors, metadata: ["rnn.nonlinearity": "relu"], to: theirs)
      #expect(ebb(["weights", theirs, "--from", "pytorch", "--output", ours] + rnn).status == 0)
      #expect(try TensorFile.contents(of: ours).metadata == ["cell": "rnn", "activation": "relu"])
      // The cell need not be named again.
      let result = ebb(["weights", ours, "--to", "pytorch", "--output", back, "--module", "rnn"])
      #expect(result.status == 0 && result.messages.contains("rnn.nonlinearity = relu"), "\(result.messages)")
      #expect(try TensorFile.contents(of: back).metadata["rnn.nonlinearity"] == "relu")
    }
  }

  /// The cell is seen from the shapes, and the network is described.
  @Test func theCellNeedNotBeNamed() throws {
    try withTemporaryFolder { folder in
      let (theirs, ours) = (folder + "/a.safetensors", folder + "/b.npz")
      try TensorFile.write(tensors, to: theirs)
      #expect(ebb("weights", theirs).output.contains("\nPyTorch: RNN, 1 → 1 units\n"))
      #expect(ebb("weights", theirs, "--from", "pytorch", "--module", "rnn", "--output", ours).status == 0)
      #expect(try TensorFile.read(ours).keys.sorted() == ["recurrent.bias", "recurrent.weight"])
      try TensorFile.write(["a": Tensor([1], [1] as [Float])], to: theirs)
      #expect(!ebb("weights", theirs).output.contains("network"))
    }
  }

  /// Layers keep their order when they are converted: a read-out is none of those that stood before. What has the names of
  /// another framework's model and no modules of ebb is measured by way of one.
  @Test func convertedLayersKeepTheirOrder() throws {
    try withTemporaryFolder { folder in
      let (ours, theirs) = (folder + "/a.safetensors", folder + "/b.h5")
      let model = TrainedFlowTests.folder + "/onnx/torch-between.onnx"
      #expect(ebb(["weights", model, "--from", "onnx", "-o", ours]).status == 0)
      let own = ebb(["flow", "--weights", ours])
      #expect(
        own.status != 0 && own.messages.contains("(before, first, between, second, norm, readout)"), "\(own.messages)")
      let there = ebb(["weights", ours, "--to", "keras", "-o", theirs])
      #expect(there.status == 0, "\(there.messages)")
      let listed = ebb("weights", theirs, "--module", "second")
      #expect(
        listed.output.contains("layer normalisation → linear 2\n") && !listed.output.contains("linear 4"),
        "\(listed.output)")
    }
  }

  /// A softmax is no weight: the layer is converted without it, and a note says so.
  @Test func aSoftmaxIsNoWeight() throws {
    try withTemporaryFolder { folder in
      let (theirs, ours) = (folder + "/a.safetensors", folder + "/b.pt")
      let model = [
        "lstm/lstm_cell/kernel": Tensor([1, 4], [1, 2, 3, 4] as [Float]),
        "lstm/lstm_cell/recurrent_kernel": Tensor([1, 4], [1, 2, 3, 4] as [Float]),
        "lstm/lstm_cell/bias": Tensor([4], [1, 2, 3, 4] as [Float]),
        "dense/kernel": Tensor([1, 2], [5, 6] as [Float]), "dense/bias": Tensor([2], [7, 8] as [Float]),
      ]
      try TensorFile.write(model, metadata: ["dense/activation": "softmax"], to: theirs)
      let result = ebb(["weights", theirs, "--from", "keras", "--to", "pytorch", "-o", ours])
      #expect(result.status == 0 && result.messages.contains("its softmax is no weight"), "\(result.messages)")
      #expect(try TensorFile.read(ours).values.contains(Tensor([2, 1], [5, 6] as [Float])))
    }
  }

  @Test func listsAndComplains() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npz"
      try TensorFile.write(tensors, to: path)
      let listed = ebb("weights", path)
      #expect(listed.status == 0)
      #expect(listed.output.contains("rnn.weight_ih_l0"))
      #expect(listed.output.contains("[1, 1]"))
      let wrong = ebb(["weights", path, "--from", "flax"] + rnn)
      #expect(wrong.status == 1)
      #expect(wrong.messages.contains("rnn.cell.dense_i.kernel [1, 1] is missing"))
      #expect(wrong.messages.contains("rnn.bias_hh_l0 [1] has no place here"))
      let gru = ebb("weights", path, "--from", "pytorch", "--cell", "gru")
      #expect(gru.messages.contains("use ResetAfterGRU"))
      #expect(ebb("weights").status == 2)
    }
  }

  @Test func numbersAreWrittenAsJSON() throws {
    try withTemporaryFolder { folder in
      let (path, ours) = (folder + "/a.safetensors", folder + "/b.npz")
      try TensorFile.write(tensors, metadata: ["made": "here"], to: path)
      let listed = try ebb("weights", path, "--json").json()
      let names = listed["tensors"]?.array?.compactMap { $0["name"]?.string }
      #expect(names == tensors.keys.sorted() && listed["metadata"]?["made"] == "here")
      let weight = listed["tensors"]?.array?.first { $0["name"] == "rnn.weight_hh_l0" }
      #expect(weight?["shape"] == [1, 1] && weight?["norm"]?.double == 3 && weight?["element"] == "f32")
      // What is written, where something is.
      let converted = ebb(["weights", path, "--from", "pytorch", "-o", ours, "--json"] + rnn)
      let found = try converted.json()["tensors"]?.array?.compactMap { $0["name"]?.string }
      #expect(found == ["recurrent.bias", "recurrent.weight"] && FileManager.default.fileExists(atPath: ours))
      #expect(ebb("weights", path, "--json", folder + "/n.json").output.contains("rnn.bias_hh_l0"))
      #expect(FileManager.default.fileExists(atPath: folder + "/n.json"))
      try write([("half", "F16", [1], [0, 0x3C]), ("odd", "F8_E4M3", [1], [1])], to: path)
      let odd = try ebb("weights", path, "--json").json()
      #expect(odd["tensors"]?.array?.first?["stored"] == "F16" && odd["unread"]?.array?.first?["name"] == "odd")
    }
  }

  /// Writes tensors as a safetensors file would have them in other types: header and bytes by hand.
  private func write(_ entries: [(String, String, [Int], [UInt8])], to path: String) throws {
    var (members, data): ([String], [UInt8]) = ([], [])
    for (name, type, shape, bytes) in entries {
      let range = "[\(data.count),\(data.count + bytes.count)]"
      members.append("\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(range)}")
      data += bytes
    }
    let header = Array("{\(members.joined(separator: ","))}".utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    try Data(length + header + data).write(to: URL(fileURLWithPath: path))
  }

  @Test func typesOfOtherFilesAreReadAndTheRestIsTold() throws {
    try withTemporaryFolder { folder in
      let (path, output) = (folder + "/a.safetensors", folder + "/b.safetensors")
      // An RNN of one unit in bfloat16, a counter, and a type that is not read.
      let names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
      let values: [[UInt8]] = [[0x00, 0x40], [0x40, 0x40], [0xA0, 0x40], [0xE0, 0x40]]
      var entries = zip(names, values).map { ("rnn.\($0)", "BF16", $0.hasPrefix("w") ? [1, 1] : [1], $1) }
      entries.append(("bn.num_batches_tracked", "I64", [], [7, 0, 0, 0, 0, 0, 0, 0]))
      entries.append(("scale", "F8_E4M3", [1], [1]))
      try write(entries, to: path)
      let listed = ebb("weights", path)
      #expect(listed.status == 0, "\(listed.messages)")
      #expect(listed.output.contains("f32 of BF16") && listed.output.contains("i32 of I64"))
      #expect(listed.output.contains("F8_E4M3") && listed.messages.contains("note: not read: scale (the type F8_E4M3"))
      let module = ["--from", "pytorch", "--cell", "rnn", "--module", "rnn", "--output", output]
      let read = ebb(["weights", path] + module)
      #expect(read.status == 0, "\(read.messages)")
      #expect(read.messages.contains("outside of the module, and left out: bn.num_batches_tracked"), "\(read.messages)")
      #expect(read.messages.contains("note: rnn: nonlinearity tanh (PyTorch's default, as the file does not say)"))
      let parameters = [
        "recurrent.weight": Tensor([2, 1], [3, 2] as [Float]), "recurrent.bias": Tensor([1], [12] as [Float]),
      ]
      #expect(try TensorFile.read(output) == parameters)
      let back = ebb("weights", output, "--to", "pytorch", "--cell", "rnn", "--output", path)
      #expect(back.messages.contains("note: pytorch layers that compute the same have nonlinearity = tanh"))
      #expect(try TensorFile.contents(of: path).metadata["nonlinearity"] == "tanh")
    }
  }

  /// What the commands save goes to every framework that has its cells, and comes back as it was.
  @Test(arguments: ["lstm", "gru-after", "irnn"], [1, 2])
  func whatTheCommandsSaveIsConverted(_ cell: String, _ layers: Int) throws {
    try withTemporaryFolder { folder in
      let (text, csv) = (folder + "/text.txt", folder + "/a.csv")
      try TextCommandTests.text.write(toFile: text, atomically: true, encoding: .utf8)
      let rows = (0..<60).map { "\(Double($0 % 7)),\(Double($0 % 5))" }
      try ("a,b\n" + rows.joined(separator: "\n")).write(toFile: csv, atomically: true, encoding: .utf8)
      var commands = [
        ["text", "train", text, "--layers", "\(layers)", "--embedding", "3", "--batch", "2", "--window", "8"]
      ]
      if layers == 1 {
        commands.append(["forecast", "train", csv, "--columns", "a,b", "--horizon", "3", "--window", "6"])
        commands.append(["train", "--task", "order2", "--length", "10"])
      }
      for (number, command) in commands.enumerated() {
        let model = folder + "/\(number).safetensors"
        let trained = ebb(command + ["--cell", cell, "--hidden", "5", "--steps", "2", "--save", model])
        #expect(trained.status == 0, "\(trained.messages)")
        for framework in ["pytorch", "keras", "flax"] {
          let (theirs, ours) = (folder + "/theirs.safetensors", folder + "/ours.safetensors")
          let to = ebb("weights", model, "--to", framework, "--output", theirs)
          if cell == "gru-after", framework == "flax" {
            // Flax's GRUCell has no bias within its reset, and that of a trained one is not zero.
            #expect(to.messages.contains("recurrentCandidate.bias is not zero"), "\(to.messages)")
            continue
          }
          #expect(to.status == 0, "\(command[0]) \(framework): \(to.messages)")
          let from = ebb("weights", theirs, "--from", framework, "--output", ours)
          #expect(from.status == 0, "\(command[0]) \(framework): \(from.messages)")
          #expect(try TensorFile.read(ours) == TensorFile.read(model), "\(command[0]) \(framework)")
        }
        guard cell != "gru-after" else { continue }
        let names = try TensorFile.read(folder + "/theirs.safetensors").keys
        #expect(names.contains("readout.kernel") && (number > 0 || names.contains("embedding.embedding")))
      }
    }
  }

  @Test func checkpointsAndClassifiersAreConverted() throws {
    try withTemporaryFolder { folder in
      let (path, theirs) = (folder + "/c", folder + "/theirs.npz")
      let train = ["train", "--task", "order2", "--length", "10", "--cell", "lstm", "--hidden", "4", "--steps", "2"]
      #expect(ebb(train + ["--checkpoint", path]).status == 0)
      let outcome = ebb("weights", path, "--to", "pytorch", "--output", theirs)
      #expect(outcome.status == 0, "\(outcome.messages)")
      let shapes = try TensorFile.read(theirs).mapValues(\.dimensions)
      #expect(shapes["rnn.weight_hh_l0"] == [16, 4] && shapes["readout.weight"]?[1] == 4 && shapes.count == 6)

      let reviews = (0..<40).map { "\($0 % 2 == 0 ? "bad" : "good") film \($0)\t\($0 % 2)" }
      let (texts, model) = (folder + "/r.tsv", folder + "/m")
      try reviews.joined(separator: "\n").write(
        toFile: texts, atomically: true, encoding: .utf8)
      let sizes = ["--hidden", "3", "--embedding", "2", "--epochs", "1", "--save", model]
      let trained = ebb(["sentiment", "train", texts] + sizes)
      #expect(trained.status == 0, "\(trained.messages)")
      let converted = ebb("weights", model, "--to", "pytorch", "--output", theirs)
      #expect(converted.status == 0, "\(converted.messages)")
      #expect(try TensorFile.read(theirs)["rnn.weight_ih_l0_reverse"]?.dimensions == [12, 2])
    }
  }

  /// A file that PyTorch wrote.
  private func torch(_ name: String) -> String {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return tests.appendingPathComponent("Vectors/torch/\(name).pt").path
  }

  /// The model of a checkpoint is found without --module, and goes back to PyTorch's own format.
  @Test func checkpointsOfPyTorchAreConverted() throws {
    try withTemporaryFolder { folder in
      let (ours, back) = (folder + "/a.safetensors", folder + "/b.pt")
      let read = ebb("weights", torch("checkpoint"), "--from", "pytorch", "--cell", "gru-after", "--output", ours)
      #expect(read.status == 0, "\(read.messages)")
      #expect(read.messages.contains("note: model_state_dict is taken for the model: its 4 tensors"))
      #expect(read.messages.contains("args (argparse.Namespace)"))
      let written = ebb("weights", ours, "--to", "pytorch", "--output", back)
      #expect(written.status == 0, "\(written.messages)")
      let (first, last) = (try TensorFile.read(torch("checkpoint")), try TensorFile.read(back))
      #expect(last.keys.sorted() == ["bias_hh_l0", "bias_ih_l0", "weight_hh_l0", "weight_ih_l0"])
      #expect(last["weight_hh_l0"] == first["weight_hh_l0"] && last["weight_ih_l0"] == first["weight_ih_l0"])
      let module = ["--from", "pytorch", "--cell", "rnn", "--module", "model.rnn", "--output", ours]
      let lightning = ebb(["weights", torch("lightning")] + module)
      #expect(lightning.status == 0, "\(lightning.messages)")
      let listed = ebb("weights", torch("types"))
      #expect(listed.output.contains("f32 of bfloat16") && !listed.output.contains("of float32"), "\(listed.output)")
      let whole = ebb("weights", torch("module"))
      #expect(whole.status == 1 && whole.messages.contains("an object of torch.nn.modules.rnn.RNN"))
    }
  }

  @Test func aCellThatNoFrameworkHasIsNamed() throws {
    try withTemporaryFolder { folder in
      let model = folder + "/m"
      let train = ["train", "--task", "order2", "--length", "10", "--hidden", "4", "--steps", "1"]
      #expect(ebb(train + ["--cell", "mgu", "--save", model]).status == 0)
      let outcome = ebb("weights", model, "--to", "pytorch")
      #expect(outcome.status == 1)
      #expect(outcome.messages.contains("MinimalGatedUnit is not known to other frameworks"), "\(outcome.messages)")
    }
  }

  /// A file that Keras wrote, from the vectors of Interchange.
  private func kerasFile(_ name: String, to folder: String) throws -> String {
    let vectors = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Vectors/keras-files.json")
    let file = try #require(try JSONValue(parsing: String(contentsOf: vectors, encoding: .utf8))[name])
    let packed = try #require(file["deflated"]?.string.flatMap { Data(base64Encoded: $0) })
    let bytes = try Inflate.expand(Array(packed), count: #require(file["size"]?.integer), source: name)
    try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name))
    return folder + "/" + name
  }

  /// The layers and their settings are seen from the file, and come back by way of other names.
  @Test func filesOfKerasNeedNoCell() throws {
    try withTemporaryFolder { folder in
      let model = try kerasFile("trained.keras", to: folder)
      let (theirs, ours, back) = (folder + "/a.safetensors", folder + "/b.safetensors", folder + "/c.weights.h5")
      let first = ebb("weights", model, "--to", "pytorch", "--output", theirs)
      #expect(first.status == 0, "\(first.messages)")
      #expect(first.messages.contains("note: its tensors have the names of Keras"))
      #expect(
        first.messages.contains(
          "note: lstm: activation tanh, recurrent_activation sigmoid, go_backwards false (as the file says)"))
      #expect(
        first.messages.contains("of the optimizer, and left out: optimizer/vars/0, optimizer/vars/1"),
        "\(first.messages)")
      let shapes = try TensorFile.read(theirs).mapValues(\.dimensions)
      #expect(shapes["lstm.weight_ih_l0"] == [12, 2] && shapes["dense.weight"] == [1, 3] && shapes.count == 6)
      // Merged directions are no layer of PyTorch, but go there and back by way of the library's names.
      let both = try kerasFile("functional.keras", to: folder)
      #expect(ebb("weights", both, "--from", "keras", "--to", "pytorch").messages.contains("both: PyTorch joins"))
      #expect(ebb("weights", both, "--from", "keras", "--output", ours).status == 0)
      #expect(try TensorFile.contents(of: ours).metadata["both.merge_mode"] == "sum")
      let last = ebb("weights", ours, "--to", "keras", "--output", back)
      #expect(last.status == 0 && last.messages.contains("both/merge_mode = sum"), "\(last.messages)")
      let expected = try TensorFile.read(kerasFile("functional.weights.h5", to: folder))
      #expect(try TensorFile.read(back) == expected)
      #expect(ebb("weights", back).output.contains("layers/bidirectional/forward_layer/cell/vars/0"))
    }
  }
}
