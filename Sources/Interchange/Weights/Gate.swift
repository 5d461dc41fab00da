/// One gate of a recurrent layer, with the names used here for its product with x, its product with h and its bias.
struct Gate {
  /// The affine whose last rows multiply x and whose bias is outside of any reset.
  var overInput: String
  /// The affine whose first rows multiply h: the same one, unless the reset gate multiplies its result.
  var overHidden: String
  /// −1 if the frameworks' gate is 1 − ours: σ(−a) = 1 − σ(a).
  var sign = 1.0

  init(_ affine: String, overHidden: String? = nil, sign: Double = 1) {
    overInput = affine
    self.overHidden = overHidden ?? affine
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
  }

  var family: Family
  /// The features of a gate.
  var units: Int
  /// The features of h: the same number, unless they are projected to fewer.
  var outputs: Int
  /// In Keras's order.
  private var gates: [Gate]

  private init(_ family: Family, _ units: Int, outputs: Int? = nil, gates: [Gate]) {
    self.family = family
    self.units = units
    self.outputs = outputs ?? units
    self.gates = gates
  }

  /// The layer with these equations; nil if they are not those of one recurrent layer.
  init?(_ form: WeightForm) {
    let lstmGates = [Gate("input"), Gate("forget"), Gate("candidate"), Gate("output")]
    switch form {
    case .simple(let units, _): self.init(.simple, units, gates: [Gate("recurrent")])
    case .lstm(let units): self.init(.lstm, units, gates: lstmGates)
    case .projectedLSTM(let units, let outputs): self.init(.lstm, units, outputs: outputs, gates: lstmGates)
    case .gruResetBefore(let units):
      // h' = (1 − u) ⊙ h + u ⊙ h̃; the frameworks use h' = (1 − z) ⊙ h̃ + z ⊙ h, so u = 1 − z.
      self.init(.gru, units, gates: [Gate("update", sign: -1), Gate("reset"), Gate("candidate")])
    case .gruResetAfter(let units):
      self.init(
        .gru, units,
        gates: [Gate("update"), Gate("reset"), Gate("candidate", overHidden: "recurrentCandidate")])
    case .dense, .embedding, .layerNormalization, .dropout, .stack, .bidirectional: return nil
    }
  }

  /// Whether h has an affine of its own in a gate: the reset gate multiplies its result.
  var isSplit: Bool { gates.contains(where: \.isSplit) }

  /// The gates in the order in which a framework concatenates them: a GRU begins with the update gate in Keras, and with
  /// the reset gate in the others.
  func gates(in convention: WeightConvention) -> [Gate] {
    family == .gru && convention != .keras ? [gates[1], gates[0], gates[2]] : gates
  }
}
