internal import EbbCells
internal import EbbRecording

// What the settings of cells have in common, for conversions.

/// A cell with one function, of its state or its candidate.
protocol ActivatedCell: RecurrentCell {
  var activation: Activation { get set }
}

/// A cell whose gates have another function.
protocol GatedCell: ActivatedCell {
  var gateActivation: Activation { get set }
}

/// A cell with a function of its cell state in the output.
protocol OutputActivatedCell: RecurrentCell {
  var outputActivation: Activation { get set }
}

/// A cell that can be without biases.
protocol BiasedCell: RecurrentCell {
  var hasBias: Bool { get set }
}

/// A cell that can limit what its functions are applied to, which only ONNX has.
protocol LimitedCell: RecurrentCell {
  var preactivationLimit: Double? { get set }
}

extension SimpleRNN: ActivatedCell, BiasedCell {}
extension Dense: ActivatedCell, BiasedCell {}
extension LSTM: GatedCell, OutputActivatedCell, BiasedCell, LimitedCell {}
extension ProjectedLSTM: GatedCell, OutputActivatedCell, BiasedCell {}
extension PeepholeLSTM: GatedCell, OutputActivatedCell, BiasedCell, LimitedCell {}
extension CoupledGateLSTM: GatedCell, OutputActivatedCell, BiasedCell, LimitedCell {}
extension VariationalLSTM: GatedCell, OutputActivatedCell, BiasedCell {}
extension ConvLSTM: GatedCell, OutputActivatedCell, BiasedCell {}
extension GRU: GatedCell, BiasedCell, LimitedCell {}
extension ResetAfterGRU: GatedCell, BiasedCell, LimitedCell {}
extension VariationalGRU: GatedCell, BiasedCell {}
extension MinimalGatedUnit: GatedCell, BiasedCell {}
