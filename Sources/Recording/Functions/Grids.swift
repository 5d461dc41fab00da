public import EbbGraph
internal import EbbTensors

extension Signal {
  /// A state's value at the index before along another axis than its own: a recurrence over a grid, as in
  /// multi-dimensional RNNs (Graves, Fernández & Schmidhuber 2007).
  ///
  /// ```swift
  /// let h = scope.state("h", units)             // in the row above, where the scope runs along rows
  /// let left = h.before(along: columns)
  /// return h.next(tanh(scope.affine("recurrent", [h, left, x], units)))
  /// ```
  ///
  /// Call it before `next`, at most once for each axis. A value of another state's or of another kind, the state's own
  /// axis, and an axis without an order are errors of the recording.
  ///
  /// - Parameters:
  ///   - axis: A time axis other than that along which the state runs.
  ///   - initial: The value before the first index, of the state's shape and without this axis; by default zero.
  ///   - direction: `backward` reads the index after; by default as the state itself.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public func before(
    along axis: Axis, initial: Signal? = nil, direction: Direction? = nil, fileID: String = #fileID, line: Int = #line
  ) -> Signal {
    recorder.before(self, along: axis, initial: initial, direction: direction, fileID, line)
  }
}

extension Recorder {
  fileprivate func before(
    _ state: Signal, along axis: Axis, initial: Signal?, direction: Direction?, _ fileID: String, _ line: Int
  ) -> Signal {
    note("before", fileID, line)
    guard let shift = state.node else { return state }
    guard let index = stateOfNode[shift] else {
      report("before: this value is no state; only what scope.state gave has a value before", operands: [shift])
      return signal(nil)
    }
    let (record, name) = (states[index], graph.axes[axis.index].name)
    note("before of \"\(record.name)\"", fileID, line)
    if record.isClosed {
      report("before: the state \(record.name) already has a next value; read what is before it first")
      return signal(nil)
    }
    let known = [record.axis] + record.neighbours.compactMap { graph.operation($0).shift?.axis }
    guard !known.contains(axis) else {
      report(
        "before: the state \(record.name) already runs along \(name)"
          + (axis == record.axis ? "; the state itself is the value before" : ""))
      return signal(nil)
    }
    let type = graph.type(shift)
    let start = initial ?? signal(leaf(.constant(0), NodeType(type.element, .empty, type.shape)))
    guard let boundary = nodes(of: [start], in: "before")?[0] else { return signal(nil) }
    guard start.shape == type.shape, start.element == type.element else {
      report(
        "before: the initial value of \(record.name) along \(name) is \(start.element.name) \(start.shape), and must be "
          + "\(type.element.name) \(type.shape)", operands: [boundary])
      return signal(nil)
    }
    let operation =
      switch direction ?? record.direction {
      case .forward: Operation.delay(axis, by: 1, truncation: truncations[axis] ?? 0)
      case .backward: Operation.advance(axis, by: 1)
      }
    guard let neighbour = open(operation, boundary: boundary) else { return signal(nil) }
    states[index].neighbours.append(neighbour)
    return signal(neighbour)
  }
}
