internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// The derivative of one step of a recording, as a graph without a recurrence: the states that a step reads are inputs,
/// and the tangents along each of their features, over an axis of probes, are the rows of Jᵀ.
///
/// Since the states are given, all steps are computed at once, or in pieces of any length.
///
/// `DetachedStep` and the trainer's `StepCopy` cut a recording at the states that a step reads, too. This graph stands by
/// itself, since its states are measured values; theirs go back into the recording's, to be computed along with it.
struct StepDifferential {
  enum Name {
    /// The output: Jᵀ over time, samples and probes.
    static let jacobian = "jacobian"
    static func previous(_ state: String) -> String { "previous/" + state }
  }

  private(set) var graph: Graph
  /// Whether each step depends only on the values of inputs and states at this step.
  private(set) var isSeparable = true
  private let space: StateSpace
  private let recording: Recording

  init(_ recording: Recording, _ space: StateSpace) throws(DiagnosticError) {
    self.space = space
    self.recording = recording
    // The recording's equations with the same node numbers, and an input for each delay.
    graph = recording.graph.replacingWithInputs(
      Dictionary(uniqueKeysWithValues: recording.states.map { ($0.previous, Name.previous($0.name)) }))
    graph.removeOutputs()
    isSeparable = !dependsOnOtherSteps()
    try checkPaths()
    do {
      try appendJacobian()
      try graph.verify()
    } catch {
      throw .graph(recording.locating(error, origin: origin))
    }
  }

  private var values: [NodeID] { recording.states.map(\.value) }
  private var previous: [NodeID] { recording.states.map(\.previous) }

  // MARK: Checks

  private func dependsOnOtherSteps() -> Bool {
    graph.ancestors(of: values).contains { node in
      if case .random = graph.operation(node) { return graph.type(node).domain.contains(space.time) }
      return graph.operation(node).looksBeyondStep(of: space.time)
    }
  }

  /// A step's Jacobian exists for each sample only if no state reaches another sample or another step.
  private func checkPaths() throws(DiagnosticError) {
    let needed = graph.ancestors(of: values)
    let own = space.batch.map { Domain([space.time, $0]) } ?? [space.time]
    let states = Set(previous)
    for node in graph.descendants(of: previous) where needed.contains(node) && !states.contains(node) {
      let mixed = graph.operation(node).mixedAxes.intersection(own)
      guard let axis = mixed.first(where: { _ in true }) else { continue }
      throw .setting(
        "the step uses the states at more than one index of \(graph.description(of: axis).name) "
          + "(\(graph.operation(node).keyword)): no sample has a Jacobian of its own\(origin(node).map { recording.remark($0) } ?? "")"
      )
    }
  }

  /// The recording's node that a node of the step corresponds to: the one with the same number.
  private func origin(_ node: NodeID) -> NodeID? { node.index < recording.graph.count ? node : nil }

  // MARK: Tangents

  private mutating func appendJacobian() throws(GraphError) {
    let axes = space.batch.map { Domain([space.time, $0]) } ?? [space.time]
    let probe = graph.addBatchAxis(named: "probe", length: space.features)
    var directions: [NodeID: NodeID] = [:]
    var start = 0
    for node in previous {
      directions[node] = appendUnitDirections(of: node, over: probe, from: start)
      start += graph.coordinateCount(of: node, along: space.coordinates)
    }
    let tangents = try graph.tangent(of: values, along: directions)
    let rows = tangents.map { tangent in
      let flat = graph.appendCoordinates(of: tangent, along: space.coordinates)
      let missing = axes.inserting(probe).subtracting(graph.type(flat).domain)
      return missing.isEmpty ? flat : graph.append(.spread(missing), [flat])
    }
    graph.setOutput(
      Name.jacobian, rows.count == 1 ? rows[0] : graph.append(.concatenate(dimension: 0), rows))
  }

  /// Along the axis of probes one direction per coordinate: eᵢ at index `start` + i, zero elsewhere.
  private mutating func appendUnitDirections(of node: NodeID, over probe: Axis, from start: Int) -> NodeID {
    let type = graph.type(node)
    var numbers = graph.add(graph.append(.iota(type.shape.count), []), graph.integer(start))
    // Row-major, with the state's own axes before its features.
    let own = type.domain.intersection(space.coordinates)
    var stride = type.shape.count
    for axis in Array(own).reversed() {
      let index = graph.multiply(graph.append(.axisIndex(axis), []), graph.integer(stride))
      numbers = graph.add(numbers, index)
      stride *= graph.description(of: axis).length ?? 1
    }
    let isOwn = graph.compare(.equal, numbers, graph.append(.axisIndex(probe), []))
    let unit = graph.select(isOwn, graph.constant(1, type.element), graph.constant(0, type.element))
    return graph.append(.spread(type.domain.subtracting(own)), [graph.reshaped(unit, to: type.shape)])
  }
}
