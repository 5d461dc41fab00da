internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

/// A recording's equations with parameters that are values of each step: W_t = W, repeated over time, wherever a value
/// over time reads W.
///
/// The adjoint of W_t is what step t contributes to dL/dW. Values without time that are computed from W, such as W − Wᵀ,
/// are repeated with it. What reads W outside of time, such as an initial state or a read-out of the last step, reads a
/// copy whose adjoint is the rest: dL/dW = Σ_t dL/dW_t + rest.
struct StepwiseParameters {
  private(set) var graph = Graph()
  /// For each parameter W_t, over the time axis.
  private(set) var steps: [NodeID] = []
  /// For each parameter the copy that is read outside of time.
  private(set) var rests: [NodeID] = []
  private let time: Axis
  /// The node that stands for each of the recording's.
  private var places: [NodeID] = []
  /// The same over time, of what lacks time and is computed from parameters.
  private var timed: [NodeID: NodeID] = [:]

  init(_ recording: Recording, over time: Axis) throws(DiagnosticError) {
    self.time = time
    let source = recording.graph
    for axis in source.axes { _ = graph.addAxis(axis) }
    let parameters = Set(recording.parameters.map(\.node))
    for node in source.nodes { append(node, of: source, isParameter: parameters.contains(node)) }
    for node in source.nodes where source.operation(node).carrier != nil {
      graph.setOperand(places[node.index], 0, to: places[source.operand(node, 0).index])
    }
    for output in source.outputs { graph.setOutput(output.name, place(of: output.node)) }
    for parameter in recording.parameters {
      guard let step = timed[parameter.node] else { preconditionFailure("\(parameter.name) has no value of each step") }
      steps.append(step)
      rests.append(places[parameter.node.index])
    }
    do {
      try graph.verify()
    } catch {
      throw .graph(recording.locating(error, origin: origin))
    }
  }

  func place(of node: NodeID) -> NodeID { places[node.index] }

  /// The recording's node that a node stands for.
  private func origin(_ node: NodeID) -> NodeID? {
    places.firstIndex(of: node).map { NodeID($0) } ?? timed.first { $0.value == node }?.key
  }

  private mutating func append(_ node: NodeID, of source: Graph, isParameter: Bool) {
    let operation = source.operation(node)
    let type = source.type(node)
    let operands = Array(source.operands(node))
    if operation.carrier != nil {
      // Carried values may come later. What is before the first step is outside of time.
      places.append(graph.appendUnchecked(operation, [.open, places[operands[1].index]], type))
      return
    }
    if isParameter {
      let leaf = graph.appendLeaf(operation, type, name: source.name(node))
      places.append(graph.append(.reshape(type.shape), [leaf]))
      timed[node] = graph.append(.spread([time]), [leaf])
      return
    }
    let plain = operands.map { places[$0.index] }
    let repeated = operands.map { timed[$0] ?? places[$0.index] }
    let hasTimedOperand = operands.contains { timed[$0] != nil }
    if type.domain.contains(time) || operation.mixedAxes.contains(time) {
      places.append(
        hasTimedOperand ? appendTimed(operation, plain, repeated, type) : appendPlain(operation, plain, type))
    } else {
      places.append(appendPlain(operation, plain, type))
      if hasTimedOperand { timed[node] = graph.append(operation, repeated) }
    }
    if let name = source.name(node) { graph.setName(name, of: places[node.index]) }
  }

  private mutating func appendPlain(_ operation: Operation, _ operands: [NodeID], _ type: NodeType) -> NodeID {
    graph.appendUnchecked(operation, operands, type)
  }

  /// An equation over time that reads values of each step in place of values without time.
  private mutating func appendTimed(
    _ operation: Operation, _ plain: [NodeID], _ repeated: [NodeID], _ type: NodeType
  ) -> NodeID {
    switch operation {
    case .spread(let domain):
      let rest = domain.removing(time)
      return rest.isEmpty ? graph.append(.reshape(type.shape), repeated) : graph.append(.spread(rest), repeated)
    // These give their operand an index along time, or make time of a feature: it has none of its own.
    case .place(time, _), .featureToAxis(time):
      return appendPlain(operation, plain, type)
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .product, .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd,
      .reduceFeatures, .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick, .place, .axisToFeature, .featureToAxis, .delay,
      .advance, .stopGradient, .clipGradient:
      return graph.appendUnchecked(operation, repeated, type)
    }
  }
}
