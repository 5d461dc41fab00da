public import EbbGraph
internal import EbbTensors

// The own past of a value, as an axis or as a feature dimension.

extension Scope {
  /// Declares an axis over the steps up to the present one, for `Signal.history`. It grows with time: its length is
  /// that of the scope's time axis, and at step t it has the steps 0 … t, or t … T − 1 where the scope runs backward.
  ///
  /// Sums, means, maxima and softmaxes over it are over those steps alone. Memory is in O(T): a step attends to all
  /// steps before it without a copy of them.
  ///
  /// ```swift
  /// let past = scope.past()
  /// let h = scope.state("h", units)
  /// let key = scope.state("key", units)
  /// let weights = softmax(sumOverFeatures(key.history(along: past) * h), over: [past])
  /// let context = sum(weights * h.history(along: past), over: [past])
  /// ```
  ///
  /// - Parameters:
  ///   - name: The axis's name within the scope.
  ///   - axis: The time axis; by default that of the scope, or of the recording if it has only one.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public func past(
    _ name: String = "past", of axis: Axis? = nil, fileID: String = #fileID, line: Int = #line
  ) -> Axis {
    recorder.note("past \"\(name)\"", fileID, line)
    let time = axis ?? self.axis ?? (recorder.timeAxes.count == 1 ? recorder.timeAxes[0] : nil)
    let past = recorder.axis(AxisDescription(name: Self.join(path, name), kind: .time, steps: time))
    if let time {
      recorder.pasts[past] = SweepDirection(axis: time, isBackward: direction == .backward)
    } else {
      recorder.report(
        "past \"\(name)\": which time axis is meant? Choose it with scope.over(axis), or give it as `of`")
    }
    return past
  }

  /// Whether the step along an axis that `past` declared is there at the present one: a Bool over both axes.
  public func isPast(_ past: Axis, fileID: String = #fileID, line: Int = #line) -> Signal {
    recorder.note("isPast", fileID, line)
    return recorder.past(past, in: "isPast").map { recorder.isThere(past, $0) } ?? recorder.signal(nil)
  }

  /// The values of x at the last steps, this one first, as a leading feature dimension: entry j is the value j steps
  /// before, or after where the scope runs backward; 0 where there is no such step.
  ///
  /// Of a state of shape `[n]`, which reads as its value at the step before, `recent(h, 3)` has the shape `[3, n]` and
  /// the values before the steps t, t − 1 and t − 2.
  public func recent(_ x: Signal, _ steps: Int, fileID: String = #fileID, line: Int = #line) -> Signal {
    recorder.note("recent", fileID, line)
    guard x.node != nil else { return x }
    guard let time = axis ?? (recorder.timeAxes.count == 1 ? recorder.timeAxes[0] : nil) else {
      recorder.report("recent: which time axis is meant? Choose it with scope.over(axis)")
      return recorder.signal(nil)
    }
    guard steps >= 1, x.shape.rank < Shape.maximumRank else {
      recorder.report("recent: cannot hold \(steps) steps of shape \(x.shape)")
      return recorder.signal(nil)
    }
    let entries = (0..<steps).map { back in
      let value = back == 0 ? x : recorder.shifted(x, back, time, direction)
      return recorder.record(.broadcast(dimension: 0, count: 1), [value])
    }
    return recorder.record(.concatenate(dimension: 0), entries)
  }
}

extension Signal {
  /// The values up to the present step, along an axis that `Scope.past` declared: x at step s where s ≤ t, and 0 at the
  /// later ones (backward: s ≥ t).
  ///
  /// A state reads as its value at the step before. So the history of a state begins with its initial value, and index
  /// s holds the value before step s. A key or a value that attention reads of each step is best a state of its own,
  /// computed once: `key.next(scope.affine("key", [h], units))`. With truncated backpropagation no adjoint passes to a
  /// step of an earlier window.
  ///
  /// `pick(h.history(along: past), at: s, along: past)` is the value at one step; 0 if it is not there yet.
  public func history(along past: Axis, fileID: String = #fileID, line: Int = #line) -> Signal {
    recorder.note("history", fileID, line)
    guard node != nil, let order = recorder.past(past, in: "history") else { return recorder.signal(nil) }
    let whole = recorder.record(.history(order.axis, along: past, isBackward: order.isBackward), [self])
    recorder.markAbsentAsZero(whole, along: past)
    guard let window = recorder.truncations[order.axis], window > 0, whole.node != nil, element.isFloat else {
      return whole
    }
    func windowOf(_ axis: Axis) -> Signal {
      let index = recorder.record(.axisIndex(axis), [])
      let length = recorder.signal(recorder.leaf(.constant(Double(window)), NodeType(.int32)))
      return recorder.record(.binary(.floorDivide), [index, length])
    }
    let isNear = recorder.record(.compare(.equal), [windowOf(past), windowOf(order.axis)])
    let cut = select(isNear, whole, stopGradient(whole))
    recorder.markAbsentAsZero(cut, along: past)
    return cut
  }
}

extension Recorder {
  /// The time axis of a past, and whether it lies after the present step.
  fileprivate func past(_ axis: Axis, in what: String) -> SweepDirection? {
    if let order = pasts[axis] { return order }
    report("\(what): the axis \(graph.axes[axis.index].name) is no past; declare one with scope.past()")
    return nil
  }

  /// s ≤ t; backward t ≤ s < T, where T is the length of each row.
  fileprivate func isThere(_ past: Axis, _ order: SweepDirection) -> Signal {
    let (then, now) = (record(.axisIndex(past), []), record(.axisIndex(order.axis), []))
    guard order.isBackward else { return then .<= now }
    let isFromNow = then .>= now
    guard graph.description(of: order.axis).lengths != nil else { return isFromNow }
    return isFromNow .& (then .< record(.axisLength(order.axis), []))
  }

  /// x `steps` before, or after in a backward recurrence, with zeros at the end.
  fileprivate func shifted(_ x: Signal, _ steps: Int, _ time: Axis, _ direction: Direction) -> Signal {
    let shape = steps == 1 ? x.shape : x.shape.inserting(steps, at: 0)
    let zeros = signal(leaf(.constant(0), NodeType(x.element, .empty, shape)))
    let operation =
      switch direction {
      case .forward: Operation.delay(time, by: steps, truncation: truncations[time] ?? 0)
      case .backward: Operation.advance(time, by: steps)
      }
    return record(operation, [x, zeros])
  }

  // MARK: Reductions over a past

  /// x with another number at the steps of pasts that are not there, so that a reduction does not count them.
  func present(_ x: Signal, over axes: Domain, else neutral: Double) -> Signal {
    axes.reduce(x) { x, axis in
      guard let order = pasts[axis], let node = x.node, !(neutral == 0 && isAbsentAsZero(node, along: axis)) else {
        return x
      }
      return select(isThere(axis, order), x, neutral)
    }
  }

  /// The steps that a past has at the present one.
  func count(ofPast axis: Axis, as element: ElementType) -> Signal? {
    guard let order = pasts[axis] else { return nil }
    let now = convert(record(.axisIndex(order.axis), []), to: element)
    return order.isBackward ? convert(record(.axisLength(order.axis), []), to: element) - now : now + 1
  }

  /// The value at the first or the last index of an axis; of a past, at the first or the last step that it has.
  func end(_ position: Position, of x: Signal, along axis: Axis) -> Signal {
    guard let order = pasts[axis] else { return record(.pick(axis, position), [x]) }
    let now = record(.axisIndex(order.axis), [])
    switch position {
    case .first: return order.isBackward ? record(.pick(axis, .at), [x, now]) : record(.pick(axis, .first), [x])
    case .last: return record(.pick(axis, .at), [x, order.isBackward ? record(.axisLength(order.axis), []) - 1 : now])
    case .at: preconditionFailure("an end is the first or the last")
    }
  }

  /// Notes that a value is 0 at the steps of a past that are not there.
  func markAbsentAsZero(_ x: Signal, along past: Axis) {
    if let node = x.node { absentAsZero[past, default: []].insert(node) }
  }

  private func isAbsentAsZero(_ node: NodeID, along past: Axis) -> Bool {
    if absentAsZero[past]?.contains(node) == true { return true }
    // 0 · 0, where neither factor can be infinite
    guard graph.operation(node) == .binary(.multiply) else { return false }
    return graph.operands(node).allSatisfy { isAbsentAsZero($0, along: past) }
  }
}
