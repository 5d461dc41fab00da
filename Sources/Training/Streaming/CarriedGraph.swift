internal import EbbExecution
internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// A graph whose states can continue from the end of another run.
///
/// The initial value of a state becomes a selection: the network's own if the input `begins` is true, else the input
/// `carried/STATE`; the output of that name holds the value for the next run. So zero, trained and supplied initial
/// states are all preserved, with their gradients, and no gradient enters the previous run.
struct CarriedGraph {
  /// The equations, with the outputs of the source and of the states.
  private(set) var graph: Graph
  /// For each node of the source its new node.
  private(set) var places: [NodeID]
  private(set) var states: [State] = []
  /// The nodes that depend on more than the steps so far: on a step's number within its run, or on the whole run.
  private(set) var global: Set<NodeID> = []
  /// The axis along which the states continue.
  let time: Axis

  /// A state: the name of its input and output, and their type.
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
  ///   - source: The recording's equations, for training or evaluation.
  ///   - stride: The number of steps after which the next run begins; nil for all of them.
  /// - Throws: `TrainingError.setting` if the network cannot be run in pieces, with the reason.
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

  /// The source node of a node.
  func origin(of node: NodeID) -> NodeID? { places.firstIndex(of: node).map { NodeID($0) } }

  /// The name of the value that a delay holds, if it has one and no other state has taken it.
  private static func stateName(_ source: Graph, _ delay: NodeID, _ number: Int, _ states: [State]) -> String {
    guard let name = source.name(source.operand(delay, 0)), !states.contains(where: { $0.name == "carried/" + name })
    else { return "\(number)" }
    return name
  }

  /// The only time axis, along which all states must run forward; throws if something cannot be split.
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

  // MARK: The start of the next run

  /// The last `by` values before step n of the run, at which the next run begins. With the state before the first step
  /// as x₋₁ (or x₋ₖ … x₋₁ for a delay by k steps):
  ///
  ///     initial′ⱼ = x_{n − k + j}          j = 0 … k − 1
  private mutating func nextState(_ value: NodeID, _ delay: Delay, _ stride: Int?) -> NodeID {
    if delay.steps == 1, stride == nil { return graph.append(.pick(time, .last), [value]) }
    let length = stride.map { integer($0) } ?? graph.append(.axisLength(time), [])
    if delay.steps == 1 { return picked(value, at: plus(length, -1)) }
    let parts = (0..<delay.steps).map { part in
      let index = plus(length, part - delay.steps)
      // Values before the run are among the values with which the run itself began.
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
  /// A batch with the states' inputs: the carried states, or numbers that are ignored if streams begin.
  ///
  /// - Parameter carried: The states that the previous run has left; nil if there was none, so that the streams begin.
  func completed(
    _ batch: [String: Tensor], _ carried: [String: Tensor]?
  ) throws(TrainingError) -> [String: Tensor] {
    var result = batch
    let begins = carried == nil || batch[StateCarrying.begins]?.doubles == [1]
    result[StateCarrying.begins] = Tensor([], [begins])
    // If streams begin, their number may have changed, and the carried states would not fit.
    return result.merging(try begins ? zeros(batch) : carried ?? [:]) { $1 }
  }

  /// The states that a run leaves.
  func states(after session: Session) -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: states.map { ($0.name, session.output($0.name)) })
  }

  /// Zeros in place of the carried states, for a batch.
  func zeros(_ batch: [String: Tensor]) throws(TrainingError) -> [String: Tensor] {
    let lengths = graph.axisLengths(batch)
    var inputs: [String: Tensor] = [:]
    for state in states { inputs[state.name] = try zeros(state.type, lengths) }
    return inputs
  }

  /// Zeros for inputs that the batch lacks.
  func zeros(for names: [String], beside batch: [String: Tensor]) throws(TrainingError) -> [String: Tensor] {
    let lengths = graph.axisLengths(batch)
    var inputs: [String: Tensor] = [:]
    for name in names where batch[name] == nil {
      if let node = graph.node(named: name) { inputs[name] = try zeros(graph.type(node), lengths) }
    }
    return inputs
  }

  private func zeros(_ type: NodeType, _ lengths: [Axis: Int]) throws(TrainingError) -> Tensor {
    try Tensor(zeros: type) { axis throws(TrainingError) in
      guard let length = lengths[axis] else {
        throw .setting("no input of the batch tells the length of the axis \(graph.description(of: axis).name)")
      }
      return length
    }
  }
}

extension Graph {
  /// The lengths of the axes, from the inputs of a batch.
  func axisLengths(_ batch: [String: Tensor]) -> [Axis: Int] {
    var lengths: [Axis: Int] = [:]
    for (index, axis) in axes.enumerated() { lengths[Axis(index)] = axis.length }
    for (name, tensor) in batch {
      guard let node = node(named: name), operation(node) == .input else { continue }
      for (axis, length) in zip(type(node).domain, tensor.dimensions) { lengths[axis] = length }
    }
    return lengths
  }
}

extension Tensor {
  /// Zeros for an input of this type.
  init<Failure>(zeros type: NodeType, length: (Axis) throws(Failure) -> Int) throws(Failure) {
    var dimensions: [Int] = []
    for axis in type.domain { dimensions.append(try length(axis)) }
    dimensions += type.shape.array
    self.init(dimensions, [Double](repeating: 0, count: dimensions.reduce(1, *)), as: type.element)
  }
}
