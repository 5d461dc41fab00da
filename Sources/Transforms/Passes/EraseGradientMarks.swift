public import EbbGraph

/// Erases what only a derivative can see: `stopGradient`, `clipGradient` and the truncation of delays.
public struct EraseGradientMarks: Pass {
  public init() {}
  public var name: String { "erase-gradient-marks" }
  public var purpose: String { "erases stopGradient, clipGradient and truncation, which do not change a value" }

  public func run(_ graph: Graph) -> Graph {
    var editor = GraphEditor(graph)
    for node in graph.nodes where editor.isLive(node) {
      switch graph.operation(node) {
      case .stopGradient, .clipGradient:
        editor.replace(node, with: editor.operand(node, 0))
      case .delay(let axis, let by, let truncation):
        if truncation > 0 {
          editor.replace(node, with: editor.makeCarrier(.delay(axis, by: by, truncation: 0), like: node))
        }
      case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
        .convert, .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd,
        .reduceFeatures, .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick, .place, .spread, .axisToFeature,
        .featureToAxis, .advance:
        break
      }
    }
    return editor.finished()
  }
}
