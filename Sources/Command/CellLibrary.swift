internal import EbbCells
public import EbbRecording

/// Cells by name, each made for a number of units.
public struct CellLibrary: ExpressibleByDictionaryLiteral, Sendable {
  /// Makes a cell of so many units.
  public typealias Factory = @Sendable (Int) -> any RecurrentCell

  private var factories: [(name: String, make: Factory)] = []

  /// Cells in this order; of a name that is given twice, the last one counts.
  public init(dictionaryLiteral elements: (String, Factory)...) {
    for (name, make) in elements { self[name] = make }
  }

  public init() {}

  /// The names, in order.
  public var names: [String] { factories.map(\.name) }

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
  ]
}
