import EbbCells
import EbbExecution
import EbbInterchange
import EbbRecording
import EbbTensors
import Testing

/// Settings at other values than the defaults, and the models of tutorials: values and gradients are those that PyTorch,
/// Keras and Flax compute, and onnxruntime.
@Suite struct SettingPeerTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var vector: String
    /// Nil for the library's own names.
    var convention: WeightConvention?
    var cell: any RecurrentCell
    /// The module that the file has beside the default names.
    var modules: [String] = []
    /// Whether the modules are found by their shapes.
    var isFitted = false
    var tolerance = 1e-12
    var testDescription: String { vector }

    /// The input's features, which are not its last dimension where the channels stand first.
    func features(of vector: PeerVector) -> Int {
      let isFirst = (cell as? ConvLSTM)?.layout == .channelsFirst
      return isFirst ? vector.values["x"]?.dimensions[2] ?? 0 : vector.features
    }
  }

  static let hard = Activation.hardSigmoid()

  static let pytorch: [Case] = [
    Case(vector: "pytorch-lstm-unbiased", convention: .pytorch, cell: LSTM(units: 3, hasBias: false)),
    Case(vector: "pytorch-gru-unbiased", convention: .pytorch, cell: ResetAfterGRU(units: 3, hasBias: false)),
    Case(vector: "pytorch-lstm-cell", convention: .pytorch, cell: LSTM(units: 3), isFitted: true),
    Case(
      vector: "pytorch-tutorial", convention: .pytorch,
      cell: Stack([LSTM(units: 3), Dropout(0.2), LSTM(units: 3), LastStep(), Dense(units: 1)]),
      modules: ["lstm", "fc"]),
    Case(
      vector: "pytorch-directions", convention: .pytorch,
      cell: Stack([Bidirectional(Stack([ResetAfterGRU(units: 3), LastStep()])), Dense(units: 2)]),
      modules: ["encoder", "head"]),
    Case(
      vector: "pytorch-start", convention: .pytorch,
      cell: Stack([LearnedStart(Stack([LSTM(units: 3), LSTM(units: 3)])), Dense(units: 2, hasBias: false)]),
      isFitted: true),
    Case(vector: "pytorch-residual", convention: .pytorch, cell: Residual(ResetAfterGRU(units: 3))),
  ]

  static let keras: [Case] = [
    Case(
      vector: "keras-lstm-settings", convention: .keras,
      cell: LSTM(
        units: 3, gateActivation: hard, activation: .softsign, outputActivation: .softsign, hasBias: false)),
    Case(
      vector: "keras-gru-settings", convention: .keras,
      cell: ResetAfterGRU(units: 3, gateActivation: hard, activation: .softsign)),
    Case(
      vector: "keras-gru-unbiased", convention: .keras, cell: VariationalGRU(units: 3, reset: .after, hasBias: false)),
    Case(
      vector: "keras-gru-before-settings", convention: .keras,
      cell: GRU(units: 3, gateActivation: hard, activation: .softsign)),
    Case(
      vector: "keras-rnn-settings", convention: .keras,
      cell: SimpleRNN(units: 3, activation: .elu(), hasBias: false)),
    Case(vector: "keras-average", convention: .keras, cell: Bidirectional(LSTM(units: 3), merge: .average)),
    Case(vector: "keras-product", convention: .keras, cell: Bidirectional(LSTM(units: 3), merge: .product)),
    Case(
      vector: "keras-tutorial", convention: .keras,
      cell: Stack([LSTM(units: 3), Dropout(0.2), LSTM(units: 3), LastStep(), Dense(units: 2, hasBias: false)]),
      modules: ["lstm", "second", "dense"]),
    Case(
      vector: "keras-directions", convention: .keras,
      cell: Stack([Bidirectional(Stack([ResetAfterGRU(units: 3), LastStep()])), Dense(units: 1)])),
    Case(
      vector: "keras-reversed", convention: .keras,
      cell: Stack([Reversed(Stack([LSTM(units: 3), LastStep()])), Dense(units: 2)]), isFitted: true),
    // Keras computes a normalisation in Float32, whatever it is told.
    Case(
      vector: "keras-epsilon", convention: .keras, cell: Stack([LSTM(units: 3), LayerNormalization(epsilon: 0.02)]),
      tolerance: 1e-6),
    Case(
      vector: "keras-peephole", convention: .keras,
      cell: PeepholeLSTM(units: 3, activation: .softsign, outputActivation: .softsign)),
  ]

  static let flax: [Case] = [
    Case(
      vector: "flax-lstm-settings", convention: .flax,
      cell: LSTM(units: 3, gateActivation: hard, activation: .softsign, outputActivation: .softsign)),
    Case(
      vector: "flax-gru-settings", convention: .flax,
      cell: ResetAfterGRU(units: 3, gateActivation: hard, activation: .softsign)),
    Case(vector: "flax-lstm-gates", convention: .flax, cell: LSTM(units: 3), isFitted: true),
    Case(
      vector: "linen-cell-lstm", convention: .flax,
      cell: LSTM(units: 3, gateActivation: hard, activation: .softsign, outputActivation: .softsign), isFitted: true),
    Case(vector: "linen-cell-gru", convention: .flax, cell: ResetAfterGRU(units: 3), isFitted: true),
    Case(vector: "linen-cell-mgu", convention: .flax, cell: MinimalGatedUnit(units: 3, reset: .after)),
    Case(
      vector: "linen-cell-mgu-plain", convention: .flax,
      cell: MinimalGatedUnit(units: 3, reset: .after, hasReset: false)),
    Case(vector: "linen-cell-rnn", convention: .flax, cell: SimpleRNN(units: 3), isFitted: true),
  ]

  static let onnxHard = Activation.hardSigmoid(slope: 0.2)

  static let equations: [Case] = [
    Case(
      vector: "onnx-lstm",
      cell: LSTM(
        units: 3, gateActivation: onnxHard, activation: .softsign, outputActivation: .elu(), preactivationLimit: 0.9)),
    Case(vector: "onnx-peephole", cell: PeepholeLSTM(units: 3, preactivationLimit: 0.5)),
    Case(
      vector: "onnx-coupled",
      cell: CoupledGateLSTM(units: 3, learnedGate: .input, outputActivation: .relu, preactivationLimit: 0.9)),
    Case(
      vector: "onnx-coupled-peephole",
      cell: CoupledGateLSTM(
        units: 3, learnedGate: .input, hasPeepholes: true, outputActivation: .relu, preactivationLimit: 0.9)),
    Case(
      vector: "onnx-gru-before",
      cell: GRU(units: 3, gateActivation: onnxHard, activation: .elu(), preactivationLimit: 0.7)),
    Case(
      vector: "onnx-gru-after",
      cell: ResetAfterGRU(units: 3, gateActivation: onnxHard, activation: .elu(), preactivationLimit: 0.7)),
    Case(vector: "layernorm-lstm", cell: LayerNormLSTM(units: 3, epsilon: 0.05)),
    Case(
      vector: "layernorm-lstm-carried", cell: LayerNormLSTM(units: 3, epsilon: 0.05, carriesNormalizedCell: true)),
    Case(
      vector: "convolution-strides-dilation",
      cell: ConvLSTM(filters: 3, kernel: [2, 3], strides: [2, 1], padding: .same, dilation: [3, 2])),
  ]

  static let convolutions: [Case] = [
    Case(vector: "keras-convolution-1", convention: .keras, cell: ConvLSTM(filters: 3, kernel: [3])),
    Case(
      vector: "keras-convolution-2", convention: .keras,
      cell: ConvLSTM(
        filters: 3, kernel: [3, 2], padding: .same, gateActivation: hard, activation: .softsign,
        outputActivation: .softsign, hasBias: false)),
    Case(
      vector: "keras-convolution-3", convention: .keras,
      cell: ConvLSTM(filters: 3, kernel: [2, 1, 2], padding: .same)),
    Case(vector: "keras-strides-1", convention: .keras, cell: ConvLSTM(filters: 3, kernel: [3], strides: [2])),
    Case(
      vector: "keras-strides-2", convention: .keras,
      cell: ConvLSTM(
        filters: 3, kernel: [3, 2], strides: [2, 3], padding: .same, gateActivation: hard, activation: .softsign,
        outputActivation: .softsign, hasBias: false)),
    Case(
      vector: "keras-strides-3", convention: .keras,
      cell: ConvLSTM(filters: 3, kernel: [2, 1, 2], strides: [1, 2, 2], padding: .same, layout: .channelsFirst)),
    Case(
      vector: "keras-dilation-1", convention: .keras,
      cell: ConvLSTM(filters: 3, kernel: [3], padding: .same, dilation: [2])),
    Case(
      vector: "keras-dilation-2", convention: .keras,
      cell: ConvLSTM(filters: 3, kernel: [2, 3], dilation: [3, 1], layout: .channelsFirst)),
    Case(
      vector: "keras-dilation-3", convention: .keras,
      cell: ConvLSTM(filters: 3, kernel: [1, 2, 2], padding: .same, dilation: [1, 2, 1])),
    Case(
      vector: "keras-channels-1", convention: .keras,
      cell: ConvLSTM(filters: 3, kernel: [2], padding: .same, layout: .channelsFirst)),
  ]

  static let cases = pytorch + keras + flax + equations + convolutions

  /// A case's vector, its program and the places of its weights.
  struct Subject {
    var vector: PeerVector
    var program: Executable
    var map: WeightMap?

    init(_ test: Case) throws {
      let vector = try PeerVector(test.vector)
      let features = test.features(of: vector)
      func make(_ cell: some RecurrentCell) throws -> (Executable, WeightMap?) {
        let program = try vector.program(of: cell)
        guard let convention = test.convention else { return (program, nil) }
        guard test.isFitted else {
          return (program, try WeightMap(convention, cell, features: features, modules: test.modules))
        }
        let file = TensorFile.Contents(vector.weights)
        return (program, try WeightMap(convention, cell, features: features, fitting: file))
      }
      (program, map) = try make(test.cell)
      self.vector = vector
    }

    /// The largest difference, with the weights of the vector or others.
    func difference(weights: [String: Tensor]? = nil) throws -> Double {
      try vector.largestDifference(of: program, map, weights: weights)
    }
  }

  @Test(arguments: cases)
  func valuesAndGradientsAgree(_ test: Case) throws {
    #expect(try Subject(test).difference() < test.tolerance)
  }

  /// The file's names alone show the modules; what is exported is what was there, but for two biases that are summed.
  @Test(arguments: (pytorch + keras + flax + convolutions).filter { !$0.vector.hasPrefix("linen-cell-mgu") })
  func filesFitAndTravelBack(_ test: Case) throws {
    func check(_ cell: some RecurrentCell, _ convention: WeightConvention) throws {
      let vector = try PeerVector(test.vector)
      let file = TensorFile.Contents(vector.weights)
      let map = try WeightMap(convention, cell, features: test.features(of: vector), fitting: file)
      let parameters = try map.parameters(from: file, as: .float64)
      let back = try map.tensors(from: parameters)
      #expect(Set(back.keys) == Set(vector.weights.keys))
      for (name, tensor) in vector.weights where !name.contains("bias") {
        #expect(back[name] == tensor, "\(name)")
      }
      #expect(try map.parameters(from: back, as: .float64) == parameters)
    }
    try check(test.cell, try #require(test.convention))
  }

  /// Every block of three columns or rows, every vector, exchanged, transposed or left out, must show.
  @Test(arguments: cases)
  func mistakesAreSeen(_ test: Case) throws {
    let subject = try Subject(test)
    let vector = subject.vector
    for (name, tensor) in vector.weights {
      let (numbers, width) = (tensor.doubles, tensor.dimensions.last ?? 1)
      let rows = tensor.count / width
      func check(_ what: String, _ changed: [Double]) throws {
        var weights = vector.weights
        weights[name] = Tensor(tensor.dimensions, changed, as: tensor.element)
        let worst = try subject.difference(weights: weights)
        #expect(worst > 1e-4, "\(name): \(what)")
      }
      try check("left out", numbers.map { _ in 0 })
      try check("scaled", numbers.map { 1.5 * $0 })
      guard tensor.dimensions.count == 2 else { continue }
      if rows == width {
        try check("transposed", numbers.indices.map { numbers[$0 % width * width + $0 / width] })
      }
      for gate in 1..<max(width / 3, 1) where width % 3 == 0 {
        try check(
          "columns of gates exchanged",
          numbers.indices.map { index in
            let (row, column) = (index / width, index % width)
            let other = column / 3 == 0 ? column + 3 * gate : column / 3 == gate ? column - 3 * gate : column
            return numbers[row * width + other]
          })
      }
      for gate in 1..<max(rows / 3, 1) where rows % 3 == 0 {
        try check(
          "rows of gates exchanged",
          numbers.indices.map { index in
            let (row, column) = (index / width, index % width)
            let other = row / 3 == 0 ? row + 3 * gate : row / 3 == gate ? row - 3 * gate : row
            return numbers[other * width + column]
          })
      }
    }
  }

  /// The two outputs of two directions, of which the backward one counts half: y = h→ − h← / 2.
  private struct Separate: RecurrentCell {
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let (ahead, back) = Bidirectional(LSTM(units: 3)).outputs(x, scope)
      return ahead - 0.5 * back
    }
  }

  @Test func outputsOfDirectionsAreSeparate() throws {
    let vector = try PeerVector("keras-separate")
    let map = try WeightMap(.keras, Bidirectional(LSTM(units: 3)), features: 2)
    #expect(try vector.largestDifference(of: Separate(), map) < 1e-12)
  }

  /// One cell of Flax in both directions: the gradients of its weights are those of both.
  @Test func directionsShareTheirWeights() throws {
    let vector = try PeerVector("flax-shared")
    let map = try WeightMap(
      .flax, ResetAfterGRU(units: 3), features: 2, scope: "forward", module: "backward_rnn")
    let both = Bidirectional(ResetAfterGRU(units: 3), sharesWeights: true)
    #expect(try vector.largestDifference(of: both, map) < 1e-12)
  }

  /// Without dropout the variational GRU has Keras's numbers in the other convention too.
  @Test func theVariationalGRUResetsBeforeTheProduct() throws {
    let vector = try PeerVector("keras-gru-before")
    for (reset, isRight) in [(ResetConvention.before, true), (.after, false)] {
      let cell = VariationalGRU(units: 3, reset: reset)
      let worst = (try? WeightMap(.keras, cell, features: 2)).flatMap { try? vector.largestDifference(of: cell, $0) }
      #expect(isRight ? worst ?? 1 < 1e-12 : worst == nil)
    }
  }

  /// Each setting at its default in place of the peer's must show.
  @Test func settingsAreSeen() throws {
    func check(_ vector: String, in convention: WeightConvention? = nil, _ cells: [any RecurrentCell]) throws {
      for cell in cells {
        let worst = try Subject(Case(vector: vector, convention: convention, cell: cell)).difference()
        #expect(worst > 1e-4, "\(vector) with \(cell)")
      }
    }
    try check(
      "onnx-lstm",
      [
        LSTM(units: 3, activation: .softsign, outputActivation: .elu(), preactivationLimit: 0.9),
        LSTM(
          units: 3, gateActivation: Self.hard, activation: .softsign, outputActivation: .elu(), preactivationLimit: 0.9),
        LSTM(units: 3, gateActivation: Self.onnxHard, outputActivation: .elu(), preactivationLimit: 0.9),
        LSTM(units: 3, gateActivation: Self.onnxHard, activation: .softsign, preactivationLimit: 0.9),
        LSTM(units: 3, gateActivation: Self.onnxHard, activation: .softsign, outputActivation: .elu()),
      ])
    try check("onnx-peephole", [PeepholeLSTM(units: 3)])
    try check(
      "onnx-coupled", [CoupledGateLSTM(units: 3, learnedGate: .input, preactivationLimit: 0.9)])
    try check(
      "onnx-gru-before",
      [
        GRU(units: 3, activation: .elu(), preactivationLimit: 0.7),
        GRU(units: 3, gateActivation: Self.onnxHard, preactivationLimit: 0.7),
        GRU(units: 3, gateActivation: Self.onnxHard, activation: .elu()),
      ])
    try check(
      "onnx-gru-after",
      [
        ResetAfterGRU(units: 3, activation: .elu(), preactivationLimit: 0.7),
        ResetAfterGRU(units: 3, gateActivation: Self.onnxHard, preactivationLimit: 0.7),
        ResetAfterGRU(units: 3, gateActivation: Self.onnxHard, activation: .elu()),
      ])
    try check(
      "layernorm-lstm", [LayerNormLSTM(units: 3), LayerNormLSTM(units: 3, epsilon: 0.05, carriesNormalizedCell: true)])
    try check("layernorm-lstm-carried", [LayerNormLSTM(units: 3, epsilon: 0.05)])
    try check("keras-average", in: .keras, [Bidirectional(LSTM(units: 3), merge: .sum)])
    try check("keras-product", in: .keras, [Bidirectional(LSTM(units: 3), merge: .average)])
    try check("keras-epsilon", in: .keras, [Stack([LSTM(units: 3), LayerNormalization()])])
    try check("keras-dilation-1", in: .keras, [ConvLSTM(filters: 3, kernel: [3], padding: .same)])
    try check("keras-rnn-settings", in: .keras, [SimpleRNN(units: 3, activation: .selu, hasBias: false)])
  }
}
