import EbbCells
import EbbRecording
import EbbTensors
import Testing

@testable import EbbInterchange

/// Several modules in one map, by their names or their shapes, and files that have less or more.
@Suite struct WeightModuleTests {
  private func ones(_ shapes: [String: [Int]]) -> TensorFile.Contents {
    TensorFile.Contents(shapes.mapValues { Tensor($0, [Float](repeating: 1, count: $0.reduce(1, *))) })
  }

  private let tutorial = Stack([LSTM(units: 3), Dropout(0.2), LSTM(units: 3), LastStep(), Dense(units: 1)])

  private func names(_ map: WeightMap) -> Set<String> { Set(map.tensorShapes.keys) }

  @Test func modulesAreNamed() throws {
    let two = try WeightMap(.pytorch, tutorial, features: 2, module: "net", modules: ["lstm", "fc"])
    #expect(two.tensorShapes["net.lstm.weight_ih_l1"] == [12, 3] && two.tensorShapes["net.fc.weight"] == [1, 3])
    let three = try WeightMap(.pytorch, tutorial, features: 2, modules: ["one", "two", "fc"])
    #expect(names(three).isSuperset(of: ["one.weight_ih_l0", "two.weight_ih_l0", "fc.bias"]))
    #expect(three.parameterShapes == two.parameterShapes)
    let keras = try WeightMap(.keras, tutorial, features: 2, modules: ["encoder", "decoder", "head"])
    #expect(names(keras).isSuperset(of: ["encoder/lstm_cell/kernel", "decoder/lstm_cell/bias", "head/kernel"]))
    let flax = try WeightMap(.flax, tutorial, features: 2, modules: ["encoder", "decoder", "head"])
    #expect(names(flax).isSuperset(of: ["encoder.cell.dense_i.kernel", "head.bias"]))
    #expect(
      problems { () throws(WeightError) in
        _ = try WeightMap(.pytorch, tutorial, features: 2, modules: ["lstm"])
      } == ["1 modules are named, lstm, for 3 layers with weights"])
    #expect(
      problems { () throws(WeightError) in
        _ = try WeightMap(.pytorch, LSTM(units: 3), features: 2, modules: ["lstm"])
      } == ["modules are named for the layers of a Stack"])
    #expect(
      problems { () throws(WeightError) in _ = try WeightMap(.pytorch, tutorial, features: 2) }.first?
        .contains("name the modules, as modules: [\"lstm\", \"fc\"]") == true)
  }

  /// nn.LSTM(num_layers=2, dropout=0.2) by itself.
  @Test func dropoutBetweenLayersHasNoPlace() throws {
    let deep = try WeightMap(.pytorch, Stack([LSTM(units: 3), Dropout(0.2), LSTM(units: 3)]), features: 2)
    let plain = try WeightMap(.pytorch, Stack([LSTM(units: 3), LSTM(units: 3)]), features: 2)
    #expect(deep.tensorShapes == plain.tensorShapes)
    #expect(Set(deep.parameterShapes.keys.compactMap { $0.split(separator: ".").first }) == ["layer0", "layer2"])
  }

  @Test func modulesAreFoundByTheirShapes() throws {
    let made = try WeightMap(.pytorch, tutorial, features: 2, module: "model", modules: ["body", "out.final"])
    let file = ones(made.tensorShapes)
    let map = try WeightMap(.pytorch, tutorial, features: 2, fitting: file)
    #expect(map.tensorShapes == made.tensorShapes)
    #expect(map.notes.prefix(2) == ["layer0, layer2: model.body", "layer4: model.out.final"])
    #expect(try map.parameters(from: file) == made.parameters(from: file))
    let inside = try WeightMap(.pytorch, tutorial, features: 2, module: "model", fitting: file)
    #expect(inside.tensorShapes == made.tensorShapes)
    // What the network has no place for, in a module that it has, is an error.
    var more = file
    more.tensors["model.body.weight_hr_l0"] = Tensor([1, 3], [0, 0, 0] as [Float])
    #expect(
      problems { () throws(WeightError) in
        _ = try WeightMap(.pytorch, tutorial, features: 2, fitting: more).parameters(from: more)
      } == ["model.body.weight_hr_l0 [1, 3] has no place here"])
  }

  @Test func likeModulesAreTakenInTheOrderOfTheirNumbers() throws {
    let stack = Stack([Dense(units: 2), Dense(units: 2)])
    let numbered = ["fc10.weight": [2, 2], "fc10.bias": [2], "fc9.weight": [2, 2], "fc9.bias": [2]]
    let map = try WeightMap(.pytorch, stack, features: 2, fitting: ones(numbered))
    #expect(map.notes == ["layer0: fc9", "layer1: fc10"])
    let named = ["a.weight": [2, 2], "a.bias": [2], "b.weight": [2, 2], "b.bias": [2]]
    #expect(
      problems { () throws(WeightError) in
        _ = try WeightMap(.pytorch, stack, features: 2, fitting: ones(named))
      } == ["layer0: a and b have its shapes; name the modules"])
    let chosen = try WeightMap(.pytorch, stack, features: 2, modules: ["b", "a"], fitting: ones(named))
    #expect(chosen.parameterShapes.count == 4)
    let one = named.filter { $0.key.hasPrefix("a") }
    #expect(
      problems { () throws(WeightError) in
        _ = try WeightMap(.pytorch, stack, features: 2, fitting: ones(one))
      } == ["layer1: another layer has its module in the file"])
  }

  @Test func aModuleThatIsNotThereIsNamed() throws {
    let file = ones(["lstm.weight_ih_l0": [12, 2], "lstm.weight_hh_l0": [12, 3], "fc.weight": [1, 4]])
    let found = problems { () throws(WeightError) in
      _ = try WeightMap(.pytorch, Stack([LSTM(units: 3), LastStep(), Dense(units: 1)]), features: 2, fitting: file)
    }
    #expect(found == ["layer2: no module in the file fits; it would have weight [1, 3]"])
    let unknown = problems { () throws(WeightError) in
      _ = try WeightMap(.pytorch, Stack([LSTM(units: 3), CoupledGateLSTM(units: 1)]), features: 2, fitting: file)
    }
    #expect(unknown == ["layer1: PyTorch has no LSTM with coupled gates; ONNX has"])
    let own = problems { () throws(WeightError) in
      _ = try WeightMap(.pytorch, Stack([LSTM(units: 3), MultiplicativeLSTM(units: 1)]), features: 2, fitting: file)
    }
    #expect(own == ["layer1: MultiplicativeLSTM is not known to other frameworks"])
  }

  @Test func linenNamesMayHaveSlashes() throws {
    let stack = Stack([LSTM(units: 3), Dense(units: 2)])
    var shapes: [String: [Int]] = ["params/Dense_0/kernel": [3, 2], "params/Dense_0/bias": [2]]
    for gate in ["i", "f", "g", "o"] {
      shapes["params/OptimizedLSTMCell_0/i\(gate)/kernel"] = [2, 3]
      shapes["params/OptimizedLSTMCell_0/h\(gate)/kernel"] = [3, 3]
      shapes["params/OptimizedLSTMCell_0/h\(gate)/bias"] = [3]
    }
    let map = try WeightMap(.flax, stack, features: 2, module: "params", fitting: ones(shapes))
    #expect(map.tensorShapes == shapes)
    #expect(map.notes.prefix(2) == ["layer0: params/OptimizedLSTMCell_0", "layer1: params/Dense_0"])
  }

  /// A Keras model whose two outputs stay apart cannot be one with merged ones.
  @Test func outputsThatAreNotMergedAreRefused() throws {
    let both = Bidirectional(LSTM(units: 3))
    var file = ones(try WeightMap(.keras, both, features: 2).tensorShapes)
    func json(_ mode: String) -> String {
      """
      {"class_name": "Sequential", "config": {"name": "s", "layers": [{"class_name": "Bidirectional", "config":
        {"name": "bidirectional", "merge_mode": \(mode), "layer": {"class_name": "LSTM", "config": {"name": "lstm"}}}}]}}
      """
    }
    file.metadata = ["keras_config": json("null")]
    #expect(
      problems { () throws(WeightError) in _ = try WeightMap(.keras, both, features: 2, fitting: file) }
        == ["bidirectional was made with merge_mode none, and the cell has concat"])
    for (mode, merge) in [("ave", Bidirectional.Merge.average), ("mul", .product)] {
      file.metadata = ["keras_config": json("\"\(mode)\"")]
      let map = try WeightMap(.keras, both, features: 2, fitting: file)
      #expect((map.cell as? Bidirectional)?.merge == merge)
    }
  }

  /// Thousands of modules are no model of recurrent layers, and take no time.
  @Test func aFileOfManyModulesIsRefused() {
    var shapes: [String: [Int]] = [:]
    for number in 0..<4000 { shapes["blocks.\(number).weight"] = [1, 1] }
    let found = problems { () throws(WeightError) in
      _ = try WeightMap(.pytorch, tutorial, features: 2, fitting: ones(shapes))
    }
    #expect(found.first?.contains("no module in the file fits") == true)
  }

  // MARK: Less and more

  @Test func biasesOfTheFileAreTheCells() throws {
    let shapes = try WeightMap(.pytorch, LSTM(units: 3), features: 2).tensorShapes
    let map = try WeightMap(.pytorch, LSTM(units: 3, hasBias: false), features: 2, fitting: ones(shapes))
    #expect((map.cell as? LSTM)?.hasBias == true && map.parameterShapes["forget.bias"] == [3])
    #expect(map.notes == ["the layer: there are biases in the file, and so in the cell"])
    let without = shapes.filter { !$0.key.contains("bias") }
    let same = try WeightMap(.pytorch, LSTM(units: 3, hasBias: false), features: 2, fitting: ones(without))
    #expect(same.notes.isEmpty && same.parameterShapes.keys.allSatisfy { $0.hasSuffix(".weight") })
    #expect(try Set(same.parameters(from: ones(without)).keys) == Set(same.parameterShapes.keys))
  }

  /// A checkpoint with another head.
  @Test func partialCheckpointsTellWhatIsMissingAndWhatIsLeft() throws {
    let network = Stack([LSTM(units: 3), LastStep(), Dense(units: 1)])
    var shapes = try WeightMap(.pytorch, network, features: 2, modules: ["lstm", "fc"]).tensorShapes
    shapes["fc.weight"] = [5, 3]
    shapes["fc.bias"] = nil
    shapes["lstm.weight_ih_l1"] = [12, 3]
    shapes["steps"] = [1]
    let map = try WeightMap(.pytorch, network, features: 2, modules: ["lstm", "fc"])
    let found = map.partialParameters(from: ones(shapes))
    #expect(Set(found.parameters.keys) == Set(map.parameterShapes.keys.filter { $0.hasPrefix("layer0.") }))
    #expect(found.parameters["layer0.forget.bias"] == Tensor([3], [2, 2, 2] as [Float]))
    #expect(
      found.description == """
        8 parameters are in the file
        fc.bias [1] is missing
        fc.weight has the shape [5, 3], and must have [1, 3]
        lstm.weight_ih_l1 [12, 3] has no place here
        steps [1] has no place here
        """)
    let whole = ones(map.tensorShapes)
    let all = map.partialParameters(from: whole)
    #expect(all.missing.isEmpty && all.superfluous.isEmpty)
    #expect(try all.parameters == map.parameters(from: whole))
  }

  @Test func learnedStartsMayBeMissing() throws {
    let cell = LearnedStart(LSTM(units: 3))
    let shapes = try WeightMap(.pytorch, LSTM(units: 3), features: 2).tensorShapes
    let map = try WeightMap(.pytorch, cell, features: 2, fitting: ones(shapes))
    #expect(map.notes.first == "the layer: the file has no h0; h.initial is zeros here")
    #expect(try map.parameters(from: ones(shapes))["c.initial"] == Tensor([3], [0, 0, 0] as [Float]))
    #expect(try WeightMap(.pytorch, cell, features: 2).tensorShapes["c0"] == [3])
  }

  @Test func whatTheFrameworksLayersCannotDoIsSaid() {
    func reason(_ convention: WeightConvention, _ cell: some RecurrentCell) -> String? {
      problems { () throws(WeightError) in _ = try WeightMap(convention, cell, features: 2) }.first
    }
    #expect(reason(.keras, LSTM(units: 3, preactivationLimit: 2))?.contains("does not limit") == true)
    #expect(reason(.pytorch, LSTM(units: 3, activation: .relu))?.contains("not sigmoid, relu, tanh") == true)
    #expect(reason(.keras, LSTM(units: 3, activation: .relu))?.contains("not relu and tanh") == true)
    #expect(reason(.flax, MinimalGatedUnit(units: 3))?.contains("reset .after") == true)
    #expect(reason(.flax, PeepholeLSTM(units: 3))?.contains("no LSTM with peepholes") == true)
    #expect(reason(.pytorch, Bidirectional(LSTM(units: 3), merge: .product))?.contains("never multiplies") == true)
    #expect(reason(.keras, GRU(units: 3, gateActivation: .tanh))?.contains("1 minus that of Keras") == true)
  }

  /// Settings go into a file of the library's own and back, whatever was chosen.
  @Test func chosenFunctionsAreKept() throws {
    let cell = LSTM(
      units: 3, gateActivation: .hardSigmoid(slope: 0.2), activation: .elu(scale: 2), outputActivation: .elu(scale: 2))
    let map = try WeightMap(.keras, cell, features: 2)
    #expect(
      map.ownSettings == ["activation": "elu(2.0)", "recurrent_activation": "hard_sigmoid(0.2)"])
    let back = try WeightMap(.keras, LSTM(units: 3), features: 2, own: map.ownSettings)
    let lstm = try #require(back.cell as? LSTM)
    #expect(lstm.gateActivation == cell.gateActivation && lstm.outputActivation == cell.outputActivation)
    #expect(back.settings["lstm/recurrent_activation"] == "hard_sigmoid(0.2)")
    #expect(try WeightMap(.keras, LSTM(units: 3), features: 2).ownSettings.isEmpty)
  }
}
