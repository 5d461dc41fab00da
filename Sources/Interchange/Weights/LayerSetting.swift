package import EbbCells
internal import EbbRecording

/// A setting of a layer that no tensor shows.
struct LayerSetting {
  /// A cell with this value of the setting; nil if there is no such value.
  typealias Change = @Sendable (_ value: String, _ cell: any RecurrentCell) -> (any RecurrentCell)?

  /// The framework's word for it.
  var name: String
  /// The framework's default.
  var standard: String
  /// The value in the cell here.
  var own: String
  /// Whether it differs from the cell's default, and so was chosen.
  var isChosen: Bool
  /// Gives the cell another value; nil if it can have no other.
  var change: Change?

  init(_ name: String, standard: String, own: String? = nil, isChosen: Bool = false, change: Change? = nil) {
    (self.name, self.standard, self.own) = (name, standard, own ?? standard)
    (self.isChosen, self.change) = (isChosen, change)
  }
}

extension WeightConvention {
  /// The framework's name in messages.
  var framework: String {
    switch self {
    case .pytorch: "PyTorch"
    case .keras: "Keras"
    case .flax: "Flax"
    case .onnx: "ONNX"
    }
  }

  /// The settings of a layer of the framework, from its documentation: torch.nn of PyTorch 2, keras.layers of Keras 3,
  /// flax.nnx, and the operators of ONNX.
  ///
  /// - Parameter place: Whether the layer runs backward in time, alone or beside another one.
  func settings(
    of cell: some RecurrentCell, _ form: WeightForm, at place: WeightMapBuilder.Place = .init(prefix: "")
  ) -> [LayerSetting] {
    let isReversed = place.isReversed
    if self == .onnx, let settings = onnxSettings(of: cell, form, place) { return settings }
    switch form {
    case .simple(_, let activation):
      let name =
        switch self {
        case .pytorch: "nonlinearity"
        case .keras, .onnx: "activation"
        case .flax: "activation_fn"
        }
      return [
        LayerSetting(
          name, standard: "tanh", own: activation.frameworkName, isChosen: activation != .tanh,
          change: cell is any ActivatedCell ? LayerSetting.changedActivation : nil)
      ] + directionSettings(isReversed)
    case .lstm, .projectedLSTM, .peepholeLSTM, .coupledLSTM, .minimalGatedUnit:
      return gatedSettings(of: cell) + directionSettings(isReversed)
    case .convLSTM:
      return gatedSettings(of: cell) + directionSettings(isReversed)
        + ((cell as? ConvLSTM).map(LayerSetting.convolutions) ?? [])
    case .gruResetAfter:
      return gatedSettings(of: cell) + directionSettings(isReversed)
        + (self == .keras ? [LayerSetting("reset_after", standard: "true")] : [])
    case .gruResetBefore:
      return gatedSettings(of: cell) + directionSettings(isReversed)
        + (self == .keras ? [LayerSetting("reset_after", standard: "true", own: "false", isChosen: true)] : [])
    case .dense:
      guard self == .keras || self == .onnx, let dense = cell as? Dense else { return [] }
      return [
        LayerSetting(
          "activation", standard: "linear", own: dense.activation.frameworkName,
          isChosen: dense.activation != .identity, change: LayerSetting.changedActivation)
      ]
    case .embedding: return self == .keras ? [LayerSetting("mask_zero", standard: "false")] : []
    case .layerNormalization:
      let (name, standard) =
        switch self {
        case .pytorch: ("eps", 1e-5)
        case .keras: ("epsilon", 1e-3)
        case .flax: ("epsilon", 1e-6)
        case .onnx: ("epsilon", 1e-5)
        }
      guard let normalization = cell as? LayerNormalization else {
        return [LayerSetting(name, standard: "\(standard)")]
      }
      let own = normalization.epsilon
      return [
        LayerSetting(
          name, standard: "\(standard)", own: "\(own)", isChosen: own != LayerNormalization().epsilon,
          change: LayerSetting.changedEpsilon)
      ]
    case .bidirectional(_, _, let merge):
      // PyTorch and ONNX always join.
      let name: String? =
        switch self {
        case .pytorch, .onnx: nil
        case .keras: "merge_mode"
        case .flax: "merge_fn"
        }
      guard let name else { return [] }
      return [
        LayerSetting(
          name, standard: Bidirectional.Merge.concatenate.name(in: self), own: merge.name(in: self),
          isChosen: merge != .concatenate, change: cell is Bidirectional ? LayerSetting.changedMerge : nil)
      ]
    case .dropout, .lastStep, .stack, .reversed, .residual, .learnedStart, .around: return []
    }
  }

  /// The functions of gated layers; PyTorch's cannot be chosen.
  private func gatedSettings(of cell: some RecurrentCell) -> [LayerSetting] {
    let names: (activation: String, gate: String)? =
      switch self {
      case .pytorch, .onnx: nil
      case .keras: ("activation", "recurrent_activation")
      case .flax: ("activation_fn", "gate_fn")
      }
    guard let names else { return [] }
    guard let gated = cell as? any GatedCell else {
      return [
        LayerSetting(names.activation, standard: "tanh"),
        LayerSetting(names.gate, standard: "sigmoid"),
      ]
    }
    return [
      LayerSetting(
        names.activation, standard: "tanh", own: gated.activation.frameworkName, isChosen: gated.activation != .tanh,
        change: LayerSetting.changedActivation),
      LayerSetting(
        names.gate, standard: "sigmoid", own: gated.gateActivation.frameworkName,
        isChosen: gated.gateActivation != .sigmoid, change: LayerSetting.changedGateActivation),
    ]
  }

  private func directionSettings(_ isReversed: Bool) -> [LayerSetting] {
    switch self {
    case .pytorch, .onnx: []
    case .keras: [LayerSetting("go_backwards", standard: "false", own: "\(isReversed)", isChosen: isReversed)]
    case .flax: isReversed ? [LayerSetting("reverse", standard: "false", own: "true", isChosen: true)] : []
    }
  }
}

extension LayerSetting {
  /// The settings of a cell that a file of the library's own keeps for it, in Keras's words: those that are not the
  /// cell's defaults, and those of layers that had them from the beginning.
  static func kept(of cell: some RecurrentCell, _ form: WeightForm) -> [LayerSetting] {
    var settings = WeightConvention.keras.settings(of: cell, form).filter { $0.change != nil }
    if let cell = cell as? any OutputActivatedCell {
      settings.append(
        LayerSetting(
          "output_activation", standard: "tanh", own: cell.outputActivation.frameworkName,
          isChosen: cell.outputActivation != (cell as? any GatedCell)?.activation,
          change: changedOutputActivation))
    }
    return settings
  }
}

extension Bidirectional.Merge {
  /// The framework's word; PyTorch has none, since it always joins.
  func name(in convention: WeightConvention) -> String {
    switch self {
    case .concatenate: convention == .keras ? "concat" : "concatenate"
    case .sum: "sum"
    case .average: convention == .keras ? "ave" : "average"
    case .product: convention == .keras ? "mul" : "product"
    }
  }

  init?(frameworkName name: String) {
    let conventions: [WeightConvention] = [.keras, .flax]
    guard let merge = Self.allCases.first(where: { merge in conventions.contains { merge.name(in: $0) == name } })
    else { return nil }
    self = merge
  }
}

extension Activation {
  /// The name in Keras, and where they have it in PyTorch and Flax. A number that is not everywhere the same stands
  /// behind it.
  package var frameworkName: String {
    switch self {
    case .identity: "linear"
    case .tanh: "tanh"
    case .relu: "relu"
    case .sigmoid: "sigmoid"
    case .softplus: "softplus"
    case .softsign: "softsign"
    case .exponential: "exponential"
    case .silu: "silu"
    case .gelu: "gelu"
    case .selu: "selu"
    case .hardSigmoid(let slope): slope == 1.0 / 6 ? "hard_sigmoid" : "hard_sigmoid(\(slope))"
    case .elu(let scale): scale == 1 ? "elu" : "elu(\(scale))"
    case .leakyReLU(let slope): "leaky_relu(\(slope))"
    }
  }

  /// Nil for a name that is unknown, or whose number is not the same in all frameworks and is not given.
  package init?(frameworkName name: String) {
    let parts = name.split(separator: "(", maxSplits: 1)
    let number = parts.count == 2 && parts[1].hasSuffix(")") ? Double(parts[1].dropLast()) : nil
    switch (parts.first ?? "", number) {
    case ("hard_sigmoid", let slope?): self = .hardSigmoid(slope: slope)
    case ("elu", let scale?): self = .elu(scale: scale)
    case ("leaky_relu", let slope?): self = .leakyReLU(slope: slope)
    case ("swish", nil): self = .silu
    case ("identity", nil): self = .identity
    case (_, _):
      guard let match = Self.allCases.first(where: { $0.frameworkName == name }) else { return nil }
      self = match
    }
  }
}

extension LayerSetting {
  /// Whether two values are equal: as numbers if they are numbers, else as words.
  static func isEqual(_ left: String, _ right: String) -> Bool {
    if let first = Double(left), let second = Double(right) { return first == second }
    if let first = numbers(left), let second = numbers(right) { return first == second }
    if let first = Activation(frameworkName: left.lowercased()),
      let second = Activation(frameworkName: right.lowercased())
    {
      return first == second
    }
    return left.lowercased() == right.lowercased()
  }

  static let changedEpsilon: Change = { value, cell in
    guard var normalization = cell as? LayerNormalization, let epsilon = Double(value), epsilon >= 0, epsilon.isFinite
    else { return nil }
    normalization.epsilon = epsilon
    return normalization
  }

  static let changedMerge: Change = { value, cell in
    guard var both = cell as? Bidirectional, let merge = Bidirectional.Merge(frameworkName: value.lowercased()) else {
      return nil
    }
    both.merge = merge
    return both
  }

  /// The frameworks have one function for the candidate and the output.
  static let changedActivation: Change = { value, cell in
    guard var layer = cell as? any ActivatedCell, let activation = Activation(frameworkName: value.lowercased()) else {
      return nil
    }
    layer.activation = activation
    return changedOutputActivation(value, layer) ?? layer
  }

  static let changedOutputActivation: Change = { value, cell in
    guard var layer = cell as? any OutputActivatedCell, let activation = Activation(frameworkName: value.lowercased())
    else { return nil }
    layer.outputActivation = activation
    return layer
  }

  static let changedGateActivation: Change = { value, cell in
    guard var layer = cell as? any GatedCell, let activation = Activation(frameworkName: value.lowercased()) else {
      return nil
    }
    layer.gateActivation = activation
    return layer
  }
}
