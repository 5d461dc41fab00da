internal import EbbGraph
internal import EbbRecording
internal import EbbTransforms

/// A recording's step as a function of the states that it reads: a copy of the equations in which every state that is
/// read is a separate value, so that derivatives end there instead of continuing to the previous step.
///
/// The copies have the same values as the equations and are merged with them when the marks for derivatives are erased.
///
/// `StepDifferential` and the trainer's `StepCopy` cut a recording at the same states, but make inputs of them. Here they
/// are computed by the same run, so the copies stand in the graph and `stopGradient` ends the derivative.
struct DetachedStep {
  /// The states as the step reads them: h₀ … h_{T−1}.
  private(set) var reads: [NodeID] = []
  /// The states that the step computes: h₁ … h_T.
  private(set) var values: [NodeID] = []
  /// For each state the number of its recurrence: states that depend on one another.
  private(set) var groups: [Int] = []
  private var copy: GraphCopy
  /// The equations that were copied, in their order.
  private var copies: [NodeID] = []

  /// Appends the copies to the recording's graph.
  ///
  /// - Throws: `DiagnosticError.setting` if a gradient can reach the previous step other than through the states.
  init(_ recording: Recording, in graph: inout Graph) throws(DiagnosticError) {
    let source = recording.graph
    if let mark = recording.markInRecurrence {
      throw .setting(
        "\(recording.wording(ofMark: mark)) inside the recurrence: its logarithm is not that of a product of Jacobians; "
          + "measure without clipping and truncation")
    }
    copy = GraphCopy(within: graph)
    for state in recording.states {
      let read = copy.graph.append(.stopGradient, [state.previous])
      copy.put(read, for: state.previous)
      reads.append(read)
    }
    for node in source.nodes where !isCopied(node) {
      guard source.operands(node).contains(where: isCopied) else { continue }
      guard source.operation(node).shift == nil else {
        throw .setting(
          "\(source.name(node) ?? "a delay")\(recording.remark(node)) carries a state on that is not its own: there is no "
            + "single step backward")
      }
      copies.append(copy.append(node, keepsName: false))
    }
    graph = copy.graph
    for state in recording.states where isCopied(source.operand(state.previous, 1)) {
      throw .setting(
        "the state \(state.name)\(recording.remark(state.previous)) begins with a value that depends on another state: "
          + "there is no single step backward")
    }
    values = recording.states.map { place(of: $0.value) }
    try checkPaths(in: graph, recording)
    let components = Components(source)
    var numbers: [Int: Int] = [:]
    groups = recording.states.map { state in
      let component = components[state.previous]
      let number = numbers[component] ?? numbers.count
      numbers[component] = number
      return number
    }
  }

  /// Each step and sample has its own scale, so no path between states may reach another step or sample.
  private func checkPaths(in graph: Graph, _ recording: Recording) throws(DiagnosticError) {
    let own = values.reduce(Domain.empty) { $0.union(graph.type($1).domain) }
      .subtracting(recording.graph.coordinateAxes)
    let isNeeded = graph.ancestors(of: values)
    for node in copies.reversed() where isNeeded.contains(node) {
      guard let axis = graph.operation(node).crossedAxes.intersection(own).first(where: { _ in true }) else { continue }
      throw .setting(
        "a state depends on the states at more than one index of \(graph.description(of: axis).name) "
          + "(\(graph.operation(node).keyword)): there is no single step backward\(remark(node, recording))")
    }
  }

  /// Where the original of this copy was recorded.
  private func remark(_ image: NodeID, _ recording: Recording) -> String {
    copy.images.firstIndex(of: image).map { recording.remark(NodeID($0)) } ?? ""
  }

  /// The node that corresponds to one of the recording's.
  func place(of node: NodeID) -> NodeID { copy[node] }

  private func isCopied(_ node: NodeID) -> Bool { copy[node] != node }
}
