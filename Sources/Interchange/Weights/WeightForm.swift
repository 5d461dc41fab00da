public import EbbCells
public import EbbRecording

/// A cell's equations in the terms of other frameworks, and with them the names of its parameters here.
public enum WeightForm: Sendable {
  /// h' = g(W [h, x] + b), with the parameters `recurrent.*`.
  case simple(units: Int, activation: Activation)
  /// The parameters `input.*`, `forget.*`, `candidate.*`, `output.*`.
  case lstm(units: Int)
  /// The same, and `projection.weight` from the cell's units to the outputs, which is what the gates read of the past.
  case projectedLSTM(units: Int, outputs: Int)
  /// The reset gate before the candidate's product, u = 1 − z; parameters `update.*`, `reset.*`, `candidate.*`.
  case gruResetBefore(units: Int)
  /// The reset gate after it: also `recurrentCandidate.*`, and `candidate.*` is over only x.
  case gruResetAfter(units: Int)
  /// The parameters of `lstm`, and the vectors `input.peephole`, `forget.peephole`, `output.peephole`.
  case peepholeLSTM(units: Int)
  /// The LSTM with one learned gate of the input and forget gates, the other 1 minus it; parameters `forget.*` or
  /// `input.*`, `candidate.*`, `output.*`, and perhaps the vectors of `peepholeLSTM`.
  case coupledLSTM(units: Int, learnedGate: CoupledGateLSTM.LearnedGate, hasPeepholes: Bool)
  /// One gate, with the reset after the candidate's product: the parameters `forget.*`, `candidate.*` over x, and
  /// `recurrentCandidate.*`; without the reset `candidate.*` over [h, x]. With the reset before it, other frameworks do not
  /// have it.
  case minimalGatedUnit(units: Int, reset: ResetConvention, hasReset: Bool)
  /// The LSTM with convolutions, with the parameters of `ConvLSTM`; its features are channels.
  case convLSTM(filters: Int, kernel: [Int])
  /// y = g(W x + b) without a state, with the parameters `dense.*`.
  case dense(units: Int)
  /// Row `id` of a table without a state, with the parameter `table`.
  case embedding(tokens: Int, units: Int)
  /// s ⊙ N(x) + b without a state, with the parameters `scale` and `bias`.
  case layerNormalization
  /// No weights, and an unchanged number of features.
  case dropout
  /// No weights, and one step of the input.
  case lastStep
  /// Stacked layers, in the scopes `layer0`, `layer1`, …
  case stack([any RecurrentCell])
  /// Forward and backward in time, in the scopes `forward` and `backward`, with their outputs merged.
  case bidirectional(any RecurrentCell, any RecurrentCell, Bidirectional.Merge)
  /// A cell that runs backward in time, alone, in the same scope.
  case reversed(any RecurrentCell)
  /// A cell with its input added to its output, in the same scope; where their features differ, with the parameter
  /// `shortcut.weight`.
  case residual(any RecurrentCell)
  /// A cell whose states begin at the parameters `<state>.initial`, in the same scope.
  case learnedStart(any RecurrentCell)
  /// A cell with the weights of the one within, in the same scope.
  case around(any RecurrentCell)
}

/// A cell whose equations exist in other frameworks too, so that weights can be converted.
///
/// Your own cell conforms if its parameters have the names and the meaning of its form.
public protocol TransferableCell: RecurrentCell {
  /// The equations of the cell, with its sizes.
  var weightForm: WeightForm { get }
}

extension SimpleRNN: TransferableCell {
  public var weightForm: WeightForm { .simple(units: units, activation: activation) }
}

extension LSTM: TransferableCell {
  public var weightForm: WeightForm { .lstm(units: units) }
}

extension VariationalLSTM: TransferableCell {
  public var weightForm: WeightForm { .lstm(units: units) }
}

extension PeepholeLSTM: TransferableCell {
  public var weightForm: WeightForm { .peepholeLSTM(units: units) }
}

extension CoupledGateLSTM: TransferableCell {
  public var weightForm: WeightForm {
    .coupledLSTM(units: units, learnedGate: learnedGate, hasPeepholes: hasPeepholes)
  }
}

extension MinimalGatedUnit: TransferableCell {
  public var weightForm: WeightForm { .minimalGatedUnit(units: units, reset: reset, hasReset: hasReset) }
}

extension ConvLSTM: TransferableCell {
  public var weightForm: WeightForm { .convLSTM(filters: filters, kernel: kernel) }
}

extension ProjectedLSTM: TransferableCell {
  public var weightForm: WeightForm { .projectedLSTM(units: units, outputs: outputs) }
}

extension GRU: TransferableCell {
  public var weightForm: WeightForm { .gruResetBefore(units: units) }
}

extension VariationalGRU: TransferableCell {
  public var weightForm: WeightForm {
    switch reset {
    case .before: .gruResetBefore(units: units)
    case .after: .gruResetAfter(units: units)
    }
  }
}

extension ResetAfterGRU: TransferableCell {
  public var weightForm: WeightForm { .gruResetAfter(units: units) }
}

extension Dense: TransferableCell {
  public var weightForm: WeightForm { .dense(units: units) }
}

extension Embedding: TransferableCell {
  public var weightForm: WeightForm { .embedding(tokens: tokens, units: units) }
}

extension LayerNormalization: TransferableCell {
  public var weightForm: WeightForm { .layerNormalization }
}

extension Dropout: TransferableCell {
  public var weightForm: WeightForm { .dropout }
}

extension LastStep: TransferableCell {
  public var weightForm: WeightForm { .lastStep }
}

extension Reversed: TransferableCell {
  public var weightForm: WeightForm { .reversed(cell) }
}

extension Residual: TransferableCell {
  public var weightForm: WeightForm { .residual(cell) }
}

extension LearnedStart: TransferableCell {
  public var weightForm: WeightForm { .learnedStart(cell) }
}

extension Zoneout: TransferableCell {
  public var weightForm: WeightForm { .around(cell) }
}

extension Stack: TransferableCell {
  public var weightForm: WeightForm { .stack(layers) }
}

extension Bidirectional: TransferableCell {
  public var weightForm: WeightForm { .bidirectional(forward, backward, merge) }
}
