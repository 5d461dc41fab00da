internal import EbbGraph
internal import EbbTensors

/// Delays and advances.
extension HLOTranslation {
  /// x some steps earlier or later, else the boundary.
  mutating func shift(
    _ node: NodeID, _ axis: Axis, _ by: Int, isAdvance: Bool, _ name: String?
  ) -> HLOValue {
    if step?.axes.contains(axis) == true { return earlierStep(node, axis, by, isAdvance: isAdvance, name) }
    let type = graph.type(node)
    let domain = here(type.domain)
    let count = lengths[axis.index]
    let x = writer.broadcast(value(graph.operand(node, 0)), domain, type.shape.array)
    let place = x.position(of: axis)
    let rest = domain.removing(axis)
    var boundary = writer.broadcast(
      value(graph.operand(node, 1)), rest, (by > 1 ? [by] : []) + type.shape.array)
    let isRagged = graph.description(of: axis).lengths != nil
    if isAdvance, isRagged {
      // Rows end at different steps: entry t + by − length of the final values, where x has ended.
      let zero = writer.number(0, x.element)
      let moved =
        by < count
        ? writer.padded(writer.sliced(x, place, by..<count), place, before: 0, after: by)
        : writer.broadcast(zero, domain, type.shape.array)
      let later = shifted(indices(axis), by: by)
      let lengths = rowLengths(axis)
      if by > 1 {
        let index = writer.apply("subtract", later, lengths)
        boundary = taken(boundary, boundary.axes.count, at: index)
      }
      let isInside = writer.compare("LT", later, lengths)
      return writer.select(isInside, moved, boundary, named: name)
    }
    // The boundary's steps become the axis.
    var edge: HLOValue
    if by > 1 {
      var order = Array(boundary.dims.indices)
      let steps = order.remove(at: rest.count)
      order.insert(steps, at: place)
      edge = writer.permuted(boundary, order, axes: domain)
    } else {
      var dims = boundary.dims
      dims.insert(1, at: place)
      edge = writer.reshaped(boundary, domain, dims)
    }
    let kept = min(by, count)
    if isAdvance {
      edge = writer.sliced(edge, place, by - kept..<by)
      if kept == count { return edge }
      return writer.joined([writer.sliced(x, place, kept..<count), edge], place, named: name)
    }
    edge = writer.sliced(edge, place, 0..<kept)
    if kept == count { return edge }
    return writer.joined([edge, writer.sliced(x, place, 0..<count - kept)], place, named: name)
  }

  /// The value of several steps before, in the recurrence along the same axis: read from the sequence that is filled.
  private mutating func earlierStep(
    _ node: NodeID, _ axis: Axis, _ by: Int, isAdvance: Bool, _ name: String?
  ) -> HLOValue {
    let (carried, type) = (graph.operand(node, 0), graph.type(node))
    guard let step, let sequence = step.filled[carried] else { preconditionFailure("a delay without its sequence") }
    let (index, place) = (step.index(of: axis), sequence.position(of: axis))
    let count = writer.number(Double(lengths[axis.index]), .i32)
    let domain = here(type.domain)
    let boundary = value(graph.operand(node, 1))
    let other = shifted(index, by: isAdvance ? by : -by)
    // A sequence with a place for the boundary begins one place later.
    let hasPlace = sequence.dims[place] > lengths[axis.index]
    var places = step.places(in: sequence)
    places[place] = shifted(other, by: hasPlace && !isAdvance ? 1 : 0)
    let earlier = writer.entry(
      sequence, at: places, axes: sequence.axes.subtracting(step.axes),
      named: "\(sequence.name.dropFirst()).earlier")
    let isInside: HLOValue
    var edge: HLOValue
    if isAdvance {
      let isRagged = graph.description(of: axis).lengths != nil
      let end = isRagged ? rowLengths(axis) : count
      isInside = writer.compare("LT", other, end)
      let position = writer.apply("subtract", other, end)
      edge =
        isRagged
        ? taken(boundary, boundary.axes.count, at: position)
        : writer.entry(boundary, boundary.axes.count, at: position, axes: boundary.axes)
    } else {
      isInside = writer.compare("GE", other, writer.number(0, .i32))
      edge = writer.entry(boundary, boundary.axes.count, at: index, axes: boundary.axes)
    }
    return writer.broadcast(writer.select(isInside, earlier, edge, named: name), domain, type.shape.array)
  }
}
