public import EbbRecording
internal import EbbTensors

/// A cell whose input is added to its output (He et al. 2016; between recurrent layers Wu et al. 2016):
///
///     y = x + f(x)
///
/// If f changes the number of features, P x replaces x. A `Stack` of these is a residual stack:
///
/// ```swift
/// Stack([Dense(units: 64), Residual(LSTM(units: 64)), Residual(LSTM(units: 64))])
/// ```
public struct Residual: RecurrentCell {
  /// f, run in the scope of this one.
  public var cell: any RecurrentCell
  /// A cell with its input added to its output.
  public init(_ cell: any RecurrentCell) { self.cell = cell }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let change = scope.run(cell, x)
    let shortcut = x.shape == change.shape ? x : scope.affine("shortcut", [x], change.shape.count, bias: nil)
    return shortcut + change
  }
}
