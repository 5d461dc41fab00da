internal import EbbGraph
internal import EbbTensors

/// Which edges a derivative passes: only nodes on paths of such edges need an adjoint or a tangent.
extension Graph {
  /// Whether a change of the operand at this position can change the node continuously.
  func passesTangent(_ node: NodeID, _ position: Int) -> Bool {
    guard type(node).element.isFloat, type(operand(node, position)).element.isFloat else { return false }
    switch operation(node) {
    case .unary(let function): return function.traits.isDifferentiable
    case .binary(let function): return function.traits.isDifferentiable
    case .select: return position > 0
    case .gather, .pick, .place: return position == 0
    case .scatterAdd: return position == 1
    case .convert, .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .reduceFeatures, .reduceAxes,
      .spread, .axisToFeature, .featureToAxis, .delay, .advance, .clipGradient:
      return true
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .compare, .argmaxFeatures,
      .argmaxAxis, .stopGradient:
      return false
    }
  }

  /// Whether an adjoint passes from the node to its operand at this position. Clipping at 0 lets none pass.
  func passesAdjoint(_ node: NodeID, _ position: Int) -> Bool {
    if case .clipGradient(.value(0)) = operation(node) { return false }
    return passesTangent(node, position)
  }

  /// The domain with the axes that index the lengths of its ragged axes.
  func closed(_ domain: Domain) -> Domain { domain.union(lengthsDomain(of: domain)) }

  /// The axes over which the node mixes or moves values of its operands, so that they cannot stand for samples there.
  func axesMixed(by node: NodeID) -> Domain {
    switch operation(node) {
    case .delay(let axis, _, _), .advance(let axis, _), .place(let axis, _), .featureToAxis(let axis): return [axis]
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd,
      .reduceFeatures, .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick, .spread, .axisToFeature, .stopGradient,
      .clipGradient:
      return operation(node).mixedAxes
    }
  }
}
