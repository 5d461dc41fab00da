public import EbbRecording

/// A trained vector for each token: row `id` of a table [tokens, units]. The input is an Int32 scalar.
public struct Embedding: RecurrentCell {
  public var tokens: Int
  public var units: Int
  public var initializer: Initializer

  public init(tokens: Int, units: Int, initializer: Initializer = .normal(deviation: 0.1)) {
    self.tokens = tokens
    self.units = units
    self.initializer = initializer
  }

  public func callAsFunction(_ id: Signal, _ scope: Scope) -> Signal {
    gather(scope.parameter("table", [tokens, units], initializer), id)
  }
}
