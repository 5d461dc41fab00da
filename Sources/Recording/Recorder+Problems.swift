internal import EbbGraph
internal import EbbTensors

extension Recorder {
  /// Collects a problem at the nearest call, with the operands' types and places.
  func report(_ message: String, operands: [NodeID] = []) {
    add(RecordingProblem(message, operands: operands.map(provenance), site: site))
  }

  /// Adds a problem, or counts a repetition of one.
  func add(_ problem: RecordingProblem) {
    if let index = problems.firstIndex(where: { $0.isRepeated(in: problem) }) {
      problems[index].count += 1
    } else {
      problems.append(problem)
    }
  }

  /// A node's type and the nearest call when it was recorded: `forget: f32 [8], from affine "forget" at Cell.swift:12`.
  func provenance(_ node: NodeID) -> String {
    let site = place(of: node)
    let type = graph.type(node)
    let name = graph.name(node).map { "\($0): " } ?? ""
    return "\(name)\(type.element.name) \(graph.names(of: type.domain)) \(type.shape), "
      + "recorded near \(site.call) at \(site.place)"
  }

  /// Ends the recording: every state must be closed and the graph well formed.
  func finish() throws(RecordingError) -> Recording {
    for state in states where !state.isClosed {
      add(
        RecordingProblem(
          "the state \(state.name) is read but never given its next value; end with `\(state.name).next(value)`",
          site: state.declared))
    }
    for (name, site) in awaitedStates.sorted(by: { $0.key < $1.key }) {
      let known = states.isEmpty ? "none" : states.map(\.name).joined(separator: ", ")
      add(RecordingProblem("starting: there is no state \(name); the states are \(known)", site: site))
    }
    if problems.isEmpty { verify() }
    if problems.isEmpty { checkUpdates() }
    if !problems.isEmpty { throw RecordingError(problems: problems) }
    decideWeights()
    decideTraining()
    return Recording(
      graph: graph, element: element, parameters: parameters,
      states: states.compactMap { state in
        state.value.map { value in
          StateDescription(
            name: state.name, value: value, previous: state.previous, neighbours: state.neighbours,
            initial: state.initial, axis: state.axis, direction: state.direction)
        }
      }, inputs: inputs, intermediates: intermediates, layers: layers.compactMap { $0 }, probabilities: probabilities,
      modes: modes, places: places)
  }

  private func verify() {
    do {
      try graph.inferDomains()
    } catch {
      return report(graph: error)
    }
    do {
      try graph.verify()
    } catch {
      for problem in error.problems { report(graph: problem) }
    }
  }

  /// A problem of the whole graph, at the place of the node at fault.
  private func report(graph problem: GraphProblem) {
    guard let node = problem.node else { return report(problem.message) }
    let operands = graph.operands(node).filter { $0 != .open }
    add(
      RecordingProblem(problem.message, operands: operands.map(provenance), site: place(of: node)))
  }

  /// Chooses the default initialisers: rows that multiply a value on the product's own cycle are recurrent.
  private func decideWeights() {
    guard !undecidedWeights.isEmpty else { return }
    let components = Components(graph)
    for weight in undecidedWeights {
      let cycle = components[weight.product]
      let blocks = weight.blocks.map { block in
        let isRecurrent = components.isCyclic[cycle] && components[block.operand] == cycle
        return Initializer.Block(rows: block.rows, isRecurrent ? .orthogonal() : .glorotUniform)
      }
      parameters[weight.parameter].initializer = blocks.count == 1 ? blocks[0].initializer : .blocks(blocks)
    }
  }

  private func decideTraining() {
    let fixed = graph.fixedParameters
    for index in parameters.indices {
      let node = parameters[index].node
      parameters[index].isTrained = !fixed.contains(node) && buffers[node] == nil
    }
  }
}

extension Graph {
  /// The parameters that are used only through `stopGradient`: they are not trained.
  var fixedParameters: Set<NodeID> {
    var (used, trained) = (Set<NodeID>(), Set<NodeID>())
    for node in nodes {
      used.formUnion(operands(node))
      if operation(node) != .stopGradient { trained.formUnion(operands(node)) }
    }
    return Set(nodes.filter { operation($0) == .parameter && used.contains($0) && !trained.contains($0) })
  }
}

extension Scope {
  /// Collects a problem of a cell that is read from a text, and stands for its output.
  package func failure(_ message: String) -> Signal {
    recorder.report(message)
    return recorder.signal(nil)
  }
}
