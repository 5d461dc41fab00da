internal import EbbGraph
internal import EbbTensors

/// What a history has of a value while the steps fill it: zeros where nothing is remembered yet.
struct HLOPast {
  let time: Axis
  /// The axis along which the steps lie.
  let along: Axis
  let isBackward: Bool
  var buffer: HLOValue
  /// Whether it has the value of the present step.
  var hasPresent = false
}

/// Histories, and their adjoints. The sequence that a recurrence fills in place is the history of its value; of a value
/// from outside, a step reads the whole sequence with zeros where it remembers nothing.
extension HLOTranslation {
  // MARK: In the recurrence of the value

  /// The values of a recurrence that its own steps remember, before the first step.
  mutating func pasts(_ members: [NodeID], along axes: Domain) -> [NodeID: HLOPast] {
    var pasts: [NodeID: HLOPast] = [:]
    for node in members {
      guard case .history(let time, let along, let isBackward) = graph.operation(node), axes.contains(time) else {
        continue
      }
      let x = graph.operand(node, 0)
      if pasts[x] != nil { continue }
      let type = graph.type(x)
      let domain = type.domain.removing(time).inserting(along)
      let buffer = zeros(HLOElement(type.element), domain, writer.dims(domain, type.shape.array))
      pasts[x] = HLOPast(time: time, along: along, isBackward: isBackward, buffer: buffer)
    }
    return pasts
  }

  /// The history of a value, the present step included.
  ///
  /// Backwards, the steps behind the end of a row come first, and are not remembered.
  mutating func past(of x: NodeID) -> HLOPast {
    guard let step, var past = step.pasts[x] else { preconditionFailure("a past that nothing fills") }
    if past.hasPresent { return past }
    let type = graph.type(x)
    var now = writer.broadcast(value(x), here(type.domain), type.shape.array)
    if past.isBackward, graph.description(of: past.time).lengths != nil {
      now = writer.select(mask(past.time), now, writer.number(0, now.element))
    }
    past.buffer = writer.updated(
      past.buffer, at: [past.buffer.position(of: past.along): step.index(of: past.time)], to: now,
      named: past.buffer.name.dropFirst() + ".next")
    past.hasPresent = true
    self.step?.pasts[x] = past
    return past
  }

  // MARK: Histories

  /// x at index s along the history's axis, where the present step remembers it; else 0.
  mutating func history(
    _ node: NodeID, _ time: Axis, _ along: Axis, isBackward: Bool, _ name: String?
  ) -> HLOValue {
    let x = graph.operand(node, 0)
    if step?.pasts[x] != nil {
      let past = past(of: x)
      return writer.renamed(past.buffer, past.along, as: along, named: name)
    }
    // In a step, a value from outside has all of its steps only as a whole.
    let isStepped = step?.axes.contains(time) == true
    let all = isStepped ? wholePast(of: x, time, along) : writer.renamed(value(x), time, as: along)
    let (now, then) = (indices(time), indices(along))
    var isRemembered = writer.once("remembered \(now.name) \(along.index) \(isBackward)") { writer in
      writer.compare(isBackward ? "GE" : "LE", then, now, named: "isRemembered")
    }
    if isBackward, graph.description(of: time).lengths != nil {
      isRemembered = writer.apply("and", isRemembered, writer.compare("LT", then, rowLengths(time)))
    }
    let zero = writer.number(0, all.element)
    let there = entry(of: all)
    return writer.select(isRemembered, there, zero, named: name ?? "history")
  }

  /// The whole sequence of a value from outside along a history's axis.
  private mutating func wholePast(of x: NodeID, _ time: Axis, _ along: Axis) -> HLOValue {
    let value = whole(x)
    let name = (graph.name(x) ?? graph.operation(x).keyword) + ".past"
    return writer.once("past \(value.name) \(along.index)") { $0.renamed(value, time, as: along, named: name) }
  }

  /// Writes the sequences of which the steps of a recurrence read histories before its loops.
  mutating func writePasts(sunkInto component: Int) {
    for (node, _) in sunk.sorted(by: { $0.key < $1.key }) where sunk[node] == component {
      guard case .history(let time, let along, _) = graph.operation(node) else { continue }
      _ = wholePast(of: graph.operand(node, 0), time, along)
    }
  }

  // MARK: Their adjoints

  /// What the adjoint of a history has added up before the first step.
  mutating func emptySum(_ node: NodeID, _ time: Axis) -> HLOValue {
    let type = graph.type(graph.operand(node, 0))
    let axes = type.domain.union(graph.lengthsDomain(of: [time])).removing(time)
    return zeros(HLOElement(type.element), axes, writer.dims(axes, type.shape.array))
  }

  /// z at t = Σ y at (t′, t) over the steps t′ that remember t.
  mutating func historySum(
    _ node: NodeID, _ time: Axis, _ along: Axis, isBackward: Bool, _ name: String?
  ) -> HLOValue {
    var y = value(graph.operand(node, 0))
    let zero = writer.number(0, y.element)
    let isRagged = graph.description(of: time).lengths != nil
    if let sum = step?.sums[node], let step {
      // What later steps have sent back, and this one: its own part is whole now.
      if isRagged { y = writer.select(mask(time), y, zero) }
      let next = writer.apply("add", sum, writer.broadcast(y, sum.axes, sum.shape), named: "added.next")
      self.step?.sums[node] = next
      return writer.entry(
        next, next.position(of: along), at: step.index(of: time), axes: next.axes.removing(along), named: name)
    }
    y = writer.expanded(y, to: [time, along])
    let (now, then) = (indices(time), indices(along))
    // Behind the end of a row nothing is remembered, nor does anything there remember.
    var remembers = writer.compare(isBackward ? "LE" : "GE", now, then, named: "remembers")
    if isRagged { remembers = writer.apply("and", remembers, mask(time)) }
    let sent = writer.select(remembers, y, zero)
    let sum = writer.sum(sent, [sent.position(of: time)], axes: sent.axes.removing(time))
    return writer.renamed(sum, along, as: time, named: name)
  }
}
