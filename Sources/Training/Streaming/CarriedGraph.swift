internal import EbbExecution
internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// A graph of which every state can go on where another run left it.
///
/// Where the states began, they now begin with a selection: what the network says if the input `begins` is true, else the
/// input `carried/STATE`; and what the next run needs is the output of that name. So zero, trained and given initial
/// states are all kept, with their gradients, and no gradient goes on into the run before.
struct CarriedGraph {
  /// The equations with the outputs of the source and those of the states.
  private(set) var graph: Graph
  /// For each node of the source the node that it has become.
  private(set) var places: [NodeID]
  private(set) var states: [State] = []
  /// The nodes that depend on more than the steps so far: on the number of a step within its run, or on all of the run.
  private(set) var global: Set<NodeID> = []
  /// The axis along which the states go on.
  let time: Axis

  /// A state: the name of its input and its output, and their type.
  struct State: Hashable, Sendable {
    var name: String
    var type: NodeType
  }

  /// A state's equation, where it is.
  private struct Delay {
    var node: NodeID
    var boundary: NodeID
    var steps: Int
  }

  /// - Parameters:
  ///   - source: The recording's equations, as they are trained or evaluated.
  ///   - stride: After how many steps the next run begins; nil for all of them.
  /// - Throws: `TrainingError.setting` if the network cannot be run in pieces, and why.
  init(_ source: Graph, of recording: Recording, stride: Int? = nil) throws(TrainingError) {
    time = try Self.timeAxis(of: source, recording)
    var copy = GraphCopy(of: source)
    let begins = copy.graph.appendLeaf(.input, NodeType(.bool), name: StateCarrying.begins)
    var delays: [Delay] = []
    for node in source.nodes {
      guard case .delay(_, let steps, _) = source.operation(node) else {
        copy.append(node)
        continue
      }
      let boundary = copy[source.operand(node, 1)]
      let name = "carried/\(Self.stateName(source, node, delays.count, states))"
      let domain = source.type(node).domain.removing(time)
      let state = State(name: name, type: NodeType(source.type(node).element, domain, copy.graph.type(boundary).shape))
      states.append(state)
      let carried = copy.graph.appendLeaf(.input, state.type, name: name)
      let beginning = copy.graph.append(.select, [begins, boundary, carried])
      copy.append(node, on: [copy[source.operand(node, 0)], beginning])
      delays.append(Delay(node: node, boundary: beginning, steps: steps))
    }
    graph = copy.finish()
    places = copy.images
    guard !delays.isEmpty else { throw .setting("the network has no state that could be carried") }
    let global = source.descendants(
      of: source.nodes.filter { [time] in source.operation($0).looksBeyondStep(of: time) })
    for delay in delays where global.contains(delay.node) {
      throw .setting(
        "a state\(recording.remark(delay.node)) depends on the number of the step, or on all steps together: both begin "
          + "anew in each piece")
    }
    self.global = Set(global.map { places[$0.index] })
    for (delay, state) in zip(delays, states) {
      var next = nextState(places[source.operand(delay.node, 0).index], delay, stride)
      let missing = state.type.domain.subtracting(graph.type(next).domain)
      if !missing.isEmpty { next = graph.append(.spread(missing), [next]) }
      graph.setOutput(state.name, next)
    }
  }

  /// The node of the source that one has come from.
  func origin(of node: NodeID) -> NodeID? { places.firstIndex(of: node).map { NodeID($0) } }

  /// The name of the value that a delay holds, if it has one that no other state has taken.
  private static func stateName(_ source: Graph, _ delay: NodeID, _ number: Int, _ states: [State]) -> String {
    guard let name = source.name(source.operand(delay, 0)), !states.contains(where: { $0.name == "carried/" + name })
    else { return "\(number)" }
    return name
  }

  /// The one time axis, along which all states must run forward; throws if there is something that cannot be cut.
  private static func timeAxis(of source: Graph, _ recording: Recording) throws(TrainingError) -> Axis {
    let times = source.axes.indices.filter { source.axes[$0].kind == .time }
    guard times.count == 1 else {
      throw .setting("states are carried along one time axis, and the network has \(times.count)")
    }
    guard source.axes[times[0]].lengths == nil else {
      throw .setting(
        "states are carried over sequences of one length; the network takes a length for each sequence"
          + recording.remark(Axis(times[0])))
    }
    let time = Axis(times[0])
    for node in source.nodes {
      if case .advance = source.operation(node) {
        let name = source.name(source.operand(node, 0)).map { " \($0)" } ?? ""
        throw .setting(
          "the state\(name)\(recording.remark(node)) runs backward in time, so it cannot be carried forward")
      }
    }
    return time
  }

  // MARK: What the next run begins with

  /// The last `by` values before step n of the run, where the next one begins: with the state before the first step as
  /// x₋₁ (or x₋ₖ … x₋₁ for a delay by k steps),
  ///
  ///     initial′ⱼ = x_{n − k + j}          j = 0 … k − 1
  private mutating func nextState(_ value: NodeID, _ delay: Delay, _ stride: Int?) -> NodeID {
    if delay.steps == 1, stride == nil { return graph.append(.pick(time, .last), [value]) }
    let length = stride.map { integer($0) } ?? graph.append(.axisLength(time), [])
    if delay.steps == 1 { return picked(value, at: plus(length, -1)) }
    let parts = (0..<delay.steps).map { part in
      let index = plus(length, part - delay.steps)
      // What lies before the run is one of the values with which the run itself began.
      let old = graph.append(.gather, [delay.boundary, plus(length, part)])
      let isInside = graph.append(.compare(.greaterOrEqual), [index, integer(0)])
      let element = graph.append(.select, [isInside, picked(value, at: index), old])
      return graph.append(.broadcast(dimension: 0, count: 1), [element])
    }
    return graph.append(.concatenate(dimension: 0), parts)
  }

  private mutating func picked(_ value: NodeID, at index: NodeID) -> NodeID {
    graph.append(.pick(time, .at), [value, index])
  }

  private mutating func plus(_ number: NodeID, _ offset: Int) -> NodeID {
    graph.append(.binary(.add), [number, integer(offset)])
  }

  private mutating func integer(_ number: Int) -> NodeID {
    graph.appendLeaf(.constant(Double(number)), NodeType(.int32))
  }
}

extension Graph {
  /// The inputs on which no output depends.
  var unusedInputs: [String] {
    let used = ancestors(of: outputs.map(\.node))
    return nodes.filter { operation($0) == .input && !used.contains($0) }.compactMap { name($0) }
  }
}

// MARK: Running

extension CarriedGraph {
  /// A batch with the states' inputs: where they were left, or, where streams begin, numbers that are not looked at.
  ///
  /// - Parameter carried: What the run before has left; nil if there was none, so that the streams begin.
  func completed(
    _ batch: [String: Tensor], _ carried: [String: Tensor]?
  ) throws(TrainingError) -> [String: Tensor] {
    var result = batch
    let begins = carried == nil || batch[StateCarrying.begins]?.doubles == [1]
    result[StateCarrying.begins] = Tensor([], [begins])
    // Where the streams begin there may be another number of them, so what was left would not fit.
    return result.merging(try begins ? zeros(batch) : carried ?? [:]) { $1 }
  }

  /// What a run has left.
  func states(after session: Session) -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: states.map { ($0.name, session.output($0.name)) })
  }

  private func zeros(_ batch: [String: Tensor]) throws(TrainingError) -> [String: Tensor] {
    let lengths = axisLengths(batch)
    var inputs: [String: Tensor] = [:]
    for state in states { inputs[state.name] = try zeros(state.type, lengths) }
    return inputs
  }

  /// Numbers for inputs that the batch does not have.
  func zeros(for names: [String], beside batch: [String: Tensor]) throws(TrainingError) -> [String: Tensor] {
    let lengths = axisLengths(batch)
    var inputs: [String: Tensor] = [:]
    for name in names where batch[name] == nil {
      if let node = graph.node(named: name) { inputs[name] = try zeros(graph.type(node), lengths) }
    }
    return inputs
  }

  private func zeros(_ type: NodeType, _ lengths: [Axis: Int]) throws(TrainingError) -> Tensor {
    var dimensions: [Int] = []
    for axis in type.domain {
      guard let length = lengths[axis] else {
        throw .setting("no input of the batch tells the length of the axis \(graph.description(of: axis).name)")
      }
      dimensions.append(length)
    }
    dimensions += type.shape.array
    return Tensor(dimensions, [Double](repeating: 0, count: dimensions.reduce(1, *)), as: type.element)
  }

  /// The lengths of the axes that the inputs of a batch show.
  private func axisLengths(_ batch: [String: Tensor]) -> [Axis: Int] {
    var lengths: [Axis: Int] = [:]
    for (index, axis) in graph.axes.enumerated() { lengths[Axis(index)] = axis.length }
    for (name, tensor) in batch {
      guard let node = graph.node(named: name), graph.operation(node) == .input else { continue }
      for (axis, length) in zip(graph.type(node).domain, tensor.dimensions) { lengths[axis] = length }
    }
    return lengths
  }
}
