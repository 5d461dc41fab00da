internal import EbbCells
internal import EbbRecording

/// The attributes of ONNX's LSTM, GRU and RNN.
extension WeightConvention {
  /// The settings of a recurrent layer as an operator of ONNX has them; nil for another layer.
  ///
  /// The functions have ONNX's names with their numbers, as `HardSigmoid(0.2), Tanh`; those of the second direction have
  /// a setting of their own.
  func onnxSettings(
    of cell: some RecurrentCell, _ form: WeightForm, _ place: WeightMapBuilder.Place
  ) -> [LayerSetting]? {
    guard LayerKind(form) != nil else { return nil }
    var settings: [LayerSetting] = []
    if !place.isBackward {
      let direction = place.isDirection ? "bidirectional" : place.isReversed ? "reverse" : "forward"
      settings.append(
        LayerSetting("direction", standard: "forward", own: direction, isChosen: direction != "forward"))
    }
    let (standard, own) = (onnxDefaults(form), cell.onnxFunctions)
    settings.append(
      LayerSetting(
        place.isBackward ? "activations_reverse" : "activations", standard: standard.onnxNames, own: own.onnxNames,
        isChosen: own != standard, change: LayerSetting.changedFunctions))
    let limit = (cell as? any LimitedCell)?.preactivationLimit
    settings.append(
      LayerSetting(
        "clip", standard: "none", own: limit.map { "\($0)" }, isChosen: limit != nil,
        change: cell is any LimitedCell ? LayerSetting.changedLimit : nil))
    func flag(_ name: String, _ isSet: Bool) {
      settings.append(LayerSetting(name, standard: "0", own: isSet ? "1" : "0", isChosen: isSet))
    }
    switch form {
    case .lstm, .peepholeLSTM: flag("input_forget", false)
    case .coupledLSTM: flag("input_forget", true)
    case .gruResetBefore: flag("linear_before_reset", false)
    case .gruResetAfter: flag("linear_before_reset", true)
    case .simple, .projectedLSTM, .minimalGatedUnit, .convLSTM, .dense, .embedding, .layerNormalization, .dropout,
      .lastStep, .stack, .bidirectional, .reversed, .residual, .learnedStart, .around:
      break
    }
    return settings
  }

  /// f, or f and g, or f, g and h, in ONNX's words: of the gates, of the candidate, and of the cell state.
  private func onnxDefaults(_ form: WeightForm) -> [Activation] {
    switch form {
    case .simple: [.tanh]
    case .gruResetBefore, .gruResetAfter: [.sigmoid, .tanh]
    case .lstm, .peepholeLSTM, .coupledLSTM, .projectedLSTM, .minimalGatedUnit, .convLSTM, .dense, .embedding,
      .layerNormalization, .dropout, .lastStep, .stack, .bidirectional, .reversed, .residual, .learnedStart, .around:
      [.sigmoid, .tanh, .tanh]
    }
  }

  /// Why ONNX has no such layer; nil if it has.
  func onnxObjection(to form: WeightForm, of cell: some RecurrentCell) -> String? {
    switch form {
    case .simple, .lstm, .peepholeLSTM, .coupledLSTM, .gruResetBefore, .gruResetAfter:
      let unknown = cell.onnxFunctions.filter { $0.onnxName == nil }
      return unknown.isEmpty ? nil : "ONNX's operators have no function \(unknown[0].frameworkName)"
    case .projectedLSTM: return "only PyTorch's nn.LSTM has a projection"
    case .minimalGatedUnit: return "ONNX has no operator for \(type(of: cell))"
    case .convLSTM: return "ONNX has no ConvLSTM; Keras has"
    case .residual: return "ONNX has a sum of its own for a residual layer, and not a layer"
    case .learnedStart: return "ONNX's initial_h has a row for each sample, and is no weight"
    case .bidirectional(_, _, let merge):
      switch merge {
      case .concatenate: return nil
      case .sum, .average, .product: return "ONNX's operators join the two directions; use Bidirectional without merge"
      }
    case .dense, .embedding, .layerNormalization, .dropout, .lastStep, .stack, .reversed, .around: return nil
    }
  }
}

extension RecurrentCell {
  /// The cell's functions in ONNX's order.
  fileprivate var onnxFunctions: [Activation] {
    let gated = self as? any GatedCell
    let own = (self as? any ActivatedCell)?.activation ?? .tanh
    let functions = (gated.map { [$0.gateActivation] } ?? []) + [own]
    return functions + ((self as? any OutputActivatedCell).map { [$0.outputActivation] } ?? [])
  }
}

extension [Activation] {
  /// `Sigmoid, Tanh, Tanh`
  fileprivate var onnxNames: String { map { $0.onnxName ?? $0.frameworkName }.joined(separator: ", ") }
}

extension LayerSetting {
  /// All functions of a cell, in ONNX's order and with its names.
  fileprivate static let changedFunctions: Change = { value, cell in
    let names = value.split(separator: ",").map { $0.trimmingPrefix(" ") }
    let functions = names.compactMap { Activation(onnxName: String($0)) }
    guard functions.count == names.count, var layer = cell as? any ActivatedCell,
      functions.count == layer.onnxFunctions.count
    else { return nil }
    if functions.count == 1 {
      layer.activation = functions[0]
      return layer
    }
    layer.activation = functions[1]
    guard var gated = layer as? any GatedCell else { return nil }
    gated.gateActivation = functions[0]
    guard var output = gated as? any OutputActivatedCell else { return gated }
    output.outputActivation = functions[2]
    return output
  }

  fileprivate static let changedLimit: Change = { value, cell in
    guard var limited = cell as? any LimitedCell else { return nil }
    if value == "none" {
      limited.preactivationLimit = nil
    } else {
      guard let limit = Double(value), limit > 0, limit.isFinite else { return nil }
      limited.preactivationLimit = limit
    }
    return limited
  }
}

extension Activation {
  /// ONNX's name for the function in a recurrent operator, with the numbers that it needs; nil if there is none.
  var onnxName: String? {
    switch self {
    case .tanh: "Tanh"
    case .relu: "Relu"
    case .sigmoid: "Sigmoid"
    case .softplus: "Softplus"
    case .softsign: "Softsign"
    case .identity: "Affine(1.0)"
    case .hardSigmoid(let slope): "HardSigmoid(\(slope))"
    case .elu(let scale): "Elu(\(scale))"
    case .leakyReLU(let slope): "LeakyRelu(\(slope))"
    case .exponential, .silu, .gelu, .selu: nil
    }
  }

  /// The function with this name of ONNX; nil for one that no cell has.
  init?(onnxName name: String) {
    let parts = name.split(separator: "(", maxSplits: 1)
    let number = parts.count == 2 && parts[1].hasSuffix(")") ? Double(parts[1].dropLast()) : nil
    guard number != nil || parts.count == 1 else { return nil }
    // ONNX's letters may be small ones.
    switch (parts.first?.lowercased() ?? "", number) {
    case ("tanh", nil): self = .tanh
    case ("relu", nil): self = .relu
    case ("sigmoid", nil): self = .sigmoid
    case ("softplus", nil): self = .softplus
    case ("softsign", nil): self = .softsign
    case ("affine", nil), ("affine", 1): self = .identity
    case ("hardsigmoid", let slope): self = .hardSigmoid(slope: slope ?? 0.2)
    case ("elu", let scale): self = .elu(scale: scale ?? 1)
    case ("leakyrelu", let slope): self = .leakyReLU(slope: slope ?? 0.01)
    case (_, _): return nil
    }
  }
}
