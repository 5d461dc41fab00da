internal import EbbCells
internal import EbbRecording

/// Two directions, of which the backward one has its value of the first step at every step: at the last step both are
/// where they end.
///
///     y_t = [h→_t, h←_1]
enum FinalStates {
  /// The cell with its last recurrent layer in this form, or with a backward one at its first step; nil if that layer runs
  /// forward.
  static func of(_ cell: any RecurrentCell) -> (any RecurrentCell)? {
    if var reversed = cell as? Reversed {
      reversed.cell = Ended(cell: reversed.cell)
      return Repeated(cell: reversed)
    }
    if var both = cell as? Bidirectional {
      both.backward = Ended(cell: both.backward)
      return both
    }
    if let wired = cell as? WiredLayers { return wired.withFinalStates }
    guard var stack = cell as? Stack else { return nil }
    for index in stack.layers.indices.reversed() where !(stack.layers[index] is LayerNormalization) {
      guard let layer = of(stack.layers[index]) else { return nil }
      stack.layers[index] = layer
      return stack
    }
    return nil
  }

  /// A value that all steps share, at each of them.
  private struct Repeated: RecurrentCell {
    var cell: any RecurrentCell

    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let value = scope.run(cell, x)
      guard let time = scope.axis else { return value }
      return value + convert(scope.index(of: time), to: value.element) * 0
    }
  }

  /// The last step of a cell in its direction, under the cell's own names.
  private struct Ended: RecurrentCell {
    var cell: any RecurrentCell

    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal { LastStep()(scope.run(cell, x), scope) }
  }
}
