internal import EbbGraph
internal import EbbTensors

/// A recurrence as a `while`: the states are carried from step to step, what is read outside fills sequences in place,
/// and what comes from outside is read at the step's index.
extension HLOTranslation {
  /// A state of one step: what its delay reads.
  private struct State {
    let shift: NodeID
    let name: String
    /// Before the first step.
    let initial: HLOValue
  }

  /// A sequence that the steps fill with the values of a node.
  private struct Filling {
    let node: NodeID
    /// The delay or advance that reads the same numbers one place further.
    let shift: NodeID?
    let name: String
    /// Before the first step.
    let initial: HLOValue
  }

  mutating func writeRecurrence(_ component: Int) {
    let members = components.members[component]
    let shifts = graph.shifts(on: component, of: components)
    guard let sweep = shifts.first.flatMap({ graph.operation($0).shift }) else {
      preconditionFailure("a cycle without a delay")
    }
    let (axis, isBackward, count) = (sweep.axis, sweep.isAdvance, lengths[sweep.axis.index])
    let states = shifts.filter { graph.operation($0).shift?.by == 1 }.map { state($0, axis) }
    let fillings = filled(members, shifts, component).map { started($0.node, $0.shift, axis, isBackward) }
    writer.line("// \(isBackward ? "backward" : "forward") along \(graph.description(of: axis).name)")
    let carried = states.map { ($0.name, $0.initial) } + fillings.map { ($0.name, $0.initial) }
    let results = loop(count, named: isBackward ? "backward" : "forward", carried) { translation, counter, values in
      var index = counter
      if isBackward {
        let last = translation.writer.number(Double(count - 1), .i32)
        index = translation.writer.apply("subtract", last, counter, named: "t")
      }
      var step = HLOStep(component: component, axis: axis, index: index)
      let filled = values[states.count...]
      for (state, value) in zip(states, values) { step.values[state.shift] = value }
      for (filling, value) in zip(fillings, filled) { step.filled[filling.node] = value }
      translation.step = step
      for node in members where translation.step?.values[node] == nil {
        let value = translation.translated(node)
        translation.step?.values[node] = value
      }
      let next =
        states.map { translation.carried($0.shift, isBackward) }
        + zip(fillings, filled).map { translation.filled($0, $1, axis, isBackward) }
      translation.step = nil
      return next
    }
    for (filling, buffer) in zip(fillings, results[states.count...]) {
      let first = filling.shift != nil && !isBackward ? 1 : 0
      sequences[filling.node] = HLOSequence(axis: axis, buffer: buffer, start: first)
      if let shift = filling.shift {
        sequences[shift] = HLOSequence(axis: axis, buffer: buffer, start: 1 - first)
      }
    }
  }

  /// The state as the body receives it.
  private mutating func state(_ shift: NodeID, _ axis: Axis) -> State {
    let type = graph.type(shift)
    let axes = type.domain.removing(axis)
    let initial = writer.broadcast(value(graph.operand(shift, 1)), axes, type.shape.array)
    let name = graph.name(graph.operand(shift, 0)) ?? graph.name(shift) ?? "state"
    return State(shift: shift, name: name + ".previous", initial: initial)
  }

  /// The sequences that are read outside, or at earlier steps.
  private func filled(
    _ members: [NodeID], _ shifts: [NodeID], _ component: Int
  ) -> [(node: NodeID, shift: NodeID?)] {
    func isReadOutside(_ node: NodeID) -> Bool {
      readers[node].contains { live.contains($0) && components[$0] != component }
        || graph.outputs.contains { $0.node == node }
    }
    var shared: [NodeID: NodeID] = [:]
    for shift in shifts where graph.operation(shift).shift?.by == 1 && isReadOutside(shift) {
      let carried = graph.operand(shift, 0)
      if shared[carried] == nil, graph.type(carried) == graph.type(shift) { shared[carried] = shift }
    }
    let isShared = Set(shared.values)
    let delayed = Set(shifts.filter { (graph.operation($0).shift?.by ?? 1) > 1 }.map { graph.operand($0, 0) })
    return members.compactMap { node in
      guard shared[node] != nil || delayed.contains(node) || isReadOutside(node) && !isShared.contains(node) else {
        return nil
      }
      return (node, shared[node])
    }
  }

  /// The sequence before the first step: zeros, and what the delay reads first.
  private mutating func started(
    _ node: NodeID, _ shift: NodeID?, _ axis: Axis, _ isBackward: Bool
  ) -> Filling {
    let type = graph.type(node)
    let name = graph.name(node) ?? graph.operation(node).keyword
    var dims = writer.dims(type.domain, type.shape.array)
    let place = Array(type.domain).firstIndex(of: axis) ?? 0
    if shift != nil { dims[place] += 1 }
    let zero = writer.number(0, HLOElement(type.element))
    var initial = writer.once("zeros \(zero.name) \(dims)") { writer in
      writer.write(
        "broadcast_in_dim \(zero.name), dims = [] : (\(zero.type)) -> \(hloType(zero.element, dims))", zero.element,
        type.domain, dims, named: "zeros")
    }.with(axes: type.domain)
    if let shift {
      let boundary = writer.broadcast(
        value(graph.operand(shift, 1)), type.domain.removing(axis), type.shape.array)
      let place = writer.number(isBackward ? Double(lengths[axis.index]) : 0, .i32)
      initial = writer.updated(
        initial, initial.position(of: axis), at: place, to: boundary, named: name + ".start")
    }
    return Filling(node: node, shift: shift, name: name + ".filled", initial: initial)
  }

  /// The value that a delay reads at the next step. An advance reads its final value there where a row begins: before the
  /// row's last step, going back, nothing has been computed.
  private mutating func carried(_ shift: NodeID, _ isBackward: Bool) -> HLOValue {
    let type = graph.type(shift)
    let value = writer.broadcast(self.value(graph.operand(shift, 0)), here(type.domain), type.shape.array)
    guard isBackward, let axis = graph.operation(shift).shift?.axis, graph.description(of: axis).lengths != nil else {
      return value
    }
    return writer.select(mask(axis), value, self.value(graph.operand(shift, 1)))
  }

  /// The sequence with the value of this step.
  private mutating func filled(
    _ filling: Filling, _ argument: HLOValue, _ axis: Axis, _ isBackward: Bool
  ) -> HLOValue {
    guard let step else { preconditionFailure("sequences are filled in steps") }
    let type = graph.type(filling.node)
    let value =
      filling.shift.map { carried($0, isBackward) }
      ?? writer.broadcast(self.value(filling.node), here(type.domain), type.shape.array)
    let index = shifted(step.index, by: filling.shift != nil && !isBackward ? 1 : 0)
    let name = String(argument.name.dropFirst()) + ".next"
    return writer.updated(argument, argument.position(of: axis), at: index, to: value, named: name)
  }

  // MARK: Delays and advances

  /// x some steps earlier or later, else the boundary.
  mutating func shift(
    _ node: NodeID, _ axis: Axis, _ by: Int, isAdvance: Bool, _ name: String?
  ) -> HLOValue {
    if step?.axis == axis { return earlierStep(node, by, isAdvance: isAdvance, name) }
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
  private mutating func earlierStep(_ node: NodeID, _ by: Int, isAdvance: Bool, _ name: String?) -> HLOValue {
    let (carried, type) = (graph.operand(node, 0), graph.type(node))
    guard let step, let sequence = step.filled[carried] else { preconditionFailure("a delay without its sequence") }
    let (axis, place) = (step.axis, sequence.position(of: step.axis))
    let count = writer.number(Double(lengths[axis.index]), .i32)
    let domain = here(type.domain)
    let boundary = value(graph.operand(node, 1))
    let other = shifted(step.index, by: isAdvance ? by : -by)
    // A sequence with a place for the boundary begins one place later.
    let hasPlace = sequence.dims[place] > lengths[axis.index]
    let index = shifted(other, by: hasPlace && !isAdvance ? 1 : 0)
    let earlier = writer.entry(
      sequence, place, at: index, axes: sequence.axes.removing(axis), named: "\(sequence.name.dropFirst()).earlier")
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
      edge = writer.entry(boundary, boundary.axes.count, at: step.index, axes: boundary.axes)
    }
    return writer.broadcast(writer.select(isInside, earlier, edge, named: name), domain, type.shape.array)
  }
}
