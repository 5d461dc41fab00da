public import EbbGraph
public import EbbRecording

/// A recurrent network over a grid: at each place it reads its state in the row above and in the column beside
/// (Graves, Fernández & Schmidhuber 2007).
///
///     h[i, j] = tanh(W [h[i − 1, j], h[i, j − 1], x[i, j]] + b)
///
/// The scope runs along the rows; `reversed` turns them, and `direction` the columns. Four such networks, one for each
/// corner, see the whole image at every place.
///
/// ```swift
/// let (rows, columns, batch) = (scope.time("row"), scope.time("column"), scope.batch("b"))
/// let x = scope.input("x", [3], over: [rows, columns, batch])
/// let h = scope.over(rows).run(MultidimensionalRNN(units: 8, columns: columns), x)
/// ```
public struct MultidimensionalRNN: RecurrentCell {
  /// The features of the state.
  public var units: Int
  /// The second axis of the grid.
  public var columns: Axis
  /// The way along the columns.
  public var direction: Direction
  /// The function of the state.
  public var activation: Activation

  /// The network with these settings.
  public init(units: Int, columns: Axis, direction: Direction = .forward, activation: Activation = .tanh) {
    (self.units, self.columns, self.direction, self.activation) = (units, columns, direction, activation)
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    let beside = h.before(along: columns, direction: direction)
    return h.next(activation(scope.affine("recurrent", [h, beside, x], units)))
  }
}
