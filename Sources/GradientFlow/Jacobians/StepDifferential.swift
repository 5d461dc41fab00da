internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// The derivative of one step of a recording, as a graph without a recurrence: the states that a step reads are inputs,
/// and tangents along each of their features, over an axis of probes, are the rows of Jᵀ.
///
/// Since the states are given, all steps are computed at once, or in pieces of any length.
struct StepDifferential {
  enum Name {
    /// The output: Jᵀ over time, samples and probes.
    static let jacobian = "jacobian"
    static func previous(_ state: String) -> String { "previous/" + state }
  }

  private(set) var graph = Graph()
  /// Whether each step depends on nothing but the values of inputs and states at this step.
  private(set) var isSeparable = true
  private let space: StateSpace
  private let recording: Recording
  /// For each node of the recording the one that stands for it.
  private var places: [NodeID] = []

  init(_ recording: Recording, _ space: StateSpace) throws(DiagnosticError) {
    self.space = space
    self.recording = recording
    for axis in recording.graph.axes { _ = graph.addAxis(axis) }
    copyStep()
    isSeparable = !dependsOnOtherSteps()
    try checkPaths()
    do {
      try appendJacobian()
      try graph.verify()
    } catch {
      throw .graph(recording.locating(error, origin: origin))
    }
  }

  /// The recording's equations, with an input for each delay.
  private mutating func copyStep() {
    let source = recording.graph
    let names = Dictionary(uniqueKeysWithValues: recording.states.map { ($0.previous, Name.previous($0.name)) })
    for node in source.nodes {
      let type = source.type(node)
      if let name = names[node] {
        places.append(graph.appendLeaf(.input, type, name: name))
        continue
      }
      places.append(
        graph.appendUnchecked(source.operation(node), source.operands(node).map { places[$0.index] }, type))
      if let name = source.name(node), source.operation(node) == .input || source.operation(node) == .parameter {
        graph.setName(name, of: places[node.index])
      }
    }
  }

  private var values: [NodeID] { recording.states.map { places[$0.value.index] } }
  private var previous: [NodeID] { recording.states.map { places[$0.previous.index] } }

  // MARK: Checks

  /// Nodes from which a state's new value is computed.
  private func neededNodes() -> [Bool] {
    var needed = [Bool](repeating: false, count: graph.count)
    for value in values { needed[value.index] = true }
    for node in graph.nodes.reversed() where needed[node.index] {
      for operand in graph.operands(node) { needed[operand.index] = true }
    }
    return needed
  }

  private func dependsOnOtherSteps() -> Bool {
    let needed = neededNodes()
    return graph.nodes.contains { node in
      guard needed[node.index] else { return false }
      if case .random = graph.operation(node) { return graph.type(node).domain.contains(space.time) }
      if case .place(space.time, _) = graph.operation(node) { return true }
      return graph.operation(node) == .axisIndex(space.time) || graph.operation(node) == .axisLength(space.time)
        || graph.operation(node) == .featureToAxis(space.time)
        || graph.operation(node).mixedAxes.contains(space.time)
    }
  }

  /// A step's Jacobian exists for each sample if no state reaches another sample, or another step, than its own.
  private func checkPaths() throws(DiagnosticError) {
    let needed = neededNodes()
    let own = space.batch.map { Domain([space.time, $0]) } ?? [space.time]
    var reached = [Bool](repeating: false, count: graph.count)
    for node in previous { reached[node.index] = true }
    for node in graph.nodes where needed[node.index] && graph.operands(node).contains(where: { reached[$0.index] }) {
      reached[node.index] = true
      let mixed = graph.operation(node).mixedAxes.intersection(own)
      guard let axis = mixed.first(where: { _ in true }) else { continue }
      throw .setting(
        "the step uses the states at more than one index of \(graph.description(of: axis).name) "
          + "(\(graph.operation(node).keyword)): no sample has a Jacobian of its own\(remark(node))")
    }
  }

  /// The recording's node that a node of the step stands for.
  private func origin(_ node: NodeID) -> NodeID? { places.firstIndex(of: node).map { NodeID($0) } }
  private func remark(_ node: NodeID) -> String { origin(node).map { recording.remark($0) } ?? "" }

  // MARK: Tangents

  private mutating func appendJacobian() throws(GraphError) {
    let axes = space.batch.map { Domain([space.time, $0]) } ?? [space.time]
    let probe = graph.addAxis(
      AxisDescription(name: unusedName("probe"), kind: .batch, length: space.features))
    var directions: [NodeID: NodeID] = [:]
    var start = 0
    for node in previous {
      directions[node] = appendUnitDirections(of: node, over: probe, from: start)
      start += graph.type(node).shape.count
    }
    let tangents = try graph.tangent(of: values, along: directions)
    let rows = tangents.map { tangent in
      let type = graph.type(tangent)
      let flat = type.shape.rank == 1 ? tangent : graph.append(.reshape([type.shape.count]), [tangent])
      let missing = axes.inserting(probe).subtracting(type.domain)
      return missing.isEmpty ? flat : graph.append(.spread(missing), [flat])
    }
    graph.setOutput(
      Name.jacobian, rows.count == 1 ? rows[0] : graph.append(.concatenate(dimension: 0), rows))
  }

  /// Along the axis of probes one direction for each feature, eᵢ at index `start` + i, zero elsewhere.
  private mutating func appendUnitDirections(of node: NodeID, over probe: Axis, from start: Int) -> NodeID {
    let type = graph.type(node)
    let offset = graph.appendLeaf(.constant(Double(start)), NodeType(.int32))
    let numbers = graph.append(.binary(.add), [graph.append(.iota(type.shape.count), []), offset])
    let index = graph.append(.axisIndex(probe), [])
    let isOwn = graph.append(.compare(.equal), [numbers, index])
    let one = graph.appendLeaf(.constant(1), NodeType(type.element))
    let zero = graph.appendLeaf(.constant(0), NodeType(type.element))
    var direction = graph.append(.select, [isOwn, one, zero])
    if type.shape.rank != 1 { direction = graph.append(.reshape(type.shape), [direction]) }
    return graph.append(.spread(type.domain), [direction])
  }

  private func unusedName(_ name: String) -> String {
    var result = name
    while graph.axis(named: result) != nil { result += "'" }
    return result
  }
}
