/// The network of a text classifier: embedding, recurrent layers in both directions, pooling over the words, and a
/// read-out.
public struct ClassifierNetwork: Codable, Hashable, Sendable {
  /// The recurrent cell.
  public enum Cell: String, Codable, Hashable, Sendable, CaseIterable {
    /// An `LSTM`, or a `GRU`.
    case lstm, gru
  }

  /// How the values of all words become one vector.
  public enum Pooling: String, Codable, Hashable, Sendable, CaseIterable {
    /// Each direction's value at its own end.
    case last
    /// The largest value of each unit.
    case max
    /// The mean over the words.
    case mean
    /// The largest and the mean, joined.
    case maxMean = "max-mean"
  }

  /// Features of a word's vector.
  public var embedding: Int
  /// The recurrent cell.
  public var cell: Cell
  /// Units of each direction of each layer.
  public var units: Int
  /// How many recurrent layers there are.
  public var layers: Int
  /// How the words become one vector.
  public var pooling: Pooling
  /// Whether the word vectors themselves are pooled in addition to the last layer's outputs.
  public var poolsWords: Bool
  /// The probability of replacing a word by the unknown word in training, so that unknown words acquire a meaning and
  /// no single word is relied on (Iyyer et al. 2015, section 3.1).
  public var wordDropout: Double
  /// Dropout of the words' vectors, one mask for all words of a text (Gal & Ghahramani 2016).
  public var embeddingDropout: Double
  /// Dropout of the state where a cell reads it, one mask for all steps (Gal & Ghahramani 2016).
  public var recurrentDropout: Double
  /// Dropout between layers and before the read-out.
  public var dropout: Double

  /// A network of these sizes and rates of dropout.
  public init(
    embedding: Int = 100, cell: Cell = .lstm, units: Int = 64, layers: Int = 1, pooling: Pooling = .maxMean,
    poolsWords: Bool = false, wordDropout: Double = 0.1, embeddingDropout: Double = 0.6,
    recurrentDropout: Double = 0.25, dropout: Double = 0.5
  ) {
    self.embedding = embedding
    self.cell = cell
    self.units = units
    self.layers = layers
    self.pooling = pooling
    self.poolsWords = poolsWords
    self.wordDropout = wordDropout
    self.embeddingDropout = embeddingDropout
    self.recurrentDropout = recurrentDropout
    self.dropout = dropout
  }

  /// The problem with these settings, and what would be right; nil if there is none.
  var problem: String? {
    let sizes = [("the embedding", embedding), ("the number of units", units), ("the number of layers", layers)]
    for (name, size) in sizes where !(1...4096).contains(size) { return "\(name) is 1 to 4096, not \(size)" }
    let rates = [
      ("word dropout", wordDropout), ("embedding dropout", embeddingDropout), ("recurrent dropout", recurrentDropout),
      ("dropout", dropout),
    ]
    for (name, rate) in rates where !(rate >= 0 && rate < 1) { return "\(name) is at least 0 and below 1, not \(rate)" }
    return nil
  }
}
