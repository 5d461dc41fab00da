internal import EbbCells

/// One gate of a recurrent layer, with the names used here for its product with x, its product with h and its bias.
struct Gate {
  /// The affine whose last rows multiply x and whose bias is outside of any reset.
  var overInput: String
  /// The affine whose first rows multiply h: the same one, unless the reset gate multiplies its result.
  var overHidden: String
  /// The letter of the gate in Flax's names of single matrices: `i` in `ii.kernel` and `hi.kernel`.
  var letter: String
  /// −1 if the frameworks' gate is 1 − ours: σ(−a) = 1 − σ(a).
  var sign = 1.0

  init(_ affine: String, overHidden: String? = nil, letter: String, sign: Double = 1) {
    overInput = affine
    self.overHidden = overHidden ?? affine
    self.letter = letter
    self.sign = sign
  }

  /// Whether h has its own affine.
  var isSplit: Bool { overInput != overHidden }
}

/// A recurrent layer that frameworks know.
struct LayerKind {
  /// In Keras's words.
  enum Family: String {
    case simple = "simple_rnn"
    case lstm, gru
    /// TensorFlow's `PeepholeLSTMCell`.
    case peephole = "peephole_lstm"
    /// ONNX's LSTM with `input_forget`.
    case coupled = "coupled_lstm"
    /// Flax's `MGUCell`.
    case minimal = "mgu"
  }

  var family: Family
  /// The features of a gate.
  var units: Int
  /// The features of h: the same number, unless they are projected to fewer.
  var outputs: Int
  /// Whether gates also read the cell state, feature by feature.
  var hasPeepholes: Bool
  /// In Keras's order.
  private var gates: [Gate]

  private init(_ family: Family, _ units: Int, outputs: Int? = nil, gates: [Gate], hasPeepholes: Bool = false) {
    self.family = family
    self.units = units
    self.outputs = outputs ?? units
    self.gates = gates
    self.hasPeepholes = hasPeepholes
  }

  /// The layer with these equations; nil if they are not those of one recurrent layer.
  init?(_ form: WeightForm) {
    let lstmGates = [
      Gate("input", letter: "i"), Gate("forget", letter: "f"), Gate("candidate", letter: "g"),
      Gate("output", letter: "o"),
    ]
    let reset = Gate("reset", letter: "r")
    switch form {
    case .simple(let units, _): self.init(.simple, units, gates: [Gate("recurrent", letter: "")])
    case .lstm(let units): self.init(.lstm, units, gates: lstmGates)
    case .projectedLSTM(let units, let outputs): self.init(.lstm, units, outputs: outputs, gates: lstmGates)
    case .peepholeLSTM(let units): self.init(.peephole, units, gates: lstmGates, hasPeepholes: true)
    case .coupledLSTM(let units, let learned, let hasPeepholes):
      // ONNX has the input gate i, and f = 1 − i.
      let gate =
        switch learned {
        case .input: Gate("input", letter: "i")
        case .forget: Gate("forget", letter: "f", sign: -1)
        }
      self.init(.coupled, units, gates: [gate, lstmGates[2], lstmGates[3]], hasPeepholes: hasPeepholes)
    case .gruResetBefore(let units):
      // h' = (1 − u) ⊙ h + u ⊙ h̃; the frameworks use h' = (1 − z) ⊙ h̃ + z ⊙ h, so u = 1 − z.
      let update = Gate("update", letter: "z", sign: -1)
      self.init(.gru, units, gates: [update, reset, Gate("candidate", letter: "n")])
    case .gruResetAfter(let units):
      let candidate = Gate("candidate", overHidden: "recurrentCandidate", letter: "n")
      self.init(.gru, units, gates: [Gate("update", letter: "z"), reset, candidate])
    case .minimalGatedUnit(let units, _, let hasReset):
      let candidate = Gate("candidate", overHidden: hasReset ? "recurrentCandidate" : nil, letter: "n")
      self.init(.minimal, units, gates: [Gate("forget", letter: "f"), candidate])
    case .convLSTM, .dense, .embedding, .layerNormalization, .dropout, .lastStep, .stack, .bidirectional, .reversed,
      .residual,
      .learnedStart, .around:
      return nil
    }
  }

  /// Whether h has an affine of its own in a gate: the reset gate multiplies its result.
  var isSplit: Bool { gates.contains(where: \.isSplit) }

  /// Whether there is a cell state c beside h.
  var hasCellState: Bool { family == .lstm || family == .peephole || family == .coupled }

  /// The gates in the order in which a framework concatenates them: a GRU begins with the update gate in Keras and ONNX,
  /// and with the reset gate in the others; an LSTM has its output gate last, but in ONNX.
  func gates(in convention: WeightConvention) -> [Gate] {
    switch (convention, family) {
    case (.pytorch, .gru), (.flax, .gru): [gates[1], gates[0], gates[2]]
    case (.onnx, .lstm), (.onnx, .peephole): [gates[0], gates[3], gates[1], gates[2]]
    case (.onnx, .coupled): [gates[0], gates[2], gates[1]]
    case (.pytorch, _), (.keras, _), (.flax, _), (.onnx, _): gates
    }
  }
}
