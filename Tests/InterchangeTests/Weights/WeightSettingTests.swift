import EbbCells
import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import Foundation
import Testing

@testable import EbbInterchange

/// What layers are made with and tensors do not tell.
@Suite struct WeightSettingTests {
  private func ones(_ map: WeightMap) -> [String: Tensor] {
    map.tensorShapes.mapValues { Tensor($0, [Float](repeating: 1, count: $0.reduce(1, *))) }
  }

  private func file(_ tensors: [String: Tensor], _ metadata: [String: String] = [:]) -> TensorFile.Contents {
    TensorFile.Contents(tensors, metadata: metadata)
  }

  /// A normalisation of small numbers, of which ε decides, as Keras 3.15 and Flax 0.12 compute it with their defaults.
  @Test(arguments: [
    (
      WeightConvention.keras, ["layer_normalization/gamma", "layer_normalization/beta"],
      [
        0.0883883386850357, -0.7071067690849304, 0.6187183856964111, 0.07353363186120987, 0.04201921820640564,
        -0.11555285006761551,
      ]
    ),
    (
      .flax, ["scale", "bias"],
      [
        0.16202963888645172, -1.2962373495101929, 1.1342076063156128, 0.830747127532959, 0.47471264004707336,
        -1.30545973777771,
      ]
    ),
  ])
  func normalizationsHaveTheFrameworksEpsilon(_ convention: WeightConvention, _ names: [String], _ y: [Double]) throws {
    let tensors = [names[0]: Tensor([3], [1, 1, 1] as [Float]), names[1]: Tensor([3], [0, 0, 0] as [Float])]
    let map = try WeightMap(convention, LayerNormalization(), features: 3, fitting: file(tensors))
    func outputs(_ cell: some RecurrentCell) throws -> [Double] {
      let x = Tensor([2, 1, 3], [0.01, -0.02, 0.03, 0.002, 0.001, -0.004] as [Float])
      let graph = try Recording(cell, features: 3).graph
      let parameters = try map.parameters(from: file(tensors))
      return try Executable(graph).run(Bindings(parameters.merging(["x": x]) { $1 }))["y"]?.doubles ?? []
    }
    let adapted = try #require(map.cell)
    let found = try outputs(adapted)
    #expect(zip(found, y).allSatisfy { abs($0 - $1) < 2e-6 }, "\(found)")
    #expect(try outputs(LayerNormalization()) != found)
    let epsilon = convention == .keras ? "0.001" : "1e-06"
    #expect(map.notes.count == 1 && map.notes[0].contains("epsilon \(epsilon) and not the 1e-05 of the cell given ("))
    #expect(map.description.contains("default, as the file does not say"))
  }

  @Test func whatTheFileSaysGoesFirst() throws {
    let names = ["norm.weight": Tensor([2], [1, 2] as [Float]), "norm.bias": Tensor([2], [0, 0] as [Float])]
    func epsilon(_ cell: LayerNormalization, _ metadata: [String: String] = [:]) throws -> Double? {
      let map = try WeightMap(.pytorch, cell, features: 2, module: "norm", fitting: file(names, metadata))
      return (map.cell as? LayerNormalization)?.epsilon
    }
    #expect(try epsilon(LayerNormalization()) == 1e-5)
    #expect(try epsilon(LayerNormalization(), ["norm.eps": "0.25"]) == 0.25)
    // What a cell was given on purpose is meant, unless the file says otherwise.
    #expect(try epsilon(LayerNormalization(epsilon: 0.5)) == 0.5)
    #expect(try epsilon(LayerNormalization(epsilon: 0.5), ["norm.eps": "0.25"]) == 0.25)
    #expect(
      problems { () throws(WeightError) in
        _ = try WeightMap(
          .pytorch, LayerNormalization(), features: 2, module: "norm", fitting: file(names, ["norm.eps": "tiny"]))
      } == ["norm was made with eps tiny, and the cell has 1e-05"])
    let map = try WeightMap(.flax, LayerNormalization(epsilon: 0.5), features: 2, module: "norm")
    #expect(map.settings == ["norm.epsilon": "0.5"])
  }

  @Test func activationsAreTakenOrRefused() throws {
    func made(_ convention: WeightConvention, _ cell: some RecurrentCell, _ metadata: [String: String]) throws
      -> WeightMap
    {
      let plain = try WeightMap(convention, cell, features: 2)
      return try WeightMap(convention, cell, features: 2, fitting: file(ones(plain), metadata))
    }
    let rnn = SimpleRNN(units: 3)
    #expect((try made(.pytorch, rnn, ["nonlinearity": "relu"]).cell as? SimpleRNN)?.activation == .relu)
    #expect((try made(.pytorch, rnn, [:]).cell as? SimpleRNN)?.activation == .tanh)
    let relu = try made(.keras, SimpleRNN(units: 3, activation: .relu), [:])
    #expect((relu.cell as? SimpleRNN)?.activation == .relu)
    #expect(relu.notes[0] == "simple_rnn: activation relu (the cell's, as the file does not say)")
    #expect((try made(.keras, Dense(units: 2), ["dense/activation": "sigmoid"]).cell as? Dense)?.activation == .sigmoid)
    let sum = try made(.keras, Bidirectional(rnn, rnn), ["bidirectional/merge_mode": "sum"])
    #expect((sum.cell as? Bidirectional)?.merge == .sum)
    for (convention, key) in [(WeightConvention.keras, "lstm/recurrent_activation"), (.flax, "gate_fn")] {
      let hard = try made(convention, LSTM(units: 3), [key: "hard_sigmoid"]).cell as? LSTM
      #expect(hard?.gateActivation == .hardSigmoid(slope: 1.0 / 6) && hard?.activation == .tanh)
      #expect(
        problems { () throws(WeightError) in
          do { _ = try made(convention, LSTM(units: 3), [key: "log_sigmoid"]) } catch let error as WeightError {
            throw error
          } catch { Issue.record("\(error)") }
        }.first?.contains("log_sigmoid, and the cell has sigmoid") == true)
    }
    let lstm = try made(.keras, LSTM(units: 3), [:])
    #expect(
      lstm.notes == [
        "lstm: activation tanh, recurrent_activation sigmoid, go_backwards false (Keras's default, as the file does not say)"
      ])
    #expect(try made(.pytorch, LSTM(units: 3), ["format": "pt"]).notes == [])
  }

  /// The layers of `model.to_json()`, shortened.
  @Test func theConfigurationOfAKerasModelIsRead() throws {
    let gru = ResetAfterGRU(units: 3)
    let stack = Stack([Bidirectional(LSTM(units: 3), LSTM(units: 3)), gru, LayerNormalization(), Dense(units: 2)])
    let tensors = ones(try WeightMap(.keras, stack, features: 2, module: "sequential"))
    func json(_ activation: String) -> String {
      """
      {"module": "keras", "class_name": "Sequential", "config": {"name": "sequential", "trainable": true, "layers": [
        {"class_name": "InputLayer", "config": {"batch_shape": [null, null, 2], "name": "input_layer"}},
        {"class_name": "Bidirectional", "config": {"name": "bidirectional", "merge_mode": "sum", "layer":
          {"class_name": "LSTM", "config": {"name": "forward_lstm", "activation": \(activation), "go_backwards": false}}}},
        {"class_name": "GRU", "config": {"name": "gru", "activation": "tanh", "reset_after": true}},
        {"class_name": "LayerNormalization", "config": {"name": "layer_normalization", "epsilon": 0.02}},
        {"class_name": "Dense", "config": {"name": "dense", "activation": "relu"}}]}}
      """
    }
    func map(_ activation: String) throws(WeightError) -> WeightMap {
      // With the sum of both directions the next layer has three features.
      var tensors = tensors
      tensors["sequential/gru/gru_cell/kernel"] = Tensor([3, 9], [Float](repeating: 1, count: 27))
      let contents = file(tensors, ["keras_config": json(activation)])
      let map = try WeightMap(.keras, stack, features: 2, module: "sequential", fitting: contents)
      _ = try map.parameters(from: contents)
      return map
    }
    let cell = try #require(try map("\"tanh\"").cell as? Stack)
    #expect((cell.layers[0] as? Bidirectional)?.merge == .sum)
    #expect((cell.layers[2] as? LayerNormalization)?.epsilon == 0.02)
    #expect((cell.layers[3] as? Dense)?.activation == .relu)
    let relu = (try map("\"relu\"").cell as? Stack)?.layers[0] as? Bidirectional
    for half in [relu?.forward, relu?.backward] {
      let lstm = try #require(half as? LSTM)
      #expect(lstm.activation == .relu && lstm.outputActivation == .relu && lstm.gateActivation == .sigmoid)
    }
    #expect(problems { () throws(WeightError) in _ = try map("\"mish\"") }.first?.contains("activation mish") == true)
    let custom = problems { () throws(WeightError) in _ = try map("{\"class_name\": \"function\"}") }
    #expect(custom.count == 2 && custom[0].contains("activation an object, and the cell has tanh"), "\(custom)")
  }

  /// `RNN(SimpleRNNCell(3, activation="relu"))`, as Keras 3.15 writes it.
  @Test func aKerasLayerAroundACellHasTheCellsSettings() throws {
    func contents(_ cell: some RecurrentCell, _ kind: String, _ name: String) throws -> TensorFile.Contents {
      let names = ones(try WeightMap(.keras, cell, features: 2, module: "sequential/mine"))
      return file(
        names,
        [
          "keras_config": """
          {"class_name": "Sequential", "config": {"name": "sequential", "layers": [{"class_name": "RNN", "config":
            {"name": "mine", "go_backwards": false, "cell": {"class_name": "\(kind)", "config":
              {"name": "\(name)", "activation": "relu"}}}}]}}
          """
        ])
    }
    let simple = try contents(SimpleRNN(units: 3), "SimpleRNNCell", "simple_rnn_cell")
    let map = try WeightMap(.keras, SimpleRNN(units: 3), features: 2, module: "sequential/mine", fitting: simple)
    #expect((map.cell as? SimpleRNN)?.activation == .relu)
    let lstm = try contents(LSTM(units: 3), "LSTMCell", "lstm_cell")
    let made = try WeightMap(.keras, LSTM(units: 3), features: 2, module: "sequential/mine", fitting: lstm)
    #expect((made.cell as? LSTM)?.activation == .relu)
    let wrong = problems { () throws(WeightError) in
      var unknown = lstm
      unknown.metadata = lstm.metadata.mapValues { $0.replacingOccurrences(of: "relu", with: "mish") }
      _ = try WeightMap(.keras, LSTM(units: 3), features: 2, module: "sequential/mine", fitting: unknown)
    }
    #expect(wrong.first?.contains("activation mish, and the cell has tanh") == true, "\(wrong)")
  }

  /// Two bidirectional LSTMs, as Keras 3.15 names them.
  @Test func kerasCountsOnWithinBidirectionalLayers() throws {
    let both = Bidirectional(LSTM(units: 3), LSTM(units: 3))
    let stack = Stack([both, both])
    let own = ones(try WeightMap(.keras, stack, features: 2, module: "sequential"))
    let tensors = Dictionary(
      uniqueKeysWithValues: own.map { name, tensor in
        let inner = name.contains("bidirectional_1/") ? "ward_lstm_1/" : "ward_lstm/"
        return (name.components(separatedBy: "ward_lstm/").joined(separator: inner), tensor)
      })
    func config(_ activation: String) -> [String: String] {
      [
        "keras_config": """
        {"class_name": "Sequential", "config": {"name": "sequential", "layers": [{"class_name": "Bidirectional", "config":
          {"name": "bidirectional_1", "layer": {"class_name": "LSTM", "config":
            {"name": "forward_lstm_1", "activation": "\(activation)"}}}}]}}
        """
      ]
    }
    func map(_ contents: TensorFile.Contents) throws(WeightError) -> [String: Tensor] {
      try WeightMap(.keras, stack, features: 2, module: "sequential", fitting: contents).parameters(from: contents)
    }
    #expect(try map(file(tensors)) == map(file(own)))
    #expect(try map(file(tensors, config("tanh"))).count == 32)
    let wrong = problems { () throws(WeightError) in _ = try map(file(tensors, config("mish"))) }
    #expect(wrong.count == 2 && wrong.allSatisfy { $0.contains("activation mish") }, "\(wrong)")
  }

  @Test func aModelAroundOneKerasLayerMayBeTheModule() throws {
    let both = Bidirectional(LSTM(units: 3), LSTM(units: 3))
    for cell in [LSTM(units: 3), both, Dense(units: 2)] as [any RecurrentCell] {
      func check(_ cell: some RecurrentCell) throws {
        let own = try WeightMap(.keras, cell, features: 2)
        let tensors = Dictionary(uniqueKeysWithValues: ones(own).map { ("sequential/" + $0, $1) })
        let map = try WeightMap(.keras, cell, features: 2, module: "sequential", fitting: file(tensors))
        #expect(try map.parameters(from: file(tensors)) == own.parameters(from: file(ones(own))))
      }
      try check(cell)
    }
  }

  /// What a framework's file said comes back after the parameters were kept under the library's names.
  @Test func ownSettingsGoThereAndBack() throws {
    let pair = Bidirectional(SimpleRNN(units: 3), SimpleRNN(units: 3, activation: .relu), merge: .sum)
    let stack = Stack([pair, LayerNormalization(epsilon: 0.02), Dense(units: 2, activation: .sigmoid)])
    let own = try WeightMap(.keras, stack, features: 2).ownSettings
    #expect(
      own == [
        "layer0.merge_mode": "sum", "layer0.forward.activation": "tanh", "layer0.backward.activation": "relu",
        "layer1.epsilon": "0.02", "layer2.activation": "sigmoid",
      ])
    let plain = Stack([
      Bidirectional(SimpleRNN(units: 3), SimpleRNN(units: 3)), LayerNormalization(), Dense(units: 2),
    ])
    let back = try WeightMap(.flax, plain, features: 2, own: own)
    #expect(try back.settings == WeightMap(.flax, stack, features: 2).settings)
    #expect(((back.cell as? Stack)?.layers[0] as? Bidirectional)?.merge == .sum)
  }

  @Test func aGRUsBiasesTellWhereItsResetIs() throws {
    let after = ones(try WeightMap(.keras, ResetAfterGRU(units: 3), features: 2))
    let before = ones(try WeightMap(.keras, GRU(units: 3), features: 2))
    #expect(
      problems { () throws(WeightError) in
        _ = try WeightMap(.keras, GRU(units: 3), features: 2).parameters(from: after)
      }.first?.hasSuffix("reset_after; use ResetAfterGRU") == true)
    #expect(
      problems { () throws(WeightError) in
        _ = try WeightMap(.keras, ResetAfterGRU(units: 3), features: 2).parameters(from: before)
      }.first?.hasSuffix("without reset_after; use GRU") == true)
  }

  // MARK: What names tell

  @Test func layersWithoutBiasesAreSeen() throws {
    for (convention, cell) in [
      (WeightConvention.pytorch, LSTM(units: 2)), (.keras, LSTM(units: 2)), (.flax, LSTM(units: 2)),
    ] {
      let tensors = ones(try WeightMap(convention, cell, features: 1, biases: false))
      let map = try WeightMap(convention, cell, features: 1, fitting: file(tensors))
      #expect(try map.parameters(from: file(tensors))["forget.bias"] == Tensor([2], [0, 0] as [Float]))
      #expect(map.notes.contains { $0.contains("no biases in the file; here they are zeros") })
    }
    // One of two is missing, which is no layer without biases.
    var tensors = ones(try WeightMap(.pytorch, LSTM(units: 2), features: 1))
    tensors["bias_hh_l0"] = nil
    let map = try WeightMap(.pytorch, LSTM(units: 2), features: 1, fitting: file(tensors))
    #expect(
      problems { () throws(WeightError) in _ = try map.parameters(from: file(tensors)) } == [
        "bias_hh_l0 [8] is missing"
      ])
  }

  @Test func normalizationsMayLackEither() throws {
    let scale = ["weight": Tensor([2], [3, 4] as [Float])]
    let map = try WeightMap(.pytorch, LayerNormalization(), features: 2, fitting: file(scale))
    let zeros = Tensor([2], [0, 0] as [Float])
    #expect(try map.parameters(from: file(scale)) == ["scale": Tensor([2], [3, 4] as [Float]), "bias": zeros])
    let bias = ["bias": Tensor([2], [3, 4] as [Float])]
    let other = try WeightMap(.pytorch, LayerNormalization(), features: 2, fitting: file(bias))
    #expect(try other.parameters(from: file(bias))["scale"] == Tensor([2], [1, 1] as [Float]))
    #expect(other.notes.contains("weight is not in the file; it is 1 here"))
  }

  @Test func cellsAndListsHaveNamesOfTheirOwn() throws {
    let gru = ResetAfterGRU(units: 2)
    let layer = ones(try WeightMap(.pytorch, gru, features: 1))
    let cell = Dictionary(uniqueKeysWithValues: layer.map { ("cell." + $0.key.dropLast(3), $0.value) })
    let map = try WeightMap(.pytorch, gru, features: 1, module: "cell", fitting: file(cell))
    #expect(try map.parameters(from: file(cell)) == WeightMap(.pytorch, gru, features: 1).parameters(from: layer))
    // nn.ModuleList([nn.GRUCell(1, 2), nn.GRUCell(2, 2)])
    let two = Stack([gru, gru])
    let plain = ones(try WeightMap(.pytorch, two, features: 1))
    let list = Dictionary(
      uniqueKeysWithValues: plain.map { ("cells.\($0.key.last == "0" ? 0 : 1).\($0.key.dropLast(3))", $0.value) })
    let cells = try WeightMap(.pytorch, two, features: 1, module: "cells", fitting: file(list))
    #expect(try cells.parameters(from: file(list)) == WeightMap(.pytorch, two, features: 1).parameters(from: plain))
    // Keras's and Flax's cells on their own.
    for (convention, prefix, separator) in [(WeightConvention.keras, "gru/gru_cell/", "/"), (.flax, "cell.", ".")] {
      let tensors = ones(try WeightMap(convention, gru, features: 1))
      let bare = Dictionary(
        uniqueKeysWithValues: tensors.map { ("mine\(separator)" + $0.key.dropFirst(prefix.count), $0.value) })
      let map = try WeightMap(convention, gru, features: 1, module: "mine", fitting: file(bare))
      #expect(try map.parameters(from: file(bare)).count == 8)
    }
  }

  @Test func otherModulesDoNotMatter() throws {
    let rnn = SimpleRNN(units: 1)
    var tensors = ones(try WeightMap(.pytorch, rnn, features: 1, module: "encoder.rnn"))
    tensors["head.weight"] = Tensor([1, 1], [2] as [Float])
    tensors["encoder.count"] = Tensor([], [7] as [Int32])
    let map = try WeightMap(.pytorch, rnn, features: 1, module: "encoder.rnn", fitting: file(tensors))
    #expect(try map.parameters(from: file(tensors)).count == 2)
    #expect(map.withinModules(tensors).count == 4)
    // Within the module everything has its place.
    tensors["encoder.rnn.more"] = Tensor([1], [0] as [Float])
    #expect(
      problems { () throws(WeightError) in _ = try map.parameters(from: file(tensors)) } == [
        "encoder.rnn.more [1] has no place here"
      ])
    // A whole state dict, of which the layer has no module.
    var whole = ones(try WeightMap(.pytorch, rnn, features: 1))
    whole["bn.num_batches_tracked"] = Tensor([], [7] as [Int32])
    #expect(try WeightMap(.pytorch, rnn, features: 1).parameters(from: file(whole)).count == 2)
    var unread = file(ones(map))
    unread.tensors["encoder.rnn.bias_hh_l0"] = nil
    unread.unread["encoder.rnn.bias_hh_l0"] = UnreadTensor(type: "F8", dimensions: [1], reason: "not known")
    #expect(
      problems { () throws(WeightError) in _ = try map.parameters(from: unread) } == [
        "encoder.rnn.bias_hh_l0 is of the type F8: not known"
      ])
  }

  @Test func namesThatAreNearAreTold() throws {
    let map = try WeightMap(.pytorch, SimpleRNN(units: 1), features: 1)
    let tensors = ones(try WeightMap(.pytorch, SimpleRNN(units: 1), features: 1, module: "encoder"))
    let found = problems { () throws(WeightError) in _ = try map.parameters(from: tensors) }
    let told = "weight_ih_l0 [1, 1] is missing; like it are encoder.weight_ih_l0"
    #expect(found.contains(told), "\(found)")
    // Of a file the other modules are left out, and the one that was meant may be among them.
    let inFile = problems { () throws(WeightError) in _ = try map.parameters(from: file(tensors)) }
    #expect(inFile.contains(told) && !inFile.contains { $0.contains("has no place") }, "\(inFile)")
    var typo = ones(map)
    typo["weigth_ih_l0"] = typo.removeValue(forKey: "weight_ih_l0")
    let near = problems { () throws(WeightError) in _ = try map.parameters(from: typo) }
    #expect(near.contains("weight_ih_l0 [1, 1] is missing; like it are weigth_ih_l0"), "\(near)")
  }

  @Test func sizesAreSeen() throws {
    let cell = Stack([Bidirectional(LSTM(units: 3), LSTM(units: 3)), Bidirectional(LSTM(units: 3), LSTM(units: 3))])
    for convention in WeightConvention.allCases {
      let tensors = ones(try WeightMap(convention, cell, features: 2, module: "m"))
      let sizes = try #require(LayerSizes(of: tensors, convention, module: "m"))
      #expect(sizes.features == 2 && sizes.units == 3 && sizes.layers == 2 && sizes.isBidirectional)
      #expect(LayerSizes(of: tensors, convention, module: "other") == nil)
    }
    let own = try LayerSizes(of: Recording(cell, features: 2).initialValues(seed: 1), nil)
    #expect(own?.features == 2 && own?.units == 3 && own?.layers == 2 && own?.isBidirectional == true)
    let projected = ones(try WeightMap(.pytorch, ProjectedLSTM(units: 4, outputs: 2), features: 3))
    #expect(LayerSizes(of: projected, .pytorch)?.units == 4)
  }
}
