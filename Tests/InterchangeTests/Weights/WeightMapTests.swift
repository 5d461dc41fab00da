import EbbCells
import EbbInterchange
import EbbRecording
import EbbTensors
import Testing

/// What does not fit is named, all of it at once.
@Suite struct WeightMapTests {
  @Test func everythingThatDoesNotFitIsNamed() throws {
    let map = try WeightMap(.pytorch, LSTM(units: 3), features: 2)
    let zeros = map.tensorShapes.mapValues { Tensor($0, [Double](repeating: 0, count: $0.reduce(1, *))) }
    var tensors = zeros
    tensors["bias_hh_l0"] = nil
    tensors["weight_hr_l0"] = Tensor([1, 3], [0, 0, 0] as [Float])
    tensors["weight_ih_l0"] = Tensor([2, 12], [Float](repeating: 0, count: 24))
    tensors["bias_ih_l0"] = Tensor([12], [Int32](repeating: 0, count: 12))
    #expect(
      problems { () throws(WeightError) in _ = try map.parameters(from: tensors) } == [
        "bias_hh_l0 [12] is missing", "bias_ih_l0 has elements i32, and must have floats",
        "weight_hr_l0 [1, 3] has no place here", "weight_ih_l0 has the shape [2, 12], and must have [12, 2]",
      ])
    #expect(
      problems { () throws(WeightError) in _ = try map.tensors(from: [:]) }.contains("forget.weight [5, 3] is missing"))
  }

  /// The map's parameters are those of the recording, for every cell and convention that has it.
  @Test(arguments: WeightConvention.allCases)
  func theParametersAreTheRecordings(_ convention: WeightConvention) throws {
    func check(_ cell: some RecurrentCell) throws {
      let shapes = try WeightMap(convention, cell, features: 2).parameterShapes
      let recording = try Recording(cell, features: 2)
      let expected = recording.parameters.map { ($0.name, $0.shape.array) }
      #expect(shapes == Dictionary(uniqueKeysWithValues: expected))
    }
    let (lstm, gru) = (LSTM(units: 3), ResetAfterGRU(units: 3))
    try check(SimpleRNN(units: 3))
    try check(lstm)
    try check(gru)
    try check(Dense(units: 3))
    try check(Bidirectional(gru, gru))
    try check(Stack([Bidirectional(lstm, lstm), Bidirectional(lstm, lstm)]))
    try check(LayerNormalization())
    try check(Reversed(Zoneout(lstm, 0.1)))
    if convention != .onnx {
      try check(Bidirectional(gru, sharesWeights: true))
      try check(Residual(lstm))
      try check(Residual(LSTM(units: 2)))
      try check(Reversed(LearnedStart(Zoneout(lstm, 0.1))))
      try check(Bidirectional(Stack([LearnedStart(lstm), LastStep()])))
    }
    try check(ResetAfterGRU(units: 3, hasBias: false))
    try check(VariationalGRU(units: 3, reset: .after))
    let unbiased = LSTM(units: 3, hasBias: false)
    try check(Stack([unbiased, Dropout(0.5), unbiased]))
    if convention == .keras || convention == .onnx {
      try check(PeepholeLSTM(units: 3, hasBias: false))
      try check(GRU(units: 3, hasBias: false))
    }
    if convention == .flax { try check(MinimalGatedUnit(units: 3, reset: .after)) }
    if convention == .onnx {
      try check(CoupledGateLSTM(units: 3))
      let coupled = CoupledGateLSTM(units: 3, learnedGate: .input, hasPeepholes: true)
      return try check(Bidirectional(coupled, coupled))
    }
    if convention == .pytorch { return try check(ProjectedLSTM(units: 3, outputs: 2)) }
    try check(Stack([lstm, Dropout(0.5), LayerNormalization(), Bidirectional(gru, gru, merge: .sum), Dense(units: 2)]))
  }

  @Test(arguments: [
    (WeightConvention.pytorch, "e.weight"), (.keras, "e/embeddings"), (.flax, "e.embedding"), (.onnx, "e.data"),
  ])
  func tablesOfTokensTravel(_ convention: WeightConvention, _ name: String) throws {
    let map = try WeightMap(convention, Embedding(tokens: 3, units: 2), features: 1, scope: "words", module: "e")
    let table = Tensor([3, 2], [1, 2, 3, 4, 5, 6] as [Float])
    #expect(try map.parameters(from: [name: table]) == ["words.table": table])
    #expect(try map.tensors(from: ["words.table": table]) == [name: table])
  }

  @Test func whatAFrameworkDoesNotHaveIsSaid() {
    func reasons(_ convention: WeightConvention, _ cell: some RecurrentCell) -> [String] {
      problems { () throws(WeightError) in _ = try WeightMap(convention, cell, features: 2) }
    }
    #expect(reasons(.pytorch, GRU(units: 3)).first?.contains("use ResetAfterGRU") == true)
    #expect(reasons(.flax, GRU(units: 3)).first?.contains("use ResetAfterGRU") == true)
    #expect(reasons(.keras, GRU(units: 3)).isEmpty)
    let projected = ProjectedLSTM(units: 3, outputs: 2)
    #expect(reasons(.keras, projected) == ["only PyTorch's nn.LSTM has a projection"])
    #expect(reasons(.pytorch, ProjectedLSTM(units: 3, outputs: 3)).first?.contains("to fewer features") == true)
    #expect(reasons(.pytorch, Stack([LSTM(units: 3), projected])).first?.contains("all alike") == true)
    let added = Bidirectional(LSTM(units: 3), LSTM(units: 3), merge: .sum)
    #expect(reasons(.pytorch, added) == ["PyTorch joins the two directions, and never adds them"])
    let two: [any RecurrentCell] = [MinimalGatedUnit(units: 3), CoupledGateLSTM(units: 3)]
    #expect(
      reasons(.pytorch, Stack([two[0]])) == ["layer0: MinimalGatedUnit is not known to other frameworks"])
    #expect(reasons(.keras, Bidirectional(two[0], two[1])).count == 2)
    let sigmoid = SimpleRNN(units: 3, activation: .sigmoid)
    #expect(reasons(.pytorch, sigmoid) == ["nn.RNN has the activations tanh and relu, not sigmoid"])
    let uneven = Stack([LSTM(units: 3), LSTM(units: 4)])
    #expect(reasons(.pytorch, uneven).first?.contains("all alike") == true)
    let mixed = Stack([LSTM(units: 3, hasBias: false), LSTM(units: 3)])
    #expect(reasons(.pytorch, mixed).first?.contains("all alike") == true)
    let deep = Stack([LSTM(units: 3), LSTM(units: 3)])
    #expect(reasons(.pytorch, Bidirectional(deep, deep)).first?.contains("one recurrent layer each") == true)
  }

  @Test func mapsOfSeveralModulesAdd() throws {
    let body = try WeightMap(.pytorch, LSTM(units: 3), features: 2, scope: "body", module: "rnn")
    let head = try WeightMap(.pytorch, Dense(units: 1), features: 3, scope: "readout", module: "head")
    let map = try body + head
    #expect(map.tensorShapes["head.weight"] == [1, 3])
    #expect(map.tensorShapes["rnn.weight_ih_l0"] == [12, 2])
    #expect(map.parameterShapes["readout.dense.bias"] == [1])
    #expect(map.parameterShapes["body.output.weight"] == [5, 3])
    #expect(problems { () throws(WeightError) in _ = try head + head }.count == 4)
  }

  /// Without biases there, biases here are zeros, and have to be.
  @Test func layersWithoutBiases() throws {
    let map = try WeightMap(.pytorch, SimpleRNN(units: 1), features: 1, biases: false)
    let tensors = ["weight_ih_l0": Tensor([1, 1], [2] as [Float]), "weight_hh_l0": Tensor([1, 1], [3] as [Float])]
    var parameters = try map.parameters(from: tensors)
    #expect(parameters["recurrent.weight"] == Tensor([2, 1], [3, 2] as [Float]))
    #expect(parameters["recurrent.bias"] == Tensor([1], [0] as [Float]))
    #expect(try map.tensors(from: parameters) == tensors)
    parameters["recurrent.bias"] = Tensor([1], [1] as [Float])
    #expect(
      problems { () throws(WeightError) in _ = try map.tensors(from: parameters) } == [
        "recurrent.bias is not zero, and the convention has no such parameter"
      ])
  }
}
