internal import EbbGraph
internal import EbbInterchange
internal import EbbTensors

/// Operations on the lines of entries along a feature dimension.
extension ONNXTranslation {
  /// `TopK` of all entries, which keeps the order of equal ones.
  mutating func order(_ x: ONNXOperand, _ dimension: Int, _ isDescending: Bool, _ name: String?) -> ONNXOperand {
    let found = x.with(name: builder.names.unique("TopK"), element: .int64)
    let attributes = [
      ONNXAttribute("axis", .integer(x.axes.count + dimension)),
      ONNXAttribute("largest", .integer(isDescending ? 1 : 0)),
      ONNXAttribute("sorted", .integer(1)),
    ]
    builder.append(
      ONNXNode(
        "TopK", [x.name, builder.positions([x.shape[dimension]])], [builder.names.unique("sorted"), found.name],
        attributes), inStep: x.isStep)
    return builder.convert(found, to: .int32, named: name)
  }

  /// Entries at indices that are there, and 0 for the others.
  mutating func gatherFeatures(
    _ x: ONNXOperand, _ indices: ONNXOperand, _ dimension: Int, _ name: String?
  ) -> ONNXOperand {
    let pair = together(x, indices)
    let nearest = builder.elementwise(
      "Clip", [pair[1], builder.number(0, .int32), builder.number(Double(x.shape[dimension] - 1), .int32)], .int32)
    let found = builder.write(
      "GatherElements", [pair[0], nearest], [],
      [ONNXAttribute("axis", .integer(pair[0].axes.count + dimension))],
      like: nearest.with(name: "", element: x.element))
    let isThere = builder.elementwise("Equal", [pair[1], nearest], .bool)
    return builder.select(isThere, found, builder.number(0, x.element), named: name)
  }

  /// Each value where the entry is that of its index, and the sum over the values.
  mutating func scatterFeatures(
    _ indices: ONNXOperand, _ x: ONNXOperand, _ dimension: Int, _ count: Int, _ name: String?
  ) -> ONNXOperand {
    let pair = together(indices, x)
    func inserted(_ operand: ONNXOperand, _ translation: inout ONNXTranslation) -> ONNXOperand {
      var result = translation.builder.unsqueezed(operand, [operand.axes.count + dimension])
      result.shape.insert(1, at: dimension)
      return result
    }
    let entries = builder.fixed(
      Tensor([count] + x.shape[dimension...].map { _ in 1 }, (0..<count).map { Int32($0) }), named: "entries")
    let places = inserted(pair[0], &self)
    var isPlace = builder.write(
      "Equal", [places, entries], [], [], like: places.with(name: "", element: .bool))
    isPlace.shape[dimension] = count
    let values = inserted(pair[1], &self)
    let chosen = builder.write(
      "Where", [isPlace, values, builder.number(0, x.element)], [], [],
      like: isPlace.with(name: "", element: x.element))
    return builder.reduced("ReduceSum", chosen, dimension: dimension + 1, named: name)
  }

  /// `CumSum` if all factors are 1, else one entry after the other.
  mutating func accumulate(
    _ node: NodeID, _ a: ONNXOperand, _ b: ONNXOperand, _ dimension: Int, _ isReversed: Bool, _ name: String?
  ) -> ONNXOperand {
    if case .constant(1) = graph.operation(graph.operand(node, 0)) {
      let position = builder.fixed(Tensor([], [Int32(b.axes.count + dimension)]), named: "dimension").name
      return builder.write(
        "CumSum", [b], [position], [ONNXAttribute("reverse", .integer(isReversed ? 1 : 0))], like: b.with(name: ""),
        named: name)
    }
    var parts: [ONNXOperand] = []
    for step in 0..<b.shape[dimension] {
      let index = isReversed ? b.shape[dimension] - 1 - step : step
      let term = slice(b, dimension, index, 1, nil)
      guard let last = parts.last else {
        parts.append(term)
        continue
      }
      let factor = a.shape.isEmpty ? a : slice(a, dimension, index, 1, nil)
      parts.append(builder.elementwise("Add", [builder.elementwise("Mul", [factor, last]), term]))
    }
    return concatenated(isReversed ? parts.reversed() : parts, dimension, name)
  }

  /// Two operands with the same axes.
  private mutating func together(_ x: ONNXOperand, _ y: ONNXOperand) -> [ONNXOperand] {
    let pair = builder.together([x, y])
    let axes = pair[0].axes.union(pair[1].axes)
    return builder.together(pair.map { builder.expanded($0, to: axes) })
  }
}
