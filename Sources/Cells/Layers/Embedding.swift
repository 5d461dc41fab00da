public import EbbRecording

/// A trained vector for each token: row `id` of a table [tokens, units]. The input is an Int32 scalar.
public struct Embedding: RecurrentCell {
  /// The number of tokens: ids are in 0 ..< tokens.
  public var tokens: Int
  /// The features of a token.
  public var units: Int
  /// How the table begins.
  public var initializer: Initializer

  /// A table of `tokens` rows of `units` features.
  public init(tokens: Int, units: Int, initializer: Initializer = .normal(deviation: 0.1)) {
    self.tokens = tokens
    self.units = units
    self.initializer = initializer
  }

  public func callAsFunction(_ id: Signal, _ scope: Scope) -> Signal {
    gather(scope.parameter("table", [tokens, units], initializer), id)
  }
}
