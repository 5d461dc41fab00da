internal import EbbGraph
internal import EbbInterchange
internal import EbbTensors

/// Operations over axes, and values of other steps outside of recurrences.
extension ONNXTranslation {
  mutating func reduceAxes(
    _ node: NodeID, _ x: ONNXOperand, _ reduction: AxisReduction, _ over: Domain, _ name: String?
  ) -> ONNXOperand {
    let domain = graph.type(node).domain.union(over)
    let whole = builder.expanded(x, to: over)
    switch reduction {
    case .sum:
      return builder.reduced("ReduceSum", masked(whole, within: domain, over: over), axes: over, named: name)
    case .max:
      let x = masked(whole, within: domain, over: over, fill: lowest(whole.element))
      return builder.reduced("ReduceMax", x, axes: over, named: name)
    }
  }

  /// The value at one index of an axis: the sum of what is the value there and 0 elsewhere, which is 0 at an index that
  /// is not there.
  mutating func pick(
    _ x: ONNXOperand, _ domain: Domain, _ axis: Axis, _ position: Position, _ index: ONNXOperand?, _ name: String?
  ) -> ONNXOperand {
    // At an index of a row, the axis's other rows are 0 where they have ended.
    let isRow = graph.lengthsDomain(of: domain).contains(axis)
    let whole = isRow ? masked(builder.expanded(x, to: [axis]), within: domain, over: [axis]) : x
    let isRagged = graph.description(of: axis).lengths != nil
    if position == .first || position == .last && !isRagged {
      guard whole.axes.contains(axis) else { return whole }
      let place = builder.number(position == .first ? 0 : -1, .int64)
      return builder.write(
        "Gather", [whole, place], [], [ONNXAttribute("axis", .integer(whole.position(of: axis)))],
        like: whole.with(name: "", axes: whole.axes.removing(axis)), named: name)
    }
    let wanted = index ?? builder.elementwise("Sub", [rowLengths(axis), builder.number(1, .int32)])
    var isThere = builder.elementwise("Equal", [builder.indices(axis), wanted], .bool)
    if isRagged, position == .at { isThere = builder.elementwise("And", [isThere, mask(axis)]) }
    let numbers = whole.element == .bool ? builder.convert(whole, to: .int32) : whole
    let chosen = builder.select(isThere, numbers, builder.number(0, numbers.element))
    let sum = builder.reduced("ReduceSum", chosen, axes: [axis], named: whole.element == .bool ? nil : name)
    return builder.convert(sum, to: whole.element, named: name)
  }

  /// The value at one index of the axis and 0 elsewhere.
  mutating func place(
    _ x: ONNXOperand, _ axis: Axis, _ position: Position, _ index: ONNXOperand?, _ name: String?
  ) -> ONNXOperand {
    let wanted: ONNXOperand
    switch position {
    case .first: wanted = builder.number(0, .int32)
    case .last: wanted = builder.elementwise("Sub", [rowLengths(axis), builder.number(1, .int32)])
    case .at: wanted = index ?? builder.number(0, .int32)
    }
    let isThere = builder.elementwise("Equal", [builder.indices(axis), wanted], .bool)
    return builder.select(isThere, x, builder.number(0, x.element), named: name)
  }

  /// x of `by` steps before, and the initial values before those.
  mutating func delay(
    _ node: NodeID, _ x: ONNXOperand, _ initial: ONNXOperand, _ axis: Axis, _ by: Int, _ name: String?
  ) -> ONNXOperand {
    let domain = x.axes.union(initial.axes).inserting(axis)
    let parts = [alongTime(initial, axis, by, domain), builder.expanded(x, to: domain)]
    return shifted(parts, axis, start: 0, end: -by, like: parts[1], name)
  }

  /// x of `by` steps later, and the final values after those; along a ragged axis after each sequence's own end.
  mutating func advance(
    _ node: NodeID, _ x: ONNXOperand, _ final: ONNXOperand, _ axis: Axis, _ by: Int, _ name: String?
  ) -> ONNXOperand {
    let domain = x.axes.union(final.axes).inserting(axis)
    let parts = [builder.expanded(x, to: domain), alongTime(final, axis, by, domain)]
    let isRagged = graph.description(of: axis).lengths != nil
    let moved = shifted(parts, axis, start: by, end: Int(Int32.max), like: parts[0], isRagged ? nil : name)
    guard isRagged else { return moved }
    let later = builder.elementwise("Add", [builder.indices(axis), builder.number(Double(by), .int32)])
    let isThere = builder.elementwise("Less", [later, rowLengths(axis)], .bool)
    let excess = builder.elementwise("Sub", [later, rowLengths(axis)])
    return builder.select(isThere, moved, by == 1 ? final : gather(final, excess, nil), named: name)
  }

  /// Boundary values as steps: their first feature dimension, if there are several, becomes the time.
  private mutating func alongTime(
    _ boundary: ONNXOperand, _ axis: Axis, _ by: Int, _ domain: Domain
  ) -> ONNXOperand {
    let whole = builder.expanded(boundary, to: domain.removing(axis))
    let place = whole.position(of: axis)
    guard by > 1 else {
      return builder.unsqueezed(whole, [place]).with(name: builder.unsqueezed(whole, [place]).name, axes: domain)
    }
    var order = Array(0..<whole.rank)
    let moved = order.remove(at: whole.axes.count)
    order.insert(moved, at: place)
    return builder.permuted(whole, order, axes: domain, shape: Array(whole.shape.dropFirst()))
  }

  private mutating func shifted(
    _ parts: [ONNXOperand], _ axis: Axis, start: Int, end: Int, like x: ONNXOperand, _ name: String?
  ) -> ONNXOperand {
    let place = x.position(of: axis)
    let joined = builder.write("Concat", parts, [], [ONNXAttribute("axis", .integer(place))], like: x.with(name: ""))
    let rest = [[start], [end], [place]].map { builder.positions($0) }
    return builder.write("Slice", [joined], rest, like: x.with(name: ""), named: name)
  }
}
