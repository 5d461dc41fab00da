internal import EbbCells
internal import EbbRecording

extension WeightConvention {
  /// Why the framework has no such layer; nil if it has.
  func objection(to form: WeightForm, of cell: some RecurrentCell) -> String? {
    if self == .onnx { return onnxObjection(to: form, of: cell) }
    switch form {
    case .simple(_, let activation):
      if self == .pytorch, activation != .tanh, activation != .relu {
        return "nn.RNN has the activations tanh and relu, not \(activation.frameworkName)"
      }
      return nil
    case .lstm, .gruResetAfter: return objection(toFunctionsOf: cell)
    case .projectedLSTM(let units, let outputs):
      guard self == .pytorch else { return "only PyTorch's nn.LSTM has a projection" }
      guard outputs < units else {
        return "nn.LSTM projects to fewer features, and not from \(units) to \(outputs)"
      }
      return objection(toFunctionsOf: cell)
    case .peepholeLSTM:
      guard self == .keras else { return "\(framework) has no LSTM with peepholes; TensorFlow's has Keras's names" }
      return objection(toFunctionsOf: cell)
    case .coupledLSTM: return "\(framework) has no LSTM with coupled gates; ONNX has"
    case .gruResetBefore:
      guard self == .keras else {
        let layer = self == .pytorch ? "PyTorch's nn.GRU" : "Flax's GRUCell"
        return "\(layer) applies its reset gate after the recurrent product, and GRU before it; use ResetAfterGRU"
      }
      return objection(toFunctionsOf: cell)
    case .minimalGatedUnit(_, let reset, _):
      guard self == .flax else { return "\(type(of: cell)) is not known to other frameworks" }
      guard reset == .after else {
        return "Flax's MGUCell applies its gate after the recurrent product; use MinimalGatedUnit with reset .after"
      }
      return objection(toFunctionsOf: cell)
    case .convLSTM:
      guard self == .keras else { return "\(framework) has no ConvLSTM with these weights; Keras has" }
      if let cell = cell as? ConvLSTM, [cell.strides, cell.dilation].allSatisfy({ $0.contains { $0 > 1 } }) {
        return "Keras's ConvLSTM has strides or dilation, and not the strides \(cell.strides) with \(cell.dilation)"
      }
      return objection(toFunctionsOf: cell)
    case .bidirectional(_, _, let merge):
      guard self == .pytorch else { return nil }
      switch merge {
      case .concatenate: return nil
      case .sum, .average: return "PyTorch joins the two directions, and never adds them"
      case .product: return "PyTorch joins the two directions, and never multiplies them"
      }
    case .dense, .embedding, .layerNormalization, .dropout, .lastStep, .stack, .reversed, .residual, .learnedStart,
      .around:
      return nil
    }
  }

  private func objection(toFunctionsOf cell: some RecurrentCell) -> String? {
    if let limit = (cell as? any LimitedCell)?.preactivationLimit {
      return "\(framework) does not limit what functions are applied to, as to ±\(limit)"
    }
    guard let gated = cell as? any GatedCell else { return nil }
    let output = (cell as? any OutputActivatedCell)?.outputActivation ?? gated.activation
    if self == .pytorch, gated.gateActivation != .sigmoid || gated.activation != .tanh || output != .tanh {
      let names = [gated.gateActivation, gated.activation, output].map(\.frameworkName)
      return "PyTorch's gates are sigmoid, its candidates and outputs tanh, not \(names.joined(separator: ", "))"
    }
    if output != gated.activation {
      return "\(framework) has one function for the candidate and the output, not "
        + "\(gated.activation.frameworkName) and \(output.frameworkName)"
    }
    return nil
  }
}

extension Activation {
  /// Whether g(−a) = 1 − g(a).
  var isSymmetric: Bool {
    switch self {
    case .sigmoid, .hardSigmoid: true
    case .identity, .tanh, .relu, .softplus, .softsign, .exponential, .silu, .gelu, .elu, .leakyReLU, .selu: false
    }
  }
}
