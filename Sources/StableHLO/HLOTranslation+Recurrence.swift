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

  /// A value that is read at all steps.
  private struct Filled {
    let node: NodeID
    /// The delay or advance that reads the same numbers one place further.
    let shift: NodeID?
    /// Whether earlier steps of it are read by a delay of several steps.
    let isDelayed: Bool
    /// Those of its operands that are read too, and lie among its features.
    var pieces: [Piece] = []
  }

  /// A value among the features of another.
  private struct Piece {
    let node: NodeID
    let start: Int
  }

  /// A sequence that the steps fill: with the values of a node, or of several, whose features then lie side by side, so
  /// that a step writes them at once.
  private struct Filling {
    let parts: [Filled]
    let name: String
    /// Before the first step.
    let initial: HLOValue
    /// Whether there is a place for what lies before the first step, or after the last.
    var hasBoundary: Bool { parts[0].shift != nil }
  }

  mutating func writeRecurrence(_ component: Int) {
    let members = components.members[component]
    let shifts = graph.shifts(on: component, of: components)
    guard let sweep = shifts.first.flatMap({ graph.operation($0).shift }) else {
      preconditionFailure("a cycle without a delay")
    }
    let (axis, isBackward, count) = (sweep.axis, sweep.isAdvance, lengths[sweep.axis.index])
    // What only the loop needs is written for its first delay.
    writer.node = shifts.first
    defer { writer.node = nil }
    let states = shifts.filter { graph.operation($0).shift?.by == 1 }.map { state($0, axis) }
    let fillings = groups(merged(filled(members, shifts, component, axis))).map { started($0, axis, isBackward) }
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
      for (filling, value) in zip(fillings, filled) where filling.parts.count == 1 {
        step.filled[filling.parts[0].node] = value
      }
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
      let first = filling.hasBoundary && !isBackward ? 1 : 0
      func sequence(_ node: NodeID, from offset: Int, isWhole: Bool) -> HLOSequence {
        let shape = graph.type(node).shape
        let features = isWhole ? nil : offset..<offset + shape.count
        return HLOSequence(axis: axis, buffer: buffer, start: first, features: features, shape: shape.array)
      }
      var offset = 0
      for part in filling.parts {
        var whole = sequence(part.node, from: offset, isWhole: filling.parts.count == 1)
        sequences[part.node] = whole
        whole.start = 1 - first
        if let shift = part.shift { sequences[shift] = whole }
        for piece in part.pieces {
          sequences[piece.node] = sequence(piece.node, from: offset + piece.start, isWhole: false)
        }
        offset += graph.type(part.node).shape.count
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

  /// The values that are read outside, or at earlier steps.
  private mutating func filled(
    _ members: [NodeID], _ shifts: [NodeID], _ component: Int, _ axis: Axis
  ) -> [Filled] {
    func isReadOutside(_ node: NodeID) -> Bool {
      readers[node].contains { live.contains($0) && components[$0] != component && sunk[$0] != component }
        || graph.outputs.contains { $0.node == node }
    }
    var shared: [NodeID: NodeID] = [:]
    for shift in shifts where graph.operation(shift).shift?.by == 1 && isReadOutside(shift) {
      let carried = graph.operand(shift, 0)
      if shared[carried] == nil, graph.type(carried) == graph.type(shift) { shared[carried] = shift }
    }
    let isShared = Set(shared.values)
    // Their sums, which are computed in the steps.
    let sums = members.flatMap { readers[$0] }.filter { reader in
      guard case .reduceFeatures = graph.operation(reader) else { return false }
      return live.contains(reader) && components[reader] != component && sunk[reader] == component
    }
    let delayed = Set(shifts.filter { (graph.operation($0).shift?.by ?? 1) > 1 }.map { graph.operand($0, 0) })
    let read = (members + Set(sums).sorted { $0.index < $1.index }).filter { node in
      shared[node] != nil || delayed.contains(node) || isReadOutside(node) && !isShared.contains(node)
    }
    let (wanted, needed) = read.reduce(into: ([NodeID](), [NodeID]())) { lists, node in
      let isFixed =
        shared[node] != nil || delayed.contains(node) || sunk[node] != nil || graph.operation(node).shift != nil
      if !isFixed, isOnlyBlended(node, outside: component) { lists.0.append(node) } else { lists.1.append(node) }
    }
    let chosen = Set(needed + replaced(wanted, kept: Set(needed).union(isShared), component, axis))
    return chosen.sorted { $0.index < $1.index }.map {
      Filled(node: $0, shift: shared[$0], isDelayed: delayed.contains($0))
    }
  }

  /// Values that are part of another one, which puts them side by side: read there.
  private func merged(_ values: [Filled]) -> [Filled] {
    var pieces: Set<NodeID> = []
    let wholes = values.map { value -> Filled in
      guard case .concatenate(0) = graph.operation(value.node), value.shift == nil, !value.isDelayed else {
        return value
      }
      var (whole, start) = (value, 0)
      for operand in graph.operands(value.node) {
        var isAlike = graph.type(operand).domain == graph.type(value.node).domain
        if case .concatenate = graph.operation(operand) { isAlike = false }
        if isAlike, values.contains(where: { $0.node == operand && $0.shift == nil && !$0.isDelayed }),
          pieces.insert(operand).inserted
        {
          whole.pieces.append(Piece(node: operand, start: start))
        }
        start += graph.type(operand).shape.count
      }
      return whole
    }
    return wholes.filter { !pieces.contains($0.node) }
  }

  /// Values that fill one sequence: those of the same axes and numbers, not too many. Sums have one of their own, and so
  /// have single features: beside values that are read as a whole, these would be copied out of it.
  private func groups(_ values: [Filled]) -> [[Filled]] {
    func isSingle(_ value: Filled) -> Bool { graph.type(value.node).shape.count == 1 }
    /// How many values are put side by side for it. More than four are written one by one on a TPU.
    func width(_ value: Filled) -> Int {
      if isSingle(value) { return 0 }
      guard case .concatenate = graph.operation(value.node) else { return 1 }
      return graph.operands(value.node).count
    }
    var groups: [[Filled]] = []
    for value in values {
      let type = graph.type(value.node)
      let index = groups.firstIndex { group in
        let other = graph.type(group[0].node)
        return !value.isDelayed && !group[0].isDelayed && other.element == type.element && other.domain == type.domain
          && (group[0].shift == nil) == (value.shift == nil)
          && (sunk[group[0].node] == nil) == (sunk[value.node] == nil)
          && isSingle(group[0]) == isSingle(value)
          && group.reduce(width(value)) { $0 + width($1) } <= 4
      }
      if let index { groups[index].append(value) } else { groups.append([value]) }
    }
    return groups
  }

  /// The sequence before the first step: zeros, and what the delays read first.
  private mutating func started(_ parts: [Filled], _ axis: Axis, _ isBackward: Bool) -> Filling {
    let type = graph.type(parts[0].node)
    let name = parts.map { graph.name($0.node) ?? graph.operation($0.node).keyword }.joined(separator: ".")
    let shape = parts.count == 1 ? type.shape.array : [parts.reduce(0) { $0 + graph.type($1.node).shape.count }]
    var dims = writer.dims(type.domain, shape)
    let hasBoundary = parts[0].shift != nil
    if hasBoundary { dims[Array(type.domain).firstIndex(of: axis) ?? 0] += 1 }
    let zero = writer.number(0, HLOElement(type.element))
    var initial = writer.once("zeros \(zero.name) \(dims)") { writer in
      writer.write(
        "broadcast_in_dim \(zero.name), dims = [] : (\(zero.type)) -> \(hloType(zero.element, dims))", zero.element,
        type.domain, dims, named: "zeros")
    }.with(axes: type.domain)
    if hasBoundary {
      let rest = type.domain.removing(axis)
      let boundaries = parts.compactMap(\.shift).map { shift -> HLOValue in
        writer.broadcast(value(graph.operand(shift, 1)), rest, graph.type(shift).shape.array)
      }
      let place = writer.number(isBackward ? Double(lengths[axis.index]) : 0, .i32)
      initial = writer.updated(
        initial, initial.position(of: axis), at: place, to: sideBySide(boundaries), named: name + ".start")
    }
    return Filling(parts: parts, name: name + ".filled", initial: initial)
  }

  /// The features of several values in a row; one value stays as it is.
  private mutating func sideBySide(_ values: [HLOValue]) -> HLOValue {
    if values.count == 1 { return values[0] }
    let flat = values.map { value in
      writer.reshaped(value, value.axes, writer.dims(value.axes, [value.shape.reduce(1, *)]))
    }
    return writer.joined(flat, flat[0].axes.count)
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
    let values = filling.parts.map { part -> HLOValue in
      let type = graph.type(part.node)
      return part.shift.map { carried($0, isBackward) }
        ?? writer.broadcast(self.value(part.node), here(type.domain), type.shape.array)
    }
    let value = sideBySide(values)
    let index = shifted(step.index, by: filling.hasBoundary && !isBackward ? 1 : 0)
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
