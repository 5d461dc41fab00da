public import EbbGraph
internal import EbbTensors

extension Scope {
  /// A state of `units` features. It reads as its value at the previous step; `next` gives it its next value.
  ///
  /// - Parameters:
  ///   - name: The state's name within the scope, used once.
  ///   - units: The features of the state.
  ///   - initial: The value before the first step, of shape `[units]`, without the time axis; by default the scope's
  ///     choice, initially zero.
  ///   - clip: How the state's summed adjoint is clipped at each sample and step; by default the scope's choice.
  ///   - direction: The direction of the recurrence; by default the scope's.
  ///   - steps: How many steps back the state reads; if more than one, `initial` has a leading dimension of this
  ///     length.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public func state(
    _ name: String, _ units: Int, initial: Signal? = nil, clip: GradientClip? = nil, direction: Direction? = nil,
    steps: Int = 1, fileID: String = #fileID, line: Int = #line
  ) -> Signal {
    state(
      name, shape: [units], initial: initial, clip: clip, direction: direction, steps: steps, fileID: fileID, line: line
    )
  }

  /// A state of any feature shape: a matrix of fast weights, or a scalar `[]`.
  public func state(
    _ name: String, shape dimensions: [Int], initial: Signal? = nil, clip: GradientClip? = nil,
    direction: Direction? = nil,
    steps: Int = 1, fileID: String = #fileID, line: Int = #line
  ) -> Signal {
    recorder.note("state \"\(name)\"", fileID, line)
    let fullName = Self.join(path, name)
    guard let shape = recorder.shape(dimensions, "state \"\(name)\"") else { return recorder.signal(nil) }
    guard steps >= 1, steps == 1 || shape.rank < Shape.maximumRank else {
      recorder.report("state \"\(name)\": cannot hold \(steps) steps of shape \(shape)")
      return recorder.signal(nil)
    }
    guard let axis = axisOfStates(name), recorder.claim(fullName) else { return recorder.signal(nil) }
    let boundaryShape = steps > 1 ? shape.inserting(steps, at: 0) : shape
    let given = initial ?? starts[fullName]
    recorder.awaitedStates[fullName] = nil
    let start = given ?? defaultInitial(name, boundaryShape)
    let isZero = given == nil && self.initial == .zero
    guard let boundary = recorder.nodes(of: [start], in: "state \"\(name)\"")?[0] else { return recorder.signal(nil) }
    guard start.shape == boundaryShape, start.element.isFloat else {
      recorder.report(
        "state \"\(name)\": the initial value is \(start.element.name) \(start.shape), and must be "
          + "\(element.name) \(boundaryShape)", operands: [boundary])
      return recorder.signal(nil)
    }
    let way = direction ?? self.direction
    let operation =
      switch way {
      case .forward: Operation.delay(axis, by: steps, truncation: recorder.truncations[axis] ?? 0)
      case .backward: Operation.advance(axis, by: steps)
      }
    guard let shift = recorder.open(operation, boundary: boundary) else { return recorder.signal(nil) }
    recorder.graph.setName(fullName, of: shift)
    recorder.stateOfNode[shift] = recorder.states.count
    recorder.states.append(
      Recorder.StateRecord(
        name: fullName, previous: shift, initial: isZero ? nil : boundary, axis: axis, direction: way,
        clip: clip ?? self.clip, clipped: clip == nil ? clipped ?? recorder.site : recorder.site, zoneout: zoneout,
        mask: mask,
        declared: recorder.site))
    return recorder.signal(shift)
  }

  /// The scope's time axis, or the recording's if it has only one.
  private func axisOfStates(_ name: String) -> Axis? {
    if let axis { return axis }
    let times = recorder.timeAxes
    if times.count == 1 { return times[0] }
    recorder.report(
      times.isEmpty
        ? "state \"\(name)\": there is no time axis yet; declare one with scope.time(\"t\")"
        : "state \"\(name)\": there are \(times.count) time axes; choose one with scope.over(axis)")
    return nil
  }

  private func defaultInitial(_ name: String, _ shape: Shape) -> Signal {
    switch initial {
    case .zero:
      return recorder.signal(recorder.leaf(.constant(0), NodeType(element, .empty, shape)))
    case .parameter:
      return recorder.parameter(Self.join(parameterPath, name) + ".initial", shape, .zeros).signal
    case .input(let domain):
      return recorder.input(Self.join(path, name) + ".initial", NodeType(element, domain, shape))
    }
  }
}

// MARK: States after a run

extension Scope {
  /// The states of the cells that were run in this scope, at every step, by their names relative to it: `h`, or
  /// `layer0.h` for a cell in a scope within. A masked cell has the same ones as without its mask: the output that it
  /// repeats at masked steps is none of them.
  ///
  /// A state has a value once its recurrence is closed.
  ///
  /// ```swift
  /// let encoder = scope.child("encoder")
  /// let y = encoder.run(LSTM(units: 8), x)
  /// scope.output("memory", mean(square(encoder.states["c"] ?? y)))
  /// ```
  public var states: [String: Signal] {
    recordedStates.reduce(into: [:]) { result, state in
      if let value = state.record.value { result[state.name] = recorder.signal(value) }
    }
  }

  /// A state, or a value named with `named`, of the cells that were run in this scope, by its name relative to it.
  package func value(named name: String) -> Signal? {
    let fullName = Self.join(path, name)
    return states[name] ?? recorder.intermediates.first { $0.name == fullName }.map { recorder.signal($0.node) }
  }

  /// The final states of the cells that were run in this scope, by their names relative to it, in the form in which
  /// `starting` takes them: an encoder's for its decoder, whose states have the same names, with or without a mask.
  ///
  /// A forward state ends at the last step, of a ragged sequence its own; a backward one at the first. The final state
  /// of a recurrence that reads k steps back holds k steps, with a leading dimension. A recurrence that is still open
  /// and a scope without states are errors of the recording.
  ///
  /// ```swift
  /// let encoder = scope.over(source).child("encoder")
  /// _ = encoder.run(LSTM(units: 8), words)
  /// let decoder = scope.over(target).child("decoder").starting(encoder.lastStates())
  /// let y = decoder.run(LSTM(units: 8), answers)
  /// ```
  public func lastStates(fileID: String = #fileID, line: Int = #line) -> [String: Signal] {
    recorder.note("lastStates", fileID, line)
    let found = recordedStates
    if found.isEmpty {
      let name = path.isEmpty ? "the recording" : path
      recorder.report(
        "lastStates: no cell with a state was run in \(name); take the scope of the run, as scope.child(\"encoder\")")
    }
    var result: [String: Signal] = [:]
    for (name, record) in found {
      if let value = record.value {
        result[name] = last(of: record, recorder.signal(value))
      } else if !record.isClosed {
        recorder.report("lastStates: the state \(record.name) has no next value yet", operands: [record.previous])
      }
    }
    return result
  }

  private var recordedStates: [(name: String, record: Recorder.StateRecord)] {
    let prefix = path.isEmpty ? "" : path + "."
    return recorder.states.filter { $0.name.hasPrefix(prefix) && !$0.isHeldOutput }
      .map { (String($0.name.dropFirst(prefix.count)), $0) }
  }

  /// What a recurrence would start from if the sequence went on.
  private func last(of record: Recorder.StateRecord, _ value: Signal) -> Signal {
    let (axis, isForward) = (record.axis, record.direction == .forward)
    let steps = recorder.graph.operation(record.previous).steps
    if steps == 1 { return recorder.record(.pick(axis, isForward ? .last : .first), [value]) }
    let length = length(of: axis)
    let entries = (0..<steps).map { entry in
      // Of a sequence shorter than the recurrence reads back, the rest is that of the initial value.
      let place = isForward ? length - Double(steps - entry) : recorder.index(entry)
      let rest = isForward ? length + Double(entry) : recorder.index(entry) - length
      let inside = recorder.record(.pick(axis, .at), [value, place])
      let isInside = isForward ? place .>= 0 : rest .< 0
      let start = record.initial.map { recorder.record(.gather, [recorder.signal($0), rest]) }
      let entry = start.map { select(isInside, inside, $0) } ?? inside
      return recorder.record(.reshape(value.shape.inserting(1, at: 0)), [entry])
    }
    return recorder.record(.concatenate(dimension: 0), entries)
  }
}

extension Recorder {
  /// An Int32 number.
  fileprivate func index(_ value: Int) -> Signal { signal(leaf(.constant(Double(value)), NodeType(.int32))) }
}

extension Operation {
  /// How many steps back a recurrence reads.
  fileprivate var steps: Int {
    if case .delay(_, let steps, _) = self { return steps }
    if case .advance(_, let steps) = self { return steps }
    return 1
  }
}
