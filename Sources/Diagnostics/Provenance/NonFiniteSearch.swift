internal import EbbExecution
internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// Searches for the first nonfinite number by running the loss and its gradients with a flag for each value.
struct NonFiniteSearch {
  private let trial: Trial
  private let lengths: [Int]
  /// The recording with all adjoints, without outputs.
  private var graph: Graph
  /// The results that must be finite, with their names for messages.
  private var results: [(name: String, node: NodeID)]
  private let wording: NodeWording

  /// How many flags one run returns; for long sequences those of 32 values, so that the number of runs depends on the
  /// equations and not on the steps.
  private var flagsPerRun: Int { max(1 << 24, 32 * (graph.types.map { indexCount($0.domain) }.max() ?? 1)) }

  init(_ trial: Trial) throws(DiagnosticError) {
    self.trial = trial
    let recording = trial.recording
    var graph = recording.graph
    graph.removeOutputs()
    let lossNode = try recording.output(named: trial.loss)
    let parameters = recording.parameters.filter(\.isTrained)
    let values = graph.nodes.filter { node in
      graph.type(node).element.isFloat && !graph.operations[node.index].isLeafWithType
    }
    let nodes = parameters.map(\.node) + values
    // Nonfinite floats may be the object of the search.
    try recording.checkInputs(trial.bindings, isFinite: false)
    let gradients = try diagnosing(recording) { try graph.gradients(of: lossNode, withRespectTo: nodes) }
    graph.readOriginals(of: gradients.copies)
    let adjoints = gradients.adjoints
    results = [(trial.loss, lossNode)]
    for (parameter, adjoint) in zip(parameters, adjoints) { results.append(("dL/d" + parameter.name, adjoint)) }
    wording = NodeWording(graph, recording, adjoints: zip(nodes, adjoints).map { (of: $0, node: $1) })
    self.graph = graph
    lengths = try diagnosing { [graph] in try graph.lengths(for: trial.bindings) }
  }

  func run() throws(DiagnosticError) -> NonFiniteOrigin? {
    var field = FlagField(graph, lengths: lengths)
    try addFlags(of: results.map(\.node), to: &field)
    let reached = results.filter { field.flags[$0.node.index] != nil }
    guard !reached.isEmpty else { return nil }
    let needed = graph.ancestors(of: reached.map(\.node))
    try addFlags(of: graph.nodes.filter { needed.contains($0) && graph.type($0).element.isFloat }, to: &field)
    let births = field.births(of: reached.flatMap { field.flagged($0.node) })
    let first = births.min { order($0, field).lexicographicallyPrecedes(order($1, field)) }
    guard let first else { preconditionFailure("what is not finite arises somewhere") }
    return try described(first, field, reached.map(\.name))
  }

  // MARK: Flags

  private func indexCount(_ domain: Domain) -> Int { domain.reduce(1) { $0 * lengths[$1.index] } }

  private func addFlags(of nodes: [NodeID], to field: inout FlagField) throws(DiagnosticError) {
    let flagsPerRun = flagsPerRun
    func count(_ node: NodeID) -> Int { indexCount(graph.type(node).domain) }
    var start = 0
    while start < nodes.count {
      var (end, total) = (start, 0)
      while end < nodes.count, end == start || total + count(nodes[end]) <= flagsPerRun {
        total += count(nodes[end])
        end += 1
      }
      let group = nodes[start..<end]
      var flagged = graph
      for node in group { flagged.setOutput("flag/\(node.index)", flagged.appendNonFiniteFlag(of: node)) }
      let outputs = try run(flagged)
      for node in group {
        field.set(outputs["flag/\(node.index)"].doubles.map { $0 != 0 }, of: node)
      }
      start = end
    }
  }

  private func run(_ graph: Graph) throws(DiagnosticError) -> DiagnosticRun {
    try diagnosing {
      try CompiledDiagnostic(graph, over: trial.recording.states.first?.axis, trial.bindings, trial.run)
        .run(trial.bindings)
    }
  }

  // MARK: The first

  private func isBackward(_ node: NodeID) -> Bool { node.index >= trial.recording.graph.count }

  private func timeIndex(_ element: FlagField.Element, _ field: FlagField) -> (axis: Axis, index: Int)? {
    field.indices(element).first { graph.description(of: $0.axis).kind == .time }
  }

  /// Forward before backward; inputs before all steps, steps in the order of computation, sums over steps after them;
  /// then in the order of the equations.
  private func order(_ element: FlagField.Element, _ field: FlagField) -> [Int] {
    let isBackward = isBackward(element.node)
    let step: Int
    if let (axis, index) = timeIndex(element, field) {
      let runsForward = (trial.recording.states.first { $0.axis == axis }?.direction ?? .forward) == .forward
      step = runsForward == !isBackward ? index : lengths[axis.index] - 1 - index
    } else {
      step = graph.operations[element.node.index].isLeafWithType ? -1 : .max
    }
    return [isBackward ? 1 : 0, step, element.node.index, element.position]
  }

  // MARK: Words

  private func described(
    _ element: FlagField.Element, _ field: FlagField, _ reached: [String]
  ) throws(DiagnosticError) -> NonFiniteOrigin {
    let node = element.node
    let operands = Array(graph.operands(node))
    var probe = graph
    probe.setOutput("value", node)
    for (position, operand) in operands.enumerated() { probe.setOutput("operand/\(position)", operand) }
    let outputs = try run(probe)
    let features = graph.type(node).shape.count
    let numbers = outputs["value"].doubles[element.position * features..<(element.position + 1) * features]
    guard let unit = numbers.enumerated().first(where: { !$0.element.isFinite }) else {
      preconditionFailure("a flagged value has a number that is not finite")
    }
    let indices = field.indices(element)
    return NonFiniteOrigin(
      pass: isBackward(node) ? .backward : .forward, operation: graph.operation(node).keyword,
      name: wording.name(node), expression: wording.expression(node), leadsTo: nearestName(after: node),
      indices: indices.map { NonFiniteOrigin.Index(axis: graph.description(of: $0.axis).name, index: $0.index) },
      step: timeIndex(element, field).map { $0.index + 1 },
      sample: indices.first { graph.description(of: $0.axis).kind == .batch }?.index, unit: unit.offset,
      value: unit.element,
      operands: operands.enumerated().map { position, operand in
        NonFiniteOrigin.Operand(
          expression: wording.reference(operand),
          value: graph.type(operand).element.isFloat
            ? number(outputs["operand/\(position)"].doubles, operand, for: node, indices, unit.offset) : nil)
      }, reached: reached)
  }

  /// An operand's number at the place where an elementwise operation failed; for other operations the largest magnitude
  /// read there.
  private func number(
    _ values: [Double], _ operand: NodeID, for node: NodeID, _ indices: [(axis: Axis, index: Int)], _ unit: Int
  ) -> Double? {
    let operation = graph.operation(node)
    let features = graph.type(operand).shape.count
    var positions = [0]
    for axis in graph.type(operand).domain {
      let isMixed = operation.mixedAxes.contains(axis) || operation.shift?.axis == axis
      let own = isMixed ? nil : indices.first { $0.axis == axis }?.index
      let range = own.map { $0..<$0 + 1 } ?? 0..<lengths[axis.index]
      positions = positions.flatMap { start in range.map { start * lengths[axis.index] + $0 } }
    }
    if operation.isElementwise, let position = positions.first {
      return values[position * features + (features == 1 ? 0 : unit)]
    }
    return positions.flatMap { values[$0 * features..<($0 + 1) * features] }.max { abs($0) < abs($1) }
  }

  /// The nearest value computed from this one that has a name or is the adjoint of one with a name.
  private func nearestName(after node: NodeID) -> String? {
    let readers = Readers(graph)
    var visited: Set<NodeID> = [node]
    var level = [node]
    while !level.isEmpty {
      let next = level.flatMap { readers[$0] }.filter { visited.insert($0).inserted }
      for candidate in next where isBackward(candidate) == isBackward(node) {
        if let result = results.first(where: { $0.node == candidate }) { return result.name }
        if let name = wording.name(candidate) { return name }
      }
      level = next
    }
    return nil
  }
}

extension Graph {
  /// Replaces reads of copies by reads of their originals, so that origins are in the recording's equations.
  fileprivate mutating func readOriginals(of copies: [NodeID: NodeID]) {
    let originals = Dictionary(uniqueKeysWithValues: copies.map { ($0.value, $0.key) })
    guard !originals.isEmpty else { return }
    for node in nodes where originals[node] == nil {
      for (position, operand) in operands(node).enumerated() {
        if let original = originals[operand] { setOperand(node, position, to: original) }
      }
    }
  }

  /// Whether any feature is not finite, at each index of the node's axes.
  fileprivate mutating func appendNonFiniteFlag(of node: NodeID) -> NodeID {
    let flag = append(.unary(.not), [append(.unary(.isFinite), [node])])
    let shape = type(node).shape
    if shape.rank == 0 { return flag }
    let number = append(.convert(.float32), [flag])
    let flat = shape.rank == 1 ? number : append(.reshape([shape.count]), [number])
    return append(.reduceFeatures(.max, dimension: 0), [flat])
  }
}
