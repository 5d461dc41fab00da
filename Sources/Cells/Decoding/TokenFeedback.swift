public import EbbGraph
public import EbbRecording
internal import EbbTensors

/// The input of a network that produces tokens: at each step the previous token, embedded as a row of its table E.
///
///     x₁ = E_start          xₜ₊₁ = E_y with y = yₜ, the data's (teacher forcing), or y = argmax zₜ (running free)
///
/// Both are the same network with the same parameters. Only the feedback differs:
///
/// ```swift
/// let feedback = TokenFeedback(tokens: 30, units: 16, start: 0)
/// let result = feedback(.target(y), scope.over(time)) { x, scope in
///   scope.run(Stack([LSTM(units: 64), Dense(units: 30)]), x, named: "body")
/// }
/// scope.output("loss", crossEntropy(result.logits, y))
/// ```
public struct TokenFeedback: Hashable, Sendable {
  /// The source of the previous token.
  public enum Feed {
    /// The data: the token of each step as an Int32 (teacher forcing, Williams & Zipser 1989).
    case target(Signal)
    /// The network: its most likely token (running free). No gradient passes through the choice.
    case own
    /// In training the network with this probability, drawn over these axes, else the data (scheduled sampling, Bengio
    /// et al. 2015); in evaluation the data.
    case mixed(Signal, own: Double, over: Domain)
    /// An input, for example from a search: the previous token of each step as an Int32.
    case previous(Signal)
  }

  /// The number of tokens, the start's included.
  public var tokens: Int
  /// The features of an embedded token.
  public var units: Int
  /// The token before the first one, in 0 ..< tokens.
  public var start: Int
  /// How the table [tokens, units] begins.
  public var initializer: Initializer

  /// An embedding of the previous token.
  public init(tokens: Int, units: Int, start: Int, initializer: Initializer = .normal(deviation: 0.1)) {
    self.tokens = tokens
    self.units = units
    self.start = start
    self.initializer = initializer
  }

  /// - Parameters:
  ///   - feed: The source of the previous token.
  ///   - scope: A scope along the time axis of the tokens; the table is its parameter `table`.
  ///   - step: The network: from the embedding of the previous token to the logits [tokens] of a step.
  /// - Returns: The logits, and the most likely token of each step.
  public func callAsFunction(
    _ feed: Feed, _ scope: Scope, step: (_ x: Signal, _ scope: Scope) -> Signal
  ) -> (logits: Signal, tokens: Signal) {
    let table = scope.parameter("table", [tokens, units], initializer)
    if case .previous(let token) = feed {
      let logits = step(gather(table, token), scope)
      return (logits, argmax(logits))
    }
    let first = gather(table, scope.constant(Double(start), as: .int32))
    let x = scope.state("fed", units, initial: first)
    let logits = step(x, scope)
    let choice = argmax(logits)
    switch feed {
    case .target(let target): x.next(gather(table, target))
    case .own, .previous: x.next(gather(table, choice))
    case .mixed(let target, let rate, let domain):
      let (truth, own) = (gather(table, target), gather(table, choice))
      let isOwn = scope.random(.uniform, over: domain) .< rate
      x.next(scope.whileTraining(select(isOwn, own, truth), otherwise: truth))
    }
    return (logits, choice)
  }
}
