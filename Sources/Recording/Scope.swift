public import EbbGraph
public import EbbTensors

/// Supplies a cell's states and parameters, named after its place in the network.
///
/// A scope is a value: `reversed`, `clipping`, `starting`, `masking` and `over` return a changed copy, and the changes apply to
/// every cell run in it.
public struct Scope {
  let recorder: Recorder
  /// The prefix of names: `layer0.forward`; empty at the root.
  public internal(set) var path = ""
  /// The prefix of parameter names, which is different if parameters are shared.
  var parameterPath = ""
  /// The time axis along which the recurrences run, if it is known.
  public internal(set) var axis: Axis?
  /// Which way they run.
  public internal(set) var direction = Direction.forward
  var clip: GradientClip?
  /// Where the clip was requested.
  var clipped: CallSite?
  var zoneout: Zoneout.Setting?
  var mask: Masked.Setting?
  var initial = InitialState.zero
  /// The initial values of states that were given by full name.
  var starts: [String: Signal] = [:]

  /// The element type of states and parameters.
  public var element: ElementType { recorder.element }

  // MARK: Scopes within scopes

  /// A scope within this one: its names begin with `name` and a dot.
  public func child(_ name: String) -> Scope {
    changed { ($0.path, $0.parameterPath) = (Self.join(path, name), Self.join(parameterPath, name)) }
  }

  /// A scope within this one that uses the parameters of `other`: its states have their own names, its weights are
  /// tied.
  public func child(_ name: String, sharing other: Scope) -> Scope {
    changed { ($0.path, $0.parameterPath) = (Self.join(path, name), other.parameterPath) }
  }

  /// The recurrences run along this time axis.
  public func over(_ axis: Axis) -> Scope { changed { $0.axis = axis } }

  /// A scope whose recurrences run in the other direction: their states are advances instead of delays.
  public var reversed: Scope { changed { $0.direction = $0.direction == .forward ? .backward : .forward } }

  /// A scope in which every state's gradient is clipped inside the recurrence, at each sample and step.
  public func clipping(_ clip: GradientClip, fileID: String = #fileID, line: Int = #line) -> Scope {
    recorder.note("clipping", fileID, line)
    return changed { scope in
      scope.clip = clip
      scope.clipped = recorder.site
    }
  }

  /// The states begin there.
  public func starting(_ initial: InitialState) -> Scope { changed { $0.initial = initial } }

  /// Gives the states with these names these initial values, for example a decoder the final states of an encoder.
  ///
  /// Names are relative to this scope: `h`, or `layer0.h` for a cell in a scope within. A name that no state has is an
  /// error of the recording. Other states keep their initial values.
  public func starting(_ values: [String: Signal], fileID: String = #fileID, line: Int = #line) -> Scope {
    recorder.note("starting", fileID, line)
    return changed { scope in
      for (name, value) in values.sorted(by: { $0.key < $1.key }) {
        let fullName = Self.join(path, name)
        scope.starts[fullName] = value
        recorder.awaitedStates[fullName] = recorder.site
      }
    }
  }

  /// A scope whose states all have zoneout, as `zoneout` does it for one.
  public func zoningOut(_ rate: Double, over domain: Domain) -> Scope {
    changed { $0.zoneout = Zoneout.Setting(rate: rate, domain: domain) }
  }

  private func changed(_ change: (inout Scope) -> Void) -> Scope {
    var result = self
    change(&result)
    return result
  }

  // MARK: Cells

  /// Applies a cell at every step of the input, under its own name.
  ///
  /// The states run along the scope's time axis; if it has none yet, along the only time axis of `x`, or of the
  /// recording.
  public func run(
    _ cell: some RecurrentCell, _ x: Signal, named name: String? = nil, fileID: String = #fileID, line: Int = #line
  ) -> Signal {
    let type = String(describing: type(of: cell))
    recorder.note("run \(type)", fileID, line)
    var inner = name.map { child($0) } ?? self
    if inner.axis == nil, let node = x.node {
      let domain = recorder.graph.type(node).domain
      let times = recorder.timeAxes.filter { domain.contains($0) }
      if times.count == 1 { inner.axis = times[0] }
    }
    let states = recorder.states.count
    return recorder.layer(path: inner.path, cell: type) { inner.masked(cell(x, inner), statesFrom: states) }
  }

  /// Records part of a network under a name: for equations with several inputs, such as a decoder step that also reads
  /// an encoder.
  public func within<Result>(
    _ name: String, fileID: String = #fileID, line: Int = #line, _ body: (Scope) -> Result
  ) -> Result {
    recorder.note("within \"\(name)\"", fileID, line)
    let inner = child(name)
    let cell = recorder.frames[recorder.frames.count - 1].cell
    return recorder.inside(path: inner.path, cell: cell) { body(inner) }
  }

  static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : path + "." + name }
}

extension Recorder {
  /// Runs `body` inside a cell and records it as a layer.
  fileprivate func layer(path: String, cell: String, _ body: () -> Signal) -> Signal {
    let (place, first) = (layers.count, parameters.count)
    let depth = layerDepth
    layers.append(nil)
    layerDepth += 1
    let output = inside(path: path, cell: cell, body)
    layerDepth -= 1
    layers[place] = output.node.map {
      LayerDescription(name: path, type: cell, depth: depth, parameters: first..<parameters.count, output: $0)
    }
    return output
  }

  var timeAxes: [Axis] {
    graph.axes.indices.map { Axis($0) }.filter {
      graph.axes[$0.index].kind == .time && graph.axes[$0.index].steps == nil
    }
  }
}
