import EbbCells
import EbbInterchange
import EbbRecording
import EbbTensors
import EbbTestSupport
import Testing

/// Values and gradients with weights of PyTorch, Keras and Flax are those that PyTorch, Keras and Flax compute.
@Suite struct PeerTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var vector: String
    var convention: WeightConvention
    var cell: any RecurrentCell
    var tolerance = 1e-12
    var testDescription: String { vector }
  }

  static func pytorch(_ kind: String) -> any RecurrentCell {
    switch kind {
    case "rnn": SimpleRNN(units: 3)
    case "rnn-relu": SimpleRNN(units: 3, activation: .relu)
    case "lstm": LSTM(units: 3)
    case "lstmp": ProjectedLSTM(units: 3, outputs: 2)
    default: ResetAfterGRU(units: 3)
    }
  }

  static func deep(_ cell: some RecurrentCell) -> Stack {
    Stack([Bidirectional(cell, cell), Bidirectional(cell, cell)])
  }

  static let cases: [Case] = {
    var cases: [Case] = []
    for kind in ["rnn", "rnn-relu", "lstm", "gru", "lstmp"] {
      for regime in ["small", "unit"] {
        let name = "pytorch-\(kind)-\(regime)"
        cases.append(Case(vector: name + "-float64", convention: .pytorch, cell: pytorch(kind)))
        cases.append(Case(vector: name + "-float32", convention: .pytorch, cell: pytorch(kind), tolerance: 1e-5))
      }
    }
    for (kind, run) in [("rnn", "unit-"), ("lstm", "unit-"), ("gru", "unit-"), ("lstmp", "")] {
      let vector = "pytorch-\(kind)-deep-\(run)float32"
      cases.append(Case(vector: vector, convention: .pytorch, cell: deep(pytorch(kind)), tolerance: 1e-5))
    }
    for kind in ["rnn", "lstm", "gru", "lstmp"] {
      cases.append(Case(vector: "pytorch-\(kind)-deep-float64", convention: .pytorch, cell: deep(pytorch(kind))))
    }
    let lstm = LSTM(units: 3)
    let gru = ResetAfterGRU(units: 3)
    cases.append(Case(vector: "keras-rnn", convention: .keras, cell: SimpleRNN(units: 3)))
    cases.append(Case(vector: "keras-lstm", convention: .keras, cell: lstm))
    cases.append(Case(vector: "keras-gru", convention: .keras, cell: gru))
    cases.append(Case(vector: "keras-gru-before", convention: .keras, cell: GRU(units: 3)))
    let kerasStack = Stack([lstm, Bidirectional(gru, gru), lstm, Dense(units: 2)])
    cases.append(Case(vector: "keras-stack", convention: .keras, cell: kerasStack))
    cases.append(Case(vector: "flax-rnn", convention: .flax, cell: SimpleRNN(units: 3)))
    cases.append(Case(vector: "flax-lstm", convention: .flax, cell: lstm))
    cases.append(Case(vector: "flax-gru", convention: .flax, cell: gru))
    let flaxStack = Stack([Bidirectional(lstm, lstm), gru, Dense(units: 2)])
    cases.append(Case(vector: "flax-stack", convention: .flax, cell: flaxStack))
    let kerasDeep = Stack([
      Bidirectional(lstm, lstm, merge: .sum), gru, gru, Bidirectional(SimpleRNN(units: 3), SimpleRNN(units: 3)),
    ])
    cases.append(Case(vector: "keras-deep", convention: .keras, cell: kerasDeep))
    // Keras computes a normalisation in Float32, whatever it is told.
    let keras = Case(
      vector: "keras-normalized", convention: .keras, cell: Stack([gru, LayerNormalization()]), tolerance: 1e-6)
    cases.append(keras)
    let flaxDeep = Stack([lstm, lstm, LayerNormalization(), Bidirectional(gru, gru)])
    cases.append(Case(vector: "flax-deep", convention: .flax, cell: flaxDeep))
    return cases
  }()

  @Test(arguments: cases)
  func valuesAndGradientsAgree(_ test: Case) throws {
    func check(_ cell: some RecurrentCell) throws {
      let vector = try PeerVector(test.vector)
      let map = try WeightMap(test.convention, cell, features: vector.features)
      let worst = try vector.largestDifference(of: cell, map)
      #expect(worst < test.tolerance)
    }
    try check(test.cell)
  }

  /// What is imported and exported is what was there, but for two biases that are summed.
  @Test(arguments: cases)
  func exportIsTheInverseOfImport(_ test: Case) throws {
    func check(_ cell: some RecurrentCell) throws {
      let vector = try PeerVector(test.vector)
      let map = try WeightMap(test.convention, cell, features: vector.features)
      let parameters = try map.parameters(from: vector.weights, as: .float64)
      let back = try map.tensors(from: parameters)
      for (name, tensor) in vector.weights where !name.contains("bias") {
        #expect(back[name] == tensor.converted(to: .float64), "\(name)")
      }
      #expect(try map.parameters(from: back, as: .float64) == parameters)
    }
    try check(test.cell)
  }

  // MARK: Mistakes

  /// Each mistake that an importer can make with a PyTorch state dict must show in these very vectors.
  enum Mistake: CaseIterable {
    case transposedMatrix, swappedGates, droppedInputBias, droppedHiddenBias
  }

  @Test(arguments: ["lstm", "gru", "rnn", "lstmp"], Mistake.allCases)
  func mistakesAreSeen(_ kind: String, _ mistake: Mistake) throws {
    for regime in ["small", "unit"] {
      let vector = try PeerVector("pytorch-\(kind)-\(regime)-float64")
      let gates = (vector.weights["bias_ih_l0"]?.count ?? 0) / 3
      if mistake == .swappedGates, gates == 1 { continue }
      // A projection's matrices are not square: see below.
      if mistake == .transposedMatrix, kind == "lstmp" { continue }
      let (hidden, units) = (["weight_hh_l0"], 3)
      // Every gate, or pair of gates, is tried.
      for gate in 0..<gates {
        var weights = vector.weights
        switch mistake {
        case .transposedMatrix:
          change(&weights, hidden) { old, row, column, width in
            let isHere = row / units == gate
            return isHere ? old[(gate * units + column) * width + row % units] : old[row * width + column]
          }
        case .swappedGates:
          let other = (gate + 1) % gates
          change(&weights, weights.keys.filter { $0 != "weight_hr_l0" }) { old, row, column, width in
            let source = row / units == gate ? other : row / units == other ? gate : row / units
            return old[(source * units + row % units) * width + column]
          }
        case .droppedInputBias, .droppedHiddenBias:
          let name = mistake == .droppedInputBias ? "bias_ih_l0" : "bias_hh_l0"
          change(&weights, [name]) { old, row, _, _ in row / units == gate ? 0 : old[row] }
        }
        func check(_ cell: some RecurrentCell) throws {
          let map = try WeightMap(.pytorch, cell, features: vector.features)
          let worst = try vector.largestDifference(of: cell, map, weights: weights)
          #expect(worst > 1e-3, "\(regime), gate \(gate)")
        }
        try check(Self.pytorch(kind))
      }
    }
  }

  /// Rewrites tensors element by element: what stood there, the row, the column and the length of a row.
  private func change(
    _ weights: inout [String: Tensor], _ names: [String], _ body: ([Double], Int, Int, Int) -> Double
  ) {
    for name in names {
      guard let old = weights[name] else { continue }
      let width = old.dimensions.count == 2 ? old.dimensions[1] : 1
      let (numbers, count) = (old.doubles, old.count)
      let new = (0..<count).map { body(numbers, $0 / width, $0 % width, width) }
      weights[name] = Tensor(old.dimensions, new, as: old.element)
    }
  }

  /// The matrix of a projection that is read by rows where it stands by columns, and one that is left out.
  @Test(arguments: [0, 1])
  func aMistakenProjectionIsSeen(_ mistake: Int) throws {
    for regime in ["small", "unit"] {
      let vector = try PeerVector("pytorch-lstmp-\(regime)-float64")
      var weights = vector.weights
      change(&weights, ["weight_hr_l0"]) { old, row, column, _ in mistake == 0 ? old[column * 2 + row] : 0 }
      let map = try WeightMap(.pytorch, ProjectedLSTM(units: 3, outputs: 2), features: vector.features)
      #expect(try vector.largestDifference(of: ProjectedLSTM(units: 3, outputs: 2), map, weights: weights) > 1e-3)
    }
  }

  /// PyTorch's weights in the GRU that applies its reset gate before the product.
  @Test func aSwappedResetConventionIsSeen() throws {
    let after = try PeerVector("pytorch-gru-small-float64")
    let map = try WeightMap(.pytorch, ResetAfterGRU(units: 3), features: 2)
    let right = try map.parameters(from: after.weights, as: .float64)
    let outputs = try after.outputs(of: ResetAfterGRU(units: 3), right)
    #expect(difference(outputs["y"], after.values["y"]) < 1e-12)

    // [r ⊙ h, x] · [U_c; W_c] + b_c + d_c instead of x · W_c + b_c + r ⊙ (h · U_c + d_c)
    var wrong = right
    let (inner, outer) = ("recurrentCandidate", "candidate")
    func numbers(_ name: String) -> [Double] { right[name]?.doubles ?? [] }
    wrong["candidate.weight"] = Tensor([5, 3], numbers(inner + ".weight") + numbers(outer + ".weight"))
    wrong["candidate.bias"] = Tensor([3], zip(numbers(inner + ".bias"), numbers(outer + ".bias")).map { $0 + $1 })
    for name in ["update.weight", "update.bias"] {
      wrong[name] = Tensor(right[name]?.dimensions ?? [], numbers(name).map { -$0 })
    }
    wrong["recurrentCandidate.weight"] = nil
    wrong["recurrentCandidate.bias"] = nil
    let swapped = try after.outputs(of: GRU(units: 3), wrong)
    #expect(difference(swapped["y"], after.values["y"]) > 1e-3)
  }
}
