public import EbbRecording

/// Stacked cells, each reading the output of the one before, in scopes `layer0`, `layer1`, …
public struct Stack: RecurrentCell {
  /// The cells; the first reads the input.
  public var layers: [any RecurrentCell]
  /// Cells one after the other.
  public init(_ layers: [any RecurrentCell]) { self.layers = layers }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    var value = x
    for (index, layer) in layers.enumerated() { value = scope.run(layer, value, named: "layer\(index)") }
    return value
  }
}
