public import EbbRecording
internal import EbbCells
internal import EbbGraph
internal import EbbTensors

/// A two-dimensional recurrent network over an image (Graves, Fernández & Schmidhuber 2007): the steps of the sequence are
/// its rows, and two features of x are a pixel. The output at a step is the state in the last column.
///
///     h[i, j] = tanh(W [h[i − 1, j], h[i, j − 1], x[i, j]] + b)          yᵢ = h[i, J]
public struct ImageRNN: RecurrentCell {
  /// The features of the state.
  public var units: Int

  /// A network of `units` features.
  public init(units: Int) { self.units = units }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let pixels = x.shape.count / 2
    guard x.shape == [2 * pixels], pixels > 0 else {
      return x.refused("a row of pixels has an even number of features")
    }
    let columns = scope.time("column", length: pixels)
    let image = featureToAxis(reshape(x, [pixels, 2]), columns)
    return last(scope.run(MultidimensionalRNN(units: units, columns: columns), image), along: columns)
  }
}
