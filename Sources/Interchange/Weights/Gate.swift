/// One gate of a recurrent layer, with the names used here for its product with x, its product with h and its bias.
struct Gate: Equatable {
  /// The frameworks' names of the gates, by which their orders are given.
  enum Role: Hashable {
    case recurrent, input, forget, cell, output, update, reset, candidate
  }

  var role: Role
  /// The affine whose last rows multiply x and whose bias is outside of any reset.
  var overInput: String
  /// The affine whose first rows multiply h: the same one, unless the reset gate multiplies its result.
  var overHidden: String
  /// −1 if the frameworks' gate is 1 − ours: σ(−a) = 1 − σ(a).
  var sign = 1.0

  init(_ role: Role, _ affine: String, overHidden: String? = nil, sign: Double = 1) {
    self.role = role
    overInput = affine
    self.overHidden = overHidden ?? affine
    self.sign = sign
  }

  /// Whether h has its own affine.
  var isSplit: Bool { overInput != overHidden }
}

/// A recurrent layer that frameworks know.
struct LayerKind: Equatable {
  enum Family: Equatable {
    case simple, lstm, projectedLSTM, gruResetBefore, gruResetAfter
  }

  var family: Family
  /// The features of a gate.
  var units: Int
  /// The features of h: the same number, unless they are projected to fewer.
  var outputs: Int
  var gates: [Gate]

  init(family: Family, units: Int, outputs: Int? = nil, gates: [Gate]) {
    self.family = family
    self.units = units
    self.outputs = outputs ?? units
    self.gates = gates
  }

  static func simple(_ units: Int) -> LayerKind {
    LayerKind(family: .simple, units: units, gates: [Gate(.recurrent, "recurrent")])
  }

  static func lstm(_ units: Int) -> LayerKind {
    LayerKind(family: .lstm, units: units, gates: lstmGates)
  }

  static func projectedLSTM(_ units: Int, _ outputs: Int) -> LayerKind {
    LayerKind(family: .projectedLSTM, units: units, outputs: outputs, gates: lstmGates)
  }

  private static let lstmGates = [
    Gate(.input, "input"), Gate(.forget, "forget"), Gate(.cell, "candidate"), Gate(.output, "output"),
  ]

  /// h' = (1 − u) ⊙ h + u ⊙ h̃; the frameworks use h' = (1 − z) ⊙ h̃ + z ⊙ h, so u = 1 − z.
  static func gruResetBefore(_ units: Int) -> LayerKind {
    LayerKind(
      family: .gruResetBefore, units: units,
      gates: [Gate(.update, "update", sign: -1), Gate(.reset, "reset"), Gate(.candidate, "candidate")])
  }

  static func gruResetAfter(_ units: Int) -> LayerKind {
    LayerKind(
      family: .gruResetAfter, units: units,
      gates: [
        Gate(.update, "update"), Gate(.reset, "reset"),
        Gate(.candidate, "candidate", overHidden: "recurrentCandidate"),
      ])
  }

  /// The gates in the order in which a convention concatenates them.
  func gates(in order: [Gate.Role]) -> [Gate] {
    order.compactMap { role in gates.first { $0.role == role } }
  }
}
