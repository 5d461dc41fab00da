internal import EbbGraph
internal import EbbTensors

/// A recurrence as a `while`, over a grid as one within another: the states are carried from step to step, what is read
/// outside fills sequences in place, and what comes from outside is read at the step's index.
extension HLOTranslation {
  /// A component of the graph with a cycle.
  private struct Recurrence {
    let members: [NodeID]
    /// Its delays and advances.
    let shifts: [NodeID]
  }

  /// What the loops carry from step to step.
  private struct Carried {
    enum Role {
      /// What a delay of one step along the axis of a loop reads. The loops within it go through its values of all their
      /// steps: entry j of h[i − 1, ·] is read, and replaced by h[i, j].
      case state(NodeID)
      case filling(HLOFilling)
      /// What a history has of a value.
      case past(NodeID, HLOPast)
      /// What the adjoint of a history has added up.
      case sum(NodeID)
    }

    let role: Role
    let name: String
    /// Before the first step; in a loop, before the present one.
    var value: HLOValue
  }

  mutating func writeRecurrence(_ component: Int) {
    let sweeps = graph.sweeps(on: component, of: components)
    guard let first = sweeps.first, let last = sweeps.last else { preconditionFailure("a cycle without a delay") }
    let recurrence = Recurrence(
      members: components.members[component], shifts: graph.shifts(on: component, of: components))
    // What only the loops need is written for their first delay.
    writer.node = recurrence.shifts.first
    defer { writer.node = nil }
    var carried = states(recurrence, along: first.axis)
    let axes = Domain(sweeps.map(\.axis))
    let pasts = pasts(recurrence.members, along: axes)
    let filled = filled(recurrence.members, recurrence.shifts, component, axes)
    // What is remembered is a sequence already.
    let shared = filled.filter { pasts[$0.node] != nil && $0.isAlone }.map(\.node)
    for values in groups(merged(filled.filter { !shared.contains($0.node) })) {
      let filling = started(values, last.axis, last.isBackward)
      carried.append(Carried(role: .filling(filling), name: filling.name, value: filling.initial))
    }
    for (node, past) in pasts.sorted(by: { $0.key < $1.key }) {
      let name = (graph.name(node) ?? graph.operation(node).keyword) + ".past"
      carried.append(Carried(role: .past(node, past), name: name, value: past.buffer))
    }
    for node in recurrence.members {
      guard case .historySum(let time, _, _) = graph.operation(node) else { continue }
      carried.append(Carried(role: .sum(node), name: "added", value: emptySum(node, time)))
    }
    writePasts(sunkInto: component)
    let results = steps(recurrence, along: sweeps[...], within: HLOStep(component), carried)
    for (entry, result) in zip(carried, results) {
      switch entry.role {
      case .filling(let filling): note(filling, result)
      case .past(let node, let past) where shared.contains(node):
        let buffer = writer.renamed(result, past.along, as: past.time, named: entry.name + ".sequence")
        sequences[node] = HLOSequence(
          axis: past.time, buffer: buffer, start: 0, features: nil, shape: graph.type(node).shape.array)
      case .state, .past, .sum: break
      }
    }
  }

  /// The loops along some axes, one within another: what is carried after their last step.
  ///
  /// - Parameter outer: The step of the loops that are open.
  private mutating func steps(
    _ recurrence: Recurrence, along sweeps: ArraySlice<SweepDirection>, within outer: HLOStep, _ carried: [Carried]
  ) -> [HLOValue] {
    guard let sweep = sweeps.first else { return oneStep(recurrence, outer, carried) }
    let (name, count) = (sweep.isBackward ? "backward" : "forward", lengths[sweep.axis.index])
    writer.line("// \(name) along \(graph.description(of: sweep.axis).name)")
    return loop(count, named: name, carried.map { ($0.name, $0.value) }) { translation, counter, values in
      var index = counter
      if sweep.isBackward {
        let last = translation.writer.number(Double(count - 1), .i32)
        index = translation.writer.apply("subtract", last, counter, named: "t")
      }
      let step = outer.entering(sweep.axis, at: index)
      var own: [Carried] = []
      if let next = sweeps.dropFirst().first {
        translation.step = step
        own = translation.states(recurrence, along: next.axis)
        translation.step = nil
      }
      let all = zip(carried, values).map { Carried(role: $0.role, name: $0.name, value: $1) }
      let results = translation.steps(recurrence, along: sweeps.dropFirst(), within: step, own + all)
      return Array(results.dropFirst(own.count))
    }
  }

  /// The states of the loop along an axis, before its first step.
  private mutating func states(_ recurrence: Recurrence, along axis: Axis) -> [Carried] {
    let delays = recurrence.shifts.filter {
      guard let shift = graph.operation($0).shift else { return false }
      return shift.axis == axis && shift.by == 1
    }
    return delays.map { delay in
      let type = graph.type(delay)
      let axes = here(type.domain).removing(axis)
      let initial = writer.broadcast(value(graph.operand(delay, 1)), axes, type.shape.array)
      let name = graph.name(graph.operand(delay, 0)) ?? graph.name(delay) ?? "state"
      return Carried(role: .state(delay), name: name + ".previous", value: initial)
    }
  }

  /// The equations of one step: what is carried after it.
  private mutating func oneStep(_ recurrence: Recurrence, _ step: HLOStep, _ carried: [Carried]) -> [HLOValue] {
    self.step = step
    defer { self.step = nil }
    for entry in carried {
      switch entry.role {
      case .state(let delay):
        let before = self.entry(of: entry.value)
        self.step?.values[delay] = before
      case .filling(let filling):
        if filling.parts.count == 1 { self.step?.filled[filling.parts[0].node] = entry.value }
      case .past(let node, var past):
        past.buffer = entry.value
        self.step?.pasts[node] = past
      case .sum(let node): self.step?.sums[node] = entry.value
      }
    }
    for node in recurrence.members where self.step?.values[node] == nil {
      let value = translated(node)
      self.step?.values[node] = value
    }
    return carried.map { entry in
      switch entry.role {
      case .state(let delay):
        let name = String(entry.value.name.dropFirst()) + ".next"
        return writer.updated(entry.value, at: step.places(in: entry.value), to: self.carried(delay), named: name)
      case .filling(let filling): return self.filled(filling, entry.value)
      case .past(let node, _): return past(of: node).buffer
      case .sum(let node): return self.step?.sums[node] ?? entry.value
      }
    }
  }

  /// The value that a delay reads at the next step. An advance reads its final value there where a row begins: before the
  /// row's last step, going back, nothing has been computed.
  mutating func carried(_ shift: NodeID) -> HLOValue {
    let type = graph.type(shift)
    let value = writer.broadcast(self.value(graph.operand(shift, 0)), here(type.domain), type.shape.array)
    guard let (axis, _, isAdvance) = graph.operation(shift).shift, isAdvance, graph.description(of: axis).lengths != nil
    else { return value }
    return writer.select(mask(axis), value, self.value(graph.operand(shift, 1)))
  }
}
