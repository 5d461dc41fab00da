internal import EbbBench
internal import EbbCells
public import EbbRecording

/// Cells by name, each made for a number of units.
public struct CellLibrary: ExpressibleByDictionaryLiteral, Sendable {
  /// Makes a cell with a number of units.
  public typealias Factory = @Sendable (Int) -> any RecurrentCell

  private var factories: [(name: String, make: Factory)] = []

  /// Cells in this order; if a name is given twice, the last one counts.
  public init(dictionaryLiteral elements: (String, Factory)...) {
    for (name, make) in elements { self[name] = make }
  }

  /// No cells.
  public init() {}

  /// The names, in order.
  public var names: [String] { factories.map(\.name) }

  /// The factory of the cell with this name; nil if there is none. A name that is set moves to the end; nil removes it.
  public subscript(name: String) -> Factory? {
    get { factories.first { $0.name == name }?.make }
    set {
      factories.removeAll { $0.name == name }
      if let newValue { factories.append((name, newValue)) }
    }
  }

  /// These cells and others.
  public func adding(_ others: CellLibrary) -> CellLibrary {
    var result = self
    for (name, make) in others.factories { result[name] = make }
    return result
  }

  /// The library's cells.
  public static let standard: CellLibrary = [
    "rnn": { SimpleRNN(units: $0) },
    "lstm": { LSTM(units: $0) },
    "gru": { GRU(units: $0) },
    "gru-after": { ResetAfterGRU(units: $0) },
    "peephole": { PeepholeLSTM(units: $0) },
    "mgu": { MinimalGatedUnit(units: $0) },
    "lnlstm": { LayerNormLSTM(units: $0) },
    "irnn": { SimpleRNN(units: $0, activation: .relu, recurrent: .identity(), input: .normal(deviation: 0.001)) },
    "lstm-chrono": { LSTM(units: $0, longestDependency: 200) },
    "gru-chrono": { GRU(units: $0, longestDependency: 200) },
    "cifg": { CoupledGateLSTM(units: $0) },
    "ugrnn": { UpdateGateRNN(units: $0) },
    "mut1": { MUT1(units: $0) },
    "mut2": { MUT2(units: $0) },
    "mut3": { MUT3(units: $0) },
    "slstm": { ScalarLSTM(units: $0) },
    "indrnn": { IndRNN(units: $0) },
    "mingru": { MinGRU(units: $0) },
    "minlstm": { MinLSTM(units: $0) },
    "lru": { LinearRecurrentUnit(units: $0) },
    "antisymmetric": { AntisymmetricRNN(units: $0) },
    "antisymmetric-gated": { AntisymmetricRNN(units: $0, isGated: true) },
    "cornn": { CoRNN(units: $0) },
    "unicornn": { UnICORNN(units: $0) },
    "lem": { LongExpressiveMemory(units: $0) },
    "esn": { EchoState(units: $0) },
    "exprnn": { ExponentialRNN(units: $0) },
    "s4d": { S4D(units: $0) },
    "s5": { S5(units: $0) },
    "mamba": { SelectiveStateSpace(units: $0) },
    "rwkv": { RWKVTimeMixing(units: $0) },
    "lmu": { LegendreMemoryUnit(units: $0) },
    "phased": { PhasedLSTM(units: $0) },
    "clockwork": { ClockworkRNN(units: $0) },
    "odernn": { ODERNN(units: $0) },
    "lif": { LeakyIntegrateAndFire(units: $0) },
    "alif": { AdaptiveIntegrateAndFire(units: $0) },
    "multiplicative": { MultiplicativeLSTM(units: $0) },
    "hyperlstm": { HyperLSTM(units: $0) },
    "convlstm": { ImageConvLSTM(units: $0) },
    "mlstm": { MatrixLSTM(units: $0) },
    "deltanet": { GatedDeltaNet(units: $0) },
    "gla": { GatedLinearAttention(units: $0) },
    "fastweights": { FastWeights(units: $0) },
    "m2rnn": { M2RNN(units: $0) },
    "lstmn": { LSTMN(units: $0) },
  ]

  /// Cells that only `ebb bench` and `ebb profile` know by name: the addresses of the machine leave their domain where
  /// `ebb check` draws them from a normal distribution, and the others are benchmarks.
  static let benchmarks: CellLibrary = [
    "ntm": { NeuralTuringMachine(units: $0) },
    "windowattention": { WindowAttention(units: $0) },
    "attention": { EncoderDecoder(units: $0) },
    "transformerblock": { TransformerBlock(units: $0) },
    "ctc": { TemporalClassification(units: $0) },
    "rnn2d": { ImageRNN(units: $0) },
  ]
}
