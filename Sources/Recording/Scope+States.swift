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
