public import EbbRecording

/// Cells one upon the other, each the input of the next, in scopes `layer0`, `layer1`, …
public struct Stack: RecurrentCell {
  public var layers: [any RecurrentCell]
  public init(_ layers: [any RecurrentCell]) { self.layers = layers }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    var value = x
    for (index, layer) in layers.enumerated() { value = scope.run(layer, value, named: "layer\(index)") }
    return value
  }
}

/// Two cells over one sequence, one forward and one backward in time, their outputs joined (Schuster & Paliwal 1997).
///
/// The backward one's states are advances: no data is reversed, and ragged sequences need no care.
public struct Bidirectional: RecurrentCell {
  public var forward: any RecurrentCell
  public var backward: any RecurrentCell

  public init(_ forward: any RecurrentCell, _ backward: any RecurrentCell) {
    self.forward = forward
    self.backward = backward
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    concatenate([
      scope.run(forward, x, named: "forward"), scope.reversed.run(backward, x, named: "backward"),
    ])
  }
}
