import EbbInterchange
import EbbMarkup
import EbbTensors
import Foundation
import Testing

/// The gradient through time of networks of PyTorch and Keras, beside PyTorch's own autograd.
@Suite struct TrainedFlowTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Vectors").path

  static func path(_ name: String) -> String { folder + "/trained-" + name }

  /// The command's numbers for a network and its data.
  ///
  /// - Parameter isExported: Whether the network is read from the model of ONNX that PyTorch exported.
  private func flow(
    _ name: String, _ bits: Int, _ arguments: [String] = [], isExported: Bool = false
  ) throws -> JSONValue {
    let ending = ["normed", "masked"].contains(name) ? "keras" : "safetensors"
    let weights =
      isExported
      ? Self.folder + "/onnx/torch-trained-\(name)-float\(bits).onnx" : Self.path("\(name)-float\(bits).\(ending)")
    let files = ["--weights", weights, "--data", Self.path("\(name).npz")]
    let readOut = name == "classifier" ? ["--readout", "fc1:tanh,fc2"] : []
    let outcome = ebb(["flow"] + files + readOut + ["--json"] + arguments)
    #expect(outcome.status == 0, "\(outcome.messages)")
    return try outcome.json()
  }

  @Test(
    arguments: ["tagger", "forecaster", "characters", "classifier", "normed", "masked"], [64, 32])
  func normsAreThoseOfPyTorch(_ name: String, _ bits: Int) throws {
    try checkNorms(flow(name, bits), name, bits)
  }

  /// The models of ONNX that PyTorch's exporters wrote of the same networks.
  @Test(arguments: ["tagger", "forecaster", "characters"], [64, 32])
  func normsOfExportedModelsAreThoseOfPyTorch(_ name: String, _ bits: Int) throws {
    try checkNorms(flow(name, bits, isExported: true), name, bits)
  }

  private func checkNorms(_ found: JSONValue, _ name: String, _ bits: Int) throws {
    let text = try String(contentsOfFile: Self.path(name + ".json"), encoding: .utf8)
    let all = try JSONValue(parsing: text)
    let expected = try #require(all["float\(bits)"])
    let tolerance = bits == 64 ? 1e-10 : 1e-5
    let loss = try #require(found["profile"]?["loss"]?.double)
    let expectedLoss = try #require(expected["loss"]?.double)
    #expect(abs(loss - expectedLoss) < tolerance)
    let norms = try #require(expected["norms"]?.object)
    let states = try #require(found["profile"]?["states"]?.array)
    #expect(Set(states.compactMap { $0["name"]?.string }) == Set(norms.members.map(\.0)))
    for state in states {
      let name = try #require(state["name"]?.string)
      let curve = try #require(state["total"]?["norms"]?.array?.compactMap { $0.double })
      let reference = try #require(norms[name]?.array?.compactMap { $0.double })
      #expect(curve.count == reference.count)
      for (step, pair) in zip(curve, reference).enumerated() {
        #expect(abs(pair.0 - pair.1) < tolerance, "\(name) at step \(step + 1): \(pair.0) and \(pair.1)")
      }
    }
  }

  @Test func whatWasMeasuredIsSaid() throws {
    let tagger = try flow("tagger", 64)
    #expect(
      tagger["network"]?["description"]
        == "PyTorch: LSTM, 2 layers, both directions, 3 → 4 units → linear 3")
    #expect(tagger["network"]?["modules"] == ["encoder.rnn"] && tagger["comparison"] == "cross-entropy")
    #expect(tagger["data"]?["lengths"] == [7, 3, 5, 6] && tagger["experiment"]?["loss"] == "all")
    #expect(tagger["experiment"]?["element"] == "f64")
    let characters = try flow("characters", 32)
    #expect(characters["network"]?["description"] == "PyTorch: embedding 11 × 4 → LSTM, 4 → 6 units → linear 11")
    let notes = characters["notes"]?.array?.compactMap { $0.string } ?? []
    #expect(notes.contains { $0.contains("the targets are the next tokens") }, "\(notes)")
    let forecaster = try flow("forecaster", 32)
    #expect(forecaster["experiment"]?["loss"] == "last" && forecaster["comparison"] == "mse")
    let told = forecaster["notes"]?.array?.compactMap { $0.string } ?? []
    #expect(told.contains { $0.contains("x [9, 3, 2] is read with the steps first, as y has 3") }, "\(told)")
  }

  private func notes(_ found: JSONValue) -> [String] {
    found["notes"]?.array?.compactMap { $0.string } ?? []
  }

  @Test func whatStandsAfterTheLayersIsSaid() throws {
    let classifier = try flow("classifier", 32)
    #expect(
      classifier["network"]?["description"]
        == "PyTorch: LSTM, 2 layers, both directions, 3 → 4 units → layer normalisation → tanh 5 → linear 3"
    )
    #expect(
      notes(classifier).contains {
        $0.contains("norm [8] is taken to normalise the output of a recurrent module")
      })
    #expect(
      notes(classifier).contains { $0.contains("norm: eps 1e-05 (PyTorch's default") },
      "\(notes(classifier))")
    let normed = try flow("normed", 64)
    let layers =
      "Keras: LSTM, 3 → 4 units → layer normalisation → GRU, reset after the product, both directions, 4 → 3 units → "
      + "layer normalisation → tanh 6 → linear 2"
    #expect(normed["network"]?["description"]?.string == layers)
    #expect(
      notes(normed).contains {
        $0.contains("the columns are scaled by normalization, as the file has it")
      })
    #expect(!notes(normed).contains { $0.contains("left out") }, "\(notes(normed))")
    let masked = try flow("masked", 64)
    #expect(masked["data"]?["lengths"] == [5, 5, 4, 8], "\(masked["data"] ?? .null)")
    #expect(
      notes(masked).contains(
        "10 of 32 tokens are 0, which mask_zero of the embedding passes over: they are no steps"))
  }

  /// The file's scales, as numbers, give the same loss; others another.
  @Test func columnsAreScaledAsIsSaid() throws {
    func loss(_ scale: String...) throws -> Double {
      try #require(
        flow("normed", 64, scale.isEmpty ? [] : ["--scale"] + scale)["profile"]?["loss"]?.double)
    }
    let file = try TensorFile.contents(of: Self.path("normed-float64.keras"))
    let network = try TrainedNetwork(file)
    let scales = try #require(network.scales)
    let own = zip(scales.means, scales.deviations).map { "\($0):\($1)" }.joined(separator: ",")
    #expect(try abs(loss(own) - loss()) < 1e-12)
    #expect(try Set([loss(), loss("none"), loss("data")]).count == 3)
    #expect(try loss("none") == loss("0:1,0:1,0:1"))
    func message(_ scale: String) -> String {
      ebb(
        "flow", "--weights", Self.path("normed-float64.keras"), "--data", Self.path("normed.npz"),
        "--scale", scale
      ).messages
    }
    #expect(message("0:1").contains("mean:deviation of each of the 3 features"))
    #expect(message("0:1,0:0,0:1").contains("--scale takes none, data"))
  }

  /// Without the option each direction is read where a framework's model reads it.
  @Test func theLossReadsTheEndsOrTheLastStep() throws {
    let ends = try flow("classifier", 64)
    #expect(
      notes(ends).contains {
        $0.contains("as a framework's final states; --loss last reads both at the last step")
      })
    let last = try flow("classifier", 64, ["--loss", "last"])
    #expect(notes(last).contains { $0.contains("--loss ends reads each at its own last step") })
    #expect(ends["profile"]?["loss"] != last["profile"]?["loss"])
    #expect(
      try flow("classifier", 64, ["--loss", "ends"])["profile"]?["loss"] == ends["profile"]?["loss"]
    )
    #expect(ebb("flow", "--loss", "ends").messages.contains("it goes with --weights"))
  }

  private static let sections = [
    "--log-norm", "--credit", "--by-step", "--units", "--noise", "--truncation", "2,4", "--jacobian", "--lyapunov",
    "--gates", "--theory", "--hessian", "2", "--origin",
  ]

  /// Each measurement is made, or says why it cannot be.
  @Test func everyMeasurementIsMadeOrSaysWhyNot() throws {
    func omitted(_ name: String) throws -> [String: String] {
      let found = try flow(name, 64, Self.sections)
      var reasons: [String: String] = [:]
      for section in Self.sections where section.hasPrefix("--") {
        let key = String(section.dropFirst(2))
        #expect(found[key] != nil, "\(name): \(section)")
        if let reason = found[key]?["omitted"]?.string { reasons[key] = reason }
      }
      return reasons
    }
    #expect(try omitted("forecaster").isEmpty)
    let characters = try omitted("characters")
    #expect(Set(characters.keys) == ["theory"] && characters["theory"]?.contains("at the last step") == true)
    // Two directions have no common step.
    let tagger = try omitted("tagger")
    #expect(Set(tagger.keys) == ["truncation", "jacobian", "lyapunov", "theory"], "\(tagger)")
    #expect(tagger["truncation"]?.contains("runs backward in time") == true)
  }

  /// Sequences of several lengths are measured all together.
  @Test func sectionsOfRaggedDataMeasureAllSamples() throws {
    let files = [
      "--weights", Self.path("tagger-float64.safetensors"), "--data", Self.path("tagger.npz"),
    ]
    let outcome = ebb(["flow"] + files + ["--noise", "--units", "--by-step", "--json", "-"])
    #expect(outcome.status == 0, "\(outcome.messages)")
    let json = try JSONValue(parsing: outcome.output)
    let samples = json["noise"]?["parameters"]?.array?.map { $0["samples"]?.array?.count }
    #expect(samples?.isEmpty == false && samples?.allSatisfy { $0 == 4 } == true)
    #expect(json["by-step"]?["omitted"] == nil && json["units"]?["omitted"] == nil)
    #expect(ebb(["flow"] + files + ["--lags", "0"]).messages.contains("--lags takes whole numbers"))
  }

  @Test func thePageSaysWhatWasMeasured() throws {
    try withTemporaryFolder { folder in
      let page = folder + "/p.html"
      let files = [
        "--weights", Self.path("characters-float32.safetensors"), "--data",
        Self.path("characters.npz"),
      ]
      let outcome = ebb(["flow"] + files + ["--report", page])
      #expect(outcome.status == 0, "\(outcome.messages)")
      let text = try String(contentsOfFile: page, encoding: .utf8)
      for words in [
        "PyTorch: embedding 11 × 4 → LSTM, 4 → 6 units → linear 11", "trained-characters.npz",
        "cross-entropy at all steps",
        "What was taken for granted", "the targets are the next tokens",
      ] { #expect(text.contains(words), "\(words)") }
    }
  }

  @Test func whatDoesNotFitIsAnError() throws {
    let tagger = Self.path("tagger-float32.safetensors")
    func message(_ arguments: String...) -> String {
      let outcome = ebb(["flow", "--weights"] + arguments)
      #expect(outcome.status != 0)
      return outcome.messages
    }
    let features = message(tagger, "--data", Self.path("forecaster.npz"))
    #expect(features.contains("x [9, 3, 2]: the last dimension is 2, and the network of"), "\(features)")
    #expect(features.contains("trained-tagger-float32.safetensors reads 3 features a step"), "\(features)")
    #expect(message(tagger, "--module", "rnn").contains("there is no recurrent module rnn; there is encoder.rnn"))
    #expect(message(tagger, "--loss", "mse").contains("--loss mse compares with targets: give --targets FILE"))
    let text = message(Self.path("characters-float32.safetensors"), "--data", #filePath)
    #expect(text.contains("its file has no vocabulary: give one (--vocabulary FILE)"), "\(text)")
    #expect(message(Self.path("tagger.json")).contains("trained-tagger.json"))
  }

  @Test func randomInputsAreRemarkedOn() throws {
    let outcome = ebb("flow", "--weights", Self.path("tagger-float32.safetensors"), "--length", "3", "--batch", "1")
    #expect(outcome.output.contains("no data: 1 sequences of 3 random inputs from N(0, 1)"), "\(outcome.output)")
    #expect(
      outcome.messages.contains("note: the loss reads the forward direction at the last step"),
      "\(outcome.messages)")
    let normed = ebb(
      "flow", "--weights", Self.path("normed-float32.keras"), "--length", "3", "--batch", "1")
    #expect(
      normed.messages.contains("normalization scales the model's inputs"), "\(normed.messages)")
  }

  /// A read-out with a sigmoid is not given a second one by its loss.
  @Test func aSigmoidIsAppliedOnce() throws {
    try withTemporaryFolder { folder in
      let (model, data) = (folder + "/m.safetensors", folder + "/d.npz")
      func zeros(_ dimensions: Int...) -> Tensor {
        Tensor(dimensions, [Double](repeating: 0, count: dimensions.reduce(1, *)))
      }
      let config = #"""
        {"class_name": "Sequential", "config": {"name": "s", "layers": [
          {"class_name": "Dense", "config": {"name": "dense", "activation": "sigmoid"}}]}}
        """#
      let tensors = [
        "simple_rnn/simple_rnn_cell/kernel": zeros(1, 2), "simple_rnn/simple_rnn_cell/recurrent_kernel": zeros(2, 2),
        "simple_rnn/simple_rnn_cell/bias": zeros(2), "dense/kernel": zeros(2, 1), "dense/bias": zeros(1),
      ]
      try TensorFile.write(tensors, metadata: ["keras_config": config], to: model)
      try TensorFile.write(["x": zeros(2, 3, 1), "y": Tensor([2], [Int32(0), 1])], to: data)
      let found = try ebb("flow", "--weights", model, "--data", data, "--loss", "binary", "--json").json()
      let loss = try #require(found["profile"]?["loss"]?.double)
      #expect(abs(loss - log(2)) < 1e-12)
      let notes = found["notes"]?.array?.compactMap { $0.string } ?? []
      #expect(notes.contains { $0.contains("applies its sigmoid itself") }, "\(notes)")
    }
  }

  /// A model of this library reads texts with its own vocabulary, and a cell's own trial gives the same numbers.
  @Test func modelsOfThisLibraryReadTexts() throws {
    try withTemporaryFolder { folder in
      let (text, model) = (folder + "/text.txt", folder + "/m.safetensors")
      try TextCommandTests.text.write(toFile: text, atomically: true, encoding: .utf8)
      let sizes = [
        "--cell", "mgu", "--hidden", "5", "--embedding", "3", "--batch", "2", "--window", "8", "--steps", "2",
      ]
      #expect(ebb(["text", "train", text, "--save", model] + sizes).status == 0)
      let outcome = ebb("flow", "--weights", model, "--data", text, "--length", "12", "--batch", "2", "--json")
      #expect(outcome.status == 0, "\(outcome.messages)")
      let found = try outcome.json()
      #expect(found["network"]?["description"]?.string?.hasPrefix("Ebb: embedding") == true)
      #expect(found["experiment"]?["length"] == 12 && found["experiment"]?["batch"] == 2)
      #expect(found["comparison"] == "cross-entropy")
    }
  }
}
