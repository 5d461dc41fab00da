internal import EbbGraph
internal import EbbInterchange
internal import EbbTensors

/// A recurrence as one `Scan`: its states are carried from step to step, what it reads from outside comes in step by
/// step, and what is read from it outside comes out as a sequence.
extension ONNXTranslation {
  /// A state: what its delay reads at a step, and what it carries to the next.
  private struct State {
    var shift: NodeID
    var by: Int
    /// The carried tensor as the step finds it; of several steps, with a first feature dimension for them.
    var previous: ONNXOperand
    /// Before the first step.
    var initial: ONNXOperand
  }

  mutating func translateRecurrence(_ component: Int) throws(ExportError) {
    let members = components.members[component]
    let shifts = graph.shifts(on: component, of: components)
    guard let sweep = shifts.first.flatMap({ graph.operation($0).shift }) else {
      preconditionFailure("a cycle without a delay")
    }
    let (axis, isBackward) = (sweep.axis, sweep.isAdvance)
    builder.step = ONNXStep(along: axis)
    var states: [State] = []
    for shift in shifts { states.append(begin(shift, axis)) }
    for state in states { stepValues[state.shift] = read(state, isBackward) }
    // The state after a sequence's end is that of its last step, if that is read.
    let ends = readEnds(members, axis, isBackward)
    let sequences = members.filter { node in isReadOutside(node, component, except: ends) }
    let written = needed(members, for: shifts.map { graph.operand($0, 0) } + sequences)
    for node in written where stepValues[node] == nil {
      stepValues[node] = try translated(node)
    }
    let lengths = graph.description(of: axis).lengths
    var carried: [ONNXOperand] = []
    for state in states {
      var next = self.next(state, isBackward)
      if lengths != nil, isBackward || !ends.isEmpty {
        let inside = mask(axis)
        next = builder.select(inside, next, isBackward ? state.initial : state.previous)
      }
      carried.append(builder.expanded(next, to: state.previous.axes))
    }
    write(states, carried, sequences, ends, axis, isBackward)
  }

  /// The state as the body of the `Scan` receives it.
  private mutating func begin(_ shift: NodeID, _ axis: Axis) -> State {
    let type = graph.type(shift)
    let by = graph.operation(shift).shift?.by ?? 1
    let axes = type.domain.removing(axis)
    let name = graph.name(graph.operand(shift, 0)) ?? graph.name(shift) ?? "state"
    let shape = (by > 1 ? [by] : []) + type.shape.array
    var previous = ONNXOperand(
      name: builder.names.unique(name + ".previous"), element: ONNXElement(type.element), axes: axes, shape: shape)
    previous.isStep = true
    let initial = builder.expanded(value(graph.operand(shift, 1)), to: axes, named: name + ".initial")
    return State(shift: shift, by: by, previous: previous, initial: initial)
  }

  /// The value that the delay reads: of several steps the oldest.
  private mutating func read(_ state: State, _ isBackward: Bool) -> ONNXOperand {
    guard state.by > 1 else { return state.previous }
    let place = builder.number(isBackward ? Double(state.by - 1) : 0, .int64)
    return builder.write(
      "Gather", [state.previous, place], [],
      [ONNXAttribute("axis", .integer(state.previous.axes.count))],
      like: state.previous.with(name: "", shape: Array(state.previous.shape.dropFirst())))
  }

  /// The state that is carried on: the new value, or it and all but the oldest.
  private mutating func next(_ state: State, _ isBackward: Bool) -> ONNXOperand {
    let new = builder.expanded(value(graph.operand(state.shift, 0)), to: state.previous.axes)
    guard state.by > 1 else { return new }
    let count = new.axes.count
    let newest = builder.write(
      "Unsqueeze", [new], [builder.positions([count])], like: new.with(name: "", shape: [1] + new.shape))
    let kept = slice(state.previous, 0, isBackward ? 0 : 1, state.by - 1, nil)
    return concatenated(isBackward ? [newest, kept] : [kept, newest], 0, nil)
  }

  /// For values of the recurrence that a state carries, the nodes that read their last step.
  private func readEnds(_ members: [NodeID], _ axis: Axis, _ isBackward: Bool) -> [NodeID: NodeID] {
    let position: Position = isBackward ? .first : .last
    var ends: [NodeID: NodeID] = [:]
    for shift in graph.shifts(on: components[members[0]], of: components)
    where graph.operation(shift).shift?.by == 1 {
      for reader in readers[graph.operand(shift, 0)] where graph.operation(reader) == .pick(axis, position) {
        ends[reader] = shift
      }
    }
    return ends
  }

  /// Whether something outside reads the value at every step.
  private func isReadOutside(_ node: NodeID, _ component: Int, except ends: [NodeID: NodeID]) -> Bool {
    readers[node].contains { components[$0] != component && ends[$0] == nil }
      || graph.outputs.contains { $0.node == node }
  }

  private mutating func write(
    _ states: [State], _ carried: [ONNXOperand], _ sequences: [NodeID], _ ends: [NodeID: NodeID], _ axis: Axis,
    _ isBackward: Bool
  ) {
    var body = ONNXGraph(builder.name(axis) + ".step")
    var named: Set<String> = []
    for operand in carried + sequences.map({ value($0) }) {
      let own = bodyOutput(operand, states, &named)
      body.outputs.append(described(own))
    }
    // A Scan runs as long as what it reads.
    if builder.step?.sequences.isEmpty == true { _ = builder.atStep(builder.indices(axis)) }
    guard let step = builder.step else { return }
    body.nodes = step.nodes
    body.inputs = states.map { described($0.previous) } + step.sequences.map { described($0.inside) }
    var finals: [ONNXOperand] = []
    for state in states {
      let name = builder.names.unique(state.previous.name.replacingSuffix(".previous", with: ".final"))
      var final = state.previous.with(name: name)
      final.isStep = false
      finals.append(final)
    }
    var results: [ONNXOperand] = []
    for node in sequences {
      var result = value(node)
      result.isStep = false
      result.axes = result.axes.inserting(axis)
      result.name = builder.names.unique(graph.name(node) ?? "\(graph.operation(node).keyword)")
      results.append(result)
    }
    let places = step.sequences.map { $0.outside.position(of: axis) }
    let ownPlaces = results.map { $0.position(of: axis) }
    var attributes = [
      ONNXAttribute("num_scan_inputs", .integer(step.sequences.count)), ONNXAttribute("body", .graph(body)),
    ]
    if places.contains(where: { $0 != 0 }) { attributes.append(ONNXAttribute("scan_input_axes", .integers(places))) }
    if ownPlaces.contains(where: { $0 != 0 }) {
      attributes.append(ONNXAttribute("scan_output_axes", .integers(ownPlaces)))
    }
    if isBackward {
      attributes.append(ONNXAttribute("scan_input_directions", .integers(places.map { _ in 1 })))
      if !results.isEmpty {
        attributes.append(ONNXAttribute("scan_output_directions", .integers(results.map { _ in 1 })))
      }
    }
    builder.endStep()
    stepValues = [:]
    builder.append(
      ONNXNode(
        "Scan", states.map(\.initial.name) + step.sequences.map(\.outside.name), (finals + results).map(\.name),
        attributes), inStep: false)
    for (node, result) in zip(sequences, results) { values[node] = result }
    for (reader, shift) in ends {
      guard let index = states.firstIndex(where: { $0.shift == shift }) else { continue }
      self.finals[reader] = finals[index]
    }
  }

  /// A value as an output of the body: itself if the body computes it, else a copy.
  private mutating func bodyOutput(
    _ operand: ONNXOperand, _ states: [State], _ named: inout Set<String>
  ) -> ONNXOperand {
    let isComputed = builder.step?.nodes.contains { $0.outputs.contains(operand.name) } ?? false
    if isComputed, named.insert(operand.name).inserted { return operand }
    var copy = operand
    copy.name = builder.names.unique(operand.name + ".out")
    copy.isStep = true
    builder.append(ONNXNode("Identity", [operand.name], [copy.name]), inStep: true)
    named.insert(copy.name)
    return copy
  }
}

extension String {
  fileprivate func replacingSuffix(_ suffix: String, with other: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) + other : self + other
  }
}
