public import EbbGraph
public import EbbRecording

/// An LSTM over a grid, with a forget gate for each direction (Graves, Fernández & Schmidhuber 2007), without peepholes.
///
///     f⁽ʳ⁾ = σ(Wᵣ z + bᵣ)     f⁽ᶜ⁾ = σ(Wᶜ z + bᶜ)     i = σ(Wᵢ z + bᵢ)     o = σ(Wₒ z + bₒ)
///     c[i, j] = f⁽ʳ⁾ ⊙ c[i − 1, j] + f⁽ᶜ⁾ ⊙ c[i, j − 1] + i ⊙ tanh(W z + b)
///     h[i, j] = o ⊙ tanh(c[i, j])          with z = [h[i − 1, j], h[i, j − 1], x[i, j]]
///
/// The scope runs along the rows, as for `MultidimensionalRNN`. Because two forget gates add up, c may grow without
/// bound along both axes together; b starts at 0 for both.
public struct MultidimensionalLSTM: RecurrentCell {
  /// The features of h and of c.
  public var units: Int
  /// The second axis of the grid.
  public var columns: Axis
  /// The way along the columns.
  public var direction: Direction

  /// The network with these settings.
  public init(units: Int, columns: Axis, direction: Direction = .forward) {
    (self.units, self.columns, self.direction) = (units, columns, direction)
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let (h, c) = (scope.state("h", units), scope.state("c", units))
    let hBeside = h.before(along: columns, direction: direction)
    let cBeside = c.before(along: columns, direction: direction)
    func affine(_ name: String) -> Signal { scope.affine(name, [h, hBeside, x], units) }
    let kept = sigmoid(affine("row")) * c + sigmoid(affine("column")) * cBeside
    let memory = c.next(kept + sigmoid(affine("input")) * tanh(affine("candidate")))
    return h.next(sigmoid(affine("output")) * tanh(memory))
  }
}
