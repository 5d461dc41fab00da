internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

extension Recording {
  /// The axis along which all states run.
  ///
  /// - Throws: `DiagnosticError.setting` if there is no state, or if they, or one of them, run along several axes.
  func timeAxis() throws(DiagnosticError) -> Axis {
    guard let first = states.first else {
      throw .setting("the recording has no state: no gradient flows through time")
    }
    for state in states where state.axis != first.axis {
      throw .setting(
        "the states \(first.name)\(remark(first.previous)) and \(state.name)\(remark(state.previous)) do not run along "
          + "one axis")
    }
    if let state = states.first(where: { !$0.neighbours.isEmpty }) {
      let axes = ([state.previous] + state.neighbours).compactMap { graph.operation($0).shift?.axis }
      throw .setting(
        "the state \(state.name)\(remark(state.previous)) runs along "
          + "\(axes.map { graph.description(of: $0).name }.joined(separator: " and ")); a diagnostic follows one axis")
    }
    return first.axis
  }

  /// The axis along which all states run, for what follows a gradient from one step to the one before.
  ///
  /// - Throws: As `timeAxis`, and if a step reads other steps too: the own past of a value.
  func timeAxisOfSteps() throws(DiagnosticError) -> Axis {
    let axis = try timeAxis()
    if let history = graph.firstHistory {
      throw .setting(
        "a step reads the past of a value\(remark(history)), and not only the step before it: there is no Jacobian from one "
          + "step to the next. The gradient at each step is measured without it: by ebb flow, gradientDetail and logNorms"
      )
    }
    return axis
  }

  /// Checks that all sequences have the axis's length.
  ///
  /// - Throws: `DiagnosticError.setting` if one is shorter.
  func checkOneLength(along axis: Axis, _ bindings: Bindings) throws(DiagnosticError) {
    guard let name = graph.lengthsName(of: axis), let lengths = bindings.values[name]?.doubles,
      let longest = lengths.max(), let shorter = lengths.firstIndex(where: { $0 != longest })
    else { return }
    throw .setting(
      "the sequences along \(graph.description(of: axis).name)\(remark(axis)) have several lengths: sample \(shorter) has "
        + "\(Int(lengths[shorter])) steps, another \(Int(longest)); measure one of them, trial.sample(\(shorter))")
  }

  /// The output with this name: the loss of a diagnostic.
  ///
  /// - Parameter axis: An axis that it must have.
  func output(named name: String, over axis: Axis? = nil) throws(DiagnosticError) -> NodeID {
    guard let node = graph.output(named: name) else {
      let names = graph.outputs.map(\.name).joined(separator: ", ")
      throw .setting("there is no output named \(name); the outputs are \(names)")
    }
    if let axis, !graph.type(node).domain.contains(axis) {
      throw .setting(
        "the loss \(name)\(remark(node)) is not over \(graph.description(of: axis).name): it has no value for each step"
      )
    }
    return node
  }
}

extension Tensor {
  /// The numbers as rows over a dimension: for each of its indices the remaining numbers, in order.
  func rows(over dimension: Int) -> [[Double]] {
    let inner = dimensions[(dimension + 1)...].reduce(1, *)
    let count = dimensions[dimension]
    var rows = [[Double]](repeating: [], count: count)
    let numbers = doubles
    for start in stride(from: 0, to: numbers.count, by: inner) {
      rows[start / inner % count] += numbers[start..<start + inner]
    }
    return rows
  }

  /// The rows over a dimension; nil at steps beyond the end of a ragged sequence.
  ///
  /// - Parameters:
  ///   - lengths: Those of the sequences; nil if they have one length.
  ///   - features: The numbers of a sequence at one step.
  func rows(over dimension: Int, within lengths: [Double]?, features: Int = 1) -> [[Double?]] {
    let rows = rows(over: dimension)
    // A value that is the same for all sequences has no length.
    guard let lengths, lengths.count * features * rows.count == count else {
      // As a whole the array would be converted by a dynamic cast of each number, a third of the time of `gates`.
      return rows.map { row in row.map { $0 } }
    }
    return rows.enumerated().map { step, row in
      row.enumerated().map { position, value in step < Int(lengths[position / features]) ? value : nil }
    }
  }
}

extension Graph {
  /// The name of the input with the lengths of a ragged axis; nil for another axis.
  func lengthsName(of axis: Axis) -> String? { description(of: axis).lengths.flatMap { name($0) } }

  /// The number of steps of each sample of a value over time; nil if no axis is ragged. Its samples are the indices of
  /// all axes but this one and those that are coordinates of a state, in the order of its tensor.
  ///
  /// - Parameters:
  ///   - axis: The time axis.
  ///   - node: The value.
  ///   - sizes: The lengths of its axes in a run; its tensor's dimensions begin with them.
  ///   - inputs: The inputs of the run, among them the sequences' lengths.
  func sampleLengths(along axis: Axis, in node: NodeID, sizes: [Int], _ inputs: [String: Tensor]) -> [Int]? {
    guard let lengthsNode = description(of: axis).lengths, let lengths = name(lengthsNode).flatMap({ inputs[$0] })
    else {
      return nil
    }
    let own = Array(type(lengthsNode).domain)
    let coordinates = coordinateAxes
    // For each sample the index of its length.
    var indices = [0]
    for (other, size) in zip(type(node).domain.subtracting(coordinates), sizes) where other != axis {
      let stride = own.firstIndex(of: other).map { lengths.dimensions[($0 + 1)...].reduce(1, *) } ?? 0
      indices = indices.flatMap { start in (0..<size).map { start + $0 * stride } }
    }
    let numbers = lengths.doubles
    return indices.map { Int(numbers[$0]) }
  }

  /// The dimension of a node's tensor for this axis.
  func dimension(of axis: Axis, in node: NodeID) -> Int {
    guard let position = Array(type(node).domain).firstIndex(of: axis) else {
      preconditionFailure("the value has no axis \(description(of: axis).name)")
    }
    return position
  }
}
