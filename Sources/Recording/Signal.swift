public import EbbGraph
public import EbbTensors

/// A value of the network that is being recorded, as it appears in a cell's equations: a feature vector at one step of
/// one sample. Batch and time never appear.
///
/// Arithmetic on signals records equations. It never throws: problems are collected, and the recording throws all of
/// them at once.
public struct Signal {
  let recorder: Recorder
  /// The node; nil for the result of an equation that could not be recorded.
  let node: NodeID?

  /// The feature shape at one index of the axes.
  public var shape: Shape { node.map { recorder.graph.type($0).shape } ?? [1] }
  /// The element type.
  public var element: ElementType { node.map { recorder.graph.type($0).element } ?? recorder.element }
  /// The axes that index the value, as far as they are known; a state's axes are unknown while its recurrence is open.
  public var domain: Domain {
    _ = recorder.settleDomains()
    return node.map { recorder.graph.type($0).domain } ?? .empty
  }

  /// The axes that index whole sequences: all but the time axes. Random numbers over them are the same at all steps.
  public var sequenceDomain: Domain {
    recorder.timeAxes.reduce(domain) { $0.removing($1) }
  }

  /// Gives a state its next value and returns it. A cell's output is this value, not the state that was read.
  ///
  /// The value takes the state's name, so that gradients can be taken with respect to it: it stands for h₁ … h_T.
  @discardableResult
  public func next(_ value: Signal, fileID: String = #fileID, line: Int = #line) -> Signal {
    recorder.next(self, value, fileID, line)
  }

  /// Names the value within the scope of the cell that is running, so that it can be inspected, tapped and differentiated.
  @discardableResult
  public func named(_ name: String, fileID: String = #fileID, line: Int = #line) -> Signal {
    recorder.note("named \"\(name)\"", fileID, line)
    let path = recorder.frames[recorder.frames.count - 1].path
    let fullName = path.isEmpty ? name : path + "." + name
    guard let node, recorder.claim(fullName) else { return self }
    let holder = recorder.nameable(node)
    recorder.graph.setName(fullName, of: holder)
    recorder.intermediates.append(NamedNode(name: fullName, node: holder))
    return recorder.signal(holder)
  }

  /// The result of a cell that cannot take this input: a problem of the recording.
  package func refused(_ message: String) -> Signal {
    if let node { recorder.report(message, operands: [node]) }
    return recorder.signal(nil)
  }

  /// A number as a signal of this one's element type.
  func constant(_ value: Double) -> Signal {
    guard node != nil else { return self }
    return recorder.signal(recorder.leaf(.constant(value), NodeType(element)))
  }
}

extension Recorder {
  func next(_ state: Signal, _ value: Signal, _ fileID: String, _ line: Int) -> Signal {
    note("next", fileID, line)
    guard let shift = state.node else { return value }
    guard let index = stateOfNode[shift] else {
      report("next: this value is no state; only what scope.state gave can be given a next value", operands: [shift])
      return value
    }
    note("next of \"\(states[index].name)\"", fileID, line)
    if let first = states[index].closed {
      report("the state \(states[index].name) already has a next value, given at \(first.place)")
      return value
    }
    states[index].isClosed = true
    states[index].closed = site
    var value = value
    if let zoneout = states[index].zoneout {
      let scope = Scope(recorder: self)
      value = scope.zoneout(state, value, zoneout.rate, over: zoneout.domain, fileID: fileID, line: line)
    }
    if let mask = states[index].mask { value = select(mask.mask, value, state) }
    if let clip = states[index].clip {
      value = at(states[index].clipped) { record(.clipGradient(clip), [value]) }
    }
    guard let nodes = nodes(of: [value], in: "next") else { return value }
    // The delay has the state's name until it is closed, for use in messages.
    let holder = nameable(nodes[0])
    for shift in [shift] + states[index].neighbours { close(shift, with: holder) }
    graph.setName(states[index].name, of: holder)
    states[index].value = holder
    return signal(holder)
  }
}
