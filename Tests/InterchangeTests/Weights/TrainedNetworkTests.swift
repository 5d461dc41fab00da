import EbbCells
import EbbExecution
import EbbGraph
import EbbInterchange
import EbbRecording
import EbbTensors
import Testing

/// Networks are found in files by the names and shapes of their tensors.
@Suite struct TrainedNetworkTests {
  static func zeros(_ dimensions: Int...) -> Tensor {
    Tensor(dimensions, [Float](repeating: 0, count: dimensions.reduce(1, *)))
  }

  static func lstm(_ module: String, _ features: Int, _ units: Int, layers: Int = 1, both: Bool = false) -> [String:
    Tensor]
  {
    var tensors: [String: Tensor] = [:]
    for layer in 0..<layers {
      for end in both ? ["", "_reverse"] : [""] {
        let width = layer == 0 ? features : units * (both ? 2 : 1)
        tensors["\(module)weight_ih_l\(layer)\(end)"] = zeros(4 * units, width)
        tensors["\(module)weight_hh_l\(layer)\(end)"] = zeros(4 * units, units)
        tensors["\(module)bias_ih_l\(layer)\(end)"] = zeros(4 * units)
        tensors["\(module)bias_hh_l\(layer)\(end)"] = zeros(4 * units)
      }
    }
    return tensors
  }

  private func network(
    _ tensors: [String: Tensor], _ metadata: [String: String] = [:], _ choices: TrainedNetwork.Choices = .init()
  ) throws -> TrainedNetwork {
    try TrainedNetwork(TensorFile.Contents(tensors, metadata: metadata), choices)
  }

  private func message(_ tensors: [String: Tensor], _ choices: TrainedNetwork.Choices = .init()) -> String {
    do {
      return "found \(try network(tensors, [:], choices))"
    } catch {
      return "\(error)"
    }
  }

  /// What a network of a vector is called.
  struct Case: CustomTestStringConvertible, Sendable {
    var vector: String
    var words: String
    var tolerance = 1e-12
    var testDescription: String { vector }
  }

  static let cases: [Case] = [
    Case(vector: "pytorch-lstm-deep-float64", words: "PyTorch: LSTM, 2 layers, both directions, 2 → 3 units"),
    Case(vector: "pytorch-gru-small-float64", words: "PyTorch: GRU, reset after the product, 2 → 3 units"),
    Case(vector: "pytorch-rnn-unit-float32", words: "PyTorch: RNN, 2 → 3 units", tolerance: 1e-5),
    Case(vector: "pytorch-lstmp-small-float64", words: "PyTorch: LSTM with a projection, 2 → 3 units → 2"),
    Case(vector: "keras-lstm", words: "Keras: LSTM, 2 → 3 units"),
    Case(vector: "keras-gru", words: "Keras: GRU, reset after the product, 2 → 3 units"),
    Case(vector: "keras-gru-before", words: "Keras: GRU, reset before the product, 2 → 3 units"),
    Case(vector: "flax-gru", words: "Flax nnx: GRU, reset after the product, 2 → 3 units"),
    Case(
      vector: "flax-stack",
      words: "Flax nnx: LSTM, both directions, 2 → 3 units → GRU, reset after the product, 6 → 3 units → linear 2"),
    Case(vector: "linen-lstm", words: "Flax linen: LSTM, 2 → 3 units"),
    Case(vector: "linen-gru", words: "Flax linen: GRU, reset after the product, 2 → 3 units"),
    Case(vector: "linen-rnn", words: "Flax linen: RNN, 2 → 3 units"),
    Case(
      vector: "linen-model",
      words:
        "Flax linen: embedding 5 × 2 → LSTM, 2 → 3 units → GRU, reset after the product, both directions, 3 → 3 units "
        + "→ linear 4"),
  ]

  @Test(arguments: cases)
  func networksOfFrameworksAreFoundAndComputeTheSame(_ test: Case) throws {
    let vector = try PeerVector(test.vector)
    let network = try network(vector.weights)
    #expect(network.description == test.words)
    let x = try #require(vector.values["x"])
    let y = try #require(vector.values["y"])
    let recording = try Recording(element: y.element) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let shape = Array(x.dimensions[2...])
      let input = scope.input("x", shape, over: [time, batch], as: x.element)
      scope.output("y", scope.over(time).run(network, input))
    }
    let found = try Executable(recording.graph).run(Bindings(network.parameters.merging(["x": x]) { $1 }))["y"]
    #expect(difference(found, y) < test.tolerance)
  }

  @Test func partsAreFoundByTheirShapes() throws {
    var tensors = Self.lstm("rnn.", 32, 64, layers: 2)
    tensors["emb.weight"] = Self.zeros(65, 32)
    tensors["fc.weight"] = Self.zeros(65, 64)
    tensors["fc.bias"] = Self.zeros(65)
    tensors["norm.weight"] = Self.zeros(64)
    let found = try network(tensors)
    #expect(found.description == "PyTorch: embedding 65 × 32 → LSTM, 2 layers, 32 → 64 units → linear 65")
    #expect(found.features == nil && found.outputs == 65 && found.modules == ["rnn"])
    // A scale without a bias is no layer normalisation of PyTorch.
    #expect(found.notes.contains("left out, and not computed: norm.weight [64]"), "\(found.notes)")
    var choices = TrainedNetwork.Choices()
    (choices.embedding, choices.readOut) = (.none, .none)
    #expect(try network(tensors, [:], choices).description == "PyTorch: LSTM, 2 layers, 32 → 64 units")
    choices.readOut = .module("head")
    #expect(message(tensors, choices).contains("--readout head: there is no such module"))
  }

  /// Tied weights: the embedding and the read-out have one shape and no biases.
  @Test func namesDecideBetweenEqualShapes() throws {
    var tensors = Self.lstm("rnn.", 4, 4)
    tensors["encoder.weight"] = Self.zeros(9, 4)
    tensors["decoder.weight"] = Self.zeros(9, 4)
    #expect(try network(tensors).description == "PyTorch: embedding 9 × 4 → LSTM, 4 → 4 units → linear 9")
    var unnamed = Self.lstm("rnn.", 4, 4)
    unnamed["a.weight"] = Self.zeros(9, 4)
    let text = message(unnamed)
    #expect(text.contains("these may be an embedding, or a read-out without biases: a [9, 4]"), "\(text)")
    #expect(text.contains("--embedding NAME picks one"), "\(text)")
    var heads = Self.lstm("rnn.", 3, 4)
    for name in ["actor", "critic"] {
      heads[name + ".weight"] = Self.zeros(2, 4)
      heads[name + ".bias"] = Self.zeros(2)
    }
    #expect(message(heads).contains("these may be the read-out: actor [4, 2], critic [4, 2]; --readout NAME"))
  }

  /// A model with its copy of averaged weights: the parts of each stand beside its recurrent module.
  @Test func aCopyHasPartsOfItsOwn() throws {
    var tensors: [String: Tensor] = [:]
    for prefix in ["", "ema."] {
      tensors.merge(Self.lstm(prefix + "lstm.", 3, 5)) { $1 }
      tensors[prefix + "emb.weight"] = Self.zeros(9, 3)
      tensors[prefix + "fc.weight"] = Self.zeros(2, 5)
      tensors[prefix + "fc.bias"] = Self.zeros(2)
    }
    for (module, prefix) in [("lstm", ""), ("ema.lstm", "ema.")] {
      var choices = TrainedNetwork.Choices()
      choices.module = module
      let found = try network(tensors, [:], choices)
      #expect(found.layers.map(\.name) == ["emb", "lstm", "fc"].map { prefix + $0 })
    }
  }

  @Test func severalModulesFormAChainOrAreListed() throws {
    let chain = Self.lstm("lstm1.", 3, 5).merging(Self.lstm("lstm2.", 5, 4)) { first, _ in first }
    #expect(try network(chain).description == "PyTorch: LSTM, 3 → 5 units → LSTM, 5 → 4 units")
    let apart = Self.lstm("encoder.rnn.", 3, 5).merging(Self.lstm("decoder.rnn.", 3, 5)) { first, _ in first }
    let text = message(apart)
    #expect(text.contains("--module picks one: decoder.rnn (LSTM, 3 → 5 units); encoder.rnn (LSTM"), "\(text)")
    var choices = TrainedNetwork.Choices()
    choices.module = "encoder"
    #expect(try network(apart, [:], choices).modules == ["encoder.rnn"])
    choices.module = "lstm"
    #expect(message(apart, choices).contains("there is no recurrent module lstm; there is decoder.rnn"))
  }

  @Test func theOrderOfALargeCountIsThatOfNumbers() throws {
    var tensors: [String: Tensor] = [:]
    for layer in 0..<11 { tensors.merge(Self.lstm("layers.\(layer).", 4, 4)) { first, _ in first } }
    #expect(try network(tensors).modules == (0..<11).map { "layers.\($0)" })
  }

  /// The names of a whole Keras model; layers of equal sizes with names of their own are in the order of its description.
  @Test func theOrderOfKerasModelsIsThatOfTheirDescription() throws {
    func layer(_ name: String, _ features: Int) -> [String: Tensor] {
      [
        "\(name)/lstm_cell/kernel": Self.zeros(features, 16), "\(name)/lstm_cell/recurrent_kernel": Self.zeros(4, 16),
        "\(name)/lstm_cell/bias": Self.zeros(16),
      ]
    }
    var tensors = layer("sequential/upper", 4).merging(layer("sequential/lower", 4)) { first, _ in first }
    tensors["sequential/embedding/embeddings"] = Self.zeros(9, 4)
    tensors["sequential/dense/kernel"] = Self.zeros(4, 2)
    tensors["sequential/dense/bias"] = Self.zeros(2)
    #expect(message(tensors).contains("--module picks one: sequential/lower (LSTM"), "\(message(tensors))")
    let names = ["embedding", "upper", "lower", "dense"].map {
      #"{"class_name": "Layer", "config": {"name": "\#($0)", "activation": "tanh"}}"#
    }
    let config =
      #"{"class_name": "Sequential", "config": {"name": "sequential", "layers": [\#(names.joined(separator: ","))]}}"#
    let found = try network(tensors, ["keras_config": config])
    #expect(found.modules == ["sequential/upper", "sequential/lower"])
    #expect(found.description == "Keras: embedding 9 × 4 → LSTM, 4 → 4 units → LSTM, 4 → 4 units → tanh 2")
  }

  /// A softmax belongs to the loss here, and what a mask hides is a matter of the data.
  @Test func settingsOfKerasThatNoCellHasAreNoted() throws {
    let tensors = [
      "lstm/lstm_cell/kernel": Self.zeros(4, 16), "lstm/lstm_cell/recurrent_kernel": Self.zeros(4, 16),
      "lstm/lstm_cell/bias": Self.zeros(16), "embedding/embeddings": Self.zeros(9, 4), "dense/kernel": Self.zeros(4, 3),
      "dense/bias": Self.zeros(3),
    ]
    let config = #"""
      {"class_name": "Sequential", "config": {"name": "s", "layers": [
        {"class_name": "Embedding", "config": {"name": "embedding", "mask_zero": true}},
        {"class_name": "LSTM", "config": {"name": "lstm", "activation": "tanh"}},
        {"class_name": "Dense", "config": {"name": "dense", "activation": "softmax"}}]}}
      """#
    let found = try network(tensors, ["keras_config": config])
    #expect(found.description == "Keras: embedding 9 × 4 → LSTM, 4 → 4 units → linear 3")
    #expect(found.notes.contains { $0.hasPrefix("dense: activation is softmax: the outputs are the scores") })
    #expect(found.notes.contains { $0.hasPrefix("embedding: mask_zero is true: its tokens 0 are padding") })
    #expect(Set(found.notes).count == found.notes.count)
  }

  private static func norm(_ module: String, _ features: Int) -> [String: Tensor] {
    ["\(module).weight": zeros(features), "\(module).bias": zeros(features)]
  }

  /// A normalisation is placed only where nothing else could be meant.
  @Test func normalizationsArePlacedByTheirSizes() throws {
    let one = Self.lstm("rnn.", 3, 5).merging(Self.norm("norm", 5)) { $1 }
    #expect(try network(one).description == "PyTorch: LSTM, 3 → 5 units → layer normalisation")
    #expect(try network(one).layers.map(\.name) == ["rnn", "norm"])
    var choices = TrainedNetwork.Choices()
    choices.normalization = .none
    #expect(try network(one, [:], choices).description == "PyTorch: LSTM, 3 → 5 units")
    // It could stand before the module.
    let equal = Self.lstm("rnn.", 5, 5).merging(Self.norm("norm", 5)) { $1 }
    #expect(
      try network(equal).notes.contains(
        "left out, and not computed: norm.bias [5], norm.weight [5]"))
    choices.normalization = .module("norm")
    #expect(try network(equal, [:], choices).description.hasSuffix("layer normalisation"))
    choices.normalization = .module("other")
    #expect(
      message(equal, choices).contains(
        "--norm other: there is no such module that has the 5 features"))
    // A batch's has a mean.
    #expect(
      try network(one.merging(["norm.running_mean": Self.zeros(5)]) { $1 }).description.hasSuffix(
        "5 units"))
    let two = [
      Self.lstm("rnn1.", 4, 4), Self.lstm("rnn2.", 4, 4), Self.norm("norm1", 4),
      Self.norm("norm2", 4),
    ]
    .reduce([:]) { $0.merging($1) { $1 } }
    #expect(
      try network(two).description
        == "PyTorch: LSTM, 4 → 4 units → layer normalisation → LSTM, 4 → 4 units → layer normalisation"
    )
    #expect(try network(two).layers.map(\.name) == ["rnn1", "norm1", "rnn2", "norm2"])
  }

  @Test func severalLayersOfAReadOutAreGiven() throws {
    var tensors = Self.lstm("rnn.", 3, 4)
    for (name, rows, columns) in [("fc1", 4, 6), ("fc2", 6, 5), ("fc3", 5, 2)] {
      tensors["\(name).weight"] = Self.zeros(columns, rows)
      tensors["\(name).bias"] = Self.zeros(columns)
    }
    #expect(try network(tensors).description == "PyTorch: LSTM, 3 → 4 units → linear 6")
    #expect(
      try network(tensors).notes.contains { $0.contains("--readout fc1:relu,fc2 gives both") })
    var choices = TrainedNetwork.Choices()
    choices.readOut = .modules([.init("fc1", .relu), .init("fc2", .tanh), .init("fc3")])
    let found = try network(tensors, [:], choices)
    #expect(
      found.description == "PyTorch: LSTM, 3 → 4 units → relu 6 → tanh 5 → linear 2"
        && found.outputs == 2)
    #expect(found.parameters["readout1.dense.weight"]?.dimensions == [6, 5])
    choices.readOut = .modules([.init("fc1", .relu), .init("fc3")])
    #expect(
      message(tensors, choices).contains(
        "--readout fc3: there is no such module that reads the 6 features that fc1 gives"))
  }

  /// The last recurrent layer's backward direction is read where it ends.
  @Test func finalStatesAreThoseOfBothEnds() throws {
    let network = try network(Self.lstm("rnn.", 2, 3, layers: 2, both: true))
    let ends = try #require(network.withFinalStates)
    #expect(try self.network(Self.lstm("rnn.", 2, 3)).withFinalStates == nil)
    func recording(_ cell: TrainedNetwork) throws -> Recording {
      try Recording { scope in
        let (time, batch) = (scope.time("t"), scope.batch("b"))
        scope.output("y", scope.over(time).run(cell, scope.input("x", [2], over: [time, batch])))
      }
    }
    let parameters = try recording(network).initialValues(seed: 3)
    #expect(try recording(ends).parameters.map(\.name) == recording(network).parameters.map(\.name))
    let x = Tensor([3, 1, 2], [1, -2, 0.5, 1, 0, 2] as [Float])
    func run(_ cell: TrainedNetwork) throws -> [Double] {
      try #require(
        Executable(recording(cell).graph).run(Bindings(parameters.merging(["x": x]) { $1 }))["y"]
      ).doubles
    }
    let (steps, last) = (try run(network), try run(ends))
    #expect(
      Array(last[12..<15]) == Array(steps[12..<15]) && Array(last[15...]) == Array(steps[3..<6]))
  }

  @Test func thisLibrarysNetworksAreFound() throws {
    let cell = Stack([
      Bidirectional(GRU(units: 3), GRU(units: 3)), Bidirectional(GRU(units: 3), GRU(units: 3)),
    ])
    let recording = try Recording(cell, features: 2)
    var tensors = recording.initialValues(seed: 1)
    tensors["readout.weight"] = Self.zeros(6, 2)
    tensors["readout.bias"] = Self.zeros(2)
    let found = try network(tensors)
    #expect(found.description == "Ebb: gru, 2 layers, both directions, 2 → 3 units → linear 2")
    #expect(found.parameters["layer1.backward.reset.weight"] == tensors["layer1.backward.reset.weight"])
    #expect(found.parameters["readout.dense.weight"] == tensors["readout.weight"])
    let other = try Recording(PeepholeLSTM(units: 3), features: 3).initialValues(seed: 1)
    #expect(try network(other).description == "Ebb: peephole, 3 → 3 units")
    #expect(message(["forget.weight": Self.zeros(5, 3)]).contains("the parameters are those of none of the cells"))
    do {
      _ = try network(tensors, ["ebb.checkpoint": "2", "note/--cell": "odd"])
      Issue.record("there is no cell of that name")
    } catch {
      #expect("\(error)".contains("the file's cell is odd"), "\(error)")
    }
  }

  @Test func shapesOfNoNetworkAreErrors() throws {
    let shapes = [[], [0], [0, 0], [4], [4, 0], [4, 1, 1], [1 << 40, 0]]
    let pairs = [
      ("weight_ih_l0", "weight_hh_l0"), ("weight_ih", "weight_hh"), ("c/kernel", "c/recurrent_kernel"),
      ("c.dense_i.kernel", "c.dense_h.kernel"), ("c.i.kernel", "c.h.kernel"), ("forget.weight", "update.weight"),
    ]
    for (first, second) in pairs {
      for one in shapes {
        for other in shapes {
          func empty(_ shape: [Int]) -> Tensor {
            Tensor(shape, [Float](repeating: 0, count: shape.contains(0) ? 0 : shape.reduce(1, *)))
          }
          let text = message([first: empty(one), second: empty(other)])
          #expect(!text.hasPrefix("found"), "\(first) \(one) \(second) \(other): \(text)")
        }
      }
    }
  }

  @Test func filesWithoutANetworkSayWhatIsLookedFor() {
    #expect(message(["fc.weight": Self.zeros(2, 2)]).contains("no tensor has the name of a recurrent layer's weights"))
    let odd = ["weight_ih_l0": Self.zeros(5, 2), "weight_hh_l0": Self.zeros(5, 2)]
    #expect(message(odd).contains("their shapes are those of no RNN, LSTM or GRU"))
    var part = Self.lstm("", 2, 3, layers: 2)
    part["weight_hh_l1"] = nil
    #expect(!message(part).hasPrefix("found PyTorch: LSTM, 2 layers"), "\(message(part))")
  }
}
