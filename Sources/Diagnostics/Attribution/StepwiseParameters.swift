internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// A recording's equations with parameters that are values over time: W_t = W, broadcast over time, wherever a value
/// over time reads W.
///
/// The adjoint of W_t is the contribution of step t to dL/dW. Values without time that are computed from W, such as W −
/// Wᵀ, are broadcast too. Values outside of time, such as an initial state or a read-out of the last step, read a copy
/// of W whose adjoint is the rest: dL/dW = Σ_t dL/dW_t + rest.
struct StepwiseParameters {
  private(set) var graph: Graph
  /// W_t of each parameter, over the time axis.
  private(set) var steps: [NodeID] = []
  /// For each parameter, the copy that values outside of time read.
  private(set) var rests: [NodeID] = []
  private let time: Axis
  /// The axes that W_t has: time, and where it is ragged the samples whose steps it counts.
  private let stepAxes: Domain
  private var copy: GraphCopy
  /// The counterparts over time of values without time that are computed from parameters.
  private var timed: [NodeID: NodeID] = [:]

  init(_ recording: Recording, over time: Axis) throws(DiagnosticError) {
    self.time = time
    let source = recording.graph
    stepAxes = source.lengthsDomain(of: [time]).inserting(time)
    copy = GraphCopy(of: source)
    graph = Graph()
    let parameters = Set(recording.parameters.map(\.node))
    for node in source.nodes {
      if parameters.contains(node) { appendParameter(node) } else { append(node) }
    }
    graph = copy.finish()
    for parameter in recording.parameters {
      guard let step = timed[parameter.node] else { preconditionFailure("\(parameter.name) has no value of each step") }
      steps.append(step)
      rests.append(copy[parameter.node])
    }
    do {
      try graph.verify()
    } catch {
      throw .graph(recording.locating(error, origin: origin))
    }
  }

  func place(of node: NodeID) -> NodeID { copy[node] }

  /// The recording's node that a node corresponds to.
  private func origin(_ node: NodeID) -> NodeID? {
    copy.images.firstIndex(of: node).map { NodeID($0) } ?? timed.first { $0.value == node }?.key
  }

  private mutating func appendParameter(_ node: NodeID) {
    let (source, type) = (copy.source, copy.source.type(node))
    let leaf = copy.graph.appendLeaf(source.operation(node), type, name: source.name(node))
    copy.put(copy.graph.append(.reshape(type.shape), [leaf]), for: node)
    timed[node] = copy.graph.append(.spread(stepAxes), [leaf])
  }

  private mutating func append(_ node: NodeID) {
    let source = copy.source
    let (operation, type) = (source.operation(node), source.type(node))
    // Values before the first step are outside of time.
    let isParametric = operation.shift == nil && source.operands(node).contains { timed[$0] != nil }
    let repeated = source.operands(node).map { timed[$0] ?? copy[$0] }
    guard isParametric else {
      copy.append(node)
      return
    }
    guard type.domain.contains(time) || operation.mixedAxes.contains(time) else {
      copy.append(node)
      timed[node] = copy.graph.append(operation, repeated)
      return
    }
    // An equation over time reads values over time instead of values without time.
    if case .spread(let domain) = operation {
      let rest = domain.removing(time)
      copy.put(copy.graph.append(rest.isEmpty ? .reshape(type.shape) : .spread(rest), repeated), for: node)
      if let name = source.name(node) { copy.graph.setName(name, of: copy[node]) }
    } else if operation.mixedAxes.contains(time) || !operation.crossedAxes.contains(time) {
      copy.append(node, on: repeated)
    } else {
      // The operation places its operand at an index along time, or turns a feature into time; the operand itself is
      // without time.
      copy.append(node)
    }
  }
}
