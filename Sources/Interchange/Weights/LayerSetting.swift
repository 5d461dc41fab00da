internal import EbbCells
internal import EbbRecording

/// A setting of a layer that no tensor shows.
struct LayerSetting {
  /// The framework's word for it.
  var name: String
  /// The framework's default.
  var standard: String
  /// The value in the cell here.
  var own: String
  /// Whether it differs from the cell's default, and so was chosen.
  var isChosen = false
  /// Whether the cell can have another value.
  var canChange = false

  init(_ name: String, standard: String, own: String? = nil, isChosen: Bool = false, canChange: Bool = false) {
    (self.name, self.standard, self.own) = (name, standard, own ?? standard)
    (self.isChosen, self.canChange) = (isChosen, canChange)
  }
}

extension WeightConvention {
  /// The framework's name in messages.
  var framework: String {
    switch self {
    case .pytorch: "PyTorch"
    case .keras: "Keras"
    case .flax: "Flax"
    }
  }

  /// The settings of a layer of the framework, from its documentation: torch.nn of PyTorch 2, keras.layers of Keras 3,
  /// flax.nnx.
  func settings(of cell: some RecurrentCell, _ form: WeightForm) -> [LayerSetting] {
    switch form {
    case .simple(_, let activation):
      let name =
        switch self {
        case .pytorch: "nonlinearity"
        case .keras: "activation"
        case .flax: "activation_fn"
        }
      return [
        LayerSetting(
          name, standard: "tanh", own: activation.frameworkName, isChosen: activation != .tanh,
          canChange: cell is SimpleRNN)
      ] + (self == .keras ? [LayerSetting("go_backwards", standard: "false")] : [])
    case .lstm, .projectedLSTM: return gatedSettings
    case .gruResetAfter:
      return gatedSettings + (self == .keras ? [LayerSetting("reset_after", standard: "true")] : [])
    case .gruResetBefore:
      return gatedSettings
        + (self == .keras ? [LayerSetting("reset_after", standard: "true", own: "false", isChosen: true)] : [])
    case .dense:
      guard self == .keras, let dense = cell as? Dense else { return [] }
      return [
        LayerSetting(
          "activation", standard: "linear", own: dense.activation.frameworkName,
          isChosen: dense.activation != .identity, canChange: true)
      ]
    case .embedding: return self == .keras ? [LayerSetting("mask_zero", standard: "false")] : []
    case .layerNormalization:
      let (name, standard) =
        switch self {
        case .pytorch: ("eps", 1e-5)
        case .keras: ("epsilon", 1e-3)
        case .flax: ("epsilon", 1e-6)
        }
      guard let normalization = cell as? LayerNormalization else {
        return [LayerSetting(name, standard: "\(standard)")]
      }
      let own = normalization.epsilon
      return [
        LayerSetting(
          name, standard: "\(standard)", own: "\(own)", isChosen: own != LayerNormalization().epsilon, canChange: true)
      ]
    case .bidirectional(_, _, let merge):
      // PyTorch always joins.
      let names: (setting: String, joined: String)? =
        switch self {
        case .pytorch: nil
        case .keras: ("merge_mode", "concat")
        case .flax: ("merge_fn", "concatenate")
        }
      guard let (name, joined) = names else { return [] }
      let isSum = merge == .sum
      return [
        LayerSetting(
          name, standard: joined, own: isSum ? "sum" : joined, isChosen: isSum, canChange: cell is Bidirectional)
      ]
    case .dropout, .stack: return []
    }
  }

  /// Settings of gated layers; PyTorch's have none.
  private var gatedSettings: [LayerSetting] {
    switch self {
    case .pytorch: []
    case .keras:
      [
        LayerSetting("activation", standard: "tanh"), LayerSetting("recurrent_activation", standard: "sigmoid"),
        LayerSetting("go_backwards", standard: "false"),
      ]
    case .flax: [LayerSetting("activation_fn", standard: "tanh"), LayerSetting("gate_fn", standard: "sigmoid")]
    }
  }
}

extension Activation {
  /// The name in all three frameworks.
  var frameworkName: String {
    switch self {
    case .identity: "linear"
    case .tanh: "tanh"
    case .relu: "relu"
    case .sigmoid: "sigmoid"
    case .softplus: "softplus"
    }
  }

  init?(frameworkName: String) {
    guard let match = Self.allCases.first(where: { $0.frameworkName == frameworkName }) else { return nil }
    self = match
  }
}

extension LayerSetting {
  /// Whether two values are equal: as numbers if they are numbers, else as words.
  static func isEqual(_ left: String, _ right: String) -> Bool {
    if let first = Double(left), let second = Double(right) { return first == second }
    return left.lowercased() == right.lowercased()
  }

  /// The cell with this value of the setting; nil if there is no such value.
  func applied(_ value: String, to cell: any RecurrentCell) -> (any RecurrentCell)? {
    if var normalization = cell as? LayerNormalization {
      guard let epsilon = Double(value), epsilon >= 0, epsilon.isFinite else { return nil }
      normalization.epsilon = epsilon
      return normalization
    }
    if var both = cell as? Bidirectional {
      switch value.lowercased() {
      case "concat", "concatenate": both.merge = .concatenate
      case "sum": both.merge = .sum
      default: return nil
      }
      return both
    }
    guard let activation = Activation(frameworkName: value.lowercased()) else { return nil }
    if var layer = cell as? SimpleRNN {
      layer.activation = activation
      return layer
    }
    if var layer = cell as? Dense {
      layer.activation = activation
      return layer
    }
    return nil
  }
}
