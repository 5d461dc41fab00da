import EbbCells
import EbbInterchange
import EbbRecording
import EbbTensors
import Testing

/// Weights under the names of ONNX's operators.
@Suite struct ONNXConventionTests {
  /// A cell and the vector of a framework that has its weights.
  struct Case: CustomTestStringConvertible, Sendable {
    var vector: String
    var convention: WeightConvention?
    var cell: any RecurrentCell
    var tolerance = 1e-12
    var testDescription: String { vector }
  }

  static let cases: [Case] =
    PeerTests.cases.filter { test in
      // ONNX has no projections, normalisations between directions, or sums of directions.
      ["pytorch-lstm", "pytorch-gru", "pytorch-rnn", "keras-lstm", "keras-gru", "keras-stack", "flax-stack"].contains {
        test.vector.hasPrefix($0) && !test.vector.contains("lstmp")
      }
    }.map { Case(vector: $0.vector, convention: $0.convention, cell: $0.cell, tolerance: $0.tolerance) }
    + SettingPeerTests.equations.filter { $0.vector.hasPrefix("onnx") }.map { Case(vector: $0.vector, cell: $0.cell) }

  /// Weights of PyTorch, Keras and Flax, and of the cells with ONNX's settings, go into ONNX's form and come back; the
  /// network that is found there computes the same.
  @Test(arguments: cases)
  func weightsTravel(_ test: Case) throws {
    func check(_ cell: some RecurrentCell) throws {
      let vector = try PeerVector(test.vector)
      let parameters =
        try test.convention.map { (convention) throws(WeightError) in
          try WeightMap(convention, cell, features: vector.features).parameters(from: vector.weights, as: .float64)
        } ?? vector.weights
      let map = try WeightMap(.onnx, cell, features: vector.features)
      let tensors = try map.tensors(from: parameters)
      #expect(try map.parameters(from: tensors, as: .float64) == parameters)
      let network = try TrainedNetwork(TensorFile.Contents(tensors, metadata: map.settings))
      #expect(network.framework == .onnx)
      let x = try #require(vector.values["x"])
      let y = try #require(try ONNXNetworkTests.outputs(network, x.converted(to: .float64)))
      #expect(difference(y, vector.values["y"]?.converted(to: .float64)) < test.tolerance)
    }
    try check(test.cell)
  }

  /// A forget gate that is learned is ONNX's input gate with the opposite sign.
  @Test func eitherGateMayBeLearned() throws {
    let cell = CoupledGateLSTM(units: 2, hasPeepholes: true)
    let map = try WeightMap(.onnx, cell, features: 1)
    func ascending(_ shape: [Int], from first: Double) -> Tensor {
      let numbers = (0..<shape.reduce(1, *)).map { Double(($0 * 5 + Int(first)) % 13) / 6 - 1 }
      return Tensor(shape, numbers, as: .float64)
    }
    let shapes = map.parameterShapes.sorted { $0.key < $1.key }
    let parameters = Dictionary(
      uniqueKeysWithValues: shapes.enumerated().map { ($1.key, ascending($1.value, from: Double($0))) })
    let tensors = try map.tensors(from: parameters)
    #expect(tensors["B"]?.doubles[0] == -(parameters["forget.bias"]?.doubles[0] ?? 0))
    #expect(tensors["W"]?.doubles[4...5] == [0, 0], "the forget gate's own rows are not read")
    let network = try TrainedNetwork(TensorFile.Contents(tensors, metadata: map.settings))
    #expect(network.description == "ONNX: LSTM with coupled gates and peepholes, 1 → 2 units")
    let x = Tensor([3, 2, 1], [0.5, -1, 2, 0.1, -0.3, 0.7], as: .float64)
    let found = try ONNXNetworkTests.outputs(network, x)
    let own = try TrainedNetwork(TensorFile.Contents(tensors, metadata: map.settings), choices(cell))
    #expect(own.parameters["forget.peephole"] == parameters["forget.peephole"])
    #expect(difference(try ONNXNetworkTests.outputs(own, x), found) < 1e-14)
  }

  private func choices(_ cell: CoupledGateLSTM) -> TrainedNetwork.Choices {
    var choices = TrainedNetwork.Choices()
    choices.cell = TrainedNetwork.NamedCell("cifg") { units in
      CoupledGateLSTM(units: units, learnedGate: cell.learnedGate, hasPeepholes: cell.hasPeepholes)
    }
    return choices
  }

  @Test func settingsAreAttributes() throws {
    let lstm = LSTM(units: 2, gateActivation: .hardSigmoid(slope: 0.2), outputActivation: .elu(), preactivationLimit: 3)
    let both = try WeightMap(.onnx, Bidirectional(lstm, LSTM(units: 2, preactivationLimit: 3)), features: 1)
    #expect(
      both.settings == [
        "direction": "bidirectional", "activations": "HardSigmoid(0.2), Tanh, Elu(1.0)",
        "activations_reverse": "Sigmoid, Tanh, Tanh", "clip": "3.0", "input_forget": "0",
      ])
    #expect(both.tensorShapes == ["W": [2, 8, 1], "R": [2, 8, 2], "B": [2, 16]])
    let reversed = try WeightMap(.onnx, Reversed(ResetAfterGRU(units: 2)), features: 1)
    #expect(reversed.settings["direction"] == "reverse" && reversed.settings["linear_before_reset"] == "1")
    let stack = try WeightMap(.onnx, Stack([GRU(units: 2), Dense(units: 1)]), features: 1, module: "rnn")
    #expect(
      Set(stack.tensorShapes.keys) == ["rnn.layer0.W", "rnn.layer0.R", "rnn.layer0.B", "rnn.layer1.B", "rnn.layer1.C"])
  }

  @Test func whatONNXDoesNotHaveIsSaid() {
    func reason(_ cell: some RecurrentCell) -> String? {
      problems { () throws(WeightError) in _ = try WeightMap(.onnx, cell, features: 2) }.first
    }
    #expect(reason(LSTM(units: 2, activation: .silu)) == "ONNX's operators have no function silu")
    #expect(reason(GRU(units: 2, gateActivation: .relu))?.contains("1 minus that of ONNX") == true)
    #expect(
      reason(CoupledGateLSTM(units: 2, gateActivation: .relu))?.contains("the forget gate here is 1 minus") == true)
    #expect(reason(Bidirectional(LSTM(units: 2), merge: .sum))?.contains("join the two directions") == true)
    #expect(
      reason(Bidirectional(LSTM(units: 2), LSTM(units: 2, preactivationLimit: 1)))?.contains("of one kind") == true)
    #expect(reason(Bidirectional(LSTM(units: 2), sharesWeights: true))?.contains("weights for each direction") == true)
    #expect(reason(LearnedStart(LSTM(units: 2)))?.contains("initial_h") == true)
    #expect(reason(ProjectedLSTM(units: 3, outputs: 2)) == "only PyTorch's nn.LSTM has a projection")
  }
}
