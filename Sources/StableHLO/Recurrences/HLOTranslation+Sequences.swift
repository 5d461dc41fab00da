internal import EbbGraph
internal import EbbTensors

/// A value of a recurrence that is read at all steps.
struct HLOFilled {
  /// A value among the features of another.
  struct Piece {
    let node: NodeID
    let start: Int
  }

  let node: NodeID
  /// The delay or advance that reads the same numbers one place further.
  let shift: NodeID?
  /// Whether earlier steps of it are read by a delay of several steps.
  let isDelayed: Bool
  /// Those of its operands that are read too, and lie among its features.
  var pieces: [Piece] = []

  /// Whether nothing but its own steps is read in its sequence.
  var isAlone: Bool { shift == nil && !isDelayed }
}

/// A sequence that the steps fill: with the values of a node, or of several, whose features then lie side by side, so
/// that a step writes them at once.
struct HLOFilling {
  let parts: [HLOFilled]
  let name: String
  /// Before the first step.
  let initial: HLOValue
  /// The axis along which there may be a place for what lies before the first step, or after the last.
  let axis: Axis
  /// Where step 0 lies along it.
  let start: Int
  /// Whether there is such a place.
  var hasBoundary: Bool { parts[0].shift != nil }
}

/// The sequences that a recurrence fills for those who read its values at all steps.
extension HLOTranslation {
  /// The values that are read outside, or at earlier steps.
  mutating func filled(
    _ members: [NodeID], _ shifts: [NodeID], _ component: Int, _ axes: Domain
  ) -> [HLOFilled] {
    func isReadOutside(_ node: NodeID) -> Bool {
      readers[node].contains { live.contains($0) && components[$0] != component && sunk[$0] != component }
        || graph.outputs.contains { $0.node == node }
    }
    var shared: [NodeID: NodeID] = [:]
    // A sequence has one more place along one axis only.
    for shift in shifts where axes.count == 1 && graph.operation(shift).shift?.by == 1 && isReadOutside(shift) {
      let carried = graph.operand(shift, 0)
      if shared[carried] == nil, graph.type(carried) == graph.type(shift) { shared[carried] = shift }
    }
    let isShared = Set(shared.values)
    // Their sums and entries, which are computed in the steps.
    let sums = members.flatMap { readers[$0] }.filter { reader in
      live.contains(reader) && components[reader] != component && sunk[reader] == component
        && Self.isSummary(reader, of: graph, along: axes)
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
    let chosen = Set(needed + replaced(wanted, kept: Set(needed).union(isShared), component, axes))
    return chosen.sorted { $0.index < $1.index }.map {
      HLOFilled(node: $0, shift: shared[$0], isDelayed: delayed.contains($0))
    }
  }

  /// Values that are part of another one, which puts them side by side: read there.
  func merged(_ values: [HLOFilled]) -> [HLOFilled] {
    var pieces: Set<NodeID> = []
    let wholes = values.map { value -> HLOFilled in
      guard case .concatenate(0) = graph.operation(value.node), value.isAlone else {
        return value
      }
      var (whole, start) = (value, 0)
      for operand in graph.operands(value.node) {
        var isAlike = graph.type(operand).domain == graph.type(value.node).domain
        if case .concatenate = graph.operation(operand) { isAlike = false }
        if isAlike, values.contains(where: { $0.node == operand && $0.isAlone }),
          pieces.insert(operand).inserted
        {
          whole.pieces.append(HLOFilled.Piece(node: operand, start: start))
        }
        start += graph.type(operand).shape.count
      }
      return whole
    }
    return wholes.filter { !pieces.contains($0.node) }
  }

  /// Values that fill one sequence: those of the same axes and numbers, not too many. Sums have one of their own, and so
  /// have single features: beside values that are read as a whole, these would be copied out of it.
  func groups(_ values: [HLOFilled]) -> [[HLOFilled]] {
    func isSingle(_ value: HLOFilled) -> Bool { graph.type(value.node).shape.count == 1 }
    /// How many values are put side by side for it. More than four are written one by one on a TPU.
    func width(_ value: HLOFilled) -> Int {
      if isSingle(value) { return 0 }
      guard case .concatenate = graph.operation(value.node) else { return 1 }
      return graph.operands(value.node).count
    }
    var groups: [[HLOFilled]] = []
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
  mutating func started(_ parts: [HLOFilled], _ axis: Axis, _ isBackward: Bool) -> HLOFilling {
    let type = graph.type(parts[0].node)
    let name = parts.map { graph.name($0.node) ?? graph.operation($0.node).keyword }.joined(separator: ".")
    let shape = parts.count == 1 ? type.shape.array : [parts.reduce(0) { $0 + graph.type($1.node).shape.count }]
    var dims = writer.dims(type.domain, shape)
    let hasBoundary = parts[0].shift != nil
    if hasBoundary { dims[Array(type.domain).firstIndex(of: axis) ?? 0] += 1 }
    var initial = zeros(HLOElement(type.element), type.domain, dims)
    if hasBoundary {
      let rest = type.domain.removing(axis)
      let boundaries = parts.compactMap(\.shift).map { shift -> HLOValue in
        writer.broadcast(value(graph.operand(shift, 1)), rest, graph.type(shift).shape.array)
      }
      let place = writer.number(isBackward ? Double(lengths[axis.index]) : 0, .i32)
      initial = writer.updated(
        initial, at: [initial.position(of: axis): place], to: sideBySide(boundaries), named: name + ".start")
    }
    return HLOFilling(
      parts: parts, name: name + ".filled", initial: initial, axis: axis, start: hasBoundary && !isBackward ? 1 : 0)
  }

  /// An array of zeros, to be filled.
  mutating func zeros(_ element: HLOElement, _ axes: Domain, _ dims: [Int]) -> HLOValue {
    let zero = writer.number(0, element)
    return writer.once("zeros \(zero.name) \(dims)") { writer in
      writer.write(
        "broadcast_in_dim \(zero.name), dims = [] : (\(zero.type)) -> \(hloType(zero.element, dims))", zero.element,
        axes, dims, named: "zeros")
    }.with(axes: axes)
  }

  /// The features of several values in a row; one value stays as it is.
  private mutating func sideBySide(_ values: [HLOValue]) -> HLOValue {
    if values.count == 1 { return values[0] }
    let flat = values.map { value in
      writer.reshaped(value, value.axes, writer.dims(value.axes, [value.shape.reduce(1, *)]))
    }
    return writer.joined(flat, flat[0].axes.count)
  }

  /// The sequence with the value of this step.
  mutating func filled(_ filling: HLOFilling, _ argument: HLOValue) -> HLOValue {
    guard let step else { preconditionFailure("sequences are filled in steps") }
    let values = filling.parts.map { part -> HLOValue in
      let type = graph.type(part.node)
      return part.shift.map { carried($0) }
        ?? writer.broadcast(self.value(part.node), here(type.domain), type.shape.array)
    }
    let value = sideBySide(values)
    var places = step.places(in: argument)
    places[argument.position(of: filling.axis)] = shifted(step.index(of: filling.axis), by: filling.start)
    let name = String(argument.name.dropFirst()) + ".next"
    return writer.updated(argument, at: places, to: value, named: name)
  }

  /// Notes where the values lie in the sequence that the steps have filled.
  mutating func note(_ filling: HLOFilling, _ buffer: HLOValue) {
    func sequence(_ node: NodeID, from offset: Int, isWhole: Bool) -> HLOSequence {
      let shape = graph.type(node).shape
      let features = isWhole ? nil : offset..<offset + shape.count
      return HLOSequence(
        axis: filling.axis, buffer: buffer, start: filling.start, features: features, shape: shape.array)
    }
    var offset = 0
    for part in filling.parts {
      var whole = sequence(part.node, from: offset, isWhole: filling.parts.count == 1)
      sequences[part.node] = whole
      whole.start = 1 - filling.start
      if let shift = part.shift { sequences[shift] = whole }
      for piece in part.pieces {
        sequences[piece.node] = sequence(piece.node, from: offset + piece.start, isWhole: false)
      }
      offset += graph.type(part.node).shape.count
    }
  }
}
