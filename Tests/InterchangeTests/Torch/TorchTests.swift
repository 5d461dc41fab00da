import EbbFiles
import EbbInterchange
import EbbTensors
import EbbTestSupport
import Foundation
import Testing

/// Files that PyTorch wrote, beside their tensors as PyTorch has them.
@Suite struct TorchTests {
  static func path(_ name: String) -> String { PeerVector.path("torch/" + name) }

  static func contents(_ name: String) throws -> TensorFile.Contents {
    try TensorFile.contents(of: path(name + ".pt"))
  }

  /// The tensors to the bit: −0 and NaN included.
  static func bits(_ tensors: [String: Tensor]) -> [UInt8] { Safetensors(tensors).bytes }

  @Test(arguments: [
    "lstm", "legacy", "legacy-1", "legacy-3", "legacy-4", "legacy-5", "protocol-1", "protocol-3", "protocol-4",
    "protocol-5", "types", "legacy-types", "views", "legacy-views", "checkpoint", "legacy-checkpoint", "lightning",
    "parallel", "single", "list", "unchecked", "numpy-2", "numpy-3", "numpy-5", "scripted", "traced",
  ])
  func tensorsAreThoseOfPyTorch(_ name: String) throws {
    let read = try Self.contents(name)
    let expected = try TensorFile.read(Self.path(name + ".safetensors"))
    #expect(read.tensors.keys.sorted() == expected.keys.sorted())
    for (key, tensor) in expected {
      #expect(Self.bits(["t": try #require(read.tensors[key])]) == Self.bits(["t": tensor]), "\(key)")
    }
    #expect(read.unread.isEmpty)
    #expect(Set(read.types.keys) == Set(read.tensors.keys))
  }

  /// Of a program of TorchScript the tensors are read under the names of `state_dict`, and nothing else is.
  @Test func programsOfTorchScriptGiveTheirTensors() throws {
    for name in ["scripted", "traced"] {
      let read = try Self.contents(name)
      #expect(read.notes.contains { $0.contains("a program of TorchScript, of which the tensors are read") })
      #expect(try TrainedNetwork(read).description.contains("2 layers, both directions, 1 → 2 units"))
    }
    #expect(try Self.contents("scripted").metadata["gain"] == "2.5")
    let packed = message { _ = try Self.contents("packed") }
    #expect(packed.contains("0._packed_params._packed_params (__torch__.torch.classes.quantized"), "\(packed)")
  }

  @Test func archivesThatWereRewrittenHoldTheSame() throws {
    let expected = try Self.bits(Self.contents("lstm").tensors)
    #expect(try Self.bits(Self.contents("deflated").tensors) == expected)
    #expect(try Self.bits(Self.contents("big-endian").tensors) == expected)
  }

  @Test func typesAreThoseOfTheFile() throws {
    let types = try Self.contents("types").types
    #expect(types["bfloat16"] == "bfloat16" && types["uint16"] == "uint16" && types["empty"] == "float32")
    #expect(types["wide"] == "int64" && types["bool"] == "bool" && types["scalar"] == "float64")
  }

  @Test func whatCannotBeHeldIsNamed() throws {
    let read = try Self.contents("unread")
    #expect(read.tensors.isEmpty)
    let expected: [(String, String, [Int], String)] = [
      ("complex", "complex64", [1], "the type complex64 is not known here; the types are float64, float32"),
      ("float8", "float8_e4m3fn", [2], "the type float8_e4m3fn is not known here"),
      ("sparse", "sparse", [3, 3], "save .to_dense()"), ("compressed", "sparse", [], "save .to_dense()"),
      ("quantized", "qint8", [2], "save .dequantize()"), ("meta", "float32", [2, 3], "has no numbers"),
      ("beyond", "int64", [1], "beyond what a Float64 holds exactly"),
    ]
    #expect(read.unread.count == expected.count)
    for (name, type, dimensions, reason) in expected {
      let found = try #require(read.unread[name])
      #expect(found.type == type && found.reason.contains(reason), "\(name): \(found)")
      if name != "compressed" { #expect(found.dimensions == dimensions, "\(name): \(found)") }
    }
  }

  @Test func numbersAndTextsOfACheckpointAreMetadata() throws {
    for name in ["checkpoint", "legacy-checkpoint"] {
      let read = try Self.contents(name)
      let texts = read.metadata
      #expect(texts["epoch"] == "3" && texts["loss"] == "0.25" && texts["note"] == "löss" && texts["done"] == "true")
      #expect(texts["size"] == "[2, 3]" && texts["device"] == "cpu" && texts["dtype"] == "torch.float32")
      #expect(texts["seen"] == "[\"a\"]" && texts["best"] == nil && texts["rate"] == "0.5")
      #expect(texts["optimizer_state_dict.param_groups.0.lr"] == "0.001")
      #expect(texts["optimizer_state_dict.param_groups.0.betas"] == "[0.9, 0.999]")
      #expect(texts["optimizer_state_dict.param_groups.0.params"] == "[0, 1, 2, 3]")
      #expect(
        read.notes == [
          "model_state_dict is taken for the model: its 4 tensors have the names that they have in it",
          "no tensors, numbers or texts, and left out: args (argparse.Namespace), "
            + "large (an integer beyond 64 bits), raw (bytes)",
        ])
    }
  }

  @Test(arguments: [2, 3, 5])
  func numbersOfNumPyAreRead(_ protocolVersion: Int) throws {
    let read = try Self.contents("numpy-\(protocolVersion)")
    #expect(read.types == ["rows": "<f8", "columns": "<f8", "small": "|i1"])
    #expect(read.metadata == ["loss": "0.25", "count": "7", "done": "true", "kind": "<f4"])
    #expect(read.notes == ["no tensors, numbers or texts, and left out: objects (numpy.ndarray)"])
  }

  @Test func theModelOfALightningCheckpointIsItsStateDict() throws {
    let read = try Self.contents("lightning")
    #expect(read.tensors["model.rnn.weight_hh_l0"]?.dimensions == [2, 2])
    #expect(read.metadata["hyper_parameters.words"] == "[\"a\", \"b\"]")
    #expect(read.metadata["loops.fit_loop.epoch_progress.total.ready"] == "1")
    #expect(read.notes == ["state_dict is taken for the model: its 6 tensors have the names that they have in it"])
  }

  /// A dict of tensors for each word, beside a number.
  private func names(_ states: [String], besides tensor: String? = nil) throws -> (names: [String], note: String) {
    var pickle = TorchPickle().op("}").text("epoch").int(1).op("s")
    for state in states { pickle = pickle.text(state).op("}").text("w").tensor().op("ss") }
    if let tensor { pickle = pickle.text(tensor).tensor().op("s") }
    let read = try TensorFile.contents(of: pickle.file, source: "f")
    return (read.tensors.keys.sorted(), read.notes.first ?? "")
  }

  @Test func theModelIsTheOnlyOneOrHasAUsualName() throws {
    #expect(try names(["mine"]).names == ["w"])
    #expect(
      try names(["model", "ema"]) == (
        ["ema.w", "w"], "model is taken for the model: its 1 tensors have the names that they have in it"
      ))
    #expect(try names(["model", "net", "state_dict"]).names == ["model.w", "net.w", "w"])
    let several = try names(["encoder", "decoder"])
    #expect(several.names == ["decoder.w", "encoder.w"])
    #expect(several.note == "several models: encoder, decoder; their names are the whole ways to their tensors")
    // Tensors of the root may be the model themselves.
    #expect(try names(["statistics"], besides: "v") == (["statistics.w", "v"], ""))
    #expect(try names(["state_dict"], besides: "v").names == ["v", "w"])
    // The name would be that of another.
    #expect(try names(["state_dict"], besides: "w").names == ["state_dict.w", "w"])
  }

  @Test func aFileOfManyTensorsIsRead() throws {
    let count = effort(debug: 4000, optimized: 60_000)
    let tensors = Dictionary(uniqueKeysWithValues: (0..<count).map { ("layer\($0).weight", Tensor([1], [Float($0)])) })
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID().uuidString).pt").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try TensorFile.write(tensors, to: path)
    #expect(try Self.bits(TensorFile.read(path)) == Self.bits(tensors))
  }

  @Test func wrappersAreLeftOutOfTheNames() throws {
    #expect(try Self.contents("parallel").notes == ["module is a wrapper, and left out of the names"])
    let unchecked = try Self.contents("unchecked").notes
    #expect(unchecked.first?.contains("the file has no checksums") == true && unchecked.count == 2)
  }

  @Test(arguments: [
    ("module", "this is an object of torch.nn.modules.rnn.RNN, and not the tensors of one. Save the numbers alone: "),
    ("holder", "there is no tensor in it, but holder (__main__.Holder). Save the numbers alone"),
  ])
  func objectsAreRefusedByName(_ name: String, _ expected: String) {
    let found = message { _ = try Self.contents(name) }
    #expect(found.contains(expected) && found.contains("torch.save(model.state_dict(), 'model.pt')"), "\(found)")
  }

  @Test func objectsBesideTensorsAreLeftOut() throws {
    let read = try Self.contents("beside")
    #expect(read.tensors == ["weight": Tensor([2], [1, 1] as [Float])])
    #expect(read.notes == ["no tensors, numbers or texts, and left out: holder (__main__.Holder)"])
  }

  @Test func theOldVectorIsRead() throws {
    #expect(try TensorFile.read(PeerVector.path("pickle.pt")) == ["weight": Tensor([2], [0, 0] as [Float])])
  }

  // MARK: What is written

  /// A file of ebb's, for which `make_torch_vectors.py FILE` checks that PyTorch reads it.
  @Test func whatIsWrittenReadsBack() throws {
    var tensors = NumpyTests.sample
    tensors["layer.0.weight"] = Tensor([2, 1, 3], [1, 2, 3, 4, 5, 6] as [Float])
    tensors["wide"] = Tensor([300], (0..<300).map { Float($0) })
    tensors["löng"] = Tensor([1, 0, 70000], [] as [Double])
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for ending in ["pt", "pth"] {
      let path = folder.appendingPathComponent("a." + ending).path
      try TensorFile.write(tensors, to: path)
      let read = try TensorFile.contents(of: path)
      #expect(Self.bits(read.tensors) == Self.bits(tensors) && read.notes.isEmpty && read.unread.isEmpty)
      #expect(read.types["f8"] == "float64" && read.types["b1"] == "bool")
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      try TensorFile.write(read.tensors, to: path)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }
    let path = folder.appendingPathComponent("none.pt").path
    try TensorFile.write([:], to: path)
    #expect(try TensorFile.contents(of: path) == TensorFile.Contents([:]))
    #expect(
      message { try TensorFile.write(["__metadata__": Tensor([], [0] as [Float])], to: path) }.contains("is named"))
  }

  /// What torch wrote, written here: the same pickle but for the order of the memo, so the same tensors.
  @Test(arguments: ["lstm", "types", "views", "checkpoint"])
  func filesOfPyTorchSurviveAConversion(_ name: String) throws {
    let read = try Self.contents(name)
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID().uuidString).pt").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try TensorFile.write(read.tensors, to: path)
    #expect(try Self.bits(TensorFile.read(path)) == Self.bits(read.tensors))
  }
}
