internal import EbbGraph
internal import EbbTensors

/// The rules for operations that move, repeat or reduce features.
extension GraphEditor {
  mutating func simplifiedFeatures(_ node: NodeID) -> NodeID? {
    let x = operand(node, 0)
    let type = type(node)
    switch operation(node) {
    case .transpose(let i, let j):
      if i == j { return x }
      // (xᵀ)ᵀ = x
      if case .transpose(let a, let b) = operation(x), Set([a, b]) == Set([i, j]) { return operand(x, 0) }
      return nil
    case .reshape(let shape):
      if self.type(x).shape == shape { return x }
      // Only the last of several shapes counts.
      if case .reshape = operation(x) {
        let source = operand(x, 0)
        return self.type(source).shape == shape ? source : make(.reshape(shape), [source])
      }
      return nil
    case .broadcast(let dimension, 1):
      return make(.reshape(self.type(x).shape.inserting(1, at: dimension)), [x])
    case .concatenate(let dimension):
      let simpler = concatenate(operands(node), dimension)
      return simpler == node ? nil : conform(simpler, to: type)
    case .slice(let dimension, let start, let count):
      let simpler = slice(x, dimension, start, count)
      return simpler == node ? nil : simpler
    case .pad(let dimension, let before, let after):
      if before == 0, after == 0 { return x }
      // Zeros around zeros.
      if case .pad(dimension, let innerBefore, let innerAfter) = operation(x) {
        let pad = Operation.pad(dimension: dimension, before: before + innerBefore, after: after + innerAfter)
        return make(pad, [operand(x, 0)])
      }
      return nil
    case .reduceFeatures(let reduction, let dimension):
      return simplifiedReduction(node, reduction, dimension, of: x)
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .product, .broadcast, .gather, .scatterAdd, .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick, .place,
      .spread, .axisToFeature, .featureToAxis, .delay, .advance, .stopGradient, .clipGradient:
      return nil
    }
  }

  private mutating func simplifiedReduction(
    _ node: NodeID, _ reduction: FeatureReduction, _ dimension: Int, of x: NodeID
  ) -> NodeID? {
    let isOfOne = type(x).shape[dimension] == 1
    let isOfNegated = operation(x) == .unary(.negate)
    switch reduction {
    case .sum, .mean:
      // Of one entry the sum and the mean are the entry; Σ (−x) = −Σ x.
      if isOfOne { return make(.reshape(type(node).shape), [x]) }
      return isOfNegated ? make(.unary(.negate), [make(operation(node), [operand(x, 0)])]) : nil
    case .max:
      return isOfOne ? make(.reshape(type(node).shape), [x]) : nil
    case .norm:
      // Of one entry the norm is its magnitude; ‖−x‖ = ‖x‖.
      if isOfOne { return make(.unary(.absolute), [make(.reshape(type(node).shape), [x])]) }
      return isOfNegated ? make(operation(node), [operand(x, 0)]) : nil
    }
  }
}
